"""A key and a password stand in no byte that sending writes or prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mint.chain.network import connect
from tests.anvil_node import anvil, rpc
from tests.conftest import ROOT

KEY = "5ec2e7" * 10 + "5ec2"
PASSWORD = "planted-Passw0rd-7f3a"
PLANTED_PATH = "planted-rpc-key-91c4"
SCRIPT = """
import os, sys
from pathlib import Path
from mint.chain.account import open_account
from mint.chain.send import find, progress, send
from mint.errors import MintError
from tests.chain.payments import PAY

folder, url = Path(sys.argv[1]), sys.argv[2]
def act(environ):
    try:
        with open_account(folder / ".mint", url, environ, announce=print) as account:
            print(account, account.journal, account.wallet)
            print(send(account, "pay", PAY, patience=0.2))
            print(find(account, "pay"), progress(account, "pay"))
            send(account, "dear", {**PAY, "value": 10**30})
    except MintError as error:
        print(error, error.hint, repr(error.__cause__))
environ = dict(os.environ)
act(environ)
act({**environ, "MINT_KEYSTORE_PASSWORD": environ["MINT_KEYSTORE_PASSWORD"] + "x"})
act({key: value for key, value in environ.items() if "KEYSTORE" not in key} | {
    "MINT_PRIVATE_KEY": environ["PLANTED"]})
act({**environ, "MINT_MAX_FEE_GWEI": "0.0000001", "MINT_PRIVATE_KEY": environ["PLANTED"]})
"""


@pytest.mark.anvil
def test_neither_key_nor_password_is_written_or_printed(tmp_path: Path) -> None:
    from eth_account import Account

    keystore = tmp_path / "outside" / "keystore.json"
    keystore.parent.mkdir()
    keystore.write_text(json.dumps(Account.encrypt(bytes.fromhex(KEY), PASSWORD, "scrypt", 2)))
    project, state = tmp_path / "project", tmp_path / "state"
    with anvil() as url:
        owner = Account.from_key(bytes.fromhex(KEY)).address
        rpc(connect(url, tmp_path), "anvil_setBalance", owner, hex(10**18))
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "MINT_STATE": str(state),
            "MINT_WALLETS": os.devnull,
            "MINT_KEYSTORE": str(keystore),
            "MINT_KEYSTORE_PASSWORD": PASSWORD,
            "PLANTED": KEY,
        }
        command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(project)]
        address = f"{url}/?key={PLANTED_PATH}"
        ran = subprocess.run([*command, address], env=environ, capture_output=True, check=False)
        assert b"transaction='0x" in ran.stdout, (ran.stdout, ran.stderr)
        assert b"cannot pay for this" in ran.stdout
    files = [path for folder in (project, state) for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "journal.sqlite" for path in files)
    assert any(path.suffix == ".lock" for path in files)
    written = [ran.stdout, ran.stderr, *(path.read_bytes() for path in files)]
    for planted in (KEY, PASSWORD, PLANTED_PATH):
        for form in (planted.encode(), planted.upper().encode(), planted.encode().hex().encode()):
            assert not any(form in each for each in written), planted
    assert not any(bytes.fromhex(KEY) in each for each in written)
