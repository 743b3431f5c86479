from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mint.chain.local import DEV_KEY
from mint.chain.network import Chain
from mint.chain.networks import NETWORKS
from mint.chain.wallet import load
from mint.errors import ChainError

KEY = "0x" + "17" * 32
# Account 0 of anvil and hardhat: https://getfoundry.sh/anvil/overview
DEV = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def eth_account() -> Any:
    """The library that wallets are compared with; half a second to import."""
    from eth_account import Account

    return Account


def on(network: str) -> Chain:
    """A chain nobody talks to: a wallet only looks at its name and id."""
    from web3 import Web3

    return Chain(Web3(), network, NETWORKS[network].chain_id, network == "local", "0x", network)


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
