"""Metadata that says what is seen: of pictures that show each other's values, and of no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mint.curate.curate import Curated
from mint.curate.faults import refuse_faults
from mint.curate.relabel import UNSURE, obstacle, refuse_keeping, relabel
from mint.curate.token import Judgement, Token, keep
from mint.curate.truth import SOMETHING_ELSE, Judgements, Traits
from mint.document import sha256
from mint.errors import CollectionError, CurateError
from mint.paint.picture import Picture
from mint.plan.recipe import Painter, candidate
from mint.plan.tokens import plan
from mint.spec.collection import Collection
from mint.spec.init import Init
from mint.spec.painting import Truth
from tests import exhibit

SEEN = Judgement(value="", probability=0.9, verdict="seen")


def collection(**truth: Any) -> Collection:
    traits = {"Kind": {"fox": 1, "cat": 1}, "Hat": {"none": 1, "cap": 1}}
    how = {"exhausted": "relabel", **truth}
    return exhibit.collection(4, traits=traits, image={"prompt": "a {Kind}, {Hat}"}, truth=how)


def tokens_of(some: Collection) -> dict[int, Token]:
    """All four combinations, each seen as promised."""
    tokens = {}
    for slot in plan(some):
        picture = Picture(pixels=sha256(b"%d" % slot.token_id), file="f", size=1)
        token = keep(candidate(some, slot, 0, Painter("runtime")), picture)
        said = {trait: SEEN.model_copy(update={"value": v}) for trait, v in slot.traits.items()}
        tokens[slot.token_id] = token.model_copy(update={"judgements": said})
    return tokens


def having(tokens: Mapping[int, Token], kind: str, hat: str) -> int:
    wanted = {"Kind": kind} | ({} if hat == "none" else {"Hat": hat})
    return next(i for i, token in tokens.items() if token.traits == wanted)


def shows(tokens: dict[int, Token], token_id: int, trait: str, value: str) -> None:
    """The picture shows another value of the trait."""
    said = Judgement(value=value, probability=0.02, verdict="contradicted")
    tokens[token_id] = exhibit.with_judgement(tokens[token_id], trait, said)


class Bench:
    """A jury that sees every trait that it is asked about, with a share; remembers what it saw."""

    def __init__(self, share: float = 0.95) -> None:
        self.share, self.traits = share, list[Traits]()

    def __call__(
        self, pictures: Sequence[Picture], traits: Sequence[Traits]
    ) -> Sequence[Judgements]:
        self.traits += traits
        verdict: Any = "seen" if self.share >= 0.8 else "unsure"
        return [
            {
                trait: Judgement(
                    value=each.get(trait, "none"), probability=self.share, verdict=verdict
                )
                for trait in ("Kind", "Hat")
            }
            for each in traits
        ]


@pytest.fixture
def swapped() -> tuple[dict[int, Token], int, int]:
    """A fox in a cap whose picture shows none, and a fox without one whose picture does."""
    tokens = tokens_of(collection())
    one, other = having(tokens, "fox", "cap"), having(tokens, "fox", "none")
    shows(tokens, one, "Hat", "none")
    shows(tokens, other, "Hat", "cap")
    return tokens, one, other


def test_two_pictures_that_show_each_others_values_are_relabelled(
    swapped: tuple[dict[int, Token], int, int],
) -> None:
    tokens, one, other = swapped
    jury = Bench()
    after = relabel(collection(), jury, tokens, sorted([one, other]))

    assert after[one].traits == {"Kind": "fox"}
    assert after[one].relabelled == {"Hat": "cap"}
    assert after[other].traits == {"Kind": "fox", "Hat": "cap"}
    assert list(after[other].traits) == ["Kind", "Hat"]  # in the order of the file
    assert after[other].relabelled == {"Hat": "none"}
    assert len(jury.traits) == 2
    for i in (one, other):
        assert {said.verdict for said in after[i].judgements.values()} == {"seen"}
        assert (after[i].recipe, after[i].image) == (tokens[i].recipe, tokens[i].image)
    assert all(after[i] == tokens[i] for i in tokens.keys() - {one, other})
    assert list(after) == list(tokens)


def test_keeping_does_not_take_the_right_label_back(
    swapped: tuple[dict[int, Token], int, int],
) -> None:
    tokens, one, other = swapped
    after = relabel(collection(), Bench(), tokens, sorted([one, other]))

    for i, said in ((one, "Hat: none, .* Hat: cap again"), (other, "Hat: cap, .* Hat: none again")):
        with pytest.raises(CollectionError, match=rf"token {i} says {said}") as caught:
            refuse_keeping(after[i])
        assert "mint redraw" in caught.value.hint
        refuse_keeping(tokens[i])


@pytest.mark.parametrize("exhausted", ["stop", "keep"])
def test_nothing_is_relabelled_unless_the_file_says_so(
    exhausted: str, swapped: tuple[dict[int, Token], int, int]
) -> None:
    tokens, one, other = swapped
    jury = Bench()
    assert relabel(collection(exhausted=exhausted), jury, tokens, [one, other]) == tokens
    assert jury.traits == []


def test_where_pictures_begin_with_a_drawing_the_way_out_names_it() -> None:
    drawn = collection().model_copy(update={"truth": Truth(exhausted="stop")})
    tokens = tokens_of(drawn)
    shows(tokens, 1, "Hat", "none")
    curated = Curated(tokens=tuple(tokens.values()), untrue=(1,))
    hints = []
    for init in (None, Init(file="sketch.png")):
        image = drawn.image.model_copy(update={"init": init})
        with pytest.raises(CurateError) as caught:
            refuse_faults(drawn.model_copy(update={"image": image}), curated)
        hints.append(caught.value.hint)
    assert "drawing" not in hints[0]
    assert "(sketch.png), its colours win" in hints[1]
    assert "raise init: {strength: 0.6}" in hints[1]


def stopped(tokens: Mapping[int, Token], untrue: Sequence[int]) -> str:
    """What a build says that relabels nothing."""
    curated = Curated(tokens=tuple(tokens.values()), untrue=tuple(untrue))
    with pytest.raises(CurateError) as caught:
        refuse_faults(collection(), curated)
    return str(caught.value)


def test_one_picture_alone_would_break_the_counts_and_stops_the_build() -> None:
    tokens = tokens_of(collection())
    one = having(tokens, "fox", "cap")
    shows(tokens, one, "Hat", "none")

    assert relabel(collection(), Bench(), tokens, [one]) == tokens
    assert "the count of Hat: none would be 3, not 2" in stopped(tokens, [one])


def test_what_is_no_value_of_the_trait_stops_the_build() -> None:
    tokens = tokens_of(collection())
    shows(tokens, 2, "Hat", SOMETHING_ELSE)
    assert relabel(collection(), Bench(), tokens, [2]) == tokens
    assert "#2 shows no value of Hat" in stopped(tokens, [2])


def test_traits_that_another_token_has_stop_the_build() -> None:
    """The counts would hold, and two tokens would be the same."""
    tokens = tokens_of(collection())
    one, other = having(tokens, "fox", "cap"), having(tokens, "cat", "none")
    shows(tokens, one, "Hat", "none")
    shows(tokens, other, "Hat", "cap")
    untrue = sorted([one, other])
    assert obstacle(collection(), tokens, untrue) == "two tokens would have the same traits"
    assert relabel(collection(), Bench(), tokens, untrue) == tokens


def test_a_value_that_the_judge_is_not_sure_of_stops_the_build(
    swapped: tuple[dict[int, Token], int, int],
) -> None:
    tokens, one, other = swapped
    untrue = sorted([one, other])
    assert relabel(collection(), Bench(share=0.7), tokens, untrue) == tokens
    assert UNSURE in stopped(tokens, untrue)
