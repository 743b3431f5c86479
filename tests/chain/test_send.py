from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mint.chain.account import Account
from mint.chain.artefact import artefact
from mint.chain.gas import GAS_CAP
from mint.chain.journal import Attempt, Journal
from mint.chain.network import Chain, connect
from mint.chain.send import find, progress, send
from mint.chain.wallet import Wallet, load
from mint.errors import ChainError, StoreError
from tests.anvil_node import Asked, anvil, between, free_port, rpc
from tests.chain.payments import PAY, SOMEBODY, pay
from tests.conftest import ROOT
from tests.fair_sale import PRICE, Actors, Contract, launch, phase, sale


def received(chain: Chain) -> int:
    return int(chain.web3.eth.get_balance(chain.web3.to_checksum_address(SOMEBODY)))


def attempts(chain: Chain, journal: Journal, purpose: str = "pay") -> list[Attempt]:
    return journal.attempts(chain.genesis, load(chain, {}).address, purpose)


def test_purpose_is_served_once(chain: Chain, journal: Journal) -> None:
    assert find(Account(chain, load(chain, {}), journal), "pay") is None
    first = pay(chain, journal)
    assert first.purpose == "pay"
    assert (first.block, first.gas) == (1, 21000)
    assert pay(chain, journal) == first
    assert find(Account(chain, load(chain, {}), journal), "pay") == first
    assert pay(chain, journal, "pay more").block == 2
    assert received(chain) == 2


def test_journal_comes_first(chain: Chain, journal: Journal) -> None:
    seen: list[str] = []

    def fault(ask: Asked, method: str, params: Any) -> Any:
        if method == "eth_sendRawTransaction":
            (attempt,) = attempts(chain, journal)
            assert "0x" + attempt.raw.hex() == params[0]
            seen.append(attempt.hash)
        return ask(method, params)

    between(chain, fault)
    sent = pay(chain, journal)
    assert seen == [sent.transaction]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_the_broadcast(
    chain: Chain, journal: Journal, tmp_path: Path, moment: str
) -> None:
    """Between journal and send nothing was sent; between send and receipt everything was."""
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from tests.anvil_node import between
        from mint.chain.journal import Journal
        from mint.chain.network import connect
        from tests.chain.payments import pay
        network, folder, moment = sys.argv[1:]

        def fault(ask, method, params):
            if method != "eth_sendRawTransaction":
                return ask(method, params)
            if moment == "after":
                ask(method, params)
            os.kill(os.getpid(), signal.SIGKILL)

        chain = connect(network, Path(folder) / "chain")
        between(chain, fault)
        pay(chain, Journal(Path(folder) / "journal.sqlite"))
    """)
    network = "local" if chain.local else chain.label
    command = [sys.executable, "-W", "ignore", "-c", script, network, str(tmp_path), moment]
    killed = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    chain = connect(network, tmp_path / "chain")
    (attempt,) = attempts(chain, journal)
    assert received(chain) == (moment == "after")
    assert pay(chain, journal).transaction == attempt.hash
    assert received(chain) == 1
    assert len(attempts(chain, journal)) == 1


def test_lost_answer_is_asked_for(chain: Chain, journal: Journal) -> None:
    import requests

    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_sendRawTransaction":
            raise requests.ReadTimeout
        return answer

    between(chain, fault)
    sent = pay(chain, journal)
    assert sent.transaction == attempts(chain, journal)[0].hash
    assert received(chain) == 1


def test_forgotten_by_the_chain_is_done_again(journal: Journal, tmp_path: Path) -> None:
    """A wiped local chain has the same genesis; a nonce out of reach is signed anew."""
    for name in ("one", "two"):
        pay(connect("local", tmp_path / "first"), journal, name)
    wiped = connect("local", tmp_path / "second")
    assert pay(wiped, journal, "two").block == 1
    assert pay(wiped, journal, "one").block == 2
    assert received(wiped) == 2


@pytest.mark.anvil
def test_restarted_anvil_is_another_chain(journal: Journal, tmp_path: Path) -> None:
    port, blocks = free_port(), []
    for timestamp in ("1700000000", "1700000001"):
        with anvil("--timestamp", timestamp, port=port) as url:
            chain = connect(url, tmp_path)
            blocks.append(pay(chain, journal).block)
            assert received(chain) == 1
    assert blocks == [1, 1]


def test_dropped_transaction_is_sent_again(still: Chain, journal: Journal) -> None:
    raws: list[str] = []

    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_sendRawTransaction":
            raws.append(params[0])
            if len(raws) == 1:
                rpc(still, "anvil_dropTransaction", answer["result"])
            else:
                rpc(still, "evm_mine")
        return answer

    between(still, fault)
    pay(still, journal)
    assert len(raws) == 2
    assert len(set(raws)) == 1
    assert received(still) == 1


def test_stuck_transaction_is_replaced_at_a_higher_fee(still: Chain, journal: Journal) -> None:
    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_sendRawTransaction" and len(attempts(still, journal)) == 3:
            rpc(still, "evm_mine")
        return answer

    between(still, fault)
    sent = pay(still, journal, patience=0.1)
    tried = [each.fields for each in attempts(still, journal)]
    assert sent.transaction == attempts(still, journal)[2].hash
    fees = ("maxFeePerGas", "maxPriorityFeePerGas")
    for before, after in pairwise(tried):
        assert all(after[fee] >= before[fee] * 1.125 for fee in fees)
        assert {**after, **{fee: before[fee] for fee in fees}} == before
    assert received(still) == 1


def test_first_attempt_counts_when_it_is_the_one_mined(still: Chain, journal: Journal) -> None:
    """The replacement never reached the node; every hash of the purpose is asked for."""

    def fault(ask: Asked, method: str, params: Any) -> Any:
        if method == "eth_sendRawTransaction" and len(attempts(still, journal)) == 2:
            rpc(still, "evm_mine")
            return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "OldNonce"}}
        return ask(method, params)

    between(still, fault)
    sent = pay(still, journal, patience=0.1)
    assert sent.transaction == attempts(still, journal)[0].hash


def test_never_mined_stops_with_the_nonce(still: Chain, journal: Journal) -> None:
    with pytest.raises(ChainError, match=r"pay \(nonce 0, .* was not mined in 0 sec") as caught:
        pay(still, journal, patience=0.01)
    assert "run the same command again" in caught.value.hint
    assert len(attempts(still, journal)) > 1
    account = Account(still, load(still, {}), journal)
    assert (progress(account, "pay"), progress(account, "other")) == ("pending", "absent")
    rpc(still, "evm_mine")
    assert progress(account, "pay") == "mined"
    assert pay(still, journal).transaction == attempts(still, journal)[-1].hash


@pytest.mark.anvil
def test_reorganised_away_is_sent_again(journal: Journal, tmp_path: Path) -> None:
    with anvil() as url:
        chain = connect(url, tmp_path)
        first = pay(chain, journal)
        rpc(chain, "evm_mine")
        rpc(chain, "anvil_reorg", 2, [])
        assert find(Account(chain, load(chain, {}), journal), "pay") is None
        again = pay(chain, journal)
        assert again.transaction == first.transaction
        assert received(chain) == 1


def test_another_program_with_the_same_key(still: Chain, journal: Journal) -> None:
    wallet = load(still, {})
    rpc(still, "eth_sendTransaction", {"from": wallet.address, "to": SOMEBODY, "value": "0x5"})
    with pytest.raises(ChainError, match=r"another program is sending from .* \(nonce 0\)"):
        pay(still, journal)
    assert attempts(still, journal) == []
    rpc(still, "evm_mine")

    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_sendRawTransaction" and received(still) == 5:
            rpc(still, "anvil_dropTransaction", answer["result"])
            other = {"from": wallet.address, "to": SOMEBODY, "value": "0x7"}
            rpc(still, "eth_sendTransaction", other)
            rpc(still, "evm_mine")
        return answer

    between(still, fault)
    with pytest.raises(ChainError, match="another program used nonce 1 of"):
        pay(still, journal)
    assert received(still) == 12


def test_purpose_whose_nonce_was_taken_gets_another(still: Chain, journal: Journal) -> None:
    wallet = load(still, {})
    fields = {**PAY, "type": 2, "chainId": 31337, "nonce": 0, "gas": 21000}
    fields |= {"maxFeePerGas": 10**10, "maxPriorityFeePerGas": 1}
    lost = Attempt(fields, *wallet.sign(fields), state="sent")
    journal.add(still.genesis, wallet.address, "pay", lost)
    rpc(still, "eth_sendTransaction", {"from": wallet.address, "to": SOMEBODY, "value": "0x5"})
    rpc(still, "evm_mine")
    rpc(still, "evm_setAutomine", True)
    assert pay(still, journal).transaction != lost.hash
    assert received(still) == 6
    assert [each.nonce for each in attempts(still, journal)] == [0, 1]


def test_pending_purpose_is_waited_for(still: Chain, journal: Journal) -> None:
    with pytest.raises(ChainError, match="not mined"):
        pay(still, journal, patience=0)
    methods: list[str] = []

    def fault(ask: Asked, method: str, params: Any) -> Any:
        methods.append(method)
        answer = ask(method, params)
        if method == "eth_getTransactionByHash":
            assert answer["result"]["blockNumber"] is None
            rpc(still, "evm_mine")
        return answer

    between(still, fault)
    assert pay(still, journal).transaction == attempts(still, journal)[-1].hash
    assert "eth_sendRawTransaction" not in methods
    assert received(still) == 1


def test_a_block_between_two_questions_is_no_revert(still: Chain, journal: Journal) -> None:
    """A receipt that comes after it was first asked for once meant that the purpose failed."""
    with pytest.raises(ChainError, match="not mined"):
        pay(still, journal, patience=0)
    seen: list[str] = []

    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_getTransactionReceipt" and not seen:
            seen.append(params[0])
            rpc(still, "evm_mine")
        return answer

    between(still, fault)
    assert pay(still, journal).transaction == seen[0]
    assert received(still) == 1
    assert len(attempts(still, journal)) == 1


def test_late_receipts_are_no_other_programs_transaction(still: Chain, journal: Journal) -> None:
    """The count says that the nonce is used, and for a while nobody says by whom."""
    rpc(still, "evm_setAutomine", True)
    late: list[str] = []

    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        hidden = method in ("eth_getTransactionReceipt", "eth_getTransactionByHash")
        if hidden and len(late) < 8:
            late.append(method)
            return {"jsonrpc": "2.0", "id": 1, "result": None}
        return answer

    between(still, fault)
    pay(still, journal)
    assert len(late) == 8
    assert (received(still), len(attempts(still, journal))) == (1, 1)


def test_other_purpose_queues_behind_a_pending_one(still: Chain, journal: Journal) -> None:
    wallet = load(still, {})
    with pytest.raises(ChainError, match="not mined"):
        pay(still, journal, patience=0)
    rpc(still, "evm_setAutomine", True)
    pay(still, journal, "other")  # its nonce follows our own pending one
    assert received(still) == 2
    assert journal.nonces(still.genesis, wallet.address) == {0, 1}


def test_revert_names_the_error(chain: Chain, journal: Journal) -> None:
    wallet = load(chain, {})
    data = "0x" + "82b42900" + "00" * 32
    deployed = send(Account(chain, wallet, journal), "reverter", {"data": _reverter()})
    receipt: Any = chain.web3.eth.get_transaction_receipt(deployed.transaction)  # type: ignore[arg-type]  # a str is a HexStr
    tx = {"to": receipt["contractAddress"], "data": data}
    for _ in range(2):  # nothing happened, so the purpose is tried anew
        with pytest.raises(ChainError, match=r"has 7 tokens left \[SoldOut\(left=7\)\]$"):
            send(Account(chain, wallet, journal), "doomed", tx)
    # A node that estimates gas refuses before anything is signed.
    assert progress(Account(chain, wallet, journal), "doomed") == (
        "failed" if chain.local else "absent"
    )


def test_out_of_gas_is_told_apart_from_a_refusal(journal: Journal, tmp_path: Path) -> None:
    chain = connect("local", tmp_path)
    tight = {"data": _reverter(), "gas": 54_000}  # enough to start, not to store the code
    with pytest.raises(ChainError, match="tight was reverted: out of gas, or another") as caught:
        send(Account(chain, load(chain, {}), journal), "tight", tight)
    assert "run the same command again" in caught.value.hint


def _reverter() -> str:
    """Code that answers everything with FairMint's SoldOut(7)."""
    from web3 import Web3

    selector = Web3.keccak(text="SoldOut(uint256)")[:4].hex()
    assert any(each.get("name") == "SoldOut" for each in artefact()["abi"])
    # PUSH4 selector, PUSH1 e0, SHL, PUSH0, MSTORE; PUSH1 7, PUSH1 4, MSTORE; REVERT(0, 0x24)
    code = f"63{selector}60e01b5f52600760045260245ffd"
    size = len(code) // 2
    return f"0x60{size:02x}600a5f3960{size:02x}5ff3" + code


def test_reason_of_a_refused_payment_is_asked_with_the_payment(
    journal: Journal, tmp_path: Path
) -> None:
    actors = Actors(connect("local", tmp_path), journal)
    now = actors.now() + 12
    terms = sale([phase(now, now + 100, cap=1)])
    address, _ = actors.deploy("FairSale", launch(9), terms)
    with pytest.raises(ChainError, match=r"\[WalletCapReached\(\)\]$"):
        Contract(actors, "FairSale", address).gas(actors.owner, "mint", 0, 2, value=2 * PRICE)


@pytest.mark.anvil
def test_empty_purse(journal: Journal, tmp_path: Path) -> None:
    with anvil() as url:
        chain = connect(url, tmp_path)
        wallet = load(chain, {"MINT_PRIVATE_KEY": "17" * 32})
        with pytest.raises(
            ChainError, match=f"{wallet.address} cannot pay for this and its gas"
        ) as caught:
            send(Account(chain, wallet, journal), "pay", PAY)
        assert wallet.address in caught.value.hint
        # Enough for the call, not for its gas: signed, and refused when it is sent.
        coin = 10**18
        dear = {"to": SOMEBODY, "data": "0x", "value": coin}
        rpc(chain, "anvil_setBalance", wallet.address, hex(coin + 10**13))
        with pytest.raises(ChainError, match="cannot pay for this and its gas"):
            send(Account(chain, wallet, journal), "pay much", dear)
        # What was refused leaves later only if it is asked for again.
        rpc(chain, "anvil_setBalance", wallet.address, hex(5 * coin))
        send(Account(chain, wallet, journal), "pay for another thing", PAY)
        assert received(chain) == 1
        send(Account(chain, wallet, journal), "pay much", dear)
        assert received(chain) == 1 + coin


def test_empty_purse_in_process(journal: Journal, tmp_path: Path) -> None:
    chain = connect("local", tmp_path)
    with pytest.raises(ChainError, match="cannot pay for this and its gas"):
        send(Account(chain, load(chain, {}), journal), "pay", {**PAY, "value": 10**30})
    assert received(chain) == 0


@pytest.mark.anvil
def test_more_gas_than_a_transaction_may_use(journal: Journal, tmp_path: Path) -> None:
    with anvil() as url:
        chain = connect(url, tmp_path)
        endless = {"data": "0x5b5f56"}  # JUMPDEST, PUSH0, JUMP
        with pytest.raises(ChainError, match="endless"):
            send(Account(chain, load(chain, {}), journal), "endless", endless)
        assert GAS_CAP == 16_777_216
        assert attempts(chain, journal, "endless") == []


@pytest.mark.anvil
def test_estimate_above_the_cap(journal: Journal, tmp_path: Path) -> None:
    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        return {**answer, "result": "0x1000001"} if method == "eth_estimateGas" else answer

    with anvil() as url:
        chain = connect(url, tmp_path)
        between(chain, fault)
        with pytest.raises(ChainError, match="16,777,217 gas are more than the 16,777,216"):
            pay(chain, journal)


@pytest.mark.anvil
def test_a_fresh_anvil_takes_a_sale_before_its_first_block(
    journal: Journal, tmp_path: Path
) -> None:
    """Its newest block, the genesis, is of the year 1970 to a call; the next one is of today."""
    with anvil() as url:
        actors = Actors(connect(url, tmp_path), journal)
        now = int(time.time()) + 3600
        address, _ = actors.deploy("FairSale", launch(9), sale([phase(now, now + 100)]))
    assert address.startswith("0x")


def test_fee_is_not_raised_without_end(still: Chain, journal: Journal) -> None:
    def fault(ask: Asked, method: str, params: Any) -> Any:
        if method == "eth_maxPriorityFeePerGas" and attempts(still, journal):
            return {"jsonrpc": "2.0", "id": 1, "result": hex(2_000 * 10**9)}
        return ask(method, params)

    between(still, fault)
    with pytest.raises(ChainError, match="gas costs more than 2,000 gwei"):
        pay(still, journal, patience=0.01)
    assert len(attempts(still, journal)) == 1


@pytest.mark.anvil
def test_node_that_dies(journal: Journal, tmp_path: Path) -> None:
    with anvil() as url:
        chain = connect(url, tmp_path)
    with pytest.raises(ChainError, match="cannot be reached"):
        pay(chain, journal)


def test_node_that_refuses(chain: Chain, journal: Journal) -> None:
    def fault(ask: Asked, method: str, params: Any) -> Any:
        if method == "eth_sendRawTransaction":
            error = {"code": -32000, "message": "transaction type not supported"}
            return {"jsonrpc": "2.0", "id": 1, "error": error}
        return ask(method, params)

    between(chain, fault)
    with pytest.raises(ChainError, match=r"refused pay: transaction type not supported$"):
        pay(chain, journal)


def test_journal_is_kept_and_lists_what_it_holds(tmp_path: Path) -> None:
    first = Journal(tmp_path / "deep" / "journal.sqlite")
    one = Attempt({"nonce": 3, "data": "0x"}, b"\x02raw", "0x" + "1" * 64)
    two = Attempt({"nonce": 4, "data": "0x"}, b"\x02war", "0x" + "2" * 64)
    first.add("0xg", "0xs", "mint % 1-2", one)
    first.add("0xg", "0xs", "mint % 1-2", one)
    first.add("0xg", "0xs", "mint _ 1-2", two)
    first.close()
    again = Journal(tmp_path / "deep" / "journal.sqlite")
    assert again.attempts("0xg", "0xs", "mint % 1-2") == [one]
    assert again.attempts("0xother", "0xs", "mint % 1-2") == []
    assert again.attempts("0xg", "0xother", "mint % 1-2") == []
    assert again.purposes("0xg", "0xs", "mint ") == ["mint % 1-2", "mint _ 1-2"]
    assert again.purposes("0xg", "0xs", "mint %") == ["mint % 1-2"]
    assert again.nonces("0xg", "0xs") == {3, 4}
    again.close()


def test_journal_knows_what_was_reported(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal.sqlite")
    first.settle("0xg", "0xs", "buy 1-2")
    first.settle("0xg", "0xs", "buy 1-2")
    first.close()
    again = Journal(tmp_path / "journal.sqlite")
    assert again.is_settled("0xg", "0xs", "buy 1-2")
    others = [("0xo", "0xs", "buy 1-2"), ("0xg", "0xo", "buy 1-2"), ("0xg", "0xs", "buy 1-")]
    assert not any(again.is_settled(*each) for each in others)
    again.forget("0xg")
    assert not again.is_settled("0xg", "0xs", "buy 1-2")
    again.close()


def test_unusable_journal_says_so(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Journal(tmp_path / "journal.sqlite")
    assert "knows what was sent" in caught.value.hint


def test_wallet_signs_what_the_journal_holds(chain: Chain, journal: Journal) -> None:
    from eth_account import Account

    pay(chain, journal)
    (attempt,) = attempts(chain, journal)
    wallet: Wallet = load(chain, {})
    assert Account.recover_transaction(attempt.raw) == wallet.address
    assert wallet.sign(attempt.fields) == (attempt.raw, attempt.hash)


def test_a_node_that_asks_for_everything_signs_nothing(still: Chain, journal: Journal) -> None:
    def fault(ask: Asked, method: str, params: Any) -> Any:
        if method == "eth_maxPriorityFeePerGas":
            return {"jsonrpc": "2.0", "id": 1, "result": hex(10**18)}
        return ask(method, params)

    between(still, fault)
    with pytest.raises(ChainError, match="gas costs more than 2,000 gwei"):
        pay(still, journal)
    assert attempts(still, journal) == []
