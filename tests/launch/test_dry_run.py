"""What would become of transactions, and whether a payee takes money: tried, and not sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mint.chain.artefact import artefact
from mint.chain.constructor import Phase, SaleTerms, init_code
from mint.chain.local import DEV_KEY
from mint.chain.network import Chain, connect
from mint.chain.payee import accepts_ether, refuse_deaf_payees
from mint.errors import ChainError
from mint.launch.dry_run import DryRun, dry_run
from tests.anvil_node import anvil, between, rpc
from tests.chain.launches import LAUNCH

pytestmark = pytest.mark.anvil
ME = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"  # DEV_KEY's
ALICE = "0x00000000000000000000000000000000000A11cE"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with anvil() as url:
        yield connect(url, tmp_path_factory.mktemp("chain"))


@pytest.fixture
def stand_in(node: Chain, tmp_path: Path) -> Chain:
    """The same node through a connection of its own, which a test may tamper with."""
    return connect(node.web3.provider.endpoint_uri, tmp_path)  # type: ignore[attr-defined]  # of HTTPProvider alone


def without(chain: Chain, *methods: str, overrides: bool = True) -> Chain:
    """A node that knows none of `methods`, and lends nothing in an eth_call unless `overrides`."""

    def fault(ask: Any, method: str, params: Any) -> Any:
        lends = method == "eth_call" and len(params) > 2
        if method in methods or (lends and not overrides):
            return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "not here"}}
        return ask(method, params)

    between(chain, fault)
    return chain


def deployed(chain: Chain, runtime: str) -> str:
    """A contract of this code."""
    size = f"{len(runtime) // 2:02x}"
    init = f"0x60{size}600c60003960{size}6000f3{runtime}"
    return str(sent(chain, {"data": init})["contractAddress"])


def sent(chain: Chain, transaction: dict[str, Any]) -> Any:
    """The receipt of a transaction by ME, whose key the node has."""
    digest = rpc(chain, "eth_sendTransaction", {"from": ME, **transaction, "value": "0x0"})
    return chain.web3.eth.wait_for_transaction_receipt(digest, poll_latency=0.02)


def launch(chain: Chain, *gifts: int, value: int = 0) -> list[dict[str, Any]]:
    """A deployment by ME, and gifts out of the contract that it makes."""
    from eth_utils.address import to_checksum_address
    from eth_utils.crypto import keccak

    nonce = chain.web3.eth.get_transaction_count(chain.web3.to_checksum_address(ME))
    number = bytes([nonce]) if 0 < nonce < 0x80 else b"\x80"
    assert nonce < 0x80
    address = to_checksum_address(keccak(b"\xd6\x94" + bytes.fromhex(ME[2:]) + number)[12:])
    token = chain.web3.eth.contract(abi=artefact()["abi"])
    steps: list[dict[str, Any]] = [{"data": init_code(chain, LAUNCH, ME, None)}]
    for quantity in gifts:
        data = token.encode_abi("airdrop", [ALICE, quantity])
        steps.append({"to": address, "data": data, "value": value})
    return steps


def outcomes(runs: tuple[DryRun, ...]) -> list[str]:
    return [run.outcome for run in runs]


def test_steps_are_tried_on_what_the_ones_before_them_leave(node: Chain) -> None:
    before = node.web3.eth.block_number
    steps = launch(node, 5, 20)
    runs = dry_run(node, ME, steps)
    assert outcomes(runs) == ["would succeed"] * 3
    estimate = int(node.web3.eth.estimate_gas({"from": ME, **steps[0]}))  # type: ignore[typeddict-item]  # a step has the keys of TxParams
    assert runs[0].gas == pytest.approx(estimate, rel=0.005)
    assert runs[1].gas is not None
    assert 60_000 < runs[1].gas < 120_000
    assert node.web3.eth.block_number == before


def test_time_in_a_trial_is_that_of_the_next_block(tmp_path: Path) -> None:
    """A fresh anvil's newest block is of 1970; a sale's deadline is not a year from there."""
    with anvil() as url:
        chain = connect(url, tmp_path)
        now = int(chain.web3.eth.get_block("pending")["timestamp"])
        phase = Phase(now + 100, now + 200, 10**16, 5, 0, bytes(32))
        sale = SaleTerms(b"\1" * 32, b"\2" * 32, now + 10**6, 1, 5, (phase,), ((ALICE, 10_000),))
        deploy = {"data": init_code(chain, LAUNCH, ME, sale)}
        for node in (chain, without(connect(url, tmp_path), "eth_simulateV1")):
            (run,) = dry_run(node, ME, [deploy])
            assert run.outcome == "would succeed", run


def test_the_gas_is_what_it_then_costs(node: Chain) -> None:
    steps = launch(node, 25)
    runs = dry_run(node, ME, steps)
    for step, run in zip(steps, runs, strict=True):
        assert run.gas == pytest.approx(int(sent(node, step)["gasUsed"]), rel=0.005)


def test_a_refusal_is_in_words_and_what_follows_is_unknown(node: Chain) -> None:
    runs = dry_run(node, ME, launch(node, 5, 100, 1))
    assert outcomes(runs) == ["would succeed", "would succeed", "would revert", "unknown"]
    assert runs[2].why == "the collection has 20 tokens left [SoldOut(left=20)]"
    assert runs[3].why == "an earlier transaction would fail"


def test_a_call_of_nothing_does_not_succeed(node: Chain) -> None:
    deploy, gift = launch(node, 1)
    assert outcomes(dry_run(node, ALICE, [deploy, gift])) == [
        "would succeed",
        "unknown",
    ]  # hers is elsewhere
    (run,) = dry_run(node, ME, [gift])
    assert run == DryRun(outcome="unknown", why=f"there is no contract at {gift['to']}")


def test_money_that_is_not_there(node: Chain, stand_in: Chain) -> None:
    pay = {"to": ALICE, "value": 10**30}
    for chain in (node, without(stand_in, "eth_simulateV1")):
        (run,) = dry_run(chain, ME, [pay])
        assert (run.outcome, run.why) == ("would revert", "the wallet cannot pay for it")
    half = {"to": ALICE, "value": 6 * 10**21}
    assert outcomes(dry_run(node, ME, [half, half])) == ["would succeed", "would revert"]


def test_a_node_that_cannot_simulate_says_what_it_can(stand_in: Chain) -> None:
    runs = dry_run(without(stand_in, "eth_simulateV1"), ME, launch(stand_in, 5))
    assert outcomes(runs) == ["would succeed", "unknown"]
    assert "an earlier transaction may deploy it" in str(runs[1].why)
    (run,) = dry_run(stand_in, ME, launch(stand_in)[:1])
    assert run.outcome == "would succeed"
    bad = LAUNCH.model_copy(update={"royalty_receiver": None, "base_uri": "x/"})
    wrong = init_code(stand_in, bad, "0x" + "00" * 20, None)
    (run,) = dry_run(stand_in, ME, [{"data": wrong}])
    assert run.outcome == "would revert"
    assert "[RoyaltyToNobody()]" in str(run.why)


def test_a_node_that_says_nothing_leaves_it_unknown(stand_in: Chain) -> None:
    silent = without(stand_in, "eth_simulateV1", "eth_estimateGas")
    (run,) = dry_run(silent, ME, launch(stand_in))
    assert run == DryRun(outcome="unknown", why="not here")


def test_a_nodes_limit_is_no_refusal(stand_in: Chain) -> None:
    """geth lends all simulated calls together 50 million gas."""

    def short(ask: Any, method: str, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_simulateV1":
            error = {"code": -32015, "message": "out of gas"}
            call = {"status": "0x0", "gasUsed": "0x0", "returnData": "0x", "error": error}
            answer["result"][-1]["calls"] = [call]
        return answer

    between(stand_in, short)
    runs = dry_run(stand_in, ME, launch(stand_in, 5, 5))
    assert outcomes(runs) == ["would succeed", "would succeed", "unknown"]
    assert "less gas than it needs" in str(runs[2].why)


def test_in_this_process_each_is_tried_alone(tmp_path: Path) -> None:
    chain = connect("local", tmp_path)
    runs = dry_run(chain, ME, launch(chain, 5))
    assert outcomes(runs) == ["would succeed", "unknown"]
    wrong = init_code(chain, LAUNCH, "0x" + "00" * 20, None)
    (run,) = dry_run(chain, ME, [{"data": wrong}])
    assert "[RoyaltyToNobody()]" in str(run.why)


# ---- payees


@pytest.fixture(scope="module")
def payees(node: Chain) -> dict[str, str]:
    """Contracts that take everything, refuse everything, refuse in words, and burn all gas."""
    words = "08c379a0" + f"{32:064x}{4:064x}" + b"no, ".hex().ljust(64, "0")
    data = words + "00" * 4
    say = f"6064600c60003960646000fd{data}"  # CODECOPY of what follows, REVERT
    return {
        "takes": deployed(node, "00"),
        "refuses": deployed(node, "60006000fd"),
        "in words": deployed(node, say),
        "burns": deployed(node, "fe"),
        "wallet": ALICE,
    }


def test_each_payee_is_paid_a_wei_in_simulation(node: Chain, payees: dict[str, str]) -> None:
    before = {
        each: node.web3.eth.get_balance(node.web3.to_checksum_address(each))
        for each in payees.values()
    }
    found = {name: accepts_ether(node, address) for name, address in payees.items()}
    assert {name: each.answer for name, each in found.items()} == {
        "takes": "accepts",
        "refuses": "refuses",
        "in words": "refuses",
        "burns": "refuses",
        "wallet": "accepts",
    }
    assert "no, " in found["in words"].why
    for each, balance in before.items():
        assert node.web3.eth.get_balance(node.web3.to_checksum_address(each)) == balance


def test_the_wallet_pays_where_a_node_lends_nothing(
    stand_in: Chain, payees: dict[str, str]
) -> None:
    chain = without(stand_in, overrides=False)
    assert accepts_ether(chain, payees["refuses"], ME).answer == "refuses"
    assert accepts_ether(chain, payees["takes"], ME).answer == "accepts"
    unknown = accepts_ether(chain, payees["refuses"])
    assert (unknown.answer, unknown.why) == ("unknown", "not here")
    assert accepts_ether(chain, payees["refuses"], ALICE).answer == "unknown"  # she has nothing


def test_a_payee_that_refuses_is_refused(
    node: Chain, stand_in: Chain, payees: dict[str, str]
) -> None:
    assert refuse_deaf_payees(node, [ALICE, payees["takes"], ALICE]) == []
    with pytest.raises(ChainError, match="does not accept money on anvil") as caught:
        refuse_deaf_payees(node, [ALICE, payees["refuses"]])
    assert "name another payee" in caught.value.hint
    (sentence,) = refuse_deaf_payees(without(stand_in, "eth_call"), [payees["takes"]], ME)
    assert sentence.startswith("nobody knows whether")


def test_a_payee_in_this_process(tmp_path: Path) -> None:
    from eth_account import Account as Key

    assert Key.from_key(DEV_KEY).address == ME
    chain = connect("local", tmp_path)
    init: Any = {"from": ME, "data": "0x6005600c60003960056000f360006000fd"}
    digest = chain.web3.eth.send_transaction(init)
    address = str(chain.web3.eth.get_transaction_receipt(digest)["contractAddress"])
    assert accepts_ether(chain, address, ME).answer == "refuses"
    assert accepts_ether(chain, address).answer == "unknown"
    assert accepts_ether(chain, ALICE).answer == "accepts"
