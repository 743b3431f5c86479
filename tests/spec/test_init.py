"""`init:` in collection.yaml: drawings read, fitted, named on record, refused with their place."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.document import sha256
from mint.errors import CollectionError
from mint.plan.recipe import Painter, Start, candidate, sources_of
from mint.plan.tokens import plan
from mint.spec.collection import Collection
from mint.spec.drawings import NoDrawing, fitted
from mint.spec.load import load

FILE = """\
name: Drawn
symbol: DRAWN
description: Begun by hand.
supply: 4
seed: 1
background_color: "ff0000"
image:
  prompt: "a {Species}"
  width: 64
  height: 64
  INIT
traits:
  Species: {fox: {count: 1, init: fox.png}, cat: 1}
one_of_ones:
  - {name: The Other, prompt: "a dog", token_id: 4, init: {file: dog.png, strength: 0.9}}
  - {name: The First, prompt: "a dog", token_id: 1}
"""


def png(colour: object = "blue", size: tuple[int, int] = (64, 64), mode: str = "RGB") -> bytes:
    return saved(Image.new(mode, size, colour), "PNG")  # type: ignore[arg-type]  # pillow's colours are of many kinds


def saved(image: Image.Image, form: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    for name, colour in (("all", "blue"), ("fox", "orange"), ("dog", "white")):
        (tmp_path / f"{name}.png").write_bytes(png(colour))
    file = tmp_path / "collection.yaml"
    file.write_text(FILE.replace("INIT", "init: all.png"))
    return file


def starts(collection: Collection) -> dict[str, Start | None]:
    """By the token's value or name."""
    slots = plan(collection)
    return {
        next(iter(slot.traits.values())): candidate(
            collection, slot, 0, Painter("x", 2)
        ).recipe.start
        for slot in slots
    }


def test_each_token_begins_with_its_own_drawing_and_a_stranger_knows_it(drawn: Path) -> None:
    collection, _ = load(drawn)
    blue, orange, white = (
        sha256(np.asarray(Image.new("RGB", (64, 64), c)).tobytes())
        for c in ("blue", "orange", "white")
    )
    expected = {
        "The First": Start(picture=blue, strength=0.6),
        "cat": Start(picture=blue, strength=0.6),
        "fox": Start(picture=orange, strength=0.6),
        "The Other": Start(picture=white, strength=0.9),
    }
    assert starts(collection) == expected
    stranger = Collection.parse(collection.canonical())
    assert starts(stranger) == expected
    recipe = candidate(collection, plan(collection)[0], 0, Painter("x", 2)).recipe
    assert (list(sources_of(recipe)), recipe.slot) == ([blue], None)


def test_another_drawing_is_another_collection_and_without_one_nothing_changes(drawn: Path) -> None:
    before, _ = load(drawn)
    (drawn.parent / "all.png").write_bytes(png("green"))
    assert load(drawn)[0].digest != before.digest
    plain = FILE.replace("  INIT\n", "").replace(", init: fox.png", "")
    drawn.write_text(plain.replace(", init: {file: dog.png, strength: 0.9}", ""))
    assert b"init" not in load(drawn)[0].canonical()


def test_pixels_in_the_file_refuse_another_drawing(drawn: Path) -> None:
    digest = load(drawn)[0].image.init
    assert digest is not None
    long_form = f"init: {{file: all.png, pixels: {digest.pixels}}}"
    drawn.write_text(FILE.replace("INIT", long_form))
    load(drawn)
    (drawn.parent / "all.png").write_bytes(png("green"))
    with pytest.raises(CollectionError, match=r'yaml:11:33: the drawing "all.png" is another one'):
        load(drawn)


@pytest.mark.parametrize(
    ("written", "place", "message"),
    [
        ("init: none.png", "11:9", 'the drawing "none.png" does not exist'),
        ("init: {file: none.png}", "11:16", "does not exist"),
        ("init: .", "11:9", "cannot be read: Is a directory"),
        ("init: collection.yaml", "11:9", "is no PNG, JPEG or WebP file, or is damaged"),
        ("init: {file: all.png, strength: 0}", "11:35", "strength"),
        ("init: {strength: 0.5}", "11:9", "file"),
        ("init: {file: all.png, strenght: 1}", "11:25", "strenght"),
        ("init: 3", "11:9", "init"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(
    drawn: Path, written: str, place: str, message: str
) -> None:
    drawn.write_text(FILE.replace("INIT", written))
    with pytest.raises(CollectionError) as caught:
        load(drawn)
    assert f"collection.yaml:{place}: " in str(caught.value)
    assert message in str(caught.value)
    assert caught.value.hint


def test_a_one_of_ones_and_a_values_drawing_are_named_at_their_place(drawn: Path) -> None:
    for name, place in (("fox", "13:35"), ("dog", "15:66")):
        (drawn.parent / f"{name}.png").write_bytes(b"")
        with pytest.raises(CollectionError, match=f"yaml:{place}: the drawing .{name}.png. is no"):
            load(drawn)
        (drawn.parent / f"{name}.png").write_bytes(png())


def test_a_drawing_is_cut_around_its_middle() -> None:
    wide = Image.new("RGB", (300, 100), "green")
    wide.paste("blue", (100, 0, 200, 100))
    pixels = fitted(saved(wide, "PNG"), (64, 64), "ffffff")
    assert pixels.shape == (64, 64, 3)
    assert (pixels[:, 8:56] == (0, 0, 255)).all()
    assert fitted(saved(wide, "PNG"), (128, 64), "ffffff").shape == (64, 128, 3)


def test_kinds_of_files_give_the_same_picture() -> None:
    """Turned by EXIF, in CMYK, with a palette, in grey of 16 bits, see-through."""
    lying = Image.new("RGB", (64, 64), "white")
    lying.paste("black", (0, 0, 64, 32))
    standing = lying.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 270 degrees
    upright = fitted(saved(lying, "PNG"), (64, 64), "ffffff")
    assert (fitted(saved(standing, "PNG", exif=exif), (64, 64), "ffffff") == upright).all()
    for other in (lying.convert("P"), lying.convert("1"), lying.convert("L")):
        assert (fitted(saved(other, "PNG"), (64, 64), "ffffff") == upright).all()
    deep = Image.fromarray(np.asarray(lying.convert("L")).astype(np.uint16) * 257)
    assert (fitted(saved(deep, "PNG"), (64, 64), "ffffff") == upright).all()
    printed = fitted(saved(lying.convert("CMYK"), "JPEG", quality=100), (64, 64), "ffffff")
    assert np.abs(printed.astype(int) - upright).mean() < 2
    glass = lying.convert("RGBA")
    glass.putalpha(Image.eval(lying.convert("L"), lambda value: 255 - value))
    assert (fitted(saved(glass, "PNG"), (64, 64), "ffffff") == upright).all()
    assert (
        fitted(saved(glass, "WEBP", lossless=True), (64, 64), "ff0000")[40] == (255, 0, 0)
    ).all()


def _header(wide: int, high: int) -> bytes:
    """A PNG that says that it is so large, and has nothing else."""
    body = b"IHDR" + struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", png()[:60], png()[:-20] + b"x" * 20, _header(60_000, 60_000), _header(0, 9)],
    ids=["empty", "gif", "cut", "torn", "huge", "flat"],
)
def test_a_hostile_file_is_refused(data: bytes) -> None:
    with pytest.raises(NoDrawing):
        fitted(data, (64, 64), "ffffff")


def test_the_schema_knows_both_forms() -> None:
    from mint.spec.schema import json_schema

    text = json.dumps(json_schema())
    assert text.count('"examples": ["sketch.png"') >= 3
