from __future__ import annotations

import pytest

from mint.plan.tokens import plan, planned_counts
from mint.report.tally import percent, tally
from mint.spec.collection import ONE_OF_ONE
from tests import exhibit


def test_absent_traits_count_as_none() -> None:
    manifest = exhibit.manifest()
    hat = tally(manifest.collection, manifest.tokens, {})[1]

    assert [(c.value, c.absent, c.actual) for c in hat.counts] == [
        ("none", True, 4), ("crown", False, 4), ("cap", False, 4),
    ]  # fmt: skip


def test_one_of_ones_stand_outside_the_table() -> None:
    collection = exhibit.collection(12, one_of_ones=[{"name": "The Keeper", "prompt": "a keeper"}])
    keeper = exhibit.token(1, name="The Keeper", traits={})
    tokens = (keeper, *exhibit.manifest().tokens[1:])
    hat = tally(collection, tokens, {})[1]

    assert hat.place(keeper, unique=True) == -1
    assert hat.counts[0].actual == 4


def test_one_of_ones_are_planned_once_each() -> None:
    ones = [{"name": name, "prompt": "somebody"} for name in ("The Keeper", "The Guest")]
    collection = exhibit.collection(12, one_of_ones=ones)
    keeper = exhibit.token(1, name="The Keeper", traits={ONE_OF_ONE: "The Keeper"})
    tokens = (keeper, *exhibit.manifest().tokens[1:])
    *_, unique = tally(collection, tokens, planned_counts(collection, plan(collection)))

    assert unique.trait == ONE_OF_ONE
    assert [(c.value, c.planned, c.actual) for c in unique.counts] == [
        ("The Keeper", 1, 1), ("The Guest", 1, 0),
    ]  # fmt: skip
    assert unique.place(keeper, unique=True) == 0


def test_values_nobody_declared_have_rows_and_differ() -> None:
    manifest = exhibit.manifest()
    tokens = (exhibit.token(1, traits={"Species": "dragon", "Mood": "calm"}), *manifest.tokens[1:])
    species, _, mood = tally(manifest.collection, tokens, exhibit.plan(manifest))

    assert (species.counts[-1].value, species.counts[-1].difference) == ("dragon", 1)
    assert mood.counts[0].planned is None
    assert mood.counts[0].share == "1 of 12, 8.3 %"


def test_an_absence_the_table_does_not_know_is_called_none() -> None:
    collection = exhibit.collection(1)
    species = tally(collection, (exhibit.token(1, traits={"Hat": "cap"}),), {})[0]

    assert species.counts[-1].value == "none"
    assert species.counts[-1].actual == 1


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(12, 64, "18.8 %"), (1, 16, "6.3 %"), (64, 64, "100.0 %"), (0, 9, "0.0 %"),
     (1, 10_000, "< 0.1 %"), (0, 0, "0.0 %")],
)  # fmt: skip
def test_percent_rounds_halves_up_and_hides_nothing(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text
