"""A deployed sale -> lines that say what is sold, how far the draw is, and who can do what next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mint.chain.wording import coins
from mint.sale.locate import DeployedSale, refuse_absent, refuse_elsewhere
from mint.sale.offer import phases
from mint.sale.powers import MOST_DRAWS, powers
from mint.sale.snapshot import Snapshot
from mint.sale.when import distance, span, when
from mint.spec.sale_times import WHOLE, moment

if TYPE_CHECKING:
    from mint.chain.network import Chain

_NAMED_AGAIN = {
    2: ", the second that was named: nobody recorded the first in time",
    3: ", the third and last that was named: nobody recorded the two before in time",
}


def status(sale: DeployedSale, environ: Mapping[str, str]) -> Iterator[str]:
    """What there is to know, line by line; needs no wallet. Raises ChainError."""
    from mint.chain.network import connect

    refuse_absent(sale)
    chain = connect(sale.network, sale.folders.state / "chain", environ)
    refuse_elsewhere(sale, chain)
    snapshot = Snapshot(sale, chain)
    if chain.local:
        yield f"rehearsal   on the chain inside mint, whose clock says {moment(snapshot.now)} UTC"
    yield f"sale        {sale_line(snapshot)}"
    for index in range(len(snapshot.state.phases)):
        yield f"phase {index + 1}     {phase_line(snapshot, index)}"
    if not sale.names:
        yield "names       the chain knows none: give --phase a number, counted from 1"
    yield f"draw        {draw_line(snapshot)}"
    yield from (*payee_lines(snapshot), *owner_lines(snapshot))
    yield f"next        {next_line(snapshot)}"


def outcome(chain: Chain, sale: DeployedSale) -> Iterator[str]:
    """What the draw and the payees are after a step, and what comes next."""
    snapshot = Snapshot(sale, chain)
    yield f"draw        {draw_line(snapshot)}"
    if snapshot.state.draw.step == "revealed":
        yield from payee_lines(snapshot)
    yield f"next        {next_line(snapshot)}"


def sale_line(snapshot: Snapshot) -> str:
    """How far the sale as a whole is."""
    sold = sum(snapshot.state.sold)
    free = snapshot.state.minted - sold
    count = f"{sold:,} of {snapshot.state.max_supply:,} tokens sold"
    return f"{_headline(snapshot)}; {count}{f', {free:,} given away' if free else ''}"


def _headline(snapshot: Snapshot) -> str:
    step = snapshot.state.draw.step
    if snapshot.state.refunding:
        return "failed: nobody revealed the order in time, so the money goes back to the holders"
    if step == "revealed":
        return "finished"
    if step != "waiting":
        return "over, and the draw is under way"
    if snapshot.sold_out:
        return "sold out"
    if snapshot.open_phase is not None:
        return "open"
    if snapshot.next_phase is None:
        return "over"
    begin = when(snapshot.state.phases[snapshot.next_phase].start, snapshot.now)
    return f"{'between two phases' if snapshot.next_phase else 'not begun'}, opens {begin}"


def phase_line(snapshot: Snapshot, index: int) -> str:
    """A phase: whether one can buy in it, when, how much is sold, at what price and to whom."""
    phase, sold = snapshot.state.phases[index], snapshot.state.sold[index]
    closed = snapshot.state.draw.step != "waiting" or snapshot.state.refunding
    if sold == phase.supply:
        words = "sold out"
    elif closed or snapshot.now >= phase.end:
        words = (
            f"over since {when(phase.end, snapshot.now)}" if snapshot.now >= phase.end else "over"
        )
    elif snapshot.sold_out:
        words = "sold out: no token is left in the collection"
    elif snapshot.now >= phase.start:
        words = f"open until {when(phase.end, snapshot.now)}"
    else:
        words = f"begins {when(phase.start, snapshot.now)}, ends {moment(phase.end)} UTC"
    price = coins(phase.price, snapshot.coin) if phase.price else "no cost"
    group = "mint's own buyers" if snapshot.chain.local else "listed wallets"
    who = group if phase.root != bytes(32) else "everybody"
    most = f", at most {phase.wallet_cap} a wallet" if phase.wallet_cap else ""
    name = f"{snapshot.sale.name(index)}: " if snapshot.sale.names else ""
    note = ", which is not what the file says" if _is_changed(snapshot, index) else ""
    return f"{name}{words}; {sold:,} of {phase.supply:,} sold at {price} to {who}{most}{note}"


def _is_changed(snapshot: Snapshot, index: int) -> bool:
    """Whether the owner changed or added the phase; the list is the artist's, and not compared."""
    manifest = snapshot.sale.manifest
    if manifest is None:
        return False
    now, sale = snapshot.state.phases, manifest.collection.sale
    if sale is None or index >= len(sale.phases):
        return True
    terms = phases(manifest.collection, [phase.root for phase in now[: len(sale.phases)]])
    return now[index] != terms[index]


def draw_line(snapshot: Snapshot) -> str:
    """How far the draw is, which decides which token shows which picture."""
    draw, deadline = snapshot.state.draw, when(snapshot.state.reveal_deadline, snapshot.now)
    again = _NAMED_AGAIN.get(draw.times, "")
    if snapshot.state.refunding:
        return f"never finished; the order was to be revealed by {deadline}"
    if draw.step == "waiting":
        return "not begun: it follows the sale, and decides which token shows which picture"
    if draw.step == "armed":
        return f"the hash of block {draw.number:,} will decide the order{again}"
    if draw.step == "recorded":
        return f"block {draw.number:,} has decided the order; it is not revealed yet{again}"
    return "done: the order is revealed, and every token shows its own picture"


def payee_lines(snapshot: Snapshot) -> Iterator[str]:
    """Who gets which part of the proceeds; shares end at boundaries, so that no wei is left."""
    proceeds, since = snapshot.state.draw.proceeds, 0
    for (payee, bps), paid in zip(snapshot.state.payees, snapshot.state.paid, strict=True):
        share, until = f"{bps / 100:g} %", since + bps
        amount = coins(proceeds * until // WHOLE - proceeds * since // WHOLE, snapshot.coin)
        if snapshot.state.draw.step == "revealed":
            yield f"payee       {payee} {'has' if paid else 'gets'} {amount} ({share})"
        elif snapshot.state.refunding:
            yield f"payee       {payee} gets nothing: it goes back"
        else:
            yield f"payee       {payee} gets {share} of the proceeds"
        since = until


def owner_lines(snapshot: Snapshot) -> Iterator[str]:
    """What the owner can still do to a buyer."""
    now = snapshot.state
    yield f"given away  {now.gifts:,} of at most {now.reserve:,}, which the contract fixes"
    for sentence in powers(now, snapshot.now, snapshot.sale.names, snapshot.coin):
        yield f"owner       {sentence.removeprefix('The owner ')}"


def next_line(snapshot: Snapshot) -> str:
    """Who can do what next, with the command."""
    sale, step = snapshot.sale, snapshot.state.draw.step
    if snapshot.state.refunding:
        return f"holders take their money back: {sale.command('refund', 'TOKEN_ID')}"
    if step == "revealed":
        if all(snapshot.state.paid):
            return "nothing: the order is revealed and everybody is paid"
        return f"anybody sends the payees their money: {sale.command('withdraw')}"
    if step == "waiting" and not snapshot.sold_out and snapshot.now < snapshot.state.draw.sale_end:
        return _buying(snapshot)
    if step == "armed":
        return _recording(snapshot)
    return f"{_drawing(snapshot)}, until {when(snapshot.state.reveal_deadline, snapshot.now)}"


def _drawing(snapshot: Snapshot) -> str:
    sale = snapshot.sale
    if snapshot.state.draw.step == "recorded":
        command = sale.command("reveal") if sale.manifest else "mint sale reveal FILE"
        return f"the owner reveals the order: {command}"
    return f"anybody ends the sale for good and names the block that decides: {sale.command('arm')}"


def _recording(snapshot: Snapshot) -> str:
    """Anybody, while the chain knows the hash; after that the owner names another block."""
    command, past = snapshot.sale.command("record"), snapshot.height - snapshot.state.draw.number
    missing, left = 1 - past, snapshot.window - max(past, 0)
    if left <= 0 and snapshot.state.draw.times >= MOST_DRAWS:
        end = when(snapshot.state.reveal_deadline, snapshot.now)
        refund = snapshot.sale.command("refund", "TOKEN_ID")
        return (
            f"nobody recorded the last block that is named, and no other can be: after {end} "
            f"holders take their money back: {refund}. Until then anybody, if the chain still "
            f"knows the hash: {command}"
        )
    if left <= 0:
        return f"anybody, if the chain still knows the hash, else the owner alone: {command}"
    wait = f"in {missing} block{'s' if missing > 1 else ''} " if missing > 0 else ""
    time = span(round(left * snapshot.chain.line.block_time))
    words = f"{wait}anybody records the hash that decides: {command}"
    return f"{words}, within {left:,} blocks, about {time}, before the chain forgets it"


def _buying(snapshot: Snapshot) -> str:
    index = snapshot.open_phase if snapshot.open_phase is not None else snapshot.next_phase
    if index is None:  # the last phase has sold all that it may, and some tokens are left
        end = when(snapshot.state.draw.sale_end, snapshot.now)
        return f"the sale ends {end}; then anybody: {snapshot.sale.command('arm')}"
    phase, names = snapshot.state.phases[index], snapshot.sale.names
    has_list = phase.root != bytes(32)
    word = names[index] if index < len(names) else str(index + 1)
    options = ["--phase", word, *(_allowlist(snapshot.sale, index) if has_list else [])]
    who = "listed wallets" if has_list else "anybody"
    late = snapshot.now < phase.start
    begin = f"{distance(phase.start - snapshot.now)} " if late else ""
    return f"{begin}{who} can buy: {snapshot.sale.command('buy', *options)}"


def _allowlist(sale: DeployedSale, index: int) -> list[str]:
    if sale.manifest is not None:
        return []  # `buy` takes the list that the file names
    return ["--allowlist", "LIST.csv"]
