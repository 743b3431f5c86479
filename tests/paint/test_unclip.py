"""What a model sees in a picture, decoded: against diffusers' own prior and decoder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.errors import RenderError
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.pixels import Renderer
from mint.paint.png import Pixels
from mint.paint.render import diffusers_renderer
from mint.paint.sources import NOTHING, paint_one
from mint.plan.recipe import Diffusion, Recipe, Second, Start

SETTINGS = Diffusion(
    model="./it", steps=2, guidance_scale=4, scheduler="default", width=64, height=64,
    dtype="float32",
)  # fmt: skip


def recipe(seed: int, prompt: str, negative: str = "") -> Recipe:
    return Recipe(
        prompt=prompt, negative_prompt=negative, seed=seed, diffusion=SETTINGS, runtime="x"
    )


def seen(of: Recipe, seed: int, words: float = 0, **change: Any) -> Recipe:
    start = Start(recipe=of, strength=words, embedding=True, **change)
    return of.model_copy(update={"seed": seed, "start": start})


def mixed(first: Recipe, second: Recipe, share: float) -> Recipe:
    return seen(first, 5, second=Second(recipe=second, share=share))


def painter(folder: Path) -> Renderer:
    """What begins with a picture paints that picture first."""
    here = runtime("0" * 64, device="cpu", threads=1, dtype="float32")
    sources = NOTHING._replace(painted=lambda earlier: paint_one(paint, earlier, 1))
    paint = diffusers_renderer(Model(folder, "0" * 64), SETTINGS, here, sources)
    return paint


@pytest.fixture(scope="module")
def paint(family: Callable[[str], Path]) -> Callable[[Recipe], Pixels]:
    by_kandinsky = painter(family("kandinsky"))
    return lambda recipe: by_kandinsky([recipe])[0]


def apart(one: Pixels, other: Pixels) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_a_variation_is_what_diffusers_paints_of_the_picture(
    paint: Callable[[Recipe], Pixels], family: Callable[[str], Path]
) -> None:
    import torch
    from diffusers import KandinskyV22CombinedPipeline
    from PIL import Image

    fox = recipe(1, "a fox")
    picture, variation = paint(fox), paint(seen(fox, 2))
    pipe = KandinskyV22CombinedPipeline.from_pretrained(family("kandinsky"))
    looked = pipe.prior_pipe.interpolate([Image.fromarray(picture)], [1.0], num_inference_steps=2)
    expected = pipe.decoder_pipe(
        **looked, width=64, height=64, num_inference_steps=2, guidance_scale=4, output_type="pt",
        generator=[torch.Generator("cpu").manual_seed(2)],
    ).images  # fmt: skip
    exact = (expected[0] / 2 + 0.5).clamp(0, 1).mul(255).round().permute(1, 2, 0).numpy()

    assert np.array_equal(variation, exact.astype(np.uint8))
    assert np.array_equal(paint(seen(fox, 2)), variation)
    assert not np.array_equal(paint(seen(fox, 3)), variation)
    other_words = seen(fox, 2).model_copy(update={"prompt": "a cat"})
    assert np.array_equal(paint(other_words), variation)


@pytest.mark.parametrize("negative", ["", "a gray hat"])
def test_turned_all_the_way_to_the_words_it_is_their_own_picture(
    negative: str, paint: Callable[[Recipe], Pixels]
) -> None:
    cat = recipe(4, "a cat", negative)
    of_a_fox = Start(recipe=recipe(1, "a fox"), strength=1, embedding=True)
    turned = cat.model_copy(update={"start": of_a_fox})

    assert np.array_equal(paint(turned), paint(cat))
    half = of_a_fox.model_copy(update={"strength": 0.5})
    assert not np.array_equal(paint(cat.model_copy(update={"start": half})), paint(cat))


def test_a_mixture_lies_between_both(paint: Callable[[Recipe], Pixels]) -> None:
    fox, cat = recipe(1, "a fox"), recipe(2, "a gray cat")
    one, other = paint(seen(fox, 5)), paint(seen(cat, 5))
    near, half, far = (paint(mixed(fox, cat, share)) for share in (0.1, 0.5, 0.9))

    assert 0 < apart(one, near) < apart(one, half) < apart(one, far) < apart(one, other) + 1
    assert 0 < apart(other, far) < apart(other, half) < apart(other, near)
    assert np.array_equal(paint(mixed(fox, fox, 0.3)), one)


def test_a_model_without_a_decoder_says_so(family: Callable[[str], Path]) -> None:
    with pytest.raises(RenderError, match="StableDiffusion does not paint from what it sees"):
        painter(family("sd"))([seen(recipe(1, "a fox"), 2)])
