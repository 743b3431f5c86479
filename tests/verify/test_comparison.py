"""What rounding explains, and what it does not: forgeries of a picture painted once, in float32."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mint.models.kernels import KERNELS
from mint.models.runtime import import_torch, runtime
from mint.models.weights import Model
from mint.paint.png import Pixels
from mint.paint.render import diffusers_renderer
from mint.plan.recipe import Diffusion, Recipe
from mint.spec.collection import ATELIER
from mint.verify.comparison import COARSE, FINE, compare, excess

SIDE = 128


class Painting:
    """A picture of atelier, the same by other kernels, and another token's."""

    def __init__(self, dtype: str) -> None:
        settings = Diffusion(
            model="atelier", steps=4, guidance_scale=3, scheduler="dpm++", width=SIDE, height=SIDE,
            dtype=dtype,
        )  # fmt: skip
        here = runtime("0" * 64, device="cpu", threads=1, batch=2)
        paint = diffusers_renderer(Model(ATELIER / "pipeline", "0" * 64), settings, here)
        recipes = [
            Recipe(prompt=words, negative_prompt="", seed=1, diffusion=settings, runtime="r")
            for words in ("a blue fox, round eyes, crown", "a blue fox, sleepy eyes, crown")
        ]
        self.pixels, self.other = paint(recipes)
        self.again: list[Pixels] = []
        for kernels in KERNELS:
            with kernels(import_torch()):
                self.again.append(paint(recipes)[0])

    @property
    def moved(self) -> list[Pixels]:
        """Those by other kernels that differ at all."""
        return [each for each in self.again if not np.array_equal(each, self.pixels)]


@pytest.fixture(scope="module")
def float32() -> Painting:
    return Painting("float32")


@pytest.fixture(scope="module")
def bfloat16() -> Painting:
    return Painting("bfloat16")


def plus(pixels: Pixels, change: object) -> Pixels:
    changed: Pixels = np.clip(pixels.astype(int) + np.asarray(change), 0, 255).astype(np.uint8)
    return changed


def by_pillow(change: Callable[[Image.Image], Image.Image]) -> Callable[[Pixels, Pixels], Pixels]:
    def forge(pixels: Pixels, other: Pixels) -> Pixels:
        return np.array(change(Image.fromarray(pixels)).convert("RGB"), np.uint8)

    return forge


def eye(pixels: Pixels, other: Pixels) -> Pixels:
    """The eyes of another token."""
    forged = pixels.copy()
    forged[SIDE // 3 : SIDE // 2] = other[SIDE // 3 : SIDE // 2]
    return forged


def mark(pixels: Pixels, other: Pixels) -> Pixels:
    """Three by three pixels, 20 levels off."""
    change = np.zeros(pixels.shape, int)
    change[40:43, 60:63] = np.where(pixels[40:43, 60:63] > 127, -20, 20)
    return plus(pixels, change)


def one_pixel(pixels: Pixels, other: Pixels) -> Pixels:
    """A single sub-pixel, 20 levels off."""
    change = np.zeros(pixels.shape, int)
    change[40, 60, 1] = -20 if pixels[40, 60, 1] > 127 else 20
    return plus(pixels, change)


def watermark(pixels: Pixels, other: Pixels) -> Pixels:
    """Two levels up or down everywhere."""
    return plus(pixels, np.random.default_rng(1).choice([-2, 2], (SIDE, SIDE, 1)))


def corner(pixels: Pixels, other: Pixels) -> Pixels:
    """The same in a corner of 32 pixels."""
    change = np.zeros(pixels.shape, int)
    change[:32, :32] = np.random.default_rng(1).choice([-2, 2], (32, 32, 1))
    return plus(pixels, change)


def jpeg(image: Image.Image) -> Image.Image:
    file = BytesIO()
    image.save(file, "JPEG", quality=95)
    return Image.open(file)


def signed(image: Image.Image) -> Image.Image:
    ImageDraw.Draw(image).text((4, SIDE - 14), "(c) me", fill=(255, 255, 255))
    return image


FORGERIES: dict[str, Callable[[Pixels, Pixels], Pixels]] = {
    "another token": lambda pixels, other: other,
    "other eyes": eye,
    "a mark of 3 x 3 pixels": mark,
    "one sub-pixel by 20": one_pixel,
    "a watermark of 2": watermark,
    "a watermark of 2 in a corner": corner,
    "text": by_pillow(signed),
    "a JPEG": by_pillow(jpeg),
    "1 % brighter": lambda pixels, other: np.round(pixels * 1.01).clip(0, 255).astype(np.uint8),
    "all by 1": lambda pixels, other: plus(pixels, 1),
    "sharpened": by_pillow(lambda image: image.filter(ImageFilter.UnsharpMask(2, 50, 0))),
    "moved by a pixel": lambda pixels, other: np.roll(pixels, 1, 1),
}
# What bfloat16's own rounding hides; docs/verify.md says so.
HIDDEN = {
    "one sub-pixel by 20",
    "a mark of 3 x 3 pixels",
    "all by 1",
    "a watermark of 2",
    "a watermark of 2 in a corner",
    "a JPEG",
    "sharpened",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_told_from_rounding(float32: Painting, forgery: str) -> None:
    forged = FORGERIES[forgery](float32.pixels, float32.other)

    assert not compare(float32.pixels, forged).is_rounding(1)
    assert excess(float32.pixels, forged, float32.again, FINE, 1).times > 1


@pytest.mark.parametrize("forgery", sorted(FORGERIES.keys() - HIDDEN))
def test_a_forgery_is_told_from_rounding_in_bfloat16(bfloat16: Painting, forgery: str) -> None:
    forged = FORGERIES[forgery](bfloat16.pixels, bfloat16.other)
    # Where one kernel alone paints otherwise, twice as much is allowed: a CPU without instructions
    # for bfloat16 has the same convolutions with oneDNN and without.
    leeway = 1 if len(bfloat16.moved) > 1 else 2

    assert excess(bfloat16.pixels, forged, bfloat16.again, COARSE, 1).times > 1 / leeway


def test_other_kernels_are_no_forgery(float32: Painting, bfloat16: Painting) -> None:
    for other in float32.again:
        apart = compare(float32.pixels, other)
        assert apart.is_rounding(1) or not apart.changed
    moved = bfloat16.moved
    for i, other in enumerate(moved if len(moved) > 1 else []):
        rest = [each for j, each in enumerate(moved) if j != i]
        assert excess(bfloat16.pixels, other, rest, COARSE, 1).times <= 1


def test_the_last_bit_of_a_few_pixels_cannot_be_told(float32: Painting) -> None:
    forged = float32.pixels.copy()
    forged[40, 60:70] ^= 1  # in float64 it can

    assert compare(float32.pixels, forged).is_rounding(1)
    assert "by at most 1" in str(compare(float32.pixels, forged))
