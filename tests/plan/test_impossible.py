"""What no arrangement of tokens can satisfy, and what the artist is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mint.errors import PlanError
from mint.plan.tokens import plan
from mint.spec.load import load
from tests.conftest import edit

# (what stands in collections/tiny, what is asked instead, line:column, message, hint)
IMPOSSIBLE = [
    ("{count: 2}}", "{count: 7}}", "17:9", "Body add up to 7, more than", "raise supply to 7"),
    ("orange: 2, blue: {count: 2}", "blue: {count: 2}", "17:9", "add up to 2, not to", "by 3"),
    ("supply: 6", "supply: 60", "5:9", "59 tokens, but", "is the largest that works"),
    (
        "Species: bear, Headwear: crown",
        "Species: [bear, cat, fox]",
        "20:5",
        "rule 1",
        "loosen this rule",
    ),
    ("never: {Species: bear, Headwear: crown}", "never: {Body: blue}", "20:5", "rule 1", "loosen"),
]


@pytest.mark.parametrize(("old", "new", "place", "says", "hint"), IMPOSSIBLE)
def test_the_impossible_names_its_place_and_what_would_work(
    tiny: Path, old: str, new: str, place: str, says: str, hint: str
) -> None:
    edit(tiny, old, new)
    collection, source = load(tiny)

    with pytest.raises(PlanError) as caught:
        plan(collection, source)

    assert says in str(caught.value)
    assert hint in caught.value.hint
    assert str(caught.value).startswith(f"{tiny}:{place}: ")
    with pytest.raises(PlanError) as bare:
        plan(collection)  # from a manifest there is no file to point at
    assert f"{tiny}:{place}: {bare.value}" == str(caught.value)


def test_a_supply_that_is_advised_works_with_the_one_of_ones(tiny: Path) -> None:
    edit(tiny, "supply: 6", "supply: 60")
    with pytest.raises(PlanError) as caught:
        plan(*load(tiny))

    advised = re.search(r"supply: (\d+) is the largest that works.*add (\d+)", caught.value.hint)
    assert advised is not None
    largest = int(advised[1]) + int(advised[2])
    edit(tiny, "supply: 60", f"supply: {largest}")
    assert len(plan(*load(tiny))) == largest
    edit(tiny, f"supply: {largest}", f"supply: {largest + 1}")
    with pytest.raises(PlanError):
        plan(*load(tiny))
