"""A picture painted over, in part or as a whole, by every family that can."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.document import sha256
from mint.errors import RenderError
from mint.models.families import FAMILIES as CLASSES
from mint.models.families import class_name
from mint.models.refiners import MASKABLE, PAINTS_IN, PAINTS_OVER
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.masks import grown
from mint.paint.paint_over import composed, smaller, steps
from mint.paint.pixels import Renderer
from mint.paint.render import diffusers_renderer
from mint.paint.sources import Sources
from mint.plan.recipe import Diffusion, Recipe, Start
from mint.spec.refiner import Refiner
from tests.families import FAMILIES

if TYPE_CHECKING:
    from mint.paint.png import Pixels

OVER = ("sd", "sdxl", "lcm", "sd3", "flux", "qwen-image", "z-image", "deepfloyd")
CANNOT = ("pixart", "sana", "cogview4", "kandinsky", "cascade")
SIDE = 64
MASK = grown(np.where(np.arange(SIDE)[:, None] < SIDE // 2, 255, 0).repeat(SIDE, 1).astype("uint8"))
Open = Callable[..., Renderer]


@pytest.fixture(scope="module")
def renderer(family: Callable[[str], Path]) -> Open:
    """Opens a family's painter, whose recipes may begin with another recipe's picture."""

    @cache
    def load(name: str, dtype: str = "float32") -> Renderer:
        def painted(recipe: Recipe) -> Pixels:
            return paint([recipe])[0]

        def drawn(digest: str, size: tuple[int, int]) -> Pixels:
            assert (digest, size) == (sha256(MASK.tobytes()), (SIDE, SIDE))
            return MASK

        here = runtime("0" * 64, device="cpu", threads=1, dtype=dtype)
        model = Model(family(name), "0" * 64)
        paint = diffusers_renderer(model, diffusion(dtype), here, Sources(painted, drawn))
        return paint

    return load


def diffusion(dtype: str = "float32") -> Diffusion:
    return Diffusion(
        model="./it", steps=2, guidance_scale=4, scheduler="default", width=SIDE, height=SIDE,
        dtype=dtype,
    )  # fmt: skip


def recipe(dtype: str = "float32", prompt: str = "a blue fox", seed: int = 1) -> Recipe:
    settings = diffusion(dtype)
    return Recipe(prompt=prompt, negative_prompt="", seed=seed, diffusion=settings, runtime="x")


def over(before: Recipe, strength: float = 0.5, *, masked: bool = False, seed: int = 9) -> Recipe:
    mask = sha256(MASK.tobytes()) if masked else None
    start = Start(recipe=before, strength=strength, mask=mask)
    return before.model_copy(update={"prompt": "a cat", "seed": seed, "start": start})


def test_the_lists_name_the_families_that_are_tested(family: Callable[[str], Path]) -> None:
    assert {class_name(family(name)) for name in (*OVER, *CANNOT)} <= CLASSES.keys()
    assert {class_name(family(name)) for name in OVER} == PAINTS_OVER.keys() & CLASSES.keys()
    assert {*PAINTS_OVER.values()} >= MASKABLE
    assert PAINTS_IN.keys() <= PAINTS_OVER.keys()


@pytest.mark.parametrize("name", OVER)
def test_a_picture_is_painted_over_the_same_again(name: str, renderer: Open) -> None:
    paint = renderer(name)
    before, again = paint([recipe()])[0], over(recipe())
    after = paint([again])[0]

    assert after.shape == before.shape
    assert not np.array_equal(before, after)
    assert np.array_equal(after, paint([again])[0])
    assert not np.array_equal(after, paint([over(recipe(), seed=10)])[0])
    little, much = (paint([over(recipe(), strength)])[0] for strength in (0.5, 1))
    assert not np.array_equal(little, much)


@pytest.mark.parametrize("name", [name for name in OVER if name != "deepfloyd"])
def test_outside_a_mask_the_picture_is_its_own_to_the_bit(name: str, renderer: Open) -> None:
    paint = renderer(name)
    before = paint([recipe()])[0]
    after = paint([over(recipe(), masked=True)])[0]

    outside = MASK[..., 0] == 0
    assert np.array_equal(before[outside], after[outside])
    assert not np.array_equal(before[~outside], after[~outside])
    assert np.array_equal(after, paint([over(recipe(), masked=True)])[0])


def test_of_a_retouched_picture_another_one_comes(renderer: Open) -> None:
    paint = renderer("sd")
    once = over(recipe(), masked=True)
    twice = over(once, masked=True, seed=11)

    first, second = paint([once])[0], paint([twice])[0]
    outside = MASK[..., 0] == 0
    assert np.array_equal(first[outside], second[outside])
    assert not np.array_equal(first, second)


def test_in_float64_no_neighbour_changes_it(renderer: Open) -> None:
    paint = renderer("sd", "float64")
    masked, whole = over(recipe("float64"), masked=True), over(recipe("float64"))

    alone = [paint([each])[0] for each in (masked, whole)]
    together = paint([masked, whole])
    assert all(np.array_equal(*pair) for pair in zip(alone, together, strict=True))


@pytest.mark.parametrize(
    ("name", "refiner", "at", "side"),
    [("sd", "sd", 0.5, 128), ("flux", "sd", 0.5, 128), ("sdxl", "sdxl-refiner", 0.5, SIDE),
     ("sd", "sd-upscale", None, 4 * SIDE)],
)  # fmt: skip
def test_refiners_go_on_with_what_was_painted_over(
    name: str, refiner: str, at: float | None, side: int, family: Callable[[str], Path]
) -> None:
    """As SDXL hands over no noise then, but a picture, the mask's outside stays to the bit."""
    mask = np.zeros((side, side, 3), np.uint8)
    mask[: side // 2] = 255
    then = Refiner(model=refiner, at=at, width=side, height=side)

    def opened(*refiners: Refiner) -> Callable[[Recipe], Pixels]:
        settings = diffusion().model_copy(update={"refiners": refiners})
        others = tuple(Model(family(refiner), "0" * 64) for _ in refiners)
        model = Model(family(name), "0" * 64, refiners=others)
        here = runtime("0" * 64, device="cpu", threads=1)
        sources = Sources(lambda _: before, lambda *_: mask)
        paint = diffusers_renderer(model, settings, here, sources)
        return lambda recipe: paint([recipe])[0]

    paint = opened(then)
    before = paint(recipe())
    assert before.shape == (side, side, 3)
    whole, part = paint(over(recipe())), paint(over(recipe(), masked=True))

    assert np.array_equal(part[side // 2 :], before[side // 2 :])
    assert not np.array_equal(part[: side // 2], before[: side // 2])
    assert not np.array_equal(whole, before)
    assert np.array_equal(whole, paint(over(recipe())))
    before = smaller(before, (SIDE, SIDE))
    plain = opened()(over(recipe()))
    assert not np.array_equal(smaller(whole, (SIDE, SIDE)), plain)


def test_a_smaller_picture_has_the_means_of_its_pixels() -> None:
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)

    means = picture.reshape(2, 2, 3, 2, 3).mean((1, 3))
    assert np.abs(smaller(picture, (3, 2)) - means).max() <= 0.5
    assert smaller(picture, (6, 4)) is picture


@pytest.mark.parametrize("name", CANNOT)
def test_a_family_that_cannot_says_so(name: str, renderer: Open) -> None:
    with pytest.raises(RenderError, match="cannot begin with a picture") as caught:
        renderer(name)([over(recipe())])
    assert "StableDiffusionXL" in caught.value.hint


def test_a_family_without_masks_says_so(renderer: Open) -> None:
    with pytest.raises(RenderError, match="IF cannot paint a part of a picture alone") as caught:
        renderer("deepfloyd")([over(recipe(), masked=True)])
    assert "Flux" in caught.value.hint


def test_soft_edges_mix_both() -> None:
    black, white = np.zeros((1, 3, 3), np.uint8), np.full((1, 3, 3), 255, np.uint8)
    mask = grown(np.array([[0, 128, 255]], np.uint8))

    assert composed(black, white, mask)[0, :, 0].tolist() == [0, 128, 255]


def test_as_many_steps_are_taken_as_in_painting() -> None:
    assert steps("StableDiffusionImg2ImgPipeline", 8, 0.8) == 10
    assert int(steps("StableDiffusionImg2ImgPipeline", 8, 0.3) * 0.3) == 8
    assert steps("LatentConsistencyModelImg2ImgPipeline", 4, 0.5) == 4
    assert steps("StableDiffusionImg2ImgPipeline", 50, 0.01) == 1000


def test_every_tiny_family_is_accounted_for() -> None:
    assert {*OVER, *CANNOT, "turbo"} == {*FAMILIES}
