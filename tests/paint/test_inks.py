"""Pictures redrawn in inks: what becomes flat, what stays, and that all machines draw the same."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from mint.models.upscaler import INKS
from mint.paint.inks import EDGE, MOST, areas_of, in_inks, merge
from mint.paint.png import Pixels

SKY, SUN, LINE = (40, 90, 200), (250, 220, 60), (20, 10, 30)


def drawing(wide: int, high: int) -> Image.Image:
    """A sun with an outline in an even sky."""
    image = Image.new("RGB", (wide, high), SKY)
    box = (wide // 4, high // 4, wide * 3 // 4, high * 3 // 4)
    ImageDraw.Draw(image).ellipse(box, SUN, LINE, width=max(4, wide // 64))
    return image


def smeared(image: Image.Image, seed: int = 1) -> Pixels:
    """Soft edges and grain, as a small model leaves them."""
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(image.width / 256))).astype(np.int64)
    grain = np.random.default_rng(seed).integers(-12, 13, soft.shape)
    pixels: Pixels = np.clip(soft + grain, 0, 255).astype(np.uint8)
    return pixels


def test_a_smear_becomes_the_drawing_that_it_was() -> None:
    clean = np.asarray(drawing(1024, 1024)).astype(np.int64)
    smear = smeared(drawing(1024, 1024))

    redrawn = in_inks(smear)

    colours, counts = np.unique(redrawn.reshape(-1, 3), axis=0, return_counts=True)
    flat = colours[counts > 2000]
    assert len(flat) == 3
    for ink in (SKY, SUN, LINE):
        assert np.abs(flat.astype(np.int64) - ink).max(1).min() <= 16
    far = np.abs(redrawn - clean).max(2) > 40
    assert far.mean() < (np.abs(smear - clean).max(2) > 40).mean() / 2


@pytest.mark.parametrize("size", [(1024, 1024), (517, 300), (700, 1030), (64, 64), (2048, 1200)])
def test_a_picture_keeps_its_size_and_an_even_one_its_colour(size: tuple[int, int]) -> None:
    wide, high = size
    even = np.full((high, wide, 3), SUN, np.uint8)

    assert (in_inks(even) == even).all()
    assert in_inks(smeared(drawing(wide, high))).shape == (high, wide, 3)


def test_what_stands_on_its_own_is_kept() -> None:
    """A highlight in an eye: small, and unlike all around it."""
    image = drawing(1024, 1024)
    ImageDraw.Draw(image).ellipse((500, 500, 523, 523), LINE)

    assert np.abs(in_inks(smeared(image))[512, 512].astype(np.int64) - LINE).max() <= 16


def test_there_are_never_more_inks_than_that() -> None:
    patches = np.random.default_rng(3).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    large = patches.repeat(32, 0).repeat(32, 1)

    middles = in_inks(large)[16::32, 16::32].reshape(-1, 3)

    assert 20 < len(np.unique(middles, axis=0)) <= MOST


def test_no_edge_is_left_that_is_worth_less() -> None:
    pixels = smeared(drawing(256, 256))
    areas = merge(areas_of(pixels), pixels)

    count = int(areas.max()) + 1
    size = np.bincount(areas.ravel())
    total = np.stack([np.bincount(areas.ravel(), pixels[..., c].ravel()) for c in range(3)], 1)
    mean = total / size[:, None]
    edges = np.zeros((count, count))
    for one, other in ((areas[:, :-1], areas[:, 1:]), (areas[:-1], areas[1:])):
        np.add.at(edges, (one.ravel(), other.ravel()), 1)
    edges += edges.T
    assert count > 1
    for i, j in zip(*np.nonzero(np.triu(edges, 1)), strict=True):
        apart = np.square(mean[i] - mean[j]).sum()
        worth = apart * size[i] * size[j] / (size[i] + size[j]) / edges[i, j]
        assert worth >= EDGE * (1 - 1e-9)


def test_version_1_draws_these_very_pixels() -> None:
    """Whoever changes them raises INKS, so that a record says which version drew a picture."""
    digest = hashlib.sha256(in_inks(smeared(drawing(512, 384))).tobytes()).hexdigest()

    assert (INKS, digest[:16]) == (1, "0ba294cfcfce67d9")
