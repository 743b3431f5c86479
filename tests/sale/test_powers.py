"""What an owner can still do to a buyer, in sentences, at each step of a sale."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.chain.constructor import Phase
from mint.errors import CollectionError
from mint.sale.contract import Drawing, State
from mint.sale.offer import reserve
from mint.sale.powers import announced, powers
from mint.spec.load import load
from tests.conftest import edit
from tests.sales import offered

ETHER = 10**18
START, MIDDLE, END, LAST, DEADLINE = 1_000_000, 2_000_000, 3_000_000, 3_500_000, 4_000_000
SALE = State(
    secret_hash=bytes(32),
    uri_hash=bytes(32),
    reveal_deadline=DEADLINE,
    draw_delay=96,
    reserve=5,
    lowest_price=ETHER // 50,
    last_end=LAST,
    phases=(
        Phase(START, MIDDLE, ETHER // 50, 10, 0, bytes(32)),
        Phase(MIDDLE, END, ETHER // 20, 10, 0, bytes(32)),
    ),
    sold=(4, 0),
    payees=(("0x" + "11" * 20, 10_000),),
    paid=(False,),
    draw=Drawing("waiting", 0, 0, END, 0, bytes(32)),
    refunding=False,
    max_supply=20,
    minted=6,
)
ROYALTY = "The owner can have royalties paid to another wallet; their rate stays."


def drawing(step: str, times: int) -> State:
    return SALE._replace(draw=SALE.draw._replace(step=step, times=times))  # type: ignore[arg-type]  # every sale here has a draw


def test_while_it_sells() -> None:
    assert powers(SALE, START, ["friends", "public"]) == [
        "The owner can give away 3 more tokens, also to a wallet of their own.",
        'The owner can change the phase "public" until it begins at 1970-01-24 03:33 UTC: its '
        "price (never below 0.02 ETH), its times, how many it sells, and to whom.",
        "The owner can add a phase (never below 0.02 ETH), which puts off the draw, to "
        "1970-02-10 12:13 UTC at the latest.",
        "The owner can buy like anybody, and gets back what a payee of theirs gets of the price.",
        "The owner can know which tokens are rare as soon as the block that decides is there: buy "
        "none from strangers between then and the reveal.",
        "The owner can have another block decide if nobody records the named one in time, twice "
        "more; whoever records it rules that out.",
        "The owner can put the reveal off to 1970-02-16 07:06 UTC, or never reveal; then everybody "
        "who holds a bought token takes the money back.",
        ROYALTY,
    ]


def test_a_free_phase_lets_others_become_free() -> None:
    said = powers(SALE._replace(lowest_price=0), 0)

    assert sum("down to nothing, since one phase was announced as free" in s for s in said) == 3
    assert any("change phase 1 until" in each for each in said)


def test_prices_are_in_the_coin_of_the_chain() -> None:
    assert sum("below 0.02 POL" in each for each in powers(SALE, 0, coin="POL")) == 3


def test_powers_end() -> None:
    spent = SALE._replace(reserve=2, sold=(10, 8), minted=20)
    said = powers(spent, END)
    assert not any(word in each for each in said for word in ("give away", "change", "buy like"))
    eight = SALE._replace(phases=SALE.phases * 4, sold=SALE.sold * 4)
    assert not any("add a phase" in each for each in powers(eight, END))
    assert not any("add a phase" in each for each in powers(SALE, LAST))


@pytest.mark.parametrize(
    ("step", "times", "count", "says"),
    [("armed", 1, 4, "twice more"), ("armed", 2, 4, "once more"), ("armed", 3, 3, "")],
)
def test_while_it_is_drawn(step: str, times: int, count: int, says: str) -> None:
    said = powers(drawing(step, times), END)

    assert len(said) == count
    assert says in " ".join(said)


def test_at_the_end() -> None:
    assert len(powers(drawing("recorded", 1), END)) == 3
    assert powers(drawing("revealed", 1), END) == [ROYALTY]
    assert powers(SALE._replace(refunding=True), DEADLINE + 1) == [ROYALTY]


def test_a_collection_announces_them(tmp_path: Path) -> None:
    file = offered(tmp_path)
    first, *others = announced(load(file)[0])
    assert first == "The owner can give away the tokens of the airdrop, and no other."
    assert sum("can change the phase" in each for each in others) == 2
    edit(file, "airdrop: gifts.csv", "reserve: 2")
    assert announced(load(file)[0])[0].startswith("The owner can give away 2 more tokens")


def test_the_reserve_is_what_the_file_says_or_what_the_gifts_are(tmp_path: Path) -> None:
    file = offered(tmp_path)
    assert reserve(load(file)[0], file) == 1
    edit(file, "airdrop: gifts.csv", "airdrop: gifts.csv\n  reserve: 3")
    assert reserve(load(file)[0], file) == 3
    edit(file, "reserve: 3", "reserve: 0")
    with pytest.raises(CollectionError, match=r"gives 1 tokens away, and sale\.reserve allows 0"):
        reserve(load(file)[0], file)
    edit(file, "airdrop: gifts.csv\n", "\n")
    assert reserve(load(file)[0], file) == 0
