"""The table of networks, the draw on each of them, and what is final there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from mint.chain.blockhash import measure_blockhash, recording, refuse_unmeasured_draw
from mint.chain.finality import final_block
from mint.chain.network import Chain, connect
from mint.chain.networks import (
    ENDED,
    MAINNETS,
    NETWORKS,
    absent,
    draw_possible,
    ending,
    lasting,
    network_of,
    refuse_unfair_draw,
)
from mint.errors import ChainError
from tests.anvil_node import anvil, between, rpc
from tests.chain.payments import pay


def at(year: int, month: int, day: int) -> float:
    return datetime(year, month, day, tzinfo=UTC).timestamp()


# ---- the table


def test_each_line_is_whole_and_its_own() -> None:
    ids = [line.chain_id for line in NETWORKS.values()]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {*MAINNETS.values(), *(each.chain_id for each in ENDED)}
    assert not set(NETWORKS) & {*MAINNETS, *(each.name for each in ENDED)}
    for line in NETWORKS.values():
        assert network_of(line.chain_id) is line
        public = line.name not in ("local", "anvil")
        for page in (line.explorer, line.faucet):
            assert page is None if not public else page and page.startswith("https://")
            assert not (page or "").endswith("/")
        assert line.block_time > 0


def test_an_explorers_pages() -> None:
    amoy = NETWORKS["polygon-amoy"]
    assert amoy.transaction("0xab") == "https://amoy.polygonscan.com/tx/0xab"
    assert amoy.address("0xcd") == "https://amoy.polygonscan.com/address/0xcd"
    assert NETWORKS["local"].transaction("0xab") is None
    assert network_of(17000).explorer is None  # of a deployment that an old record tells of


@pytest.mark.parametrize("network", ["holesky", 17000])
def test_a_network_that_is_over_says_which_to_take(network: str | int) -> None:
    refusal = absent(network)
    assert str(refusal) == "holesky ended in November 2025"
    assert refusal is not None
    assert refusal.hint.startswith("use hoodi")


@pytest.mark.parametrize("network", [*MAINNETS, *MAINNETS.values()])
def test_main_networks_are_refused_with_the_way_on(network: str | int) -> None:
    refusal = absent(network)
    assert "coins are worth money" in str(refusal)
    assert refusal is not None
    words = "mint launch FILE --network hoodi --unsigned plan.json --from ADDRESS"
    assert f"`{words}` writes down what such transactions look like" in refusal.hint
    assert "mint writes none for a main network" in refusal.hint


def test_of_a_chain_nobody_knows_no_money_is_spent() -> None:
    assert "chain 5 is no test chain that mint knows" in str(absent(5))
    assert all(absent(name) is None for name in NETWORKS)
    assert all(absent(line.chain_id) is None for line in NETWORKS.values())


def test_an_end_is_announced_in_time() -> None:
    assert NETWORKS["sepolia"].until == date(2026, 12, 31)
    assert ending("sepolia", at(2026, 10, 1)) is None
    assert str(ending("sepolia", at(2026, 10, 3))).startswith(
        "sepolia is planned to end on 31 December 2026"
    )
    assert "was planned to end" in str(ending("sepolia", at(2027, 1, 1)))
    assert ending("hoodi", at(2026, 12, 31)) is None
    assert ending("local", at(2050, 1, 1)) is None
    assert (lasting(at(2026, 1, 1)), lasting(at(2026, 12, 1))) == ("sepolia", "hoodi")


# ---- the draw


def test_no_sale_is_drawn_where_contracts_see_another_chains_blocks() -> None:
    with pytest.raises(ChainError, match="cannot be drawn fairly on arbitrum-sepolia") as caught:
        refuse_unfair_draw("arbitrum-sepolia")
    assert "will do" in caught.value.hint
    assert [name for name in NETWORKS if not draw_possible(name)] == ["arbitrum-sepolia"]
    assert draw_possible("https://node.example")


@pytest.fixture(scope="module")
def sepolia(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """An anvil of 100 blocks that calls itself Sepolia."""
    with anvil("--chain-id", "11155111") as url:
        chain = connect(url, tmp_path_factory.mktemp("chain"))
        rpc(chain, "anvil_mine", "0x64")
        yield chain


@pytest.fixture
def stand_in(sepolia: Chain, tmp_path: Path) -> Chain:
    """The same node through a connection of its own, which a test may tamper with."""
    return connect(sepolia.web3.provider.endpoint_uri, tmp_path)  # type: ignore[attr-defined]  # of HTTPProvider alone


@pytest.mark.anvil
def test_blockhash_is_measured(sepolia: Chain) -> None:
    measured = refuse_unmeasured_draw(sepolia)
    assert measured.own
    assert measured.history
    assert measured.number == measured.newest == 100
    assert "8,191 blocks, about 27 hours, in which" in recording(measured, 12)
    assert "256 blocks, about 4 minutes" in recording(measured._replace(history=False), 1)
    assert measured.seen == bytes(sepolia.web3.eth.get_block(99)["hash"])


def test_blockhash_is_measured_in_this_process(tmp_path: Path) -> None:
    from mint.chain.journal import Journal

    chain = connect("local", tmp_path)
    assert measure_blockhash(chain).own  # of genesis, though it is the newest
    pay(chain, Journal(tmp_path / "journal.sqlite"))
    measured = measure_blockhash(chain)
    assert measured.own
    assert measured.history is NETWORKS["local"].history is False


def made_up(answer: Any) -> Any:
    """What Scroll's blockhash was until 2025: the hash of chain id and number, known to all."""
    from eth_hash.auto import keccak

    words = bytes.fromhex(answer["result"][2:])
    number = int.from_bytes(words[:32]) - 1
    seen = keccak((11155111).to_bytes(32) + number.to_bytes(32))
    return {**answer, "result": "0x" + (words[:32] + seen + words[64:]).hex()}


def parents(answer: Any) -> Any:
    """Arbitrum's block.number: that of the chain below, far from this chain's own."""
    words = bytes.fromhex(answer["result"][2:])
    return {**answer, "result": "0x" + ((9_000_000).to_bytes(32) + words[32:]).hex()}


def nothing(answer: Any) -> Any:
    return {**answer, "result": "0x" + bytes(128).hex()}


@pytest.mark.anvil
@pytest.mark.parametrize("lie", [made_up, parents, nothing])
def test_a_blockhash_that_is_not_the_blocks_is_refused(stand_in: Chain, lie: Any) -> None:
    def fault(ask: Any, method: str, params: Any) -> Any:
        answer = ask(method, params)
        return lie(answer) if method == "eth_call" else answer

    between(stand_in, fault)
    with pytest.raises(ChainError, match="cannot be drawn fairly on sepolia") as caught:
        refuse_unmeasured_draw(stand_in)
    assert "another node" in caught.value.hint


@pytest.mark.anvil
def test_a_block_between_two_questions_is_no_finding(stand_in: Chain) -> None:
    calls: list[str] = []

    def fault(ask: Any, method: str, params: Any) -> Any:
        calls.append(method)
        answer = ask(method, params)
        return made_up(answer) if calls[-1:] == ["eth_call"] == calls[1:] else answer

    between(stand_in, fault)
    assert measure_blockhash(stand_in).own
    assert calls.count("eth_call") == 2


@pytest.mark.anvil
def test_a_node_that_answers_no_such_call_is_named(stand_in: Chain) -> None:
    def fault(ask: Any, method: str, params: Any) -> Any:
        if method == "eth_call":
            return {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "not here"}}
        return ask(method, params)

    between(stand_in, fault)
    with pytest.raises(ChainError, match=r"did not say what contracts see .*not here"):
        refuse_unmeasured_draw(stand_in)


# ---- what is final


@pytest.mark.anvil
def test_final_is_what_the_node_calls_so(sepolia: Chain, stand_in: Chain) -> None:
    tagged = int(sepolia.web3.eth.get_block("finalized")["number"])
    assert final_block(sepolia) == tagged < 100

    failure = {"code": -32602, "message": "what?"}

    def without_tags(ask: Any, method: str, params: Any) -> Any:
        if params and params[0] == "finalized":
            return {"jsonrpc": "2.0", "id": 1, "error": failure}
        return ask(method, params)

    between(stand_in, without_tags)
    assert final_block(stand_in) == 100 - 64
    failure |= {"code": -32005, "message": "too many"}  # it may say so a second later
    with pytest.raises(ChainError, match="gives no answer: too many"):
        final_block(stand_in)


def test_everything_is_final_in_this_process(tmp_path: Path) -> None:
    assert final_block(connect("local", tmp_path)) == 0


@pytest.mark.anvil
def test_final_is_counted_as_contracts_count(tmp_path: Path) -> None:
    with anvil("--chain-id", "421614") as url:
        chain = connect(url, tmp_path)
    numbers: list[str | None] = ["0x895440"]

    def nitro(ask: Any, method: str, params: Any) -> Any:
        assert method == "eth_getBlockByNumber", ask
        block = {"number": "0x2a", "l1BlockNumber": numbers[0]}
        if numbers[0] is None:
            del block["l1BlockNumber"]
        return {"jsonrpc": "2.0", "id": 1, "result": block}

    between(chain, nitro)
    assert final_block(chain) == 9_000_000
    numbers[0] = None
    with pytest.raises(ChainError, match="does not say which block number contracts see"):
        final_block(chain)
