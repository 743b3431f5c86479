"""What is painted beside a picture: the picture stays, and its tone goes on."""

from __future__ import annotations

import numpy as np
import pytest

from mint.document import sha256
from mint.paint.outpaint import outpaint
from mint.paint.png import Pixels
from mint.plan.banner import Cause, Frame
from mint.plan.recipe import Diffusion, Recipe

SIDE, DARKER = 64, 24
SETTINGS = Diffusion(
    model="./it", steps=1, guidance_scale=1, scheduler="default", width=SIDE, height=SIDE,
    dtype="float32",
)  # fmt: skip
RECIPE = Recipe(prompt="a wall", negative_prompt="", seed=1, diffusion=SETTINGS, runtime="x")


def extended(picture: Pixels, frame: Frame) -> Pixels:
    """The canvas, by a painter that goes on with what it begins with, in a darker tone."""
    pinned: dict[str, Pixels] = {}

    def pin(rows: Pixels) -> str:
        digest = sha256(rows.tobytes())
        pinned[digest] = rows
        return digest

    def paint(recipe: Recipe) -> Pixels:
        assert recipe.start
        begun, mask = (pinned[digest or ""] for digest in (recipe.start.picture, recipe.start.mask))
        return np.where(mask > 0, begun - DARKER, begun).astype(np.uint8)

    cause = Cause(frame=frame, recipe=RECIPE, painted="x", prompt="a wall", runtime="x")
    return outpaint(cause, picture, 7, pin, paint)


@pytest.mark.parametrize("tall", [False, True])
def test_the_tone_goes_on_at_both_edges_and_the_picture_stays(tall: bool) -> None:
    # Lighter to the right and to the bottom, so that the two edges are not of one tone.
    steps = np.arange(SIDE)
    picture = np.repeat((100 + steps[:, None] + steps[None, :])[..., None], 3, 2).astype(np.uint8)
    wide, high = (SIDE, 2 * SIDE) if tall else (2 * SIDE, SIDE)

    whole = extended(picture, Frame(token=1, width=wide, height=high))

    along = (whole if tall else whole.swapaxes(0, 1)).astype(int)
    own = (picture if tall else picture.swapaxes(0, 1)).astype(int)
    begin, end = SIDE // 2, SIDE // 2 + SIDE
    assert np.array_equal(along[begin:end], own)
    for inside, outside, edge in (
        (along[begin], along[begin - 1], along[0]),
        (along[end - 1], along[end], along[-1]),
    ):
        middle = slice(SIDE // 4, -SIDE // 4)  # smoothed along the edge, so not at its ends
        assert np.abs(inside - outside)[middle].max() <= 4
        # A step of DARKER without that; far from the picture it is as it was painted.
        assert (inside - edge)[middle].mean() >= DARKER / 2
