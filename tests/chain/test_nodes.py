"""Several nodes as one: a lagging or lying one proves nothing, and a broadcast goes to all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mint.chain.journal import Journal
from mint.chain.network import connect, endpoints
from mint.chain.nodes import SILENT, answer, nodes
from mint.errors import ChainError
from tests.anvil_node import anvil, free_port
from tests.chain.faulty_node import FaultyNode, error, faulty, late, two_backends
from tests.chain.payments import SOMEBODY, pay

RECEIPT = {"blockNumber": "0x5", "blockHash": "0xaa", "transactionHash": "0x1"}


class Node:
    """What a node answers to each method, an error where it is an exception; and what it heard."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.heard = answers, []  # type: ignore[var-annotated]  # any answers

    def __call__(self, method: str, params: Any) -> Any:
        self.heard.append(method)
        value = self.answers.get(method)
        if isinstance(value, Exception):
            raise value
        if isinstance(value, str) and value.startswith("refused"):
            return {"error": {"message": value}}
        return {"result": value(*params) if callable(value) else value}


DOWN = requests.ConnectionError("down")


def asked(method: str, params: Any, *nodes: Node) -> Any:
    return answer(nodes, method, params).get("result")


def test_a_broadcast_goes_to_all_and_one_is_enough() -> None:
    nodes = (
        Node(eth_sendRawTransaction=DOWN),
        Node(eth_sendRawTransaction="refused: already known"),
        Node(eth_sendRawTransaction="0x1"),
    )
    assert asked("eth_sendRawTransaction", ["0x"], *nodes) == "0x1"
    assert [node.heard for node in nodes] == [["eth_sendRawTransaction"]] * 3
    refusing = Node(eth_sendRawTransaction="refused: nonce too high")
    known = answer((refusing, nodes[1]), "eth_sendRawTransaction", ["0x"])
    assert known["error"]["message"] == "refused: already known"
    poor = Node(eth_sendRawTransaction="refused: insufficient funds")
    older = Node(eth_sendRawTransaction="refused: unknown transaction type")
    unsent = answer((poor, older), "eth_sendRawTransaction", ["0x"])
    assert unsent["error"]["message"] == "refused: insufficient funds"


def test_absent_is_what_all_that_answer_say() -> None:
    absent, there = Node(), Node(eth_getTransactionByHash={"hash": "0x1"})
    down = Node(eth_getTransactionByHash=DOWN)
    assert asked("eth_getTransactionByHash", ["0x1"], absent, down, there) == {"hash": "0x1"}
    assert asked("eth_getTransactionByHash", ["0x1"], absent, down) is None
    with pytest.raises(requests.ConnectionError):
        asked("eth_getTransactionByHash", ["0x1"], down, down)


def holding(hash_: str | None) -> Callable[..., Any]:
    return lambda number, full: hash_ and {"number": number, "hash": hash_}


def test_a_receipt_counts_when_its_block_is_in_that_nodes_chain() -> None:
    on_a_fork = Node(eth_getTransactionReceipt=RECEIPT, eth_getBlockByNumber=holding("0xbb"))
    right = Node(eth_getTransactionReceipt=RECEIPT, eth_getBlockByNumber=holding("0xaa"))
    behind = Node(eth_getTransactionReceipt=RECEIPT, eth_getBlockByNumber=holding(None))
    assert asked("eth_getTransactionReceipt", ["0x1"], on_a_fork, Node(), right) == RECEIPT
    assert asked("eth_getTransactionReceipt", ["0x1"], on_a_fork, behind) is None
    dead = Node(eth_getTransactionReceipt=DOWN)
    with pytest.raises(requests.ConnectionError):
        asked("eth_getTransactionReceipt", ["0x1"], dead)


def test_heights_and_counts_are_the_highest_and_final_is_the_lowest() -> None:
    slow = Node(eth_blockNumber="0x9", eth_getTransactionCount="0x1")
    fast = Node(eth_blockNumber="0x10", eth_getTransactionCount="0x2")
    assert asked("eth_blockNumber", [], slow, fast) == "0x10"
    assert asked("eth_getTransactionCount", ["0xa", "latest"], slow, fast) == "0x2"
    one, two = (Node(eth_getBlockByNumber={"number": n, "hash": n}) for n in ("0x7", "0x4"))
    assert asked("eth_getBlockByNumber", ["finalized", False], one, two)["number"] == "0x4"


def test_a_block_that_they_give_differently_is_nobodys() -> None:
    one, two = (Node(eth_getBlockByNumber=holding(hash_)) for hash_ in ("0xaa", "0xbb"))
    assert asked("eth_getBlockByNumber", ["0x5", False], one, two) is None
    behind = Node(eth_getBlockByNumber=holding(None))
    assert asked("eth_getBlockByNumber", ["0x5", False], behind, one)["hash"] == "0xaa"


def test_the_newest_state_is_asked_of_the_node_that_has_it() -> None:
    slow = Node(eth_blockNumber="0x9", eth_call="0x01")
    fast = Node(eth_blockNumber="0x10", eth_call="0x02")
    assert asked("eth_call", [{}, "latest"], slow, fast) == "0x02"
    assert asked("eth_call", [{}, "0x10"], Node(eth_call="refused: no such block"), fast) == "0x02"


def test_a_trial_goes_to_the_newest_node_and_its_revert_is_the_answer() -> None:
    slow = Node(eth_blockNumber="0x9", eth_estimateGas="0x5208", eth_simulateV1=["old"])
    fast = Node(eth_blockNumber="0x10", eth_estimateGas="0x9999", eth_simulateV1=["new"])
    assert asked("eth_estimateGas", [{}, "pending"], slow, fast) == "0x9999"
    assert asked("eth_estimateGas", [{}], slow, fast) == "0x9999"
    assert asked("eth_simulateV1", [{}, "latest"], slow, fast) == ["new"]
    for words in ("refused: execution reverted: sold out", "refused: too many requests"):
        failing = Node(eth_blockNumber="0x10", eth_estimateGas=words)
        reply = answer((slow, failing), "eth_estimateGas", [{}, "latest"])
        assert ("error" in reply) == ("reverted" in words)


def test_a_revert_on_a_node_that_is_behind_is_no_answer() -> None:
    slow = Node(eth_blockNumber="0x9", eth_estimateGas="refused: execution reverted: not yet")
    fast = Node(eth_blockNumber="0x10", eth_estimateGas="refused: too many requests")
    reply = answer((slow, fast), "eth_estimateGas", [{}, "latest"])
    assert reply["error"]["message"] == "refused: too many requests"


def test_events_come_from_a_node_that_has_the_last_block() -> None:
    slow = Node(eth_blockNumber="0x9", eth_getLogs=["old"])
    fast = Node(eth_blockNumber="0x10", eth_getLogs=["old", "new"])
    for last in ("0x10", "latest"):
        assert asked("eth_getLogs", [{"toBlock": last}], slow, fast) == ["old", "new"]
    limited = Node(eth_blockNumber="0x10", eth_getLogs="refused: range")
    assert asked("eth_getLogs", [{"toBlock": "0x9"}], slow, limited) == ["old"]
    assert "error" in answer((slow, limited), "eth_getLogs", [{"toBlock": "0x10"}])


def test_urls_are_separated_by_commas_or_spaces() -> None:
    named = {"MINT_RPC_URL": "https://a.test/key, https://b.test  http://c.test"}
    assert endpoints("sepolia", named) == ["https://a.test/key", "https://b.test", "http://c.test"]
    with pytest.raises(ChainError, match=r"ftp://b\.test is not an http"):
        endpoints("sepolia", {"MINT_RPC_URL": "https://a.test ftp://b.test"})


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[FaultyNode, FaultyNode]]:
    """One chain behind two nodes that fail each in its own way."""
    with anvil() as url, faulty(url) as one, faulty(url) as two:
        yield one, two


@pytest.mark.anvil
def test_a_payment_over_two_nodes_of_which_each_fails_sometimes(
    pair: tuple[FaultyNode, FaultyNode], journal: Journal, tmp_path: Path
) -> None:
    one, two = pair
    dead = f"http://127.0.0.1:{free_port()}"
    chain = connect(f"{dead},{one.url} {two.url}", tmp_path)
    assert chain.label == f"{one.url} and 1 more"
    one.fault = two_backends(one, 3, lambda: True)
    two.fault = late(0.5)
    for i in range(3):
        pay(chain, journal, f"pay {i}")

    one.fault = lambda method, params, ask: (
        error("rate limited") if method == "eth_sendRawTransaction" else ask()
    )
    two.fault = lambda method, params, ask: (
        error("the node is syncing") if method == "eth_sendRawTransaction" and ask() else ask()
    )
    with pytest.raises(ChainError, match="rate limited"):
        pay(chain, journal, "pay 3")
    one.fault = two.fault = lambda method, params, ask: ask()
    pay(chain, journal, "pay 3")
    assert chain.web3.eth.get_balance(chain.web3.to_checksum_address(SOMEBODY)) == 4


@pytest.mark.anvil
def test_nodes_of_two_chains_are_refused(
    pair: tuple[FaultyNode, FaultyNode], tmp_path: Path
) -> None:
    with (
        anvil("--timestamp", "1700000000") as other,
        pytest.raises(ChainError, match="are nodes of two chains"),
    ):
        connect(f"{pair[0].url} {other}", tmp_path)


def test_a_node_that_hangs_is_left_alone_for_a_while() -> None:
    hung = Node(eth_chainId=requests.ReadTimeout(), eth_call=requests.ReadTimeout())
    hung.answers["eth_blockNumber"] = requests.ReadTimeout()
    good = Node(eth_chainId="0x1", eth_call="0x2", eth_blockNumber="0x3")
    by_url = {"good": good, "hung": hung}

    class Provider:
        def __init__(self, url: str) -> None:
            self.make_request = by_url[url]

    both = nodes(["hung", "good"], Provider)  # type: ignore[arg-type]  # all that is used of one
    for _ in range(10):
        assert both.make_request("eth_call", [{}, "latest"])["result"] == "0x2"  # type: ignore[arg-type]
    assert len(hung.heard) == 1
    alone = nodes(["hung", "hung"], Provider)  # type: ignore[arg-type]  # as above
    for _ in range(2):
        with pytest.raises(requests.ReadTimeout):  # who else could be asked
            alone.make_request("eth_chainId", [])  # type: ignore[arg-type]  # web3's own names


def test_a_refusal_beside_a_silent_node_is_marked() -> None:
    poor = Node(eth_sendRawTransaction="refused: insufficient funds")
    silent = Node(eth_sendRawTransaction=DOWN)
    assert SILENT not in answer((poor, poor), "eth_sendRawTransaction", ["0x"])
    assert answer((poor, silent), "eth_sendRawTransaction", ["0x"])[SILENT]
