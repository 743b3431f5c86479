"""The nearest phrase: by colour, by a shared word, by spelling, or none."""

from __future__ import annotations

import pytest

from mint.models.nearest_phrase import colour, nearest_phrase

PETALS = ["red", "pink", "yellow", "white", "blue", "purple", "orange"]
HATS = ["crown", "gold crown", "cap", "baseball cap", "beanie", "top hat", "wizard hat"]
ANIMALS = ["fox", "cat", "kitty", "bear", "rabbit", "bunny", "robot", "android", "dragon"]


@pytest.mark.parametrize(
    ("phrase", "known", "nearest"),
    [
        ("crimson", PETALS, "red"),
        ("teal", PETALS, "blue"),
        ("deep teal", PETALS, "blue"),
        ("gold", PETALS, "yellow"),
        ("black", PETALS, "purple"),  # the darkest there is, not white for being as colourless
        ("black", ["white", "gray", "blue"], "gray"),
        ("magenta", ["red", "purple", "green"], "purple"),
        ("ivory", ["cream", "navy", "plum"], "cream"),
        ("shiny crown", HATS, "crown"),
        ("hat", HATS, "top hat"),
        ("beannie", HATS, "beanie"),
        ("photo", ["pot", "jug"], None),
        ("cats", ANIMALS, "cat"),
        ("dargon", ANIMALS, "dragon"),
        ("panda", ANIMALS, None),  # "android" and "dragon" are the nearest spellings: no advice
        ("hummingbird", ["bee", "butterfly", "ladybird", "snail"], None),
        ("black", HATS, None),
        ("panda", [], None),
    ],
)
def test_the_nearest(phrase: str, known: list[str], nearest: str | None) -> None:
    assert nearest_phrase(phrase, known) == nearest


@pytest.mark.parametrize(
    ("phrase", "rgb"),
    [("Dark Blue", (0, 0, 0x8B)), ("red cap", (255, 0, 0)), ("panda", None), ("", None)],
)
def test_colours_are_those_of_css(phrase: str, rgb: tuple[int, int, int] | None) -> None:
    assert colour(phrase) == (rgb and tuple(part / 255 for part in rgb))
