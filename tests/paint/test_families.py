"""Every family of painters through the renderer: a picture is its recipe's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.models.families import Family, class_name, family_of
from mint.models.painter import SCHEDULERS
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.pixels import Renderer
from mint.paint.render import diffusers_renderer
from mint.plan.recipe import Diffusion, Recipe
from tests.families import FAMILIES, settings

if TYPE_CHECKING:
    from mint.paint.png import Pixels

Open = Callable[..., Renderer]


@pytest.fixture(scope="module")
def renderer(family: Callable[[str], Path]) -> Open:
    @cache
    def load(name: str, dtype: str, guidance: float = 3, scheduler: str = "default") -> Renderer:
        here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
        diffusion = diffusion_of(name, dtype, guidance, scheduler)
        return diffusers_renderer(Model(family(name), "0" * 64), diffusion, here)

    return load


@pytest.fixture
def kind(name: str, family: Callable[[str], Path]) -> Family:
    return family_of(class_name(family(name)))


def diffusion_of(
    name: str, dtype: str, guidance: float = 3, scheduler: str = "default"
) -> Diffusion:
    plain = {"steps": 2, "guidance_scale": guidance, "scheduler": scheduler}
    return Diffusion.model_validate(plain | settings(name) | {"model": "./it", "dtype": dtype})


def recipe(seed: int = 1, prompt: str = "a blue fox, long hat", negative: str = "") -> Recipe:
    settings = diffusion_of("sd", "float32")
    return Recipe(
        prompt=prompt, negative_prompt=negative, seed=seed, diffusion=settings, runtime="x"
    )


def same(one: Pixels, other: Pixels) -> bool:
    return np.array_equal(one, other)


SHORT, LONG = recipe(2, "a cat"), recipe(3, "a very long text about a bear without any hat at all")


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", FAMILIES)
def test_neither_neighbours_nor_slot_change_a_pixel(
    name: str, dtype: str, kind: Family, renderer: Open
) -> None:
    paint = renderer(name, dtype)
    alone = paint([recipe()])[0]

    assert alone.std() > 8
    assert same(alone, paint([recipe()])[0])
    if not kind.alone:  # those are painted in no batch
        first = paint([recipe(), SHORT, recipe(4), LONG])[0]
        assert same(first, paint([LONG, recipe(5), recipe(), SHORT])[2])


@pytest.mark.parametrize("name", FAMILIES)
def test_in_float64_a_batch_changes_nothing(name: str, kind: Family, renderer: Open) -> None:
    paint = renderer(name, "float64")
    company = [recipe()] if kind.alone else [recipe(), LONG, SHORT, recipe(4)]

    assert same(paint([recipe()])[0], paint(company)[0])


@pytest.mark.parametrize("name", FAMILIES)
def test_all_that_it_reads_shows(name: str, kind: Family, renderer: Open) -> None:
    paint = renderer(name, "float32")
    before = paint([recipe()])[0]

    assert not same(before, paint([recipe(2)])[0])
    assert not same(before, paint([recipe(prompt="a blue cat, long hat")])[0])
    if "guidance_scale" in settings(name):  # 0: it was distilled
        return
    assert not same(before, renderer(name, "float32", 6)([recipe()])[0])
    unwanted = paint([recipe(negative="ugly text")])[0]
    assert same(before, unwanted) is not kind.negative


@pytest.mark.parametrize("name", ["sdxl", "lcm", "pixart", "sana", "deepfloyd"])
def test_each_scheduler_that_it_may_use_paints(name: str, kind: Family, renderer: Open) -> None:
    for scheduler in kind.schedulers or SCHEDULERS:
        paint = renderer(name, "float32", scheduler=scheduler)
        assert paint([recipe()])[0].std() > 8, scheduler
