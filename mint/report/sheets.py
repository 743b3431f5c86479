"""Thumbnails -> sheets of many, so that a page of ten thousand pictures stays light."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from mint.curate.token import Token
from mint.paint.picture import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS = 5  # and as many rows: a browser has to decode a whole sheet to show one of its pictures
CELLS = COLUMNS * COLUMNS
FOLDER = "thumbnails"  # beside the page
CONTACT_EDGE = 2_048  # pixels: the most that the contact sheet is wide


def pictures(tokens: Sequence[Token]) -> list[Picture]:
    """Every picture that the page shows: the tokens', then those that were not chosen."""
    rest = (attempt.image for token in tokens for attempt in token.attempts)
    return [*(token.image for token in tokens), *rest]


def sheet_webp(thumbnails: Sequence[bytes]) -> bytes:
    """Up to CELLS thumbnails as one WebP of COLUMNS by COLUMNS cells, row by row."""
    from PIL import Image

    images = [_open(each) for each in thumbnails]
    width, height = images[0].size
    sheet = Image.new("RGB", (width * COLUMNS, height * COLUMNS))
    for i, image in enumerate(images):
        # Pictures of a collection have one size, but for those of an earlier image.upscale.
        cell = image if image.size == (width, height) else image.resize((width, height))
        sheet.paste(cell, (i % COLUMNS * width, i // COLUMNS * height))
    out = BytesIO()
    sheet.save(out, "WEBP", quality=86, method=2)
    return out.getvalue()


def contact_sheet_png(thumbnails: Sequence[bytes], veiled: Sequence[bool] = ()) -> bytes:
    """All thumbnails on one PNG, nearly square, at most CONTACT_EDGE pixels wide.

    Where `veiled` is true the picture is blurred beyond recognition.
    """
    from PIL import Image, ImageFilter

    columns = max(1, round(len(thumbnails) ** 0.5 + 0.499))
    width, height = _open(thumbnails[0]).size
    scale = min(1.0, CONTACT_EDGE / (columns * width))
    cell = max(1, int(width * scale)), max(1, int(height * scale))
    rows = -(-len(thumbnails) // columns)
    sheet = Image.new("RGB", (columns * cell[0], rows * cell[1]), "white")
    for i, thumbnail in enumerate(thumbnails):
        image = _open(thumbnail).resize(cell)
        if veiled and veiled[i]:
            image = image.filter(ImageFilter.GaussianBlur(cell[0] / 6))
        sheet.paste(image, (i % columns * cell[0], i // columns * cell[1]))
    out = BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _open(thumbnail: bytes) -> Image:
    from PIL import Image

    with Image.open(BytesIO(thumbnail)) as image:
        return image.convert("RGB")
