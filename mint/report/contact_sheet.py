"""Thumbnails -> one PNG with all of them, to send around."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

WIDEST = 2_048  # pixels


def contact_sheet_png(thumbnails: Sequence[bytes], veiled: Sequence[bool] = ()) -> bytes:
    """All thumbnails, row by row, nearly square, at most WIDEST pixels wide.

    Where `veiled` is true the picture is blurred beyond recognition.
    """
    from PIL import Image, ImageFilter

    columns = ceil(sqrt(len(thumbnails)))
    width, height = _open(thumbnails[0]).size
    scale = min(1.0, WIDEST / (columns * width))
    cell = max(1, int(width * scale)), max(1, int(height * scale))
    rows = ceil(len(thumbnails) / columns)
    sheet = Image.new("RGB", (columns * cell[0], rows * cell[1]), "white")
    for i, thumbnail in enumerate(thumbnails):
        image = _open(thumbnail).resize(cell)
        if veiled and veiled[i]:
            image = image.filter(ImageFilter.GaussianBlur(cell[0] / 4))
        sheet.paste(image, (i % columns * cell[0], i // columns * cell[1]))
    out = BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _open(thumbnail: bytes) -> Image:
    from PIL import Image

    with Image.open(BytesIO(thumbnail)) as image:
        return image.convert("RGB")
