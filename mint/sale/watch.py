"""A sale that is not over -> armed, recorded and, if asked, revealed, each as soon as it can be.

The hash that decides can be recorded for minutes only on some chains. Whoever watches comes early
in that time: a look at least every 15 seconds. The chain says how far the sale is, so a watch that
was stopped goes on, and others may take a step first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from mint.chain.network import results
from mint.chain.reverts import Refusal
from mint.errors import MintError
from mint.sale import contract
from mint.sale.finality import finality
from mint.sale.snapshot import Snapshot
from mint.sale.when import span, when
from mint.spec.sale_times import DAY, moment

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain
    from mint.chain.send import Sent
    from mint.sale.locate import DeployedSale

Act = Literal["arm", "record", "reveal"]
SHORT, LONG, TROUBLE = 1.0, 15.0, 60.0  # seconds between two looks; between two after a fault
_OVERTAKEN = ("OutOfTurn", "BlockNotYet", "SaleStillOpen")  # somebody was faster, or a node behind


class Wait(NamedTuple):
    """What is waited for; it is announced once for each `key`. `seconds` are an estimate."""

    key: tuple[object, ...]
    words: str
    seconds: float


def watch(
    account: Account,
    sale: DeployedSale,
    opening: tuple[bytes, bytes, str] | None,
    reveal: Callable[[], Sent],
    announce: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Sent]:
    """Each transaction, when it is mined; ends when there is nothing left to do.

    Without an `opening` (mint.sale.secret.reveal_arguments) it ends when the hash is recorded;
    `reveal` opens it. A node that fails is asked again, for as long as the sale's own deadline
    leaves time. Raises ChainError where the contract refuses for good, or is not there.
    """
    chain, spoken, fault = account.chain, list[object](), ""
    acts: dict[Act, Callable[[], Sent]] = {
        "arm": lambda: contract.arm(account, sale.address),
        "record": lambda: contract.record(account, sale.address),
        "reveal": reveal,
    }
    contract.state(chain, sale.address)  # a wrong address is no fault to wait out
    while True:
        try:
            due = _due(sale, chain, opening is not None)
            if due is None:
                return
            if isinstance(due, str):
                yield acts[due]()
                continue
        except Refusal as refusal:
            due = _wait_after(refusal, account.address)
        except MintError as error:
            if str(error) != fault:
                fault = str(error)
                announce(f"{error}; it is tried again every minute. {error.hint}")
            sleep(TROUBLE)
            continue
        fault = ""
        if due.key not in spoken:
            spoken.append(due.key)
            announce(due.words)
        sleep(min(max(due.seconds / 2, SHORT), LONG))


def _due(sale: DeployedSale, chain: Chain, reveals: bool) -> Act | Wait | None:
    """The act whose time has come, what to wait for, or None at the end."""
    with results(chain.label):
        snapshot = Snapshot(sale, chain)
        now, step = snapshot.state, snapshot.state.draw.step
        if now.refunding or step == "revealed" or (step == "recorded" and not reveals):
            return None
        if step == "recorded":
            return _finality(chain, now.draw.number, now.reveal_deadline)
        if step == "armed":
            return _block(snapshot, chain)
        return _end(snapshot)


def _end(snapshot: Snapshot) -> Act | Wait:
    end = snapshot.state.draw.sale_end
    if snapshot.sold_out or snapshot.now >= end:
        return "arm"
    left = end - snapshot.now
    return Wait(
        ("end", end, left // DAY),
        f"waits until everything is sold, or the last phase ends: {when(end, snapshot.now)}",
        left,
    )


def _block(snapshot: Snapshot, chain: Chain) -> Act | Wait:
    number, pace = snapshot.state.draw.number, chain.line.block_time
    left = number + 1 - snapshot.height
    if left <= 0:
        return "record"
    again = "nobody recorded the last one in time; " if snapshot.state.draw.times > 1 else ""
    return Wait(
        ("block", number),
        f"{again}waits for block {number:,}, whose hash decides: {left} blocks, about "
        f"{span(round(left * pace))}. After it there are {span(round(snapshot.window * pace))} to "
        "record the hash",
        left * pace,
    )


def _finality(chain: Chain, number: int, deadline: int) -> Act | Wait:
    block = finality(chain, number, deadline)
    if block.due:
        return "reveal"
    return Wait(
        ("final", number),
        f"waits until block {number:,}, which decides, is final: {block.missing} more blocks. The "
        f"reveal has time until {moment(deadline)} UTC",
        block.missing * chain.line.block_time,
    )


def _wait_after(refusal: Refusal, address: str) -> Wait:
    """What follows from a step that the contract refused: a wait, or the end."""
    name = refusal.revert.name
    if name in _OVERTAKEN:
        return Wait((name,), "somebody else took this step, or the node is a little behind", 0)
    if name == "HashMissed":
        words = f"{refusal}; {address} is another, so this waits for the owner"
        return Wait((name,), words, 2 * LONG)
    raise refusal
