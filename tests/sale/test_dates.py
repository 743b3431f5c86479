"""A sale whose dates no contract would take is refused before anything is painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.sale.dates import refuse_far, refuse_past
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.sale_times import LONGEST, deadline
from tests.builds import run
from tests.conftest import edit
from tests.sales import ENDS, OPENS, SECOND, offered


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return load(offered(tmp_path_factory.mktemp("dates")))[0]


@pytest.mark.parametrize(("now", "phase"), [(SECOND, "friends"), (ENDS + 1, "friends")])
def test_a_phase_that_is_over_is_refused(collection: Collection, now: int, phase: str) -> None:
    refuse_past(collection, SECOND - 1, "sepolia")
    with pytest.raises(CollectionError, match=f'the phase "{phase}" ended at 2027-01-02 00:00'):
        refuse_past(collection, now, "sepolia")


def test_a_deadline_too_far_is_refused(collection: Collection) -> None:
    sale = collection.sale
    assert sale is not None
    soonest = deadline(sale) - LONGEST
    refuse_far(collection, soonest, "sepolia")
    with pytest.raises(CollectionError, match="more than a year from now"):
        refuse_far(collection, soonest - 1, "sepolia")


def test_the_longest_wait_is_one_that_the_contract_takes(tmp_path: Path) -> None:
    """A rehearsal deploys an hour before the first phase, and a year is reckoned from there."""
    file = offered(tmp_path)
    edit(file, "reveal_by: 2027-03-01T00:00Z", "reveal_by: 2027-12-31T23:00:01Z")
    with pytest.raises(CollectionError, match="more than a year"):
        load(file)
    edit(file, "2027-12-31T23:00:01Z", "2027-12-31T23:00:00Z")
    assert run(file, until="deploy")[0].deployment is not None


@pytest.mark.parametrize("refuse", [refuse_past, refuse_far])
def test_without_a_sale_there_are_no_dates(
    collection: Collection, refuse: Callable[[Collection, int, str], None]
) -> None:
    refuse(collection.model_copy(update={"sale": None}), OPENS, "sepolia")


def test_a_sale_of_the_past_is_not_painted(tmp_path: Path) -> None:
    file = offered(tmp_path)
    file.write_text(file.read_text().replace("2027-", "2021-"))
    with pytest.raises(CollectionError, match="on the chain inside mint it is 2023-11-14"):
        run(file)
    assert not (file.parent / "build").exists()


def test_a_reserve_below_the_gifts_is_not_painted(tmp_path: Path) -> None:
    file = offered(tmp_path)
    edit(file, "airdrop: gifts.csv", "airdrop: gifts.csv\n  reserve: 0")
    with pytest.raises(CollectionError, match="gives 1 tokens away, and"):
        run(file)
    assert not (file.parent / "build").exists()
