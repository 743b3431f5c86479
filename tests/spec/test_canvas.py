"""`image.canvas` of collection.yaml: what it may say, and what is said against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.plan.banner import wallpaper_frame, way_around
from mint.plan.recipe import diffusion
from mint.plan.tokens import plan
from mint.record.selection import with_wallpaper
from mint.spec.load import load
from tests.conftest import edit

SIZE = "width: 256, height: 64"


def with_lines(file: Path, canvas: str) -> Path:
    edit(file, "traits:", f"  canvas: {canvas}\ntraits:")
    return file


@pytest.mark.parametrize(
    ("canvas", "said"),
    [
        ("", "canvas is empty, so no wallpaper would be painted"),
        ("{width: 256}", '"height" is missing'),
        ("{width: 40, height: 64}", "write 64 or more"),
        ("{width: 1024, height: 64}", "longer side is more than 8 times the shorter"),
        (f"{{{SIZE}, place: middle}}", '"place" cannot be "middle"'),
        (f"{{{SIZE}, strength: 2}}", "write 1 or less"),
        (f"{{{SIZE}, tokens: [1, 9]}}", "token 9 is beyond the supply of 6"),
        (f"{{{SIZE}, rarest: 7}}", "7 of them are to have a wallpaper"),
        (f"{{{SIZE}, where: {{Hat: cap}}}}", '"Hat" is no trait'),
    ],
)
def test_a_mistake_is_named_with_its_line(canvas: str, said: str, tiny: Path) -> None:
    with pytest.raises(CollectionError) as refusal:
        load(with_lines(tiny, canvas))

    assert str(refusal.value).startswith(f"{tiny}:15:")
    assert said in f"{refusal.value}\n{refusal.value.hint}"


@pytest.mark.parametrize(
    ("canvas", "count"),
    [
        (f"{{{SIZE}}}", 6),
        (f"{{{SIZE}, tokens: [2, 3]}}", 2),
        (f"{{{SIZE}, rarest: 2}}", 2),
        (f"{{{SIZE}, one_of_ones: true}}", 1),
        (f"{{{SIZE}, where: {{Headwear: crown}}}}", 1),
    ],
)
def test_it_says_which_tokens_have_one(canvas: str, count: int, tiny: Path) -> None:
    collection, source = load(with_lines(tiny, canvas))

    assert len(with_wallpaper(collection, plan(collection, source))) == count


def test_it_is_no_cause_of_a_tokens_picture(tiny: Path) -> None:
    before = load(tiny)[0]
    assert b"canvas" not in before.canonical()

    after = load(with_lines(tiny, f"{{{SIZE}, beside: scenery, place: left}}"))[0]

    assert diffusion(after) == diffusion(before)
    assert after.image.canvas
    frame = wallpaper_frame(after.image.canvas, 3)
    assert (frame.token, frame.width, frame.place, frame.beside) == (3, 256, "left", "scenery")
    around = way_around(frame, (64, 64))
    assert (around.before, around.after) == (0, 6)  # windows of half a picture's width
