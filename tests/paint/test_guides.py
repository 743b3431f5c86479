"""Families that follow a picture, through the renderer: pixels are their recipe's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from mint.models.painter import load_pipeline
from mint.models.runtime import runtime
from mint.models.weights import Adapted, Files, Guides, Model
from mint.paint.guides import guided
from mint.paint.pixels import Renderer
from mint.paint.render import diffusers_renderer
from mint.paint.sources import NOTHING, Sources
from mint.plan.recipe import Diffusion, Recipe, Start
from tests.families import settings
from tests.families.guides import control_net, disc, ip_adapter

if TYPE_CHECKING:
    from mint.paint.png import Pixels

Open = Callable[..., Renderer]
REFERENCE = {"file": "mood.png", "model": "./ip", "weights": "a.safetensors", "scale": 1.0}
CONTROL = {"file": "pose.png", "model": "./net", "scale": 1.0}
RED, BLUE = "1" * 64, "2" * 64
PICTURES = {RED: np.asarray(disc()), BLUE: np.asarray(disc())[..., ::-1].copy()}


@pytest.fixture(scope="module")
def open_guided(
    family: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Renderer]:
    """A family's renderer that follows guides: settings of collection.yaml by key."""
    home = tmp_path_factory.mktemp("guides")

    @cache
    def adapted(name: str) -> Adapted:
        folder = ip_adapter(home / f"{name}-ip", family(name))
        return Adapted(folder / "adapter.safetensors", folder / "image_encoder")

    @cache
    def controlled(name: str) -> Path:
        return control_net(home / f"{name}-net", family(name))

    def load(name: str, dtype: str = "float32", **guides: dict[str, Any]) -> Renderer:
        reference = adapted(name) if "reference" in guides else None
        control = controlled(name) if "control" in guides else None
        model = Model(family(name), "0" * 64, Files(guides=Guides(reference, control)))
        here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
        sources = Sources(lambda recipe: PICTURES[RED], lambda digest, size: PICTURES[digest])
        return diffusers_renderer(model, diffusion(name, dtype, **guides), here, sources)

    return load


def diffusion(name: str, dtype: str, **guides: dict[str, Any]) -> Diffusion:
    plain = {"steps": 2, "guidance_scale": 3, "scheduler": "default"}
    marked = {key: {"pixels": RED} | guide for key, guide in guides.items()}
    return Diffusion.model_validate(
        plain | settings(name) | {"model": "./it", "dtype": dtype} | marked
    )


def recipe(seed: int = 1, prompt: str = "a blue fox", start: Start | None = None) -> Recipe:
    how = diffusion("sd", "float32")
    return Recipe(
        prompt=prompt, negative_prompt="", seed=seed, diffusion=how, runtime="x", start=start
    )


def same(one: Pixels, other: Pixels) -> bool:
    return np.array_equal(one, other)


def follows(name: str, key: str, guide: dict[str, Any], open_guided: Open) -> None:
    """It changes the picture, at scale 0 nothing, and neighbours change nothing."""
    before = open_guided(name)([recipe()])[0]
    paint = open_guided(name, **{key: guide})
    alone = paint([recipe()])[0]
    assert not same(alone, before)
    assert same(alone, paint([recipe()])[0])
    assert same(open_guided(name, **{key: guide | {"scale": 0}})([recipe()])[0], before)
    batch = paint([recipe(), recipe(2, "a cat"), recipe(3, "a very long text about a bear")])[0]
    assert same(batch, paint([recipe(4, "a dog"), recipe(5, "an owl"), recipe()])[2])


@pytest.mark.parametrize("name", ["sd", "sdxl", "sd3", "flux", "lcm"])
def test_a_look_is_taken(name: str, open_guided: Open) -> None:
    follows(name, "reference", REFERENCE, open_guided)


@pytest.mark.parametrize("name", ["sd", "sdxl", "sd3", "flux", "qwen-image"])
def test_outlines_are_followed(name: str, open_guided: Open) -> None:
    follows(name, "control", CONTROL, open_guided)


@pytest.mark.parametrize("name", ["sd", "sdxl", "sd3", "flux", "qwen-image"])
def test_a_control_picture_is_as_its_class_makes_it(
    name: str, family: Callable[[str], Path], tmp_path: Path
) -> None:
    """Some give it to the autoencoder, and leave a tensor as it is."""
    guides = Guides(None, control_net(tmp_path / "net", family(name)))
    how = diffusion(name, "float32", control=CONTROL)
    pipe = load_pipeline(Model(family(name), "0" * 64), how)
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)

    controlled, call = guided(pipe, guides, how, NOTHING._replace(drawn=lambda *_: pixels))

    own = getattr(controlled, "control_image_processor", controlled.image_processor)
    picture = call["control_image" if "control_image" in call else "image"]
    assert np.allclose(picture, own.preprocess(Image.fromarray(pixels)), atol=1e-6)


def test_another_picture_or_an_earlier_end_is_another_token(open_guided: Open) -> None:
    ways = [
        {"reference": REFERENCE},
        {"reference": REFERENCE | {"pixels": BLUE}},
        {"control": CONTROL},
        {"control": CONTROL | {"pixels": BLUE}},
        {"control": CONTROL | {"end": 0.5}},
        {"reference": REFERENCE, "control": CONTROL},
    ]

    pictures = {open_guided("sd", **way)([recipe()])[0].tobytes() for way in ways}

    assert len(pictures) == len(ways)


def test_in_float64_both_together_are_the_same_in_any_batch(open_guided: Open) -> None:
    paint = open_guided("sd", "float64", reference=REFERENCE, control=CONTROL)

    alone = paint([recipe()])[0]

    assert same(alone, paint([recipe(2, "a cat"), recipe()])[1])
    assert same(alone, paint([recipe()])[0])


def test_an_edit_takes_the_look_and_leaves_the_outlines(open_guided: Open) -> None:
    edit = recipe(start=Start(recipe=recipe(7), strength=0.8))

    plain = open_guided("sd")([edit])[0]

    assert same(open_guided("sd", control=CONTROL)([edit])[0], plain)
    look = open_guided("sd", reference=REFERENCE)([edit])[0]
    assert not same(look, plain)
    both = open_guided("sd", reference=REFERENCE, control=CONTROL)
    assert same(both([edit])[0], look)
