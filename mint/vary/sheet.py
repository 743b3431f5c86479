"""Pictures with a line of words below each -> one PNG to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt

CELL, LINE = 320, 26  # pixels: the longer edge of a picture, the height of its words
WIDEST = 6  # pictures in a row


def proof_sheet(cells: Sequence[tuple[str, bytes]]) -> bytes:
    """The PNGs in order, row by row, nearly square."""
    from PIL import Image, ImageDraw, ImageFont

    columns = min(WIDEST, ceil(sqrt(len(cells))))
    rows = ceil(len(cells) / columns)
    with Image.open(BytesIO(cells[0][1])) as first:
        scale = CELL / max(first.size)
        width, height = (max(1, round(side * scale)) for side in first.size)
    sheet = Image.new("RGB", (columns * width, rows * (height + LINE)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for i, (words, png) in enumerate(cells):
        x, y = i % columns * width, i // columns * (height + LINE)
        with Image.open(BytesIO(png)) as picture:
            sheet.paste(picture.convert("RGB").resize((width, height)), (x, y))
        draw.text((x + 6, y + height + 4), words, "black", font)
    out = BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()
