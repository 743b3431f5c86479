"""Thumbnails -> one PNG with all of them, to send around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import chain
from math import ceil, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

WIDEST = 2_048  # pixels


def contact_sheet_png(thumbnails: Iterable[bytes], veiled: Sequence[bool]) -> bytes:
    """All thumbnails, row by row, nearly square, at most WIDEST pixels wide.

    `veiled` says of each, and so how many there are, at least one, whether its picture is blurred
    beyond recognition. One thumbnail at a time is in memory.
    """
    from PIL import Image, ImageFilter

    pictures = map(_open, thumbnails)
    first = next(pictures)
    columns = ceil(sqrt(len(veiled)))
    width, height = first.size
    scale = min(1.0, WIDEST / (columns * width))
    cell = max(1, int(width * scale)), max(1, int(height * scale))
    rows = ceil(len(veiled) / columns)
    sheet = Image.new("RGB", (columns * cell[0], rows * cell[1]), "white")
    for i, picture in enumerate(chain([first], pictures)):
        image = picture.resize(cell)
        if veiled[i]:
            image = image.filter(ImageFilter.GaussianBlur(cell[0] / 4))
        sheet.paste(image, (i % columns * cell[0], i // columns * cell[1]))
    out = BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _open(thumbnail: bytes) -> Image:
    from PIL import Image

    with Image.open(BytesIO(thumbnail)) as image:
        return image.convert("RGB")
