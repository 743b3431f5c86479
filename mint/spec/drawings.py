"""The drawings that collection.yaml names -> pixels of the size that is painted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mint.document import sha256
from mint.spec.collection import Collection, beside
from mint.spec.init import Init
from mint.spec.yaml_source import Location, Source

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

    Pixels = npt.NDArray[np.uint8]  # of shape (height, width, 3), RGB

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 64 * 10**6
MOST_PIXELS = 100 * 10**6


class NoDrawing(ValueError):
    """A file that cannot be used; its two arguments are what is wrong and what to do."""


def drawings(collection: Collection) -> Iterator[tuple[Location, Init]]:
    """Every drawing that the file names, with its place there."""
    if collection.image.init:
        yield ("image", "init"), collection.image.init
    for trait in collection.traits:
        for value in trait.values:
            if value.init:
                yield ("traits", trait.name, value.name, "init"), value.init
    for i, one in enumerate(collection.one_of_ones):
        if one.init:
            yield ("one_of_ones", i, "init"), one.init


def with_drawings(collection: Collection, source: Source) -> Collection:
    """The collection with the digest of each drawing's pixels; raises CollectionError.

    So whoever has the record knows what each picture begins with.
    """
    digests = {
        place: sha256(drawing(collection, init, source, place).tobytes())
        for place, init in drawings(collection)
    }
    if not digests:
        return collection

    def known(part: Init | None, *place: str | int) -> dict[str, Init]:
        return {"init": part.model_copy(update={"pixels": digests[place]})} if part else {}

    image = collection.image.model_copy(update=known(collection.image.init, "image", "init"))
    ones = tuple(
        one.model_copy(update=known(one.init, "one_of_ones", i, "init"))
        for i, one in enumerate(collection.one_of_ones)
    )
    traits = []
    for trait in collection.traits:
        place = "traits", trait.name
        values = tuple(
            value.model_copy(update=known(value.init, *place, value.name, "init"))
            for value in trait.values
        )
        traits.append(trait.model_copy(update={"values": values}))
    update = {"image": image, "one_of_ones": ones, "traits": tuple(traits)}
    return collection.model_copy(update=update)


def drawing(collection: Collection, init: Init, source: Source, place: Location) -> Pixels:
    """The pixels of a drawing, as large as pictures are painted.

    Raises CollectionError with its place where it cannot be read, or is another than the file says.
    """
    size = collection.image.size
    where = place if (*place, "file") not in source.keys else (*place, "file")
    try:
        file, background = beside(init.file, source.path), collection.background_color
        pixels = opened_drawing(file, size, background)
    except NoDrawing as error:
        what, hint = error.args
        raise source.error(where, f'the drawing "{init.file}" {what}', hint) from error
    if init.pixels and init.pixels != sha256(pixels.tobytes()):
        raise source.error(
            (*place, "pixels"),
            f'the drawing "{init.file}" is another one, or another size is painted',
            "bring the earlier file back, or delete `pixels`",
        )
    return pixels


def opened_drawing(file: Path, size: tuple[int, int], background: str | None) -> Pixels:
    """The file as RGB pixels of `size` (width, height), on white where there is no `background`.

    Raises NoDrawing.
    """
    return fitted(_content(file), size, background or "ffffff")


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        what = "does not exist"
        raise NoDrawing(what, "give a PNG, JPEG or WebP file, relative to this file") from error
    except OSError as error:
        hint = "give a PNG, JPEG or WebP file that you may read"
        raise NoDrawing(f"cannot be read: {error.strerror}", hint) from error
    if len(data) > MOST_BYTES:
        raise NoDrawing(f"is larger than {MOST_BYTES // 10**6} MB", "save it smaller")
    return data


def fitted(data: bytes, size: tuple[int, int], background: str) -> Pixels:
    """A picture file as RGB pixels of `size` (width, height), cut around its middle; NoDrawing.

    It is turned as its EXIF says; `background` (six hexadecimal digits) is behind what is
    transparent. Other sizes are reached by Pillow's Lanczos filter, which works in integers.
    """
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NoDrawing(
                    f"has {picture.width} x {picture.height} pixels",
                    f"save it smaller: {MOST_PIXELS // 10**6} million are the most",
                )
            upright = ImageOps.exif_transpose(picture)
            flat = opaque(upright, background)
            return np.asarray(ImageOps.fit(flat, size, Image.Resampling.LANCZOS))
    except NoDrawing:
        raise
    except Exception as error:  # decoders of pictures raise whatever a hostile file makes them
        hint = "open it in an image editor and export it as PNG"
        raise NoDrawing("is no PNG, JPEG or WebP file, or is damaged", hint) from error


def opaque(image: Image, background: str) -> Image:
    """In RGB; 16-bit greys become 8-bit ones, and transparency shows the background."""
    from PIL import Image as Pillow

    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    behind = Pillow.new("RGBA", image.size, f"#{background}ff")
    return Pillow.alpha_composite(behind, image.convert("RGBA")).convert("RGB")
