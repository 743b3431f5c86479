from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.chain.local import DEV_KEY
from mint.chain.passwords import new_password
from mint.chain.wallet import load, open_wallet
from mint.errors import ChainError
from tests.wallets import ADDRESS, KEY, on

# Account 0 of anvil and hardhat: https://getfoundry.sh/anvil/overview
DEV = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def eth_account() -> Any:
    """The library that wallets are compared with; half a second to import."""
    from eth_account import Account

    return Account


def keystore(folder: Path) -> Path:
    path = folder / "key.json"
    # Few iterations: the strength of the file is not what is tested.
    path.write_text(
        json.dumps(
            eth_account().encrypt(bytes.fromhex(KEY[2:]), "correct", kdf="pbkdf2", iterations=2)
        )
    )
    return path


def test_known_key_where_coins_cost_nothing() -> None:
    assert load(on("local"), {}).address == DEV
    assert load(on("anvil"), {}).address == DEV


def test_local_chain_ignores_keys_that_hold_nothing_there() -> None:
    assert load(on("local"), {"MINT_PRIVATE_KEY": KEY}).address == DEV


def test_private_key_from_the_environment() -> None:
    address = eth_account().from_key(KEY).address
    for written in (KEY, KEY[2:], f" {KEY}\n"):
        assert load(on("sepolia"), {"MINT_PRIVATE_KEY": written}).address == address
    assert load(on("anvil"), {"MINT_PRIVATE_KEY": KEY}).address == address


def test_keystore_with_password_or_prompt(tmp_path: Path) -> None:
    address = eth_account().from_key(KEY).address
    environment = {"MINT_KEYSTORE": str(keystore(tmp_path))}
    assert (
        load(on("sepolia"), {**environment, "MINT_KEYSTORE_PASSWORD": "correct"}).address == address
    )
    questions: list[str] = []

    def prompt(question: str) -> str:
        questions.append(question)
        return "correct"

    assert load(on("sepolia"), environment, prompt).address == address
    assert questions == ["password of key: "]
    with pytest.raises(ChainError, match="cannot be read"):
        load(on("sepolia"), {"MINT_KEYSTORE": str(tmp_path / "missing")}, prompt)
    assert len(questions) == 1  # nobody types the password of nothing


def test_a_mistyped_password_is_asked_for_again(tmp_path: Path) -> None:
    environment, questions = {"MINT_KEYSTORE": str(keystore(tmp_path))}, list[str]()

    def typing(*words: str) -> Callable[[str], str]:
        left = iter(words)

        def ask(question: str) -> str:
            questions.append(question)
            return next(left)

        return ask

    assert load(on("sepolia"), environment, typing("a", "b", "correct")).address == ADDRESS
    assert questions[1:] == ["that was not it. The password of key: "] * 2
    with pytest.raises(ChainError, match="does not open: wrong password"):
        load(on("sepolia"), environment, typing("a", "b", "c", "correct"))
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(ChainError, match="does not open"):  # no password would do
        load(on("sepolia"), {"MINT_KEYSTORE": str(tmp_path / "broken.json")}, typing("correct"))
    questions.clear()
    good = "long enough"
    assert new_password("key", {}, typing("short", good, "other", good, good)) == good
    assert questions[1].startswith("that is too short. A new password for key")
    assert questions[3].startswith("the two differ. A new password for key")
    with pytest.raises(ChainError, match="a password of 5 characters is soon guessed"):
        new_password("key", {}, typing("short", "short", "short"))
    with pytest.raises(ChainError, match="passwords differ"):
        new_password("key", {}, typing(*[good, "other"] * 3))


def folder_of(folder: Path, *names: str) -> dict[str, str]:
    """A wallet folder with copies of the key under these names, as the environment names it."""
    folder.mkdir()
    for name in names:
        (folder / f"{name}.json").write_bytes(keystore(folder.parent).read_bytes())
    return {"MINT_WALLETS": str(folder)}


def test_a_wallet_is_chosen_by_name_and_the_only_one_without(tmp_path: Path) -> None:
    environ = folder_of(tmp_path / "wallets", "mine")
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return "correct"

    sepolia = on("sepolia")
    assert open_wallet(sepolia, None, environ, ask).address == ADDRESS
    assert open_wallet(sepolia, "mine", environ, ask).address == ADDRESS
    assert open_wallet(sepolia, None, environ | {"MINT_WALLET": "mine"}, ask).address == ADDRESS
    assert questions == ["password of mine: "] * 3
    # MINT_WALLET is for chains elsewhere; the key of the one inside mint everybody knows.
    known = load(on("local"), {}).address
    assert open_wallet(on("local"), None, {"MINT_WALLET": "browser"}).address == known
    # A wallet that is named comes before keys for scripts.
    other = environ | {"MINT_PRIVATE_KEY": "0x" + "18" * 32}
    assert open_wallet(sepolia, "mine", other, ask).address == ADDRESS
    assert open_wallet(sepolia, None, other, ask).address != ADDRESS
    # Where everybody knows the funded key, the folder's wallet would have no coins.
    assert open_wallet(on("anvil"), None, environ, None).address == DEV
    assert open_wallet(on("anvil"), "mine", environ, ask).address == ADDRESS
    with pytest.raises(ChainError, match="a wallet of its own") as caught:
        open_wallet(on("local"), "mine", environ, ask)
    assert "--wallet" in caught.value.hint
    with pytest.raises(ChainError, match="no wallet 'his'") as caught:
        open_wallet(sepolia, "his", environ, ask)
    assert caught.value.hint == "one of mine; or mint wallet new his"
    (tmp_path / "wallets" / "second.json").write_text("{}")
    with pytest.raises(ChainError, match="2 wallets, and none is named: mine, second") as caught:
        open_wallet(sepolia, None, environ, ask)
    assert "--wallet mine" in caught.value.hint


def test_a_password_comes_from_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    environ = folder_of(tmp_path / "wallets", "mine")
    password = tmp_path / "password"
    password.write_text("correct\nand more\n")
    environ |= {"MINT_KEYSTORE_PASSWORD_FILE": str(password), "MINT_KEYSTORE_PASSWORD": "wrong"}
    password.chmod(0o640)
    with pytest.raises(ChainError, match="others can read") as caught:
        open_wallet(on("sepolia"), None, environ, None)
    assert caught.value.hint == f"chmod 600 {password}"
    password.chmod(0o400)
    assert open_wallet(on("sepolia"), None, environ, None).address == ADDRESS
    password.unlink()
    with pytest.raises(ChainError, match="PASSWORD_FILE cannot be read: No such file"):
        open_wallet(on("sepolia"), None, environ, None)
    password.write_bytes(b"\xff\xfe planted")
    password.chmod(0o600)
    with pytest.raises(ChainError, match="is no text") as caught:
        open_wallet(on("sepolia"), None, environ, None)
    assert caught.value.__cause__ is None


def test_a_password_comes_from_the_systems_keyring(tmp_path: Path) -> None:
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return "correct" if (service, username) == ("mint", "wallet-mine") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

        def delete_password(self, service: str, username: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())  # type: ignore[no-untyped-call]  # the library's __init__
    try:
        environ = folder_of(tmp_path / "wallets", "mine")
        assert open_wallet(on("sepolia"), None, environ, None).address == ADDRESS
    finally:
        keyring.set_keyring(before)


def test_private_key_goes_before_keystore(tmp_path: Path) -> None:
    environment = {"MINT_PRIVATE_KEY": KEY, "MINT_KEYSTORE": str(tmp_path / "missing")}
    assert load(on("sepolia"), environment).address == eth_account().from_key(KEY).address


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, "there is no wallet to sign with on sepolia"),
        ({"MINT_PRIVATE_KEY": "SECRET"}, "MINT_PRIVATE_KEY is not hexadecimal"),
        ({"MINT_PRIVATE_KEY": "0x5ec2e7"}, "MINT_PRIVATE_KEY is not a private key"),
        ({"MINT_PRIVATE_KEY": "00" * 32}, "MINT_PRIVATE_KEY is not a private key"),
        ({"MINT_PRIVATE_KEY": DEV_KEY}, "that key is public"),
        ({"MINT_KEYSTORE": "missing.json"}, "the wallet missing.json cannot be read: No such file"),
    ],
)
def test_unusable_keys(
    environ: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"MINT_KEYSTORE_PASSWORD": "correct", **environ}
    with pytest.raises(ChainError, match=message) as caught:
        load(on("sepolia"), environment)
    assert caught.value.hint
    secret = environ.get("MINT_PRIVATE_KEY", "none").removeprefix("0x")
    assert secret not in str(caught.value) + caught.value.hint
    assert caught.value.__cause__ is None


def test_unusable_keystores(tmp_path: Path) -> None:
    path = keystore(tmp_path)
    environment = {"MINT_KEYSTORE": str(path)}
    with pytest.raises(ChainError, match="key needs its password") as caught:
        load(on("sepolia"), environment)
    assert "MINT_KEYSTORE_PASSWORD" in caught.value.hint
    for text in (path.read_text(), "{}", "[]", "no json", '{"version": 9, "crypto": {}}'):
        path.write_text(text)
        with pytest.raises(ChainError, match="does not open"):
            load(on("sepolia"), {**environment, "MINT_KEYSTORE_PASSWORD": "wrong"})


def test_key_is_never_shown() -> None:
    wallet = load(on("sepolia"), {"MINT_PRIVATE_KEY": KEY})
    assert repr(wallet) == f"Wallet(address={wallet.address!r})"
    assert KEY[2:] not in f"{wallet} {wallet!r}"


def test_signature_is_the_standard_one() -> None:
    """Vector: eth-account signs the same transaction to the same bytes (RFC 6979 nonces)."""
    fields = {"type": 2, "chainId": 1337, "nonce": 0, "gas": 21000, "value": 1, "to": DEV}
    fields |= {"maxFeePerGas": 10**9, "maxPriorityFeePerGas": 1, "data": "0x"}
    raw, hash_ = load(on("sepolia"), {"MINT_PRIVATE_KEY": KEY}).sign(fields)
    wanted = eth_account().sign_transaction(fields, KEY)
    assert (raw, hash_) == (bytes(wanted.raw_transaction), wanted.hash.to_0x_hex())
    assert eth_account().recover_transaction(raw) == eth_account().from_key(KEY).address
