from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import IO

import pytest

from mint.chain.journal import Journal
from mint.chain.local import _HEAD, Blocks
from mint.chain.network import Chain, connect
from mint.chain.networks import NETWORKS
from mint.errors import ChainError, StoreError
from tests.anvil_node import anvil, between, free_port
from tests.chain import payments
from tests.chain.payments import SOMEBODY
from tests.conftest import ROOT, frozen


def pay(chain: Chain, folder: Path, purpose: str) -> str:
    """Mine one transaction; its hash."""
    journal = Journal(folder / "journal.sqlite")
    try:
        return payments.pay(chain, journal, purpose).transaction
    finally:
        journal.close()


@contextmanager
def server(answer: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    http = ThreadingHTTPServer(("127.0.0.1", 0), answer)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


# ---- the in-process chain


def test_local_chain_is_found_again(tmp_path: Path) -> None:
    first = connect("local", tmp_path / "chain")
    sent = pay(first, tmp_path, "one")
    again = connect("local", tmp_path / "chain")
    assert (again.network, again.chain_id, again.local) == (
        "local",
        NETWORKS["local"].chain_id,
        True,
    )
    assert again.web3.eth.chain_id == NETWORKS["local"].chain_id
    assert again.genesis == first.genesis
    assert again.web3.eth.block_number == 1
    receipt = again.web3.eth.get_transaction_receipt(sent)  # type: ignore[arg-type]  # a str is a HexStr
    assert (receipt["status"], receipt["blockNumber"]) == (1, 1)
    assert again.web3.eth.get_balance(again.web3.to_checksum_address(SOMEBODY)) == 1


def test_local_chain_repeats_itself(tmp_path: Path) -> None:
    blocks = []
    for name in ("a", "b"):
        chain = connect("local", tmp_path / name)
        for purpose in ("one", "two", "three"):
            pay(chain, tmp_path / name, purpose)
        blocks.append([chain.web3.eth.get_block(n)["hash"] for n in range(4)])
    assert blocks[0] == blocks[1]


def test_local_chain_gives_every_block_its_own_randomness(tmp_path: Path) -> None:
    chain = connect("local", tmp_path)
    for purpose in ("one", "two", "three"):
        pay(chain, tmp_path, purpose)
    blocks = [chain.web3.eth.get_block(n) for n in range(1, 4)]
    assert len({block["mixHash"] for block in blocks}) == 3
    times = [block["timestamp"] for block in blocks]
    assert [b - a for a, b in pairwise(times)] == [12, 12]


def test_second_writer_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    first, second = connect("local", tmp_path / "chain"), connect("local", tmp_path / "chain")
    transaction = pay(first, tmp_path / "1", "one")
    with pytest.raises(StoreError, match="another process wrote"):
        pay(second, tmp_path / "2", "other")
    again = connect("local", tmp_path / "chain")
    assert again.web3.eth.block_number == 1
    assert again.web3.eth.get_transaction(transaction)["blockNumber"] == 1  # type: ignore[arg-type]  # a str is a HexStr
    pay(again, tmp_path / "1", "two")


def test_reader_keeps_the_chain_it_opened(tmp_path: Path) -> None:
    writer, reader = connect("local", tmp_path / "chain"), connect("local", tmp_path / "chain")
    for number in range(3):
        pay(writer, tmp_path, str(number))
    somebody = reader.web3.to_checksum_address(SOMEBODY)
    assert reader.web3.eth.block_number == 0
    assert reader.web3.eth.get_balance(somebody) == 0
    assert connect("local", tmp_path / "chain").web3.eth.get_balance(somebody) == 3


def test_killed_writers_leave_whole_blocks(tmp_path: Path) -> None:
    """kill -9 at random moments: the chain ends at a block, and every block before it is there."""
    script = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from mint.chain.journal import Journal
        from mint.chain.network import connect
        from tests.chain.payments import pay
        connect("local", Path(sys.argv[1]) / "another")  # imports what takes seconds, once
        for line in sys.stdin:
            writer = os.fork()
            if writer:
                print("writer", writer, flush=True)
                os.waitpid(writer, 0)
                print("dead", 0, flush=True)
                continue
            chain = connect("local", Path(sys.argv[1]) / "chain")
            journal = Journal(Path(sys.argv[1]) / "journal.sqlite")
            for number in range(chain.web3.eth.block_number, 10_000):
                pay(chain, journal, str(number))
                print("block", number + 1, flush=True)
    """)
    run = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, tmp_path],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdin is not None
    assert run.stdout is not None
    dice, reported = random.Random(7), 0
    for _ in range(6):
        run.stdin.write("another\n")
        run.stdin.flush()
        said: dict[str, int] = {}
        while not {"writer", "block"} <= set(said):
            said.update(_said(run.stdout))
        time.sleep(dice.random() / 5)
        os.kill(said["writer"], signal.SIGKILL)
        while "dead" not in said:
            said.update(_said(run.stdout))
        reported = said["block"]
        chain = connect("local", tmp_path / "chain")
        assert reported <= chain.web3.eth.block_number <= reported + 1
        somebody = chain.web3.to_checksum_address(SOMEBODY)
        assert int(chain.web3.eth.get_balance(somebody)) == chain.web3.eth.block_number
        for number in range(1, chain.web3.eth.block_number + 1):
            assert len(chain.web3.eth.get_block(number)["transactions"]) == 1
    run.stdin.close()
    assert run.wait() == 0
    run.stdout.close()
    assert reported > 6


def _said(lines: IO[str]) -> dict[str, int]:
    """A line of the script above; fails when it has ended."""
    name, number = lines.readline().split()
    return {name: int(number)}


def test_unusable_local_chain_says_so(tmp_path: Path) -> None:
    (tmp_path / "chain.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="cannot be used") as caught:
        connect("local", tmp_path)
    assert "delete" in caught.value.hint
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        connect("local", tmp_path / "file")


@pytest.mark.root
def test_a_killed_writers_log_is_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "b.sqlite"
    script = (
        "import os, sys; from pathlib import Path; from mint.chain.local import Blocks, _HEAD\n"
    )
    script += "b = Blocks(Path(sys.argv[1])); b[_HEAD] = b'1'; b.save(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT)
    assert path.with_name("b.sqlite-wal").stat().st_size

    with frozen(tmp_path):
        blocks = Blocks(path)
        assert blocks[_HEAD] == b"1"
        blocks[b"k"] = b"2"
        with pytest.raises(StoreError, match="readonly database") as caught:
            blocks.save()
    assert "copy the collection" in caught.value.hint


@pytest.mark.root
def test_a_chain_is_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from mint.chain.local import Blocks, _HEAD\n"
    script += "b = Blocks(Path(sys.argv[1])); b[_HEAD] = b'1'; b.save()"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "b.sqlite")], cwd=ROOT, check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["b.sqlite"]

    with frozen(tmp_path):
        assert Blocks(tmp_path / "b.sqlite")[_HEAD] == b"1"


def test_blocks_forget_what_was_not_saved(tmp_path: Path) -> None:
    blocks = Blocks(tmp_path / "b.sqlite")
    blocks[b"v1:canonical_head_hash"], blocks[b"k"] = b"head", b"v"
    blocks.save()
    blocks[b"new"] = b"n"
    del blocks[b"k"]
    assert b"new" in blocks
    assert b"k" not in blocks
    with pytest.raises(KeyError):
        blocks[b"k"]
    again = Blocks(tmp_path / "b.sqlite")
    assert b"new" not in again
    assert again[b"k"] == b"v"
    del again[b"k"]
    again[b"v1:canonical_head_hash"] = b"next"
    again.save()
    assert b"k" not in Blocks(tmp_path / "b.sqlite")


# ---- nodes


@pytest.mark.anvil
def test_anvil_by_url_and_by_name(tmp_path: Path) -> None:
    with anvil() as url:
        by_url = connect(url, tmp_path)
        by_name = connect("anvil", tmp_path, {"MINT_RPC_URL": url})
    assert (by_url.network, by_url.chain_id, by_url.local) == ("anvil", 31337, False)
    assert by_name.genesis == by_url.genesis
    assert by_name.label == url
    assert not list(tmp_path.iterdir())


@pytest.mark.anvil
def test_known_test_chain_is_named_by_its_id(tmp_path: Path) -> None:
    with anvil("--chain-id", "11155111") as url:
        assert connect(url, tmp_path).network == "sepolia"
        assert connect("sepolia", tmp_path, {"MINT_RPC_URL": url}).chain_id == 11155111
        with pytest.raises(ChainError, match=r"is sepolia \(chain 11155111\), not hoodi"):
            connect("hoodi", tmp_path, {"MINT_RPC_URL": url})


@pytest.mark.anvil
def test_main_network_is_refused(tmp_path: Path) -> None:
    with (
        anvil("--chain-id", "1") as url,
        pytest.raises(ChainError, match="main network, where coins are worth money") as caught,
    ):
        connect(url, tmp_path)
    assert "--unsigned" in caught.value.hint


def test_unknown_names_and_missing_urls(tmp_path: Path) -> None:
    with pytest.raises(ChainError, match='no network is called "sepolja"') as caught:
        connect("sepolja", tmp_path)
    assert caught.value.hint == 'did you mean "sepolia"?'
    with pytest.raises(ChainError, match="sepolia needs a node") as caught:
        connect("sepolia", tmp_path, {})
    assert "MINT_RPC_URL" in caught.value.hint
    with pytest.raises(ChainError, match="not an http"):
        connect("ftp://127.0.0.1/", tmp_path)
    with pytest.raises(ChainError, match="what MINT_RPC_URL says is not an http") as caught:
        connect("sepolia", tmp_path, {"MINT_RPC_URL": "127.0.0.1:28511"})
    assert "write http:// before it" in caught.value.hint


def test_node_that_is_down(tmp_path: Path) -> None:
    port = free_port()
    with pytest.raises(ChainError) as caught:
        connect(f"http://user:SECRET@127.0.0.1:{port}/v3/SECRET?key=SECRET", tmp_path)
    assert str(caught.value) == f"http://127.0.0.1:{port} cannot be reached (ConnectionError)"
    assert "start the node" in caught.value.hint
    assert caught.value.__cause__ is None


class Html(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        body = b"<!doctype html><title>Welcome</title>"
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None: ...


class NotFound(Html):
    status = 404


def test_web_page_instead_of_a_node(tmp_path: Path) -> None:
    with server(Html) as url, pytest.raises(ChainError, match="does not speak JSON-RPC"):
        connect(f"{url}/SECRET", tmp_path)
    with server(NotFound) as url, pytest.raises(ChainError, match="HTTP status 404") as caught:
        connect(f"{url}/SECRET", tmp_path)
    assert "SECRET" not in str(caught.value) + caught.value.hint


@pytest.mark.anvil
def test_only_questions_are_asked_twice(tmp_path: Path) -> None:
    """A sending whose answer is lost may have arrived, so web3 must not repeat it."""
    bodies: list[bytes] = []

    class Hangs(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.close_connection = True

        def log_message(self, *arguments: object) -> None: ...

    with anvil() as url:
        chain = connect(url, tmp_path)
    with server(Hangs) as url:
        chain.web3.provider.endpoint_uri = url  # type: ignore[attr-defined]  # of HTTPProvider alone
        for method in ("eth_sendRawTransaction", "eth_blockNumber"):
            with pytest.raises(OSError):  # noqa: PT011  # requests raises many kinds
                chain.web3.provider.make_request(method, [])  # type: ignore[arg-type]  # web3 types methods as its own names
    assert sum(b"eth_sendRawTransaction" in each for each in bodies) == 1
    assert sum(b"eth_blockNumber" in each for each in bodies) == 4


@pytest.mark.anvil
def test_node_that_hangs(tmp_path: Path) -> None:
    import requests

    def hang(_ask: object, _method: str, _params: object) -> None:
        raise requests.ReadTimeout("https://host/SECRET")

    with anvil() as url:
        chain = connect(url, tmp_path)
        between(chain, hang)
        with pytest.raises(ChainError, match=r"took too long to answer$"):
            pay(chain, tmp_path, "one")
