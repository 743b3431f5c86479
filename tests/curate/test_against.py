"""`dedup.against`: pictures of others, from folders and from earlier builds."""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from mint.check import preflight
from mint.curate.against import open_against
from mint.curate.memo import memoised_hash
from mint.curate.second_sign import no_vectors
from mint.errors import CollectionError
from mint.spec.load import load
from mint.store import Store
from tests.builds import painted, run
from tests.conftest import edit


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"


def empty_png(side: int) -> bytes:
    """A PNG that says how large it is, and has no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def against(file: Path, *entries: str) -> None:
    edit(file, "one_of_ones:\n", f"dedup: {{against: {json.dumps(entries)}}}\none_of_ones:\n")


def test_a_token_that_looks_like_protected_art_is_painted_again(copy: Path) -> None:
    before, _, _ = run(copy, until="render")
    art = copy.parent / "art" / "deep"
    art.mkdir(parents=True)
    picture = Image.open(copy.parent / "build/tiny/images/2.png")
    picture.save(art / "stolen.png")
    picture.convert("L").save(art / "gray.jpg")
    (art / "notes.txt").write_text("not a picture")
    against(copy, "art")

    after, news, _ = run(copy, until="render")

    assert painted(news) == 1
    assert [token.attempt for token in after.tokens] == [0, 1, 0, 0, 0, 0]
    assert after.tokens[2].image == before.tokens[2].image
    assert any("none may look like one of 2 other pictures" in line for line in preflight(copy))


def test_a_build_beside_its_manifest(built: Path, tiny: Path) -> None:
    edit(tiny, "name: Tiny", "name: Second")
    against(tiny, str(built.parent / "build/tiny/manifest.json"))

    manifest, _, _ = run(tiny, until="render")

    assert [token.attempt for token in manifest.tokens] == [1] * 6


def test_a_copy_that_only_its_exif_turns_upright_is_one(copy: Path) -> None:
    run(copy, until="render")
    (copy.parent / "art").mkdir()
    on_its_side = Image.Exif()
    on_its_side[ExifTags.Base.Orientation] = 6
    picture = Image.open(copy.parent / "build/tiny/images/2.png")
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    turned.save(copy.parent / "art/turned.jpg", quality=95, exif=on_its_side)
    against(copy, "art")

    after, news, _ = run(copy, until="render")

    assert [token.attempt for token in after.tokens] == [0, 1, 0, 0, 0, 0]
    assert ("comparing", 1, 1) in news


def test_what_is_transparent_is_white(copy: Path) -> None:
    (copy.parent / "art").mkdir()
    shape = Image.linear_gradient("L").point(lambda value: 255 if value > 99 else 0)
    cut_out = Image.new("RGB", shape.size, "teal")
    Image.composite(cut_out, Image.new("RGB", shape.size, "white"), shape).save(
        copy.parent / "art/flat.png"
    )
    cut_out.putalpha(shape)
    cut_out.save(copy.parent / "art/transparent.webp", lossless=True, exact=True)
    against(copy, "art")
    store = Store(copy.parent / ".mint")

    gallery = open_against(*load(copy), store, no_vectors, memoised_hash(store))

    assert gallery
    assert len(gallery) == 1  # the same picture twice


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("nowhere", "does not exist"),
        ("empty", "holds no picture"),
        ("collection.yaml", "is no manifest of a build"),
        ("broken", r"broken/x\.png cannot be read as a picture"),
        ("huge", r"huge/x\.png has more than 100 million pixels"),
        ("build/tiny", "this collection's own build"),
    ],
)
def test_what_cannot_be_compared_is_said_with_its_place(
    copy: Path, entry: str, message: str
) -> None:
    (copy.parent / "empty").mkdir()
    (copy.parent / "broken").mkdir()
    (copy.parent / "broken/x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (copy.parent / "huge").mkdir()
    (copy.parent / "huge/x.png").write_bytes(empty_png(14_000))
    against(copy, entry)

    with pytest.raises(CollectionError, match=rf"yaml:21:19: .*{message}") as caught:
        run(copy, until="render")

    assert caught.value.hint
