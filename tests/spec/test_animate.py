"""`animate:` of collection.yaml: what it may say, and what is said against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.plan.tokens import plan
from mint.record.selection import moving
from mint.spec.load import load
from tests.conftest import edit


def with_lines(file: Path, animate: str) -> Path:
    edit(file, "traits:", f"animate: {animate}\ntraits:")
    return file


@pytest.mark.parametrize(
    ("animate", "said"),
    [
        ("", "animate is empty, so nothing would move"),
        ("{fps: 8}", "does not say which tokens move"),
        ("{tokens: [1, 9]}", "token 9 is beyond the supply of 6"),
        ("{tokens: all, still: [7]}", "token 7 is beyond the supply of 6"),
        ("{tokens: some}", "write `all`, or the numbers of tokens in brackets"),
        ("{rarest: 7}", "there are 6 tokens, and 7 of them"),
        ("{where: {Hat: cap}}", '"Hat" is no trait'),
        ("{where: {Headwear: [cap, crwn]}}", 'Headwear has no value "crwn"'),
        ("{tokens: all, words: blinking}", "words is for video models"),
        ("{tokens: all, model: ./v, motion: 1}", "motion is for `model: walk`"),
        ("{tokens: all, model: org/name}", "is not pinned"),
        ("{tokens: all, model: ./nowhere}", 'folder "./nowhere" does not exist'),
        ("{tokens: all, frames: 100000}", "frames"),
        ("{tokens: all, enlarge: false}", "nothing enlarges pictures here"),
    ],
)
def test_a_mistake_is_named_with_its_line(animate: str, said: str, tiny: Path) -> None:
    with pytest.raises(CollectionError) as refusal:
        load(with_lines(tiny, animate))

    first, *rest = f"{refusal.value}\n{refusal.value.hint}".splitlines()
    assert first.startswith(f"{tiny}:")
    assert said in "\n".join([first, *rest])


def test_films_are_not_redrawn_in_inks(tiny: Path) -> None:
    edit(tiny, "  batch: 2", "  batch: 2\n  upscale: inks")
    with pytest.raises(CollectionError, match="edges would flicker") as refusal:
        load(with_lines(tiny, "{tokens: all}"))
    assert "enlarge: false" in refusal.value.hint
    edit(tiny, "animate: {tokens: all}", "animate: {tokens: all, enlarge: false}")
    load(tiny)


def test_without_it_nothing_is_on_record(tiny: Path) -> None:
    assert b"animate" not in load(tiny)[0].canonical()


@pytest.mark.parametrize(
    ("animate", "count"),
    [
        ("{tokens: all}", 6),
        ("{tokens: [2, 3]}", 2),
        ("{rarest: 2}", 2),
        ("{tokens: all, still: [1, 4]}", 4),
        ("{one_of_ones: true}", 1),
        ("{where: {Headwear: crown}}", 1),
        ("{where: {Body: blue, Headwear: [crown, cap, none]}}", 2),
        ("{tokens: [4], one_of_ones: true}", 1),  # the same token
    ],
)
def test_it_says_which_tokens_move(animate: str, count: int, tiny: Path) -> None:
    collection, source = load(with_lines(tiny, animate))

    assert len(moving(collection, plan(collection, source))) == count


def test_the_rarest_are_those_of_the_lowest_ranks(tiny: Path) -> None:
    collection, source = load(with_lines(tiny, "{rarest: 1}"))

    assert moving(collection, plan(collection, source)) == {4}  # the one-of-one
