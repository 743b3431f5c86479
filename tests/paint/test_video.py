"""Video models of every class that mint knows, in folders of a few thousand weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.errors import CollectionError, RenderError
from mint.models.animators import VIDEOS, refuse_unfit_film, video_class
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.video import open_video
from mint.plan.recipe import Diffusion, Recipe
from mint.spec.animate import Animate
from mint.spec.load import load
from tests.conftest import edit
from tests.families import videos
from tests.families.guides import disc

if TYPE_CHECKING:
    pass

HOW = Diffusion(
    model="./it", steps=2, guidance_scale=3, scheduler="default", width=64, height=64,
    dtype="float32",
)  # fmt: skip
WEIGHTS = "0" * 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    home = tmp_path_factory.mktemp("videos")
    return cache(lambda name: videos.VIDEOS[name](home / name))


def recipe(seed: int = 7, prompt: str = "a blue fox") -> Recipe:
    return Recipe(prompt=prompt, negative_prompt="hat", seed=seed, diffusion=HOW, runtime="x")


@pytest.mark.parametrize("name", videos.VIDEOS)
def test_a_film_is_its_tokens_own(
    name: str, folder: Callable[[str], Path], family: Callable[[str], Path]
) -> None:
    still = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    here = runtime(WEIGHTS, device="cpu", threads=1)
    known = VIDEOS[video_class(folder(name))]
    animate = Animate(
        tokens="all", model="./v", frames=videos.FRAMES.get(name, 4),
        words="blinking" if known.worded else None,
    )  # fmt: skip
    painter, video = Model(family("sd"), WEIGHTS), Model(folder(name), WEIGHTS)
    film = open_video(painter, video, HOW, here, animate)

    frames = list(film(recipe(), still))
    assert len(frames) == animate.frames
    assert np.std(frames) > 8
    assert np.array_equal(frames, list(film(recipe(), still)))
    assert not np.array_equal(frames, list(film(recipe(8), still)))
    other = film(recipe(), 255 - still) if known.pictured else film(recipe(7, "a cat"), still)
    assert not np.array_equal(frames, list(other))


def test_every_class_is_painted_with() -> None:
    assert {make.__name__ for make in videos.VIDEOS.values()} == {
        "motion_adapter", "animate_diff", "ltx", "wan", "stable_video",
    }  # fmt: skip
    assert set(VIDEOS) == {
        "MotionAdapter", "AnimateDiffPipeline", "LTXPipeline", "LTXImageToVideoPipeline",
        "WanPipeline", "StableVideoDiffusionPipeline",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "lines", "said"),
    [
        ("ltx", "frames: 8", "1 frame more than a multiple of 8.*|write frames: 9 or 17"),
        ("wan", "frames: 24", "1 frame more than a multiple of 4"),
        ("motion-adapter", "frames: 9", "moves 8 frames at most"),
        ("stable-video", "words: blinking", "reads no words"),
    ],
)
def test_what_a_class_cannot_do_is_said_with_its_line(
    name: str, lines: str, said: str, folder: Callable[[str], Path], tiny: Path
) -> None:
    text = f"animate: {{tokens: all, model: {folder(name)}, {lines}}}\ntraits:"
    edit(tiny, "traits:", text)
    collection, source = load(tiny)

    with pytest.raises(CollectionError, match=rf"collection.yaml:\d+:\d+: .*({said})"):
        refuse_unfit_film(collection, source, None, folder(name))


def test_a_motion_adapter_needs_stable_diffusion(
    folder: Callable[[str], Path], family: Callable[[str], Path], tiny: Path
) -> None:
    text = f"animate: {{tokens: all, model: {folder('motion-adapter')}, frames: 4}}\ntraits:"
    edit(tiny, "traits:", text)

    with pytest.raises(CollectionError, match="moves what Stable Diffusion paints"):
        refuse_unfit_film(*load(tiny), family("flux"), folder("motion-adapter"))
    disc().save(tiny.parent / "mood.png")
    (tiny.parent / "ip").mkdir()
    look = "reference: {file: mood.png, model: ./ip, weights: a.safetensors}"
    edit(tiny, "  steps: 2\n", f"  steps: 2\n  model: {family('sd')}\n  {look}\n")
    with pytest.raises(CollectionError, match="takes its look from another one"):
        refuse_unfit_film(*load(tiny), family("sd"), folder("motion-adapter"))


def test_another_model_is_no_video_model(family: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="StableDiffusion, and no video model") as refusal:
        video_class(family("sd"))
    assert "write `model: walk`" in refusal.value.hint
    (tmp_path / "config.json").write_text("[" * 100_000)  # a stranger's
    with pytest.raises(RenderError, match="no video model"):
        video_class(tmp_path)
