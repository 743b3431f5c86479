"""An older journal loses nothing; rows say how far they are; a wallet has one sender at a time."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mint.chain.account import Account, fee_bound
from mint.chain.attempt import operation_id
from mint.chain.journal import Attempt, Journal
from mint.chain.lock import sending
from mint.chain.network import Chain
from mint.chain.send import progress, send
from mint.chain.wallet import load
from mint.errors import ChainError, StoreError
from tests.anvil_node import rpc
from tests.chain.payments import PAY, pay
from tests.conftest import ROOT

OLD = """CREATE TABLE attempt (
    id INTEGER PRIMARY KEY, genesis TEXT NOT NULL, sender TEXT NOT NULL, purpose TEXT NOT NULL,
    nonce INTEGER NOT NULL, hash TEXT NOT NULL UNIQUE, raw BLOB NOT NULL, fields TEXT NOT NULL);
CREATE TABLE settled (genesis TEXT NOT NULL, sender TEXT NOT NULL, purpose TEXT NOT NULL,
    PRIMARY KEY (genesis, sender, purpose))"""


def test_an_older_journal_is_migrated_in_place_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    mine, call = ("0xg", "0xs", "pay", 7), {"nonce": 7, "data": "0x", "to": "0xA"}
    rows: list[Any] = [
        (4, *mine, "0x" + "1" * 64, b"\x02a", call),
        (9, *mine, "0x" + "2" * 64, b"\x02b", call),
        (10, "0xg", "0xt", "pay", 0, "0x" + "3" * 64, b"\x02c", {"nonce": 0, "data": "0x01"}),
    ]
    with sqlite3.connect(path) as db:
        db.executescript(OLD)
        for *first, fields in rows:
            values = (*first, json.dumps(fields))
            db.execute("INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        db.execute("INSERT INTO settled VALUES ('0xg', '0xs', 'pay')")
    db.close()
    for _ in range(2):  # and again, when it is new
        journal = Journal(path)
        old = journal.attempts("0xg", "0xs", "pay")
        assert [(a.row, a.raw, a.hash, a.fields) for a in old] == [
            (r[0], *r[6:4:-1], r[7]) for r in rows[:2]
        ]
        assert [(each.number, each.state, each.since) for each in old] == [
            (1, "sent", 0),
            (2, "sent", 0),
        ]
        assert len({each.digest for each in old}) == 1
        assert journal.is_settled("0xg", "0xs", "pay")
        assert len(journal.attempts("0xg", "0xt", "pay")) == 1
        journal.close()
    with sqlite3.connect(path) as db:
        (operation,) = db.execute("SELECT operation FROM attempt WHERE id = 10").fetchone()
        assert operation == operation_id("0xg", "0xt", "pay")
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
    db.close()


def states(chain: Chain, journal: Journal, purpose: str = "pay") -> list[str]:
    rows = journal.attempts(chain.genesis, load(chain, {}).address, purpose)
    return [each.state for each in rows]


def test_rows_say_how_far_they_are(still: Chain, journal: Journal) -> None:
    account = Account(still, load(still, {}), journal)
    with pytest.raises(ChainError, match="not mined"):
        pay(still, journal, patience=0)
    assert states(still, journal) == ["sent"]
    rpc(still, "evm_mine")
    assert progress(account, "pay") == "mined"
    pay(still, journal)
    assert states(still, journal) == ["mined"]
    pay(still, journal)
    assert states(still, journal) == ["final"]


def test_what_never_left_is_given_up_when_its_nonce_is_taken(
    still: Chain, journal: Journal
) -> None:
    """Even if a reorganisation frees the nonce again: it is out of the journal."""
    rpc(still, "evm_setAutomine", True)
    wallet = load(still, {})
    fields = {"type": 2, "chainId": 31337, "nonce": 0, "gas": 21000, "data": "0x", "value": 1}
    fields |= {"to": wallet.address, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 1}
    journal.add(still.genesis, wallet.address, "old", Attempt(fields, *wallet.sign(fields)))
    assert progress(Account(still, wallet, journal), "old") == "unsent"
    pay(still, journal)  # takes its nonce, as nothing of it ever left
    assert journal.nonces(still.genesis, wallet.address) == {0}
    assert progress(Account(still, wallet, journal), "old") == "absent"
    assert journal.attempts(still.genesis, wallet.address, "old") == []


def test_a_nonce_that_the_chain_lost_is_sent_again_first(still: Chain, journal: Journal) -> None:
    with pytest.raises(ChainError, match="not mined"):
        pay(still, journal, patience=0)
    (lost,) = journal.attempts(still.genesis, load(still, {}).address, "pay")
    rpc(still, "anvil_dropTransaction", lost.hash)
    rpc(still, "evm_setAutomine", True)
    said: list[str] = []
    account = Account(still, load(still, {}), journal, announce=said.append)
    assert send(account, "other", PAY).block == 1
    assert said == ["sending nonce 0 again, which the chain has lost"]
    assert progress(account, "pay") == "mined"


def test_no_fee_is_raised_for_a_nonce_that_another_program_lost(
    still: Chain, journal: Journal
) -> None:
    """Then the chain waits for that one, and says nothing of ours."""
    wallet = load(still, {})
    fields = {"type": 2, "chainId": 31337, "nonce": 1, "gas": 21000, "data": "0x", "value": 1}
    fields |= {"to": wallet.address, "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 1}
    later = Attempt(fields, *wallet.sign(fields), state="sent")
    journal.add(still.genesis, wallet.address, "pay", later)
    with pytest.raises(
        ChainError, match=r"has lost nonce 0 of .*, which another program"
    ) as caught:
        pay(still, journal, patience=0.05)
    assert "with nonce 0" in caught.value.hint
    assert states(still, journal) == ["sent"]


@pytest.mark.parametrize(
    ("text", "wei"),
    [("50", 50 * 10**9), ("0.001", 10**6), ("", None)],
)
def test_the_bound_of_the_fee(text: str, wei: int | None) -> None:
    assert fee_bound({"MINT_MAX_FEE_GWEI": text}) == wei
    assert fee_bound({"MINT_MAX_FEE_GWEI": text}, 3) == 3 * 10**9


@pytest.mark.parametrize("text", ["much", "-1", "0", "nan", "inf"])
def test_a_bound_that_is_none(text: str) -> None:
    with pytest.raises(ChainError, match=r"MINT_MAX_FEE_GWEI is .* a number of gwei above 0"):
        fee_bound({"MINT_MAX_FEE_GWEI": text})
    with pytest.raises(ChainError, match=r"--max-fee is 0, .*above 0") as caught:
        fee_bound({}, 0)
    assert "set --max-fee" in caught.value.hint


def test_a_folder_that_cannot_be_written_lost_no_journal(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StoreError, match=r"the folder .*state cannot be written") as caught:
        Journal(tmp_path / "state" / "journal.sqlite")
    assert "a copy of the file" not in caught.value.hint


def test_no_transaction_offers_more_than_the_bound(still: Chain, journal: Journal) -> None:
    wallet = load(still, {})
    account = Account(still, wallet, journal, max_fee=10**6)
    with pytest.raises(
        ChainError, match=r"gas costs more than 0\.001 gwei: .* are needed"
    ) as caught:
        send(account, "pay", PAY)
    assert "MINT_MAX_FEE_GWEI" in caught.value.hint
    assert states(still, journal) == []
    rich = replace(account, max_fee=4 * 10**9, patience=0.05)
    with pytest.raises(ChainError, match="not mined"):
        send(rich, "pay", PAY)
    rows = journal.attempts(still.genesis, wallet.address, "pay")
    assert len(rows) > 1
    assert max(each.fields["maxFeePerGas"] for each in rows) <= 4 * 10**9


def test_a_second_process_waits_and_then_says_who_sends(still: Chain, journal: Journal) -> None:
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from mint.chain.account import Account
        from mint.chain.journal import Journal
        from mint.chain.lock import sending
        from mint.chain.network import connect
        from mint.chain.wallet import load
        chain = connect(sys.argv[1], Path(sys.argv[2]))
        journal = Journal(Path(sys.argv[2]) / "other.sqlite")
        with sending(Account(chain, load(chain, {}), journal)):
            print("locked", flush=True)
            sys.stdin.readline()
    """)
    folder = str(journal.path.parent)
    environ = {"PYTHONPATH": str(ROOT), "MINT_STATE": os.environ["MINT_STATE"]}
    command = [sys.executable, "-W", "ignore", "-c", script, still.label, folder]
    said: list[str] = []
    account = Account(still, load(still, {}), journal, announce=said.append)
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        words = f"process {other.pid} is sending from"
        with pytest.raises(ChainError, match=words) as caught, sending(account, patience=0.2):
            raise AssertionError("two at once")
        assert "wait for it to finish" in caught.value.hint
        assert said == [f"waiting for process {other.pid}, which sends with the same wallet"]
        other.communicate("\n")
    with sending(account), sending(account):  # one inside the other is one
        pass


def test_a_state_folder_that_cannot_be_written_says_so(
    still: Chain, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    account = Account(still, load(still, {}), journal, home=tmp_path / "file")
    with pytest.raises(StoreError, match="cannot write") as caught, sending(account):
        raise AssertionError("unlocked")
    assert "MINT_STATE" in caught.value.hint
