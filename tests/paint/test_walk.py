"""Tokens that sway: the film begins with the very picture, moves a little, and closes its loop."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.errors import RenderError
from mint.models.animators import WALKING
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.render import open_renderer
from mint.paint.sources import NOTHING, Sources
from mint.paint.walk import between, open_walk, weights
from mint.plan.blend import Blend, Strand
from mint.plan.recipe import Diffusion, Recipe, Start
from mint.spec.animate import Animate
from mint.spec.collection import ATELIER
from tests.families import FAMILIES, settings

if TYPE_CHECKING:
    from mint.paint.png import Pixels

WALKERS = {
    "sd": "euler-ancestral",  # draws noise at each step, too
    "sdxl": "dpm++",
    "lcm": "default",
    "sd3": "default",
    "pixart": "default",
    "sana": "default",
}


def open_both(
    folder: Path, name: str, scheduler: str, dtype: str, animate: Animate
) -> tuple[Pixels, list[Pixels]]:
    """A picture, and the frames of its film."""
    plain = {"steps": 2, "guidance_scale": 3, "model": "./it"} | settings(name)
    how = Diffusion.model_validate(plain | {"scheduler": scheduler, "dtype": dtype})
    recipe = Recipe(
        prompt="a blue fox, cap", negative_prompt="", seed=7, diffusion=how, runtime="x"
    )
    here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
    model = Model(folder, "0" * 64)
    (still,) = open_renderer(model, how, here)([recipe])
    return still, list(open_walk(model, how, here, animate)(recipe, still))


@pytest.mark.parametrize("name", WALKERS)
def test_each_family_begins_with_its_own_picture(name: str, family: Callable[[str], Path]) -> None:
    walk = Animate(tokens="all", frames=3, keyframes=3)
    dtype = "float64" if name == "sd" else "float32"
    still, frames = open_both(family(name), name, WALKERS[name], dtype, walk)

    # What walks raises unless its first keyframe is the picture: in float64 to the bit.
    assert len(frames) == 3
    assert np.array_equal(frames[0], still)
    assert all(not np.array_equal(one, other) for one, other in pairwise(frames))


def test_atelier_sways_and_comes_back() -> None:
    walk = Animate(tokens="all", frames=8, keyframes=4, motion=0.3)
    plain = {"width": 128, "height": 128, "steps": 4}
    how = Diffusion.model_validate(
        plain | {"model": "atelier", "guidance_scale": 2, "scheduler": "dpm++", "dtype": "float32"}
    )
    here = runtime("0" * 64, device="cpu", threads=1)
    recipe = Recipe(
        prompt="an orange fox, round eyes, crown, blue plain background",
        negative_prompt="", seed=7, diffusion=how, runtime="x",
    )  # fmt: skip
    model = Model(ATELIER / "pipeline", "0" * 64)
    stranger = recipe.model_copy(update={"seed": 8})
    still, other = open_renderer(model, how, here)([recipe, stranger])
    frames = list(open_walk(model, how, here, walk)(recipe, still))

    steps = [apart(one, other) for one, other in pairwise([*frames, frames[0]])]
    assert max(steps) < 3 * min(steps)  # the last step, back to the first, is one like the others
    assert 0.5 < apart(frames[4], still) < apart(other, still) / 2
    again = list(open_walk(model, how, here, walk)(recipe, still))
    assert all(np.array_equal(one, other) for one, other in zip(frames, again, strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_began_with_a_picture_or_with_two_sways_too(dtype: str) -> None:
    """An artist's drawing painted over, a part of it repainted, and a mixture of two tokens."""
    walk = Animate(tokens="all", frames=4, keyframes=3)
    how = Diffusion(
        model="atelier", steps=2, guidance_scale=2, scheduler="dpm++", width=64, height=64,
        dtype=dtype,
    )  # fmt: skip
    here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
    first = Recipe(prompt="a blue fox", negative_prompt="", seed=7, diffusion=how, runtime="x")
    begun = first.model_copy(update={"start": Start(recipe=first, strength=0.6), "seed": 8})
    strands = (Strand(seed=seed, prompt=words) for seed, words in ((7, "a fox"), (9, "a cat")))
    mixture = Blend(first=next(strands), second=next(strands), share=0.5, own=0.3)
    child = first.model_copy(update={"blend": mixture})
    model = Model(ATELIER / "pipeline", "0" * 64)
    paint = open_renderer(model, how, here, NOTHING)
    sources = Sources(lambda recipe: paint([recipe])[0], NOTHING.drawn)
    film = open_walk(model, how, here, walk)

    for recipe in (begun, child):
        (still,) = open_renderer(model, how, here, sources)([recipe])
        frames = list(film(recipe, still))

        # An own noise that is not the still's raises; in float64 the very picture is painted.
        assert np.array_equal(frames[0], still)
        assert 0 < apart(frames[1], still) < 60
        assert 0 < apart(frames[3], still) < 60


def test_what_walks_is_a_family_that_is_tested() -> None:
    named = {"PixArtAlphaPipeline", "PixArtSigmaPipeline"}  # one class but for a micro-condition
    assert len(WALKERS) == len(set(WALKING) - named) + 1
    assert WALKERS.keys() <= FAMILIES.keys()


def test_a_model_that_cannot_walk_is_refused(family: Callable[[str], Path]) -> None:
    with pytest.raises(RenderError, match="Flux cannot walk") as refusal:
        open_both(family("flux"), "flux", "default", "float32", Animate(tokens="all"))

    assert "animate.model" in refusal.value.hint


@pytest.mark.parametrize("motion", [0.01, 0.8, 3])
def test_noise_on_the_circle_stays_noise(motion: float) -> None:
    points = list(weights(12, motion))

    assert points[0] == (1, 0, 0)
    assert all(a * a + b * b + c * c == pytest.approx(1) for a, b, c in points)
    assert np.arccos([a for a, _, _ in points]).max() == pytest.approx(motion)


def test_blended_latents_go_through_every_keyframe() -> None:
    import torch

    keys = [torch.full((1, 1, 1, 1), float(x)) for x in (0, 1, 4, 2)]

    assert [float(between(keys, k)) for k in range(4)] == [0, 1, 4, 2]
    assert 1 < float(between(keys, 1.5)) < 4


def apart(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other).mean())
