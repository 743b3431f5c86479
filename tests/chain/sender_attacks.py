"""Faults at random moments of an airdrop, and what every wallet has in the end.

The chain is a real anvil that calls itself Sepolia, so a block is final when 64 lie on top of it.
A run gives a list of gifts away and is begun again, as an artist would, until it ends; then once
more.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import eth_account
import requests
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from mint.chain.account import Account
from mint.chain.artefact import artefact, contract
from mint.chain.journal import Journal
from mint.chain.network import Chain, connect
from mint.chain.wallet import Wallet
from mint.errors import ChainError, MintError, StoreError
from mint.sale import airdrop as airdrops
from tests.anvil_node import anvil
from tests.chain import faulty_node as nodes
from tests.chain.faulty_node import FaultyNode
from tests.fair_sale import HIDDEN, launch, phase, sale

SEPOLIA = "11155111"
FINAL = 70  # blocks that make any block final
GWEI = 10**9
_RUNS = 80  # as often an artist begins again at most
_TIMEOUT = 0.4  # seconds a question may take


class Outcome(NamedTuple):
    """How many tokens were given that should not have been, and the other way round."""

    extra: int
    missing: int
    runs: int


@dataclass
class Stage:
    """An anvil behind a proxy; a new owner, contract and list of gifts."""

    proxy: FaultyNode
    folder: Path
    random: Random
    key: bytes = b""
    address: str = ""
    gifts: dict[str, int] = field(default_factory=dict)

    def prepare(self, wallets: int = 8, quantity: int = 2) -> Stage:
        """A new owner's new contract, and nobody has any of it."""
        self.proxy.fault = nodes.honest
        self.key = self.random.randbytes(32)
        owner, rpc = eth_account.Account.from_key(self.key).address, self.proxy.rpc
        rpc("anvil_setBalance", owner, hex(10**21))
        rpc("anvil_impersonateAccount", owner)
        now = int(rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 90 * 86_400
        terms = list(sale([phase(now, now + 100)], spare=86_400))
        terms[3], terms[4] = 96, 10_000  # as on a public chain; and all may be given away
        from web3 import Web3

        made: Any = Web3().eth.contract(
            abi=artefact("FairSale")["abi"], bytecode=artefact("FairSale")["bytecode"]
        )
        data = made.constructor(launch(10_000, HIDDEN), tuple(terms)).data_in_transaction
        hash_ = rpc("eth_sendTransaction", {"from": owner, "data": data, "gas": hex(2**24)})
        self.address = str(self.receipt(hash_)["contractAddress"])
        self.address = to_checksum_address(self.address)
        rpc("anvil_mine", "0x9")  # no reorganisation of 8 blocks takes the contract away
        names = [f"0x{self.random.randrange(1, 2**159):040x}" for _ in range(wallets)]
        self.gifts = {to_checksum_address(name): quantity for name in names}
        return self

    def receipt(self, hash_: str) -> Any:
        """Once it is mined, by whoever mines."""
        for _ in range(500):
            if found := self.proxy.rpc("eth_getTransactionReceipt", hash_):
                assert found["status"] == "0x1", found
                return found
            time.sleep(0.01)
        raise AssertionError("nobody mines")

    @property
    def owner(self) -> str:
        return str(eth_account.Account.from_key(self.key).address)

    @property
    def journal(self) -> Path:
        return self.folder / f"{self.address}.sqlite"

    def once(self, patience: float = 1.0, prepare: Callable[[Journal], None] | None = None) -> None:
        """One command of the artist's; raises MintError."""
        give(self.proxy.url, self.key, self.journal, self.address, self.gifts, patience, prepare)

    def until_done(self, patience: float = 1.0) -> int:
        """Begin again until it ends; how often it took."""
        for run in range(1, _RUNS):
            try:
                self.once(patience)
                return run
            except MintError as error:
                self.mend(error)
        raise AssertionError(f"it did not end in {_RUNS} runs")

    def mend(self, error: MintError) -> None:
        """What the artist or time does about it."""
        if "cannot pay" in str(error):
            self.proxy.rpc("anvil_setBalance", self.owner, hex(10**21))
        if "could still replace" in error.hint or "used nonce" in str(error):
            self.proxy.rpc("anvil_mine", hex(FINAL))

    def ask(self, calls: list[tuple[Any, ...]]) -> list[str]:
        """The contract's words for `(view, argument)`, in one question to the real node."""
        from web3 import Web3

        token = contract(Web3(), self.address, "FairSale")
        data = [token.encode_abi(view, list(rest)) for view, *rest in calls]
        bodies = [
            {
                "jsonrpc": "2.0",
                "id": i,
                "method": "eth_call",
                "params": [{"to": self.address, "data": each}, "latest"],
            }
            for i, each in enumerate(data)
        ]
        answers = requests.post(self.proxy.node, json=bodies, timeout=60).json() if bodies else []
        return [each["result"] for each in sorted(answers, key=lambda each: int(each["id"]))]

    def outcome(self, runs: int) -> Outcome:
        """What every wallet has, by two ways of asking the chain."""
        self.proxy.fault = nodes.honest
        self.once()  # nothing more must be sent
        minted = int(self.ask([("totalMinted",)])[0], 16)
        calls = [("balanceOf", wallet) for wallet in self.gifts]
        has = {w: int(v, 16) for w, v in zip(self.gifts, self.ask(calls), strict=True)}
        owners = self.ask([("ownerOf", i) for i in range(1, minted + 1)])
        names = [str(to_checksum_address(f"0x{owner[-40:]}")) for owner in owners]
        assert {wallet: names.count(wallet) for wallet in self.gifts} == has
        extra = minted - sum(min(has[wallet], n) for wallet, n in self.gifts.items())
        missing = sum(max(0, n - has[wallet]) for wallet, n in self.gifts.items())
        return Outcome(extra, missing, runs)


def give(
    url: str,
    key: bytes,
    journal: Path,
    address: str,
    gifts: Mapping[str, int],
    patience: float = 1.0,
    prepare: Callable[[Journal], None] | None = None,
) -> None:
    """The command: a journal of its own, three transactions for eight wallets."""
    usual = airdrops.AIRDROP_BATCH_WALLETS
    airdrops.AIRDROP_BATCH_WALLETS = max(3, len(gifts) // 20)
    chain = impatient(connect(url, journal.parent))
    signer = eth_account.Account.from_key(key)
    book = Journal(journal)
    try:
        if prepare is not None:
            prepare(book)
        account = Account(chain, Wallet(signer.address, signer), book, patience=patience)
        airdrops.airdrop(account, address, gifts)
    finally:
        airdrops.AIRDROP_BATCH_WALLETS = usual
        book.close()


def impatient(chain: Chain) -> Chain:
    """The same chain, whose questions time out sooner than a test may last."""
    chain.web3.provider._request_kwargs["timeout"] = _TIMEOUT  # type: ignore[attr-defined]  # of HTTPProvider alone
    return chain


@contextmanager
def stage(folder: Path, seed: int) -> Iterator[Stage]:
    """A node that mines every 10 to 70 ms, behind a proxy."""
    random = Random(seed)
    with anvil("--no-mining", "--chain-id", SEPOLIA) as url, nodes.faulty(url) as proxy:
        proxy.rpc("evm_mine")
        with nodes.mining(proxy, lambda: random.uniform(0.01, 0.07)):
            yield Stage(proxy, folder, Random(seed))


# Attacks: each is one run from a new contract to the last question.

Attack = Callable[[Stage], Outcome]


def _faulty(fault: Callable[[Stage], nodes.Fault], patience: float = 1.0) -> Attack:
    def attack(stage: Stage) -> Outcome:
        stage.prepare()
        stage.proxy.fault = fault(stage)
        return stage.outcome(stage.until_done(patience))

    return attack


def _chance(stage: Stage, share: float) -> Callable[[], bool]:
    return lambda: stage.random.random() < share


def _at_broadcast(act: nodes.Fault, share: float = 0.5) -> Attack:
    return _faulty(lambda stage: nodes.at_broadcast(_chance(stage, share), act))


def _at_any(act: nodes.Fault, share: float = 0.08) -> Attack:
    return _faulty(lambda stage: nodes.at_any(_chance(stage, share), act))


def _once_at(stage: Stage, act: Callable[[str, Any], None], after: bool = False) -> nodes.Fault:
    """`act` at one broadcast of the first three."""
    left = [stage.random.randrange(3)]

    def fault(method: str, params: Any, ask: nodes.Ask) -> bytes:
        if method != "eth_sendRawTransaction" or left[0] < 0:
            return ask()
        left[0] -= 1
        if left[0] >= 0:
            return ask()
        if not after:
            act(method, params)
        answer = ask()
        if after:
            act(method, params)
        return answer

    return fault


def _dropped(stage: Stage) -> nodes.Fault:
    def fault(method: str, params: Any, ask: nodes.Ask) -> bytes:
        answer = ask()
        if method == "eth_sendRawTransaction" and stage.random.random() < 0.5:
            hash_ = "0x" + keccak(hexstr=params[0]).hex()
            stage.proxy.rpc("anvil_dropTransaction", hash_)
        return answer

    return fault


def _foreign(stage: Stage) -> nodes.Fault:
    def act(method: str, params: Any) -> None:
        stage.proxy.rpc("eth_sendTransaction", {"from": stage.owner, "to": stage.owner})
        stage.proxy.rpc("evm_mine")

    return _once_at(stage, act)


def _poor(stage: Stage) -> nodes.Fault:
    def act(method: str, params: Any) -> None:
        stage.proxy.rpc("anvil_setBalance", stage.owner, hex(10**12))

    return _once_at(stage, act)


def _spike(stage: Stage) -> nodes.Fault:
    def act(method: str, params: Any) -> None:
        base = int(stage.proxy.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
        high = max(base, GWEI) * stage.random.randrange(5, 60)
        stage.proxy.rpc("anvil_setNextBlockBaseFeePerGas", hex(high))

    return _once_at(stage, act, after=stage.random.random() < 0.5)


def _jump(stage: Stage) -> nodes.Fault:
    def act(method: str, params: Any, ask: nodes.Ask) -> bytes:
        stage.proxy.rpc("evm_increaseTime", stage.random.randrange(1, 40_000))
        return ask()

    return nodes.at_any(_chance(stage, 0.05), act)


def _reorg(again: bool) -> Callable[[Stage], nodes.Fault]:
    """Once or more in the middle: up to 8 blocks are replaced; `again` sends theirs once more."""

    def make(stage: Stage) -> nodes.Fault:
        raws: list[str] = []
        left = [stage.random.randrange(1, 4)]

        def fault(method: str, params: Any, ask: nodes.Ask) -> bytes:
            answer = ask()
            if method == "eth_sendRawTransaction":
                raws.append(params[0])
            elif raws and left[0] and stage.random.random() < 0.1:
                left[0] -= 1
                stage.proxy.rpc("anvil_reorg", stage.random.randrange(1, 9), [])
                for raw in raws if again else ():
                    requests.post(
                        stage.proxy.node,
                        json={"jsonrpc": "2.0", "id": 1, "method": method, "params": [raw]},
                        timeout=30,
                    )
            return answer

        return fault

    return make


def _mixed(stage: Stage) -> nodes.Fault:
    """Several at once."""
    faults = [
        nodes.at_broadcast(_chance(stage, 0.2), nodes.lost_before),
        nodes.at_broadcast(_chance(stage, 0.2), nodes.lost_after),
        nodes.at_broadcast(_chance(stage, 0.2), nodes.error_after),
        nodes.late(0.2),
        nodes.two_backends(stage.proxy, 5, _chance(stage, 0.3)),
        _dropped(stage),
        _reorg(False)(stage),
    ]

    def fault(method: str, params: Any, ask: nodes.Ask) -> bytes:
        return stage.random.choice(faults)(method, params, ask)

    return fault


def _disk_full(stage: Stage) -> Outcome:
    stage.prepare()

    def full(book: Journal) -> None:
        (pages,) = book._db.execute("PRAGMA page_count").fetchone()
        book._db.execute(f"PRAGMA max_page_count = {pages + stage.random.randrange(3)}")

    for _ in range(3):
        with suppress(StoreError):  # no room left for one of its rows
            stage.once(prepare=full)
    return stage.outcome(stage.until_done() + 3)


def _edited(stage: Stage) -> Outcome:
    """The list grows while the first half is under way."""
    stage.prepare()
    whole = stage.gifts
    stage.gifts = dict(list(whole.items())[: stage.random.randrange(1, 7)])
    stage.proxy.fault = nodes.at_broadcast(_chance(stage, 0.5), nodes.lost_after)
    runs = stage.until_done()
    stage.gifts = {wallet: n + (wallet in stage.gifts) for wallet, n in whole.items()}
    return stage.outcome(runs + stage.until_done())


_SERVER = multiprocessing.get_context("forkserver")
# What each killed run would import first.
_SERVER.set_forkserver_preload(["web3", "eth_account", "tests.chain.sender_attacks"])


def _child(*arguments: Any) -> None:
    try:
        give(*arguments)
    except ChainError:
        raise SystemExit(1) from None


def killed(stage: Stage, kills: int, longest: float) -> tuple[int, int]:
    """Run and kill -9 after up to `longest` seconds, so often; how often it ran, and was killed."""
    done = runs = 0
    while done < kills:
        runs += 1
        process: Any = _SERVER.Process(
            target=_child,
            args=(stage.proxy.url, stage.key, stage.journal, stage.address, stage.gifts),
        )
        process.start()
        process.join(stage.random.uniform(0, longest))
        if process.exitcode is not None:
            if process.exitcode == 0:
                break
            continue
        process.kill()
        process.join()
        done += 1
    return runs, done


def killed_at(stage: Stage, point: int) -> bool:
    """Run and kill -9 at the `point`-th step after signing; whether it ended before."""
    process: Any = _SERVER.Process(
        target=_dying,
        args=(point + 1, stage.proxy.url, stage.key, stage.journal, stage.address, stage.gifts),
    )
    process.start()
    process.join()
    return bool(process.exitcode == 0)


def _dying(point: int, *arguments: Any) -> None:
    """Before and after each question and use of the journal, from signed to mined, is a step."""
    from web3.providers.rpc import HTTPProvider

    left, add, mark = [0], Journal.add, Journal.mark

    def begin(*given: Any) -> Any:
        left[0] = left[0] or point
        return add(*given)

    def end(*given: Any) -> Any:
        marked = mark(*given)
        left[0] *= given[2] != "mined"
        return marked

    Journal.add, Journal.mark = begin, end  # type: ignore[method-assign,assignment]  # in a process of its own, which is killed there

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*given: Any, **named: Any) -> Any:
            _step(left)
            answer = act(*given, **named)
            _step(left)
            return answer

        return counting

    Journal._rows = counted(Journal._rows)  # type: ignore[method-assign]  # in a process of its own
    HTTPProvider.make_request = counted(HTTPProvider.make_request)  # type: ignore[method-assign]  # in a process of its own
    _child(*arguments)


def _step(left: list[int]) -> None:
    left[0] -= left[0] > 0
    if left[0] == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def _kills(stage: Stage) -> Outcome:
    stage.prepare()
    runs, _ = killed(stage, 4, 0.6)
    return stage.outcome(runs + stage.until_done())


def _two_folders(stage: Stage) -> Outcome:
    """Two commands at once, in folders that know nothing of each other, with one key."""
    stage.prepare()
    for folder in ("one", "two"):
        (stage.folder / folder).mkdir(exist_ok=True)
    processes: list[Any] = [
        _SERVER.Process(
            target=_child,
            args=(stage.proxy.url, stage.key, path, stage.address, stage.gifts),
        )
        for path in (stage.folder / name / stage.journal.name for name in ("one", "two"))
    ]
    for process in processes:
        process.start()
        time.sleep(stage.random.uniform(0, 0.2))
    for process in processes:
        process.join()
    return stage.outcome(2 + stage.until_done())


ATTACKS: dict[str, Attack] = {
    "no fault": _faulty(lambda stage: nodes.honest),
    "broadcast lost before it arrives": _at_broadcast(nodes.lost_before),
    "answer to a broadcast lost": _at_broadcast(nodes.lost_after),
    "error said of a broadcast that was taken": _at_broadcast(nodes.error_after),
    "every broadcast twice": _at_broadcast(nodes.twice, 1.0),
    "HTTP 429": _at_any(nodes.busy),
    "connections cut": _at_any(nodes.lost_after),
    "hangs": _at_any(nodes.hang(_TIMEOUT + 0.1), 0.04),
    "truncated JSON": _at_any(nodes.truncated),
    "an HTML page": _at_any(nodes.page),
    "transactions dropped": _faulty(_dropped, 0.3),
    "receipts late, up to 1 s": _faulty(lambda stage: nodes.late(stage.random.uniform(0.1, 1))),
    "two backends, up to 30 blocks apart": _faulty(
        lambda stage: nodes.two_backends(
            stage.proxy, stage.random.randrange(1, 31), _chance(stage, 0.5)
        )
    ),
    "another program takes a nonce": _faulty(_foreign),
    "reorganisation of 1 to 8 blocks": _faulty(_reorg(False)),
    "the same, and all included again": _faulty(_reorg(True)),
    "out of funds in the middle": _faulty(_poor),
    "fee spike": _faulty(_spike, 0.3),
    "the chain's clock jumps": _faulty(_jump),
    "several of these at once": _faulty(_mixed),
    "disk full while journalling": _disk_full,
    "gifts.csv edited between runs": _edited,
    "two folders, one key, at once": _two_folders,
    "kill -9 at a random moment": _kills,
}
