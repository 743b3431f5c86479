"""What no arrangement of tokens can satisfy, and what the artist is told."""

from __future__ import annotations

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
    ("supply: 6", "supply: 60", "5:9", "59 tokens, but", "at most 18 tokens can differ"),
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
