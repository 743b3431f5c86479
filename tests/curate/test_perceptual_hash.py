"""Copies are known by their light and shade, other pictures are not, empty ones tell nothing."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from mint.curate.perceptual_hash import (
    BITS,
    FEATURELESS,
    MATCH,
    PRINT,
    VIEWS,
    Prints,
    close_prints,
    perceptual_hash,
)


def drawing(seed: int, side: int = 256) -> Image.Image:
    """Coloured discs on a striped ground."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    stripes = np.sin((x * draw.integers(2, 9) + y * draw.integers(2, 9)) * 3)[..., None]
    pixels = 128 + 60 * stripes * draw.random(3)
    for _ in range(6):
        a, b = draw.random(2)
        pixels[(x - a) ** 2 + (y - b) ** 2 < 0.03 * draw.random()] = draw.integers(0, 256, 3)
    return Image.fromarray(pixels.astype(np.uint8))


def file(image: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def prints(*files: bytes) -> Prints:
    return np.stack([np.frombuffer(perceptual_hash(each), np.uint8) for each in files])


def cropped(image: Image.Image, share: float) -> Image.Image:
    w, h = image.size
    box = (w * share / 2, h * share / 2, w - w * share / 2, h - h * share / 2)
    return image.resize((w, h), Image.Resampling.BICUBIC, box=box)


def tinted(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, np.float32) * np.array([1.1, 1.0, 0.85], np.float32)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


COPIES: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG": lambda image: file(image, "JPEG", quality=85),
    "WebP": lambda image: file(image, "WEBP", quality=80),
    "half the size": lambda image: file(image.resize((128, 128), Image.Resampling.LANCZOS)),
    "tinted": lambda image: file(tinted(image)),
    "mirrored": lambda image: file(ImageOps.mirror(image)),
    "cropped 2 %": lambda image: file(cropped(image, 0.02)),
    "cropped 5 %": lambda image: file(cropped(image, 0.05)),
    "cropped 10 %": lambda image: file(cropped(image, 0.1)),
    "mirrored and cropped": lambda image: file(cropped(ImageOps.mirror(image), 0.07)),
}
DRAWINGS = [drawing(seed) for seed in range(12)]


@pytest.fixture(scope="module")
def originals() -> Prints:
    return prints(*map(file, DRAWINGS))


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_its_original_and_nothing_else(kind: str, originals: Prints) -> None:
    copies = prints(*(COPIES[kind](each) for each in DRAWINGS))

    pairs = close_prints(copies, originals, MATCH)

    assert all(i == j for i, j in pairs)
    assert len(pairs) >= len(DRAWINGS) - ("cropped" in kind)


def test_different_pictures_differ_in_many_bits(originals: Prints) -> None:
    pairs = close_prints(originals, originals, BITS // 2, same=True)

    assert len(pairs) > 33  # the best of eight views is below the mean of chance
    assert min(pairs.values()) > 1.5 * MATCH


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_a_picture_without_features_is_like_nothing(colour: int) -> None:
    empty = file(Image.new("RGB", (64, 64), (colour, colour, colour)))
    both = prints(empty, empty, file(DRAWINGS[0]))

    assert both[0, -1] < FEATURELESS <= both[2, -1]
    assert close_prints(both, both, MATCH, same=True) == {}


def test_a_mirrored_view_is_the_hash_of_the_mirror_image(originals: Prints) -> None:
    mirrored = prints(*(file(ImageOps.mirror(each)) for each in DRAWINGS))

    width = BITS // 8
    assert (originals[:, width : 2 * width] == mirrored[:, :width]).all()


# Few pictures, each with some bits of every view changed: so there are copies and strangers.
changed = st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 2**32 - 1))
rows = st.lists(changed, max_size=12)
limits = st.integers(0, MATCH) | st.integers(90, 127)


@given(left=rows, right=rows, bits=limits, same=st.booleans())
def test_close_prints_are_all_that_are_close(
    left: list[tuple[int, int, int]], right: list[tuple[int, int, int]], bits: int, same: bool
) -> None:
    def row(picture: int, flips: int, seed: int) -> Prints:
        drawn = np.random.default_rng(picture).integers(0, 256, PRINT, np.uint8)
        views = np.unpackbits(drawn[:-1]).reshape(VIEWS, BITS)
        for view in views:
            view[np.random.default_rng(seed).choice(BITS, flips, replace=False)] ^= 1
        return np.append(np.packbits(views), drawn[-1:])

    def rows(pictures: list[tuple[int, int, int]]) -> Prints:
        return np.array([row(*each) for each in pictures], np.uint8).reshape(-1, PRINT)

    one, other = rows(left), rows(left if same else right)

    def distance(a: Prints, b: Prints) -> int:
        """The least over the views of either picture, by counting bits."""
        if min(a[-1], b[-1]) < FEATURELESS:
            return BITS + 1
        views = [(v, 0) for v in range(VIEWS)] + [(0, v) for v in range(VIEWS)]
        return min(
            int(np.bitwise_count(a[32 * v : 32 * v + 32] ^ b[32 * w : 32 * w + 32]).sum())
            for v, w in views
        )

    expected = {
        (i, j): d
        for i in range(len(one))
        for j in range(len(other))
        if (d := distance(one[i], other[j])) <= bits and (not same or i < j)
    }
    assert close_prints(one, other, bits, same=same) == expected
