"""Pictures that guide all tokens: read, cut, reduced to edges, on record; or refused at a place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from mint.document import sha256
from mint.errors import CollectionError
from mint.spec.edges import edges
from mint.spec.guide_pictures import guide_pictures
from mint.spec.load import load
from tests.conftest import edit
from tests.families.guides import disc

if TYPE_CHECKING:
    from mint.spec.drawings import Pixels

REFERENCE = "reference: {file: mood.png, model: ./ip, weights: a.safetensors}"
CONTROL = "control: {file: mood.png, model: ./net, kind: edges, scale: 0.8}"


@pytest.fixture
def guided(tiny: Path) -> Callable[..., Path]:
    """collections/tiny with lines below image, and beside it mood.png and two empty folders."""

    def write(*lines: str) -> Path:
        edit(tiny, "  steps: 2\n", "".join(f"  {line}\n" for line in ["steps: 2", *lines]))
        for name in ("ip", "net"):
            (tiny.parent / name).mkdir()
        disc().save(tiny.parent / "mood.png")
        return tiny

    return write


def refusal(file: Path) -> CollectionError:
    with pytest.raises(CollectionError) as caught:
        load(file)
    return caught.value


def test_edges_are_the_outline_one_pixel_wide() -> None:
    found = edges(np.asarray(disc(256)))

    row, column = np.nonzero(found[..., 0])
    distance = np.hypot(row - 128, column - 128)
    assert np.all(np.abs(distance - 64) < 2.5)
    turns = np.arctan2(row - 128, column - 128) / (2 * np.pi) % 1
    assert len(np.unique((60 * turns).astype(int))) == 60  # in every direction there is some
    assert len(row) < 2 * np.pi * 64 * 1.2
    assert set(np.unique(found)) == {0, 255}


def test_weak_edges_count_where_they_lead_to_strong_ones() -> None:
    rows = np.full((64, 128, 3), 100, np.uint8)
    rows[32:, :64] += np.linspace(120, 40, 64, dtype=np.uint8)[:, None]  # fades to the right
    rows[32:, 64:] += 40
    faint = np.full((64, 64, 3), 100, np.uint8)
    faint[32:] += 40

    assert edges(rows)[28:36, 100].any()
    assert not edges(faint).any()


def test_what_guides_is_on_record_and_a_stranger_needs_no_file(
    guided: Callable[..., Path],
) -> None:
    file = guided(REFERENCE, CONTROL)

    collection, source = load(file)

    pictures = guide_pictures(collection, source)
    image = collection.image
    assert image.reference is not None
    assert image.control is not None
    assert image.reference.pixels == sha256(np.asarray(disc()).tobytes())
    assert image.control.pixels == sha256(edges(np.asarray(disc())).tobytes())
    assert sha256(pictures["control"].tobytes()) == image.control.pixels
    assert type(collection).parse(collection.canonical()) == collection


def test_a_picture_is_seen_as_people_see_it(guided: Callable[..., Path]) -> None:
    """Turned by EXIF, on white where transparent, in 16 bits or the colours of a press."""
    file = guided(REFERENCE)
    mood, half = file.parent / "mood.png", Image.new("RGB", (64, 64), "white")
    half.paste("black", (0, 0, 64, 32))

    def read() -> Pixels:
        return guide_pictures(*load(file))["reference"]

    turned = half.rotate(90)
    exif = turned.getexif()
    exif[0x0112] = 6  # lies on its side
    turned.save(mood, exif=exif)
    assert np.array_equal(read(), np.asarray(half))
    cover = Image.new("RGBA", (64, 64), (0, 0, 0, 255))
    cover.paste((0, 0, 0, 0), (0, 32, 64, 64))
    cover.save(mood)
    assert np.array_equal(read(), np.asarray(half))
    half.convert("CMYK").save(mood, "JPEG", quality=100)
    assert np.abs(read().astype(int) - np.asarray(half)).max() < 20
    deep = np.zeros((64, 64), np.uint16)
    deep[32:] = 65535
    Image.fromarray(deep).save(mood, "PNG")
    assert np.abs(read().astype(int) - np.asarray(half)).max() <= 1


def test_another_picture_than_its_digest_says_is_refused(guided: Callable[..., Path]) -> None:
    digest = sha256(np.asarray(disc()).tobytes())
    file = guided(REFERENCE.replace("}", f", pixels: {digest}}}"))
    load(file)

    Image.new("RGB", (64, 64), "blue").save(file.parent / "mood.png")

    assert "mood.png" in str(refusal(file))
    assert "is another picture" in str(refusal(file))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "does not exist"),
        (b"GIF89a", "is no PNG, JPEG or WebP file, or is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "is no PNG, JPEG or WebP file, or is damaged"),
    ],
)
def test_what_is_no_picture_is_refused_at_its_place(
    content: bytes | None, what: str, guided: Callable[..., Path]
) -> None:
    file = guided(CONTROL)
    mood = file.parent / "mood.png"
    mood.unlink()
    if content is not None:
        mood.write_bytes(content)

    assert str(refusal(file)).endswith(f'yaml:10:19: the picture "mood.png" {what}')


@pytest.mark.parametrize(
    ("line", "place", "what"),
    [
        (CONTROL.replace("0.8", "0.8, start: 0.6, end: 0.5"), "10:75", "from 0.6 until 0.5"),
        (REFERENCE.replace("a.safetensors", "ip.bin"), "10:53", "can run any code"),
        (REFERENCE.replace("./ip", "h94/IP-Adapter"), "10:38", "is not pinned"),
        (REFERENCE.replace("./ip", "./nowhere"), "10:38", "does not exist"),
        (CONTROL.replace("./net", "atelier"), "10:36", "atelier is a painter, no ControlNet"),
        (CONTROL.replace("edges", "depth"), "10:49", "depth"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_place(
    line: str, place: str, what: str, guided: Callable[..., Path]
) -> None:
    error = str(refusal(guided(line)))

    assert what in error
    assert f"yaml:{place}" in error


def test_a_picture_without_outlines_guides_nothing(guided: Callable[..., Path]) -> None:
    file = guided(CONTROL)
    Image.new("RGB", (64, 64), "blue").save(file.parent / "mood.png")

    assert "has no edges to go by" in str(refusal(file))


def test_a_drawing_to_begin_with_goes_with_a_look_and_not_with_outlines(
    guided: Callable[..., Path],
) -> None:
    file = guided(REFERENCE, "init: mood.png")
    load(file)

    edit(file, "init: mood.png", f"init: mood.png\n  {CONTROL}")

    assert "follows no ControlNet" in str(refusal(file))
    assert "11:3" in str(refusal(file))


def test_walk_paints_from_words_alone(guided: Callable[..., Path]) -> None:
    file = guided(REFERENCE)
    edit(file, "one_of_ones:\n", "animate: {tokens: [1]}\none_of_ones:\n")

    assert "walk moves what is painted from words alone" in str(refusal(file))
