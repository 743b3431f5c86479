"""Keys of collection.yaml with nothing behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.spec.empty import LOSSES
from mint.spec.load import load
from tests.conftest import edit

SALE = """
sale:
  phases:
    - name: friends
      start: 2030-01-01T00:00Z
      end: 2030-01-02T00:00Z
      price: "0.1"
"""


@pytest.mark.parametrize("place", LOSSES)
def test_a_key_that_says_nothing_is_named_where_it_would_mean_something(
    tiny: Path, place: tuple[str | int, ...]
) -> None:
    section, key = place[0], place[-1]
    if section == "image":
        edit(tiny, "  batch: 2", f"  batch: 2\n  {key}:  # later")
    elif section == "sale" and len(place) > 1:
        tiny.write_text(tiny.read_text() + SALE + f"{'      ' if 0 in place else '  '}{key}:\n")
    elif len(place) > 1:
        tiny.write_text(f"{tiny.read_text()}\n{section}:\n  {key}: null\n")
    else:
        tiny.write_text(f"{tiny.read_text()}\n{section}:\n#  phases: []\n")
    with pytest.raises(CollectionError) as refusal:
        load(tiny)
    lines = tiny.read_text().split("\n")
    line = max(number for number, text in enumerate(lines, 1) if f"{key}:" in text)
    assert str(refusal.value).startswith(f"{tiny}:{line}:")
    assert f"{key} is empty, so {LOSSES[place][0]}" in str(refusal.value)


def test_a_value_may_be_called_init(tiny: Path) -> None:
    edit(tiny, "{fox: 1,", "{init: 1, fox: 1,")
    assert load(tiny)[0].traits[0].values[0].name == "init"


def test_a_drawing_of_a_value_or_of_a_one_of_one_is_not_forgotten(tiny: Path) -> None:
    edit(tiny, "{fox: 1,", "{fox: {weight: 1, init: },")
    with pytest.raises(CollectionError, match="init is empty, so no picture would begin"):
        load(tiny)
