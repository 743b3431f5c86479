"""A painted sheet -> build/<slug>/try/: the page, and the same as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from mint.paint.picture import Picture, stored
from mint.plan.recipe import Slot
from mint.record.folders import Folders
from mint.report.thumbnail import thumbnail_key, thumbnail_webp
from mint.report.tryout import PAGE, SHEET, Shot, Side, View, page, sheet_png
from mint.store import Store, write
from mint.tryout.cells import Grid
from mint.tryout.sheet import Painted

EDGE = 512  # pixels of a picture's longer side on the page
FOLDER = "try"


def write_sheet(folders: Folders, grid: Grid, results: Sequence[Painted]) -> Path:
    """Write both files; the page's path. Equal sheets give equal bytes."""
    store, folder = Store(folders.state), folders.out / FOLDER
    across, *others = (Side(*each) for each in zip(grid.axes, grid.values, strict=True))
    down = others[0] if others else None
    views = [_view(store, each) for each in results]
    name = results[0].cell.collection.name
    write(folder / PAGE, page(name, across, down, views).encode(), durable=False)
    write(folder / SHEET, sheet_png(across, down, views), durable=False)
    return folder / PAGE


def _view(store: Store, result: Painted) -> View:
    counts = result.verdicts
    shots = (
        _shot(store, slot, picture, is_unsafe)
        for slot, picture, is_unsafe in zip(
            result.slots, result.pictures, result.veiled, strict=True
        )
    )
    return View(
        tuple(shots),
        result.cell.lines,
        seen=counts["seen"],
        contradicted=counts["contradicted"],
        judged=counts.total(),
    )


def _shot(store: Store, slot: Slot, picture: Picture, is_unsafe: bool) -> Shot:
    """A picture for the page, blurred beyond recognition if it is not for everybody to see."""
    from PIL import Image, ImageFilter

    webp = store.cached(
        "thumbnail",
        thumbnail_key(picture, EDGE),
        lambda: thumbnail_webp(stored(store, picture), EDGE),
    )
    with Image.open(BytesIO(webp)) as image:
        size = image.size
        if is_unsafe:
            out = BytesIO()
            image.filter(ImageFilter.GaussianBlur(size[0] / 4)).save(out, "WEBP")
            webp = out.getvalue()
    name = f"{slot.name}, blurred because it may be unsafe" if is_unsafe else slot.name
    return Shot(webp, size, name, slot.prompt)
