"""Copies are known by their light and shade, other pictures are not, empty ones tell nothing."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from mint.curate.multi_index import LIMIT, Index, close_hashes
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


def pairs_of(
    left: Prints, right: Prints, bits: int, *, same: bool = False
) -> dict[tuple[int, int], int]:
    close = close_prints(left, right, bits, same=same)
    numbered = zip(*(each.tolist() for each in close), strict=True)
    pairs = {(i, j): many for i, j, many in numbered}
    assert len(pairs) == len(close.rows)  # each is there once
    return pairs


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

    pairs = pairs_of(copies, originals, MATCH)

    assert all(i == j for i, j in pairs)
    assert len(pairs) >= len(DRAWINGS) - ("cropped" in kind)


def test_different_pictures_differ_in_many_bits(originals: Prints) -> None:
    pairs = pairs_of(originals, originals, BITS // 2, same=True)

    assert len(pairs) > 33  # the best of eight views is below the mean of chance
    assert min(pairs.values()) > 1.5 * MATCH


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_a_picture_without_features_is_like_nothing(colour: int) -> None:
    empty = file(Image.new("RGB", (64, 64), (colour, colour, colour)))
    both = prints(empty, empty, file(DRAWINGS[0]))

    assert both[0, -1] < FEATURELESS <= both[2, -1]
    assert pairs_of(both, both, MATCH, same=True) == {}


def test_a_mirrored_view_is_the_hash_of_the_mirror_image(originals: Prints) -> None:
    mirrored = prints(*(file(ImageOps.mirror(each)) for each in DRAWINGS))

    width = BITS // 8
    assert (originals[:, width : 2 * width] == mirrored[:, :width]).all()


# Few pictures, each with some bits of every view changed: so there are copies and strangers.
changed = st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 2**32 - 1))
rows = st.lists(changed, max_size=12)
limits = st.integers(0, MATCH) | st.integers(90, 127)


def row(picture: int, flips: int, seed: int) -> Prints:
    drawn = np.random.default_rng(picture).integers(0, 256, PRINT, np.uint8)
    views = np.unpackbits(drawn[:-1]).reshape(VIEWS, BITS)
    for view in views:
        view[np.random.default_rng(seed).choice(BITS, flips, replace=False)] ^= 1
    return np.append(np.packbits(views), drawn[-1:])


# By products of all pairs; by an index; and by the one where the other would take longer.
ways = st.sampled_from([(1 << 24, 16), (0, 1e-3), (0, 16)])


@given(left=rows, right=rows, bits=limits, same=st.booleans(), way=ways)
def test_close_prints_are_all_that_are_close(
    left: list[tuple[int, int, int]],
    right: list[tuple[int, int, int]],
    bits: int,
    same: bool,
    way: tuple[int, float],
) -> None:
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mint.curate.perceptual_hash.MANY", way[0])
        patch.setattr("mint.curate.perceptual_hash.WORTH", way[1])
        assert pairs_of(one, other, bits, same=same) == expected


@pytest.mark.parametrize("same", [True, False])
def test_an_index_gives_what_products_give_in_their_order(
    same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mint.curate.close_pairs.TILE", (16, 6))
    monkeypatch.setattr("mint.curate.multi_index.CANDIDATES", 50)
    draw = np.random.default_rng(3)
    flips = draw.integers(0, 30, 200)
    left = np.array([row(i // 4, flips[i], i) for i in range(200)], np.uint8)
    left[::7, :32] = left[::7, 96:128]  # a cut copy
    right = left if same else left[::-1]

    products = close_prints(left, right, MATCH, same=same)
    monkeypatch.setattr("mint.curate.perceptual_hash.MANY", 0)
    monkeypatch.setattr("mint.curate.perceptual_hash.WORTH", 0.01)
    index = close_prints(left, right, MATCH, same=same)

    assert len(products.rows) > 150
    assert index.rows.tolist() == products.rows.tolist()
    assert index.columns.tolist() == products.columns.tolist()
    assert index.bits.tolist() == products.bits.tolist()


def test_31_bits_are_found_in_the_one_key_that_they_hardly_touch() -> None:
    key = np.indices((16, 16)).sum(axis=0).ravel() % 16
    hashes = np.random.default_rng(4).integers(0, 256, (BITS, BITS // 8), np.uint8)
    bits = np.unpackbits(hashes, axis=1)
    for bit, each in enumerate(bits):
        each[bit] ^= 1
        for other in set(range(16)) - {key[bit]}:
            each[np.flatnonzero(key == other)[[bit % 16, bit % 16 - 1]]] ^= 1
    changed = np.packbits(bits, axis=1)

    close = close_hashes(Index(hashes), Index(changed), LIMIT, 1 << 20)

    assert close
    assert close.rows.tolist() == close.columns.tolist() == list(range(BITS))
    assert set(close.bits.tolist()) == {LIMIT}
    none = close_hashes(Index(hashes), Index(changed), LIMIT - 1, 1 << 20)
    assert none
    assert not len(none.rows)


def test_copies_of_one_picture_are_too_many_to_look_up() -> None:
    copies = np.repeat(row(1, 0, 0)[None], 300, axis=0)
    index = Index(copies[:, : BITS // 8])

    assert close_hashes(index, index, LIMIT, 300 * 300 - 1) is None
