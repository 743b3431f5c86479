"""Plausible mistakes in collection.yaml, each with one error that says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.spec.load import load
from tests.conftest import edit

HATS = "{none: 1, crown: {count: 1}, cap: 1}"
SALE = """
sale:
  phases:
    - {name: all, start: 2030-01-01T00:00Z, end: 9999-12-31T23:59Z, price: "0.1"}
"""


@pytest.mark.parametrize(
    ("old", "new", "said", "remedy"),
    [
        (HATS, "[none:1, cap:3]", 'behind the colon of "none"', "in braces: `{none: 1}`"),
        (HATS, "{cap: {init: x.png, prmpt: a}}", '"prmpt"', '"prompt"'),
        (HATS, "{cap: {initt: x.png}}", '"initt"', 'did you mean "init"'),
        (HATS, "{cap: {init: {file: x, strenght: .5}}}", '"strenght"', 'did you mean "strength"'),
        (HATS, "[{name: cap, wieght: 3}, crown]", '"wieght"', 'did you mean "weight"'),
        ("judge: off", "ask: Is it?", "", 'ask: {Hat: "What does it wear?"}'),
        ("judge: off", "ask: {Headwear: Is it?}", "nobody asks them", "judge: vlm"),
        ("seed: 1", "seed: 1\nanimate: {where: fox}", "", "`where: {Species: robot}`"),
        ("  batch: 2", "  batch: 0", "0", "auto, or a whole number from 1 to 256"),
        ("  batch: 2", "  batch: fast", '"fast"', "auto, or a whole number from 1 to 256"),
        ("rules:\n", "rules:\n  -\n", "nothing stands behind the dash", "delete the line"),
        ("  batch: 2", "  batch: 2\n  model: ~models/foo", "models/foo", ""),
    ],
)
def test_a_slip_is_named_once_with_its_remedy(
    tiny: Path, old: str, new: str, said: str, remedy: str
) -> None:
    edit(tiny, old, new)
    with pytest.raises(CollectionError) as refusal:
        load(tiny)
    assert said in str(refusal.value)
    assert remedy in str(refusal.value.hint)
    assert str(refusal.value).count("collection.yaml:") == 1


def test_a_sale_does_not_end_where_calendars_do(tiny: Path) -> None:
    tiny.write_text(tiny.read_text() + SALE)
    with pytest.raises(CollectionError, match="it is centuries away"):
        load(tiny)
