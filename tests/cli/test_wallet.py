"""`mint wallet`: made, taken over, shown; its password and its key are seen nowhere."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mint.chain.keystores import create_keystore
from mint.chain.wallet import load
from mint.cli import main
from mint.errors import ChainError
from tests.anvil_node import anvil
from tests.conftest import ROOT
from tests.wallets import ADDRESS, KEY, on

PASSWORD = "a planted password"
Run = Callable[..., tuple[str, str]]


@pytest.fixture
def wallets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MINT_WALLETS", str(tmp_path / "wallets"))
    monkeypatch.setenv("MINT_KEYSTORE_PASSWORD", PASSWORD)
    return tmp_path / "wallets"


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], weak_keystores: None
) -> Iterator[Run]:
    """`mint wallet WORDS` in this process: stdout and stderr, where no secret ever stands."""
    printed: list[str] = []

    def run(*words: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr("sys.argv", ["mint", "wallet", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        assert (ended.value.code or 0) == code, err
        printed.append(out + err)
        return out, err

    yield run
    assert not any(secret in "".join(printed) for secret in (PASSWORD, KEY[2:]))


def test_a_new_wallet_says_what_to_do_with_it(wallets: Path, run: Run) -> None:
    assert "sepolia" in run("new", "--network", "sepola", code=1)[1]
    assert not wallets.exists()
    out, err = run("new", "--network", "hoodi")

    file = wallets / "main.json"
    assert out.splitlines()[2] == f"file        {file}"
    assert "copy that file to a second place" in err
    assert "password    what MINT_KEYSTORE_PASSWORD says\n" in err
    assert "https://hoodi-faucet" in err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in wallets.iterdir()] == ["main.json"]
    address = out.splitlines()[1].split()[1]
    assert run("address") == (f"{address}\n", "")
    assert run("list")[0] == f"main        {address}  used when none is named\n"
    environ = {"MINT_WALLETS": str(wallets), "MINT_KEYSTORE_PASSWORD": PASSWORD}
    assert load(on("sepolia"), environ).address == address
    before = file.read_bytes()
    assert "never writes over a wallet" in run("new", code=1)[1]
    assert file.read_bytes() == before


def test_a_key_or_a_keystore_is_taken_over(
    wallets: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
    assert ADDRESS in run("import", "mine")[0]
    copied = tmp_path / "theirs.json"
    copied.write_bytes((wallets / "mine.json").read_bytes())
    assert ADDRESS in run("import", "second", str(copied))[0]
    assert "name one of them: mine, second" in run("address", code=1)[1]
    assert run("address", "mine")[0] == f"{ADDRESS}\n"
    assert "--wallet NAME" in run("list")[1]
    for path in wallets.iterdir():
        assert KEY[2:] not in path.read_text()
        assert PASSWORD not in path.read_text()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("test " * 11 + "junk", "recovery phrase.*--wallet browser"),
        ("0x1234", "not a private key.*64 hexadecimal digits"),
        ("0" * 64, "not a private key"),
        ("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "everybody knows"),
    ],
)
def test_what_is_no_key_of_ones_own_is_refused(
    typed: str, says: str, wallets: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    _, err = run("import", "mine", code=1)
    assert re.search(says, err, re.DOTALL)
    assert typed.split()[0] not in err
    assert not wallets.exists() or not [*wallets.iterdir()]


@pytest.mark.anvil
def test_a_balance_and_where_to_get_coins(wallets: Path, run: Run) -> None:
    run("new", "main")
    with anvil("--chain-id", "11155111") as url:
        out, err = run("balance", "--network", url)
        assert out.startswith("0 ETH on sepolia, 0x")
        assert "costs nothing: give your address at https://sepolia-faucet" in err
        dev = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
        assert run("balance", dev, "--network", url) == (f"10000 ETH on sepolia, {dev}\n", "")
    assert "has a wallet of its own" in run("balance", "--network", "local", code=1)[1]


def test_the_password_is_typed_twice_and_never_echoed(tmp_path: Path) -> None:
    """On a real terminal, with a file of full strength."""
    ours, theirs = pty.openpty()
    environ = {"MINT_WALLETS": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    process = subprocess.Popen(
        [sys.executable, "-m", "mint", "wallet", "new", "mine"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    screen = b""
    for question in (b"new password for mine (at least 8 characters): ", b"the same again: "):
        while question not in screen:
            screen += os.read(ours, 1024)
        time.sleep(0.05)  # until it reads
        os.write(ours, PASSWORD.encode() + b"\n")
    try:
        while part := os.read(ours, 1024):
            screen += part
    except OSError:  # the terminal is closed
        pass
    os.close(ours)
    assert process.wait() == 0, screen
    assert PASSWORD.encode() not in screen
    assert screen.count(b"password for mine") == 1
    record = json.loads((tmp_path / "mine.json").read_text())
    assert (record["version"], record["crypto"]["kdf"]) == (3, "scrypt")
    assert record["crypto"]["kdfparams"]["n"] == 2**18


def test_a_wallet_that_others_may_find_is_not_made_weak(
    tmp_path: Path, weak_keystores: None
) -> None:
    environ = {"MINT_WALLETS": str(tmp_path)}
    with pytest.raises(ChainError, match=r"cannot be called '\.\./up'"):
        create_keystore("../up", bytes.fromhex(KEY[2:]), PASSWORD, environ)
    with pytest.raises(ChainError, match="no home folder"):
        create_keystore("up", bytes.fromhex(KEY[2:]), PASSWORD, {})
