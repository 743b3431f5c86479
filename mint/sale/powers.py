"""A sale's state -> what its owner can still do to a buyer, in sentences. Pure.

`mint sale status`, `mint status` and the report say the same ones. What nobody can do is in
contracts/README.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from mint.chain.wording import coins
from mint.sale.contract import Drawing, State
from mint.sale.offer import payees, phases
from mint.spec.collection import Collection
from mint.spec.sale_times import (
    BLOCK_TIME,
    DAY,
    MOST_PHASES,
    deadline,
    moment,
    wei,
    windows,
)

MOST_DRAWS = 3  # blocks that FairSale names at most
_ROYALTY = "The owner can have royalties paid to another wallet; their rate stays."
_TIMES = {1: "once more", 2: "twice more"}


def powers(state: State, now: int, names: Sequence[str] = (), coin: str = "ETH") -> list[str]:
    """Each power as a sentence that begins with "The owner can"; `now` in Unix seconds.

    `names` are the artist's names of the phases, as far as anybody knows them; prices are in
    `coin`.
    """
    if state.draw.step == "revealed" or state.refunding:
        return [_ROYALTY]
    waiting = state.draw.step == "waiting"
    lines = [*_giving(state), *_phases(state, now, names, coin), *_buying(state)] if waiting else []
    return [*lines, *_drawing(state), *_revealing(state), _ROYALTY]


def announced(collection: Collection, coin: str = "ETH") -> list[str]:
    """The powers on the day the sale is deployed, from the collection alone."""
    sale = collection.sale
    if sale is None:
        return []
    last = deadline(sale) - DAY - BLOCK_TIME * sale.draw_delay
    first = State(
        secret_hash=b"",
        uri_hash=b"",
        reveal_deadline=deadline(sale),
        draw_delay=sale.draw_delay,
        reserve=sale.reserve or 0,
        lowest_price=min(wei(phase.price) for phase in sale.phases),
        last_end=last,
        phases=phases(collection, [bytes(32)] * len(sale.phases)),
        sold=(0,) * len(sale.phases),
        payees=payees(sale, ""),
        paid=(),
        draw=Drawing("waiting", 0, 0, windows(sale)[-1][1], 0, bytes(32)),
        refunding=False,
        max_supply=collection.supply,
        minted=0,
    )
    lines = powers(first, 0, [phase.name for phase in sale.phases], coin)
    if sale.reserve is None and sale.airdrop is not None:
        lines.insert(0, "The owner can give away the tokens of the airdrop, and no other.")
    return lines


def _giving(state: State) -> list[str]:
    left = min(state.reserve - state.gifts, state.max_supply - state.minted)
    if left <= 0:
        return []
    tokens = "1 more token" if left == 1 else f"{left:,} more tokens"
    return [f"The owner can give away {tokens}, also to a wallet of their own."]


def _phases(state: State, now: int, names: Sequence[str], coin: str) -> list[str]:
    later = [i for i, phase in enumerate(state.phases) if phase.start > now]
    floor = (
        f"never below {coins(state.lowest_price, coin)}"
        if state.lowest_price
        else "down to nothing, since one phase was announced as free"
    )
    lines = [
        f"The owner can change {_name(i, names)} until it begins at {moment(phase.start)} UTC: "
        f"its price ({floor}), its times, how many it sells, and to whom."
        for i, phase in ((i, state.phases[i]) for i in later)
    ]
    end = max(phase.end for phase in state.phases)
    if len(state.phases) < MOST_PHASES and max(now, end) < state.last_end:
        lines.append(
            f"The owner can add a phase ({floor}), which puts off the draw, to "
            f"{moment(state.last_end)} UTC at the latest."
        )
    return lines


def _name(index: int, names: Sequence[str]) -> str:
    return f'the phase "{names[index]}"' if index < len(names) else f"phase {index + 1}"


def _buying(state: State) -> list[str]:
    if state.minted == state.max_supply:
        return []
    return [
        "The owner can buy like anybody, and gets back what a payee of theirs gets of the price."
    ]


def _drawing(state: State) -> list[str]:
    """While a block is to decide: the owner sees what it gives before anybody else."""
    if state.draw.step == "recorded":
        return ["The owner can know which tokens are rare before you do: buy none from strangers."]
    left = MOST_DRAWS - max(state.draw.times, 1)
    warning = "The owner can know which tokens are rare as soon as the block that decides is there"
    lines = [f"{warning}: buy none from strangers between then and the reveal."]
    if left > 0:
        lines.append(
            "The owner can have another block decide if nobody records the named one in time, "
            f"{_TIMES[left]}; whoever records it rules that out."
        )
    return lines


def _revealing(state: State) -> list[str]:
    return [
        f"The owner can put the reveal off to {moment(state.reveal_deadline)} UTC, or never "
        "reveal; then everybody who holds a bought token takes the money back."
    ]
