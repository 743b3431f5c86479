"""Cells of pictures -> a page to choose a look from, and the same as one labelled PNG."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.report.template import environment, policy_source
from mint.report.thumbnail import data_uri

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

HERE = Path(__file__).parent
PAGE, SHEET = "index.html", "sheet.png"
WIDEST = 4_096  # pixels of the PNG
GAP, TEXT = 12, 18  # between cells, and the height of a label, for cells of 256 pixels


class Side(NamedTuple):
    """An axis of the sheet, and its values."""

    axis: str
    values: tuple[str, ...]


class Shot(NamedTuple):
    """A picture as WebP, its size in pixels, whose it is and the words that it was painted by."""

    webp: bytes
    size: tuple[int, int]
    name: str
    prompt: str


class View(NamedTuple):
    """A cell: its pictures, what a judge counts in them, the lines of collection.yaml for it."""

    shots: tuple[Shot, ...]
    lines: str
    seen: int = 0
    contradicted: int = 0
    judged: int = 0


def page(name: str, across: Side, down: Side | None, views: Sequence[View]) -> str:
    """The page; `views` come row by row. It contains what it shows."""
    style = "".join((HERE / f).read_text(encoding="utf-8") for f in ("style.css", "tryout.css"))
    cells = [_cell(view) for view in views]
    width = len(across.values)
    return (
        environment()
        .get_template("tryout.html")
        .render(
            name=name,
            axes=[side.axis for side in (across, down) if side],
            across=across,
            down=down,
            rows=[cells[i : i + width] for i in range(0, len(cells), width)],
            number=len(views[0].shots),
            judged=any(view.judged for view in views),
            sheet=SHEET,
            style=style,
            policy=policy_source(style),
        )
    )


def _cell(view: View) -> dict[str, object]:
    pictures = [
        {
            "uri": data_uri(shot.webp),
            "width": shot.size[0],
            "height": shot.size[1],
            "name": shot.name,
            "prompt": shot.prompt,
        }
        for shot in view.shots
    ]
    return {**view._asdict(), "pictures": pictures}


def sheet_png(across: Side, down: Side | None, views: Sequence[View]) -> bytes:
    """All cells with labels above and beside them, at most WIDEST pixels wide."""
    from PIL import Image, ImageDraw

    columns = len(across.values)
    rows = len(views) // columns
    cells = [_montage(view) for view in views]
    left = 9 * TEXT if down else 0
    scale = min(1.0, (WIDEST - left - GAP) / (columns * (cells[0].width + GAP)))
    wide, high = (max(1, int(side * scale)) for side in cells[0].size)
    below = TEXT + GAP if any(view.judged for view in views) else 0
    step = high + GAP + below
    size = left + GAP + columns * (wide + GAP), 2 * TEXT + GAP + rows * step
    sheet = Image.new("RGB", size, "#f5f3ee")
    draw = ImageDraw.Draw(sheet)
    for i, value in enumerate(across.values):
        place = left + GAP + i * (wide + GAP), GAP
        _write(draw, place, f"{across.axis} {value}", wide)
    for i, value in enumerate(down.values if down else ()):
        _write(draw, (GAP, 2 * TEXT + GAP + i * step), f"{down.axis if down else ''} {value}", left)
    for i, (view, cell) in enumerate(zip(views, cells, strict=True)):
        x = left + GAP + i % columns * (wide + GAP)
        y = 2 * TEXT + GAP + i // columns * step
        sheet.paste(cell.resize((wide, high), Image.Resampling.LANCZOS), (x, y))
        if view.judged:
            text = f"{view.seen} of {view.judged} traits seen"
            _write(draw, (x, y + high + GAP // 2), text, wide)
    out = BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _montage(view: View) -> Image:
    """A cell's pictures, two in a row."""
    from PIL import Image

    columns = min(2, len(view.shots))
    wide, high = view.shots[0].size
    rows = -(-len(view.shots) // columns)
    cell = Image.new("RGB", (columns * wide, rows * high), "#fffefb")
    for i, shot in enumerate(view.shots):
        with Image.open(BytesIO(shot.webp)) as image:
            cell.paste(image.convert("RGB"), (i % columns * wide, i // columns * high))
    return cell


def _write(draw: ImageDraw, place: tuple[int, int], text: str, width: int) -> None:
    """A label, cut where it would run into the next."""
    from PIL import ImageFont

    font = ImageFont.load_default(TEXT - 3)
    while text and draw.textlength(text, font) > width:
        text = text[:-1]
    draw.text(place, text, fill="#1c1a17", font=font)
