"""The draw: a bijection at every supply, uniform, and the same in Python and in Solidity."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from mint.chain.artefact import contract
from mint.chain.journal import Journal
from mint.chain.network import connect
from mint.sale.draw import ROUNDS, order, secret_hash, seed_of, uri_hash
from tests.conftest import ROOT
from tests.fair_sale import (
    BASE,
    SALT,
    SECRET,
    Actors,
    drawn,
)


def seed(number: int) -> bytes:
    return secret_hash(number.to_bytes(32, "big"))


@pytest.fixture
def actors(tmp_path: Path) -> Iterator[Actors]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield Actors(connect("local", tmp_path / "chain"), journal)
    journal.close()


def test_bijection_at_every_supply() -> None:
    """Each up to 300; then around the squares, whose sides the network counts in, up to 2,000."""
    edges = {side * side + off for side in range(17, 45) for off in (-1, 0, 1)}
    for supply in [*range(1, 301), *sorted(edges)]:
        assert sorted(order(seed(supply), supply)) == list(range(supply))


def test_bijection_at_ten_thousand() -> None:
    assert sorted(order(seed(1), 10_000)) == list(range(10_000))


def deviation(counts: Counter[tuple[int, ...]], cells: list[tuple[int, ...]], free: int) -> float:
    """Chi-squared against uniform cells, in standard deviations from its mean `free`."""
    expected = counts.total() / len(cells)
    assert set(counts) <= set(cells)
    chi = sum((counts[cell] - expected) ** 2 / expected for cell in cells)
    return (chi - free) / math.sqrt(2 * free)


@pytest.mark.parametrize(
    ("supply", "draws"), [(2, 2000), (3, 3000), (5, 3000), (7, 2000), (90, 450)]
)
def test_every_token_gets_every_picture_alike(supply: int, draws: int) -> None:
    counts: Counter[tuple[int, ...]] = Counter()
    for number in range(draws):
        counts.update(enumerate(order(seed(number), supply)))
    cells = list(itertools.product(range(supply), repeat=2))
    assert abs(deviation(counts, cells, (supply - 1) ** 2)) < 4


def test_every_order_of_four_is_drawn_alike() -> None:
    """All 24, not only each token's own picture."""
    counts = Counter(tuple(order(seed(number), 4)) for number in range(3600))
    cells = list(itertools.permutations(range(4)))
    assert abs(deviation(counts, cells, len(cells) - 1)) < 4


def test_neighbours_are_not_neighbours_pictures() -> None:
    """Knowing one pair tells nothing of the next: steps between neighbours are uniform."""
    counts: Counter[tuple[int, ...]] = Counter()
    for number in range(60):
        entries = order(seed(number), 1000)
        steps = ((b - a) % 1000 // 100 for a, b in itertools.pairwise(entries))
        counts.update((step,) for step in steps)
    assert abs(deviation(counts, [(n,) for n in range(10)], 9)) < 4


def biases(rounds: int) -> float:
    """How far the likeliest or unlikeliest order of 3 or 4 tokens is from fair, exactly.

    With round functions that are uniform and independent, which is what keccak is taken for, the
    network on a square of side 2 is a random walk over the 24 orders of four.
    """
    steps = [
        tuple((x % 2) * 2 + (x // 2 + noise[x % 2]) % 2 for x in range(4))
        for noise in itertools.product(range(2), repeat=2)
    ]
    chance = {(0, 1, 2, 3): 1.0}
    for _ in range(rounds):
        following: defaultdict[tuple[int, ...], float] = defaultdict(float)
        for (a, b, c, d), much in chance.items():
            for step in steps:
                following[step[a], step[b], step[c], step[d]] += much / len(steps)
        chance = {(a, b, c, d): much for (a, b, c, d), much in following.items()}
    threes: defaultdict[tuple[int, ...], float] = defaultdict(float)
    for way, much in chance.items():
        threes[tuple(way[3] if x == 3 else x for x in way[:3])] += much
    return max(
        *(abs(24 * much - 1) for much in chance.values()),
        1 - len(chance) / 24,
        *(abs(6 * much - 1) for much in threes.values()),
    )


def test_rounds_leave_no_bias_worth_a_name() -> None:
    assert biases(4) > 0.05  # the number that is usual elsewhere
    assert biases(ROUNDS) < 1e-5


def test_mirror_says_what_the_contract_says() -> None:
    source = (ROOT / "contracts" / "src" / "Permutation.sol").read_text()
    assert f"ROUNDS = {ROUNDS};" in source


@pytest.mark.parametrize("supply", [1, 2, 3, 7, 256, 257, 10_000])
def test_equal_to_the_contracts_view(actors: Actors, supply: int) -> None:
    sale = drawn(actors, supply)
    events = contract(actors.chain.web3, sale.address, "FairSale").events
    recorded = events.Recorded().get_logs(from_block=0)[-1]["args"]
    assert recorded["hash"] == actors.chain.web3.eth.get_block(recorded["number"])["hash"]
    drawn_from = seed_of(recorded["hash"], SECRET, sale.address, actors.chain.chain_id)
    assert sale.ask("entropy") == drawn_from
    ids = range(1, supply + 1) if supply < 300 else range(1, supply + 1, 97)
    whole = order(drawn_from, supply)
    assert [sale.ask("indexOf", n) for n in ids] == [whole[n - 1] for n in ids]


def test_vector() -> None:
    """The same one as in FairSale.t.sol."""
    seed = secret_hash(b"secret")
    assert order(seed, 10) == [8, 7, 3, 2, 4, 6, 9, 0, 5, 1]
    assert order(seed, 10_000)[-1] == 1838


def test_commitments_are_the_contracts(actors: Actors) -> None:
    sale = drawn(actors, 1)
    assert sale.ask("SECRET_HASH") == secret_hash(SECRET)
    assert sale.ask("URI_HASH") == uri_hash(SALT, BASE)
    assert sale.ask("baseURI") == BASE
