"""Films in mp4 files: equal frames give equal bytes, and what strangers send is refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.document import sha256
from mint.errors import RenderError
from mint.paint.mp4 import Mp4, decode_film, encode_film, encoder_version, rgb, yuv420

if TYPE_CHECKING:
    from mint.paint.png import Pixels

COUNT, SIDE = 6, 64


@pytest.fixture(scope="module")
def frames() -> list[Pixels]:
    """A bright square that moves over a gradient."""
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    ground = np.stack([x * 4, y * 4, np.full_like(x, 90)], -1).astype(np.uint8)
    films = [ground.copy() for _ in range(COUNT)]
    for i, frame in enumerate(films):
        frame[20:36, 8 * i : 8 * i + 16] = (240, 200, 40)
    return films


@pytest.fixture(scope="module")
def film(frames: list[Pixels]) -> Mp4:
    return encode_film(iter(frames), 12)


def psnr(one: Pixels, other: Pixels) -> float:
    error = ((one.astype(float) - other) ** 2).mean()
    return float(10 * np.log10(255**2 / error))


def test_two_encodes_are_equal_to_the_byte(frames: list[Pixels], film: Mp4) -> None:
    assert encode_film(frames, 12) == film
    assert encode_film(frames, 13).data != film.data


def test_the_frames_digest_is_of_what_went_in(frames: list[Pixels], film: Mp4) -> None:
    assert film.frames == sha256(b"".join(frame.tobytes() for frame in frames))


def test_it_shows_its_frames(frames: list[Pixels], film: Mp4) -> None:
    shown = list(decode_film(film.data, COUNT, SIDE, SIDE))

    assert min(psnr(*pair) for pair in zip(frames, shown, strict=True)) > 28
    assert max(psnr(*pair) for pair in pairwise(frames)) < 24  # or another frame would pass


def test_a_browser_finds_the_index_first(film: Mp4) -> None:
    assert film.data[4:8] == b"ftyp"
    assert film.data.index(b"moov") < film.data.index(b"mdat")
    assert b"trainedAlgorithmicMedia" in film.data
    assert b"Lavf" not in film.data  # neither FFmpeg's version nor a clock: two machines agree


def test_the_record_names_what_compressed_it() -> None:
    assert encoder_version().startswith("av ")
    assert "libx264" in encoder_version()


@pytest.mark.parametrize(
    ("colour", "expected"),
    # BT.709 in limited range: https://www.itu.int/rec/R-REC-BT.709, 3.4 and table 3
    [
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
    ],
)
def test_colours_are_those_of_the_standard(
    colour: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    frame = np.full((4, 4, 3), colour, np.uint8)
    planes = yuv420(frame)

    assert (planes[0, 0], planes[4, 0], planes[5, 0]) == expected
    assert np.abs(rgb(planes).astype(int) - frame).max() <= 2


def test_files_of_strangers_are_refused(film: Mp4) -> None:
    lies: list[tuple[bytes, int, int, int]] = [
        (b"", COUNT, SIDE, SIDE),
        (b"<html>", COUNT, SIDE, SIDE),
        (film.data[: len(film.data) // 2], COUNT, SIDE, SIDE),
        (film.data, COUNT - 1, SIDE, SIDE),
        (film.data, COUNT + 1, SIDE, SIDE),
        (film.data, COUNT, SIDE * 2, SIDE),
    ]
    for data, count, width, height in lies:
        with pytest.raises(ValueError):  # noqa: PT011  # each says something else
            list(decode_film(data, count, width, height))


def test_what_a_model_refuses_stays_its_own_error(frames: list[Pixels]) -> None:
    def broken() -> Iterator[Pixels]:
        yield frames[0]
        raise RenderError("out of memory")

    with pytest.raises(RenderError, match="out of memory"):
        encode_film(broken(), 12)
    with pytest.raises(RenderError, match="out of memory"):
        encode_film((frame for frame in broken_at_once()), 12)


def broken_at_once() -> Iterator[Pixels]:
    raise RenderError("out of memory")
    yield
