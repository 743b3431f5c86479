"""Which trait values a prompt says to a painter that knows no words."""

from __future__ import annotations

import pytest

from mint.models.condition import condition
from mint.models.vocabulary import Theme

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "species": {"fox": ("fox",), "cat": ("cat", "kitty")},
    "body": {"blue": ("blue",), "orange": ("orange",)},
    "headwear": {"none": ("no hat", "none"), "top hat": ("top hat", "black top hat")},
    "neck": {"none": ("nothing else", "none"), "scarf": ("scarf",)},
    "background": {"blue": ("blue", "blue background"), "orange": ("orange",)},
    "pattern": {"plain": ("plain",), "striped": ("striped", "background with stripes")},
}
THEME = Theme(
    phrases=PHRASES,
    clauses=(("species", "body"), ("background", "pattern")),
    words=("background",),
)
UNSAID = {
    "species": None, "body": None, "headwear": "none", "neck": "none",
    "background": None, "pattern": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("a blue fox", {"body": "blue", "species": "fox"}),
        ("Kitty, BLUE background", {"species": "cat", "background": "blue"}),
        (
            "an orange cat, black top hat, blue striped background",
            {
                "body": "orange", "species": "cat", "headwear": "top hat",
                "background": "blue", "pattern": "striped",
            },
        ),
        (
            "a blue cat and orange background with stripes",
            {"body": "blue", "species": "cat", "background": "orange", "pattern": "striped"},
        ),
        # Without a neighbour the first group that nothing else says.
        ("orange", {"body": "orange"}),
        ("scarf, none", {"neck": "scarf", "headwear": "none"}),
        ("none, top hat", {"headwear": "top hat", "neck": "none"}),
        # Of two values the first, and of words in no list nothing.
        ("a cat, fox, by moonlight, 8k", {"species": "cat"}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_prompt_says(prompt: str, said: dict[str, str]) -> None:
    assert condition(THEME, prompt) == UNSAID | said
