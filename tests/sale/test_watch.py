"""`mint sale watch`: a sale armed, recorded and revealed in time, on anvil, whose clock we move."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mint.chain.artefact import contract
from mint.chain.network import Chain, connect
from mint.chain.reverts import Refusal
from mint.chain.wallet import load as wallet_of
from mint.cli import main
from mint.errors import ChainError, CollectionError
from mint.launch.consent import Consent
from mint.sale import verbs
from mint.sale.contract import state
from mint.sale.history import deployed_payees
from mint.sale.locate import locate, open_sale
from mint.sale.snapshot import Snapshot
from mint.sale.status import next_line
from tests.anvil_node import Asked, anvil, between, binary, rpc
from tests.builds import run
from tests.sales import BUYERS, ENDS, OPENS, at_time, offered

pytestmark = pytest.mark.anvil


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A sale on a node at ten seconds before its end; each test begins there."""
    binary("anvil")
    file = offered(tmp_path_factory.mktemp("watched"))
    with anvil("--timestamp", str(OPENS - 7200), "--hardfork", "cancun") as url:
        with tempfile.TemporaryDirectory() as folder:
            at_time(connect(url, Path(folder)), OPENS - 3600)
        run(file, network=url)
        at_time(connect(url, file.parent), ENDS - 10)
        yield file, url


class Watching:
    """The sale at its end, a clock that makes a block at each look, and what was announced."""

    def __init__(self, file: Path, url: str) -> None:
        self.file, self.url = file, url
        self.sale = locate(str(file), url)
        self.chain: Chain = connect(url, file.parent)
        self.news: list[str] = []

    def sleep(self, seconds: float) -> None:
        """Two seconds later there is another block."""
        assert seconds > 0
        newest = self.chain.web3.eth.get_block("latest")
        at_time(self.chain, int(newest["timestamp"]) + 2)

    def watch(
        self,
        key: str | None = None,
        fault: Callable[[Asked, str, Any], Any] | None = None,
        sleep: Callable[[float], None] | None = None,
        *,
        reveals: bool = False,
    ) -> list[str]:
        """The verbs of what it sent."""
        environ = {"MINT_PRIVATE_KEY": key} if key else {}
        with open_sale(self.sale, environ) as account:
            if fault is not None:
                between(account.chain, fault)
            sent = verbs.watch(
                account,
                self.sale,
                environ,
                self.news.append,
                reveals=reveals,
                sleep=sleep or self.sleep,
            )
            return [each.purpose.split()[0] for each in sent]

    @property
    def draw(self) -> tuple[str, int]:
        now = state(self.chain, self.sale.address).draw
        return now.step, now.times

    def miss(self) -> None:
        """Nobody comes for as long as contracts can ask for a hash before EIP-2935."""
        rpc(self.chain, "anvil_mine", hex(260))


@pytest.fixture
def at_end(deployed: tuple[Path, str], tmp_path: Path) -> Iterator[Watching]:
    file, url = deployed
    copy = Path(shutil.copytree(file.parent, tmp_path / "tiny")) / "collection.yaml"
    watching = Watching(copy, url)
    snapshot = rpc(watching.chain, "evm_snapshot")
    yield watching
    rpc(watching.chain, "evm_revert", snapshot)


def test_it_takes_every_step_and_ends(at_end: Watching) -> None:
    assert at_end.watch(reveals=True) == ["arm", "record", "reveal"]
    assert at_end.draw == ("revealed", 1)
    first, second = at_end.news
    assert first.startswith(
        "waits until everything is sold, or the last phase ends: 2027-01-03 11:00 UTC (in "
    )
    assert re.search(r"^waits for block \d+, whose hash decides: \d blocks, about \d+ s", second)
    assert second.endswith("After it there are 27 hours to record the hash")
    assert at_end.watch(reveals=True) == []


def test_stopped_at_every_look_it_goes_on(at_end: Watching) -> None:
    sent: list[str] = []

    def stop(seconds: float) -> None:
        at_end.sleep(seconds)
        raise KeyboardInterrupt

    for _ in range(20):
        if at_end.draw[0] == "recorded":
            break
        try:
            sent += at_end.watch(BUYERS[0], sleep=stop)
        except KeyboardInterrupt:
            continue
    assert at_end.draw == ("recorded", 1)
    assert sent[-1] == "record"
    assert at_end.watch(reveals=True) == ["reveal"]


def test_a_node_that_fails_is_asked_again(at_end: Watching) -> None:
    calls = 0

    def fault(ask: Asked, method: str, params: Any) -> Any:
        nonlocal calls
        calls += bool(at_end.news)  # it has begun to wait
        if calls in (*range(1, 6), 30, 60, 95, 140):
            raise requests.ConnectionError("down")
        if 40 < calls < 50 and method != "eth_sendRawTransaction":
            error = {"code": -32005, "message": "rate limited"}
            return {"jsonrpc": "2.0", "id": 1, "error": error}
        return ask(method, params)

    assert at_end.watch(fault=fault) == ["arm", "record"]
    assert at_end.draw == ("recorded", 1)
    trouble = [line for line in at_end.news if "tried again every minute" in line]
    kinds = ("cannot be reached (ConnectionError)", "gives no answer: rate limited")
    assert all(any(words in line for words in kinds) for line in trouble)
    assert all(any(words in line for line in trouble) for words in kinds)


def test_only_the_owner_names_another_block(at_end: Watching) -> None:
    """A stranger arms at a bad hour; whoever watches without the owner's wallet waits for it."""
    owner = Watching(at_end.file, at_end.url)
    at_end.sleep(1)
    at_time(at_end.chain, ENDS)
    with open_sale(at_end.sale, {"MINT_PRIVATE_KEY": BUYERS[0]}) as account:
        verbs.arm(account, at_end.sale)
        at_end.miss()
        now = Snapshot(at_end.sale, at_end.chain)
        now.height += 8191  # mint's list says so of anvil; this one forgets after 256
        assert next_line(now).startswith("anybody, if the chain still knows the hash, else the own")
        with pytest.raises(ChainError, match=r"only|forgotten it \[HashMissed\(\)\]") as caught:
            verbs.record(account, at_end.sale)
        assert "only the wallet that owns the contract" in caught.value.hint

    looks = 0

    def owner_comes(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            with open_sale(owner.sale, {}) as account:
                verbs.record(account, owner.sale)
            assert at_end.draw == ("armed", 2)
        at_end.sleep(seconds)

    assert at_end.watch(BUYERS[1], sleep=owner_comes) == ["record"]
    assert at_end.draw == ("recorded", 2)
    assert any("so this waits for the owner" in line for line in at_end.news)
    assert any(line.startswith("nobody recorded the last one in time") for line in at_end.news)


def test_a_draw_that_is_missed_for_good_ends_it(at_end: Watching) -> None:
    at_time(at_end.chain, ENDS)
    with open_sale(at_end.sale, {}) as account:
        verbs.arm(account, at_end.sale)
        for _ in range(2):
            at_end.miss()
            verbs.record(account, at_end.sale)
    at_end.miss()
    now = Snapshot(at_end.sale, at_end.chain)
    now.height += 8191  # as above
    assert next_line(now).startswith(
        "nobody recorded the last block that is named, and no other can be: after 2027-03-01 00:00 "
    )
    assert f"holders take their money back: mint sale refund {at_end.file} TOK" in next_line(now)
    with pytest.raises(Refusal, match=r"\[DrawMissed\(\)\]"):
        at_end.watch()


def test_another_wallet_is_told_before_anything_is_waited_for(at_end: Watching) -> None:
    with pytest.raises(ChainError, match="makes the secret of this draw"):
        at_end.watch(BUYERS[0], reveals=True)
    assert at_end.news == []
    assert at_end.draw == ("waiting", 0)


def test_a_payee_names_another_wallet(at_end: Watching) -> None:
    """The deployed payees are ALICE and another; only they can, and `verify` still knows them."""
    chain, sale = at_end.chain, at_end.sale
    before = state(chain, sale.address).payees
    alice, to = chain.web3.to_checksum_address(before[0][0]), "0x" + "99" * 20
    with open_sale(sale, {"MINT_PRIVATE_KEY": BUYERS[0]}) as account:
        with pytest.raises(ChainError, match="is no payee of this sale; those are 0x00"):
            verbs.redirect(account, sale, to)
        with pytest.raises(ChainError, match="is no address"):
            verbs.redirect(account, sale, "ann.eth")
        with pytest.raises(ChainError, match="is the sale itself"):
            verbs.redirect(account, sale, sale.address)
        deaf = "0x" + "de" * 20
        rpc(chain, "anvil_setCode", deaf, "0x60006000fd")  # it reverts, whoever calls
        with pytest.raises(ChainError, match="does not accept money on anvil"):
            verbs.redirect(account, sale, deaf)
    rpc(chain, "anvil_setBalance", alice, hex(10**18))
    rpc(chain, "anvil_impersonateAccount", alice)
    data = contract(chain.web3, sale.address, "FairSale").encode_abi("setPayee", [0, to])
    rpc(chain, "eth_sendTransaction", {"from": alice, "to": sale.address, "data": data})
    now = state(chain, sale.address)
    assert now.payees == ((chain.web3.to_checksum_address(to), before[0][1]), before[1])
    assert deployed_payees(chain, sale.address, now) == before

    def limited(ask: Asked, method: str, params: Any) -> Any:
        if method == "eth_getLogs":
            blocks = [int(params[0][key], 16) for key in ("fromBlock", "toBlock")]
            if blocks[1] - blocks[0] >= 3:
                error = {"code": -32600, "message": "up to a 3 block range"}
                return {"jsonrpc": "2.0", "id": 1, "error": error}
        return ask(method, params)

    def by_status(ask: Asked, method: str, params: Any) -> Any:
        answer = limited(ask, method, params)
        if "error" in answer:  # as some providers say the same
            response = requests.Response()
            response.status_code = 400
            raise requests.HTTPError("400 Bad Request", response=response)
        return answer

    for provider in (limited, by_status):
        another = connect(at_end.url, at_end.file.parent)
        between(another, provider)
        assert deployed_payees(another, sale.address, now) == before
    busy = connect(at_end.url, at_end.file.parent)
    error = {"code": -32005, "message": "too many questions"}
    between(busy, lambda ask, method, params: {"jsonrpc": "2.0", "id": 1, "error": error})
    with pytest.raises(ChainError, match="gives no answer: too many questions"):
        state(busy, sale.address)
    from mint.verify.verify import prove

    proofs = list(prove(str(at_end.file), sample=0, network=at_end.url, environ={}))
    assert any(f"a payee has named another address: {alice} for {to}" in p for p in proofs)


def test_a_reveal_waits_for_finality_and_not_beyond_its_time(tmp_path: Path) -> None:
    """On a chain that finalizes nothing any more."""
    file = offered(tmp_path)
    environ = {"MINT_PRIVATE_KEY": "0x" + "17" * 32}
    consent = Consent(lambda plan: None, unpinned=True)
    with anvil("--chain-id", "11155111", "--timestamp", str(OPENS - 7200)) as url:
        chain = connect(url, tmp_path)
        rpc(chain, "anvil_setBalance", wallet_of(chain, environ).address, hex(10**18))
        at_time(chain, OPENS - 3600)
        run(file, network=url, environ=environ, consent=consent)
        sale, news = locate(str(file), url), list[str]()
        at_time(chain, ENDS)
        with open_sale(sale, environ, announce=news.append) as account:
            between(
                account.chain,
                lambda ask, method, params: ask(
                    method, ["0x1", *params[1:]] if params and params[0] == "finalized" else params
                ),
            )
            verbs.arm(account, sale)
            rpc(chain, "anvil_mine", "0x62")
            verbs.record(account, sale)
            last = state(chain, sale.address).reveal_deadline
            before = rpc(chain, "evm_snapshot")
            rpc(chain, "anvil_mine", "0x80")  # deep, and there is time
            with pytest.raises(ChainError, match="is not final yet on sepolia"):
                verbs.reveal(account, sale, environ)
            rpc(chain, "evm_revert", before)
            at_time(chain, last - 7200)

            def sleep(seconds: float) -> None:
                newest = chain.web3.eth.get_block("latest")
                assert newest["timestamp"] < last - 6000, "it waits for ever"
                at_time(chain, int(newest["timestamp"]) + 2)

            sent = verbs.watch(account, sale, environ, news.append, reveals=True, sleep=sleep)

            assert [each.purpose.split()[0] for each in sent] == ["reveal"]
    assert any("which decides, is final: " in line for line in news)
    (hurry,) = (line for line in news if "it is revealed now" in line)
    assert "is not final on sepolia, but 64 blocks lie on it" in hurry


def test_a_sale_that_is_over_there_is_not_painted(at_end: Watching, tmp_path: Path) -> None:
    at_time(at_end.chain, ENDS)
    (tmp_path / "late").mkdir()
    file = offered(tmp_path / "late")
    with pytest.raises(CollectionError, match=r'phase "friends" ended at .*on anvil it is 2027'):
        run(file, network=at_end.url)
    assert not (file.parent / "build").exists()
    run(at_end.file, network=at_end.url)  # what is deployed is not refused


def test_the_command(
    at_end: Watching, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    at_time(at_end.chain, ENDS)
    with open_sale(at_end.sale, {}) as account:
        verbs.arm(account, at_end.sale)
    rpc(at_end.chain, "anvil_mine", "0x2")
    arguments = ["watch", str(at_end.file), "--reveal", "--network", at_end.url]
    monkeypatch.setattr("sys.argv", ["mint", "sale", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code or 0) == 0
    words = [line.split()[0] for line in capfd.readouterr().out.splitlines()]
    assert words == ["record", "reveal", "draw", "payee", "payee", "next"]
