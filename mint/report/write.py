"""A build's folders -> report/: the page, and beside it thumbnails, a table and a contact sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from mint.curate.safety import is_flagged
from mint.document import sha256
from mint.paint.picture import Picture, stored
from mint.plan.tokens import planned_counts
from mint.record.folders import Folders, read_manifest
from mint.record.manifest import Manifest
from mint.report.exports import tokens_csv
from mint.report.page import render
from mint.report.sheets import CELLS, FOLDER, contact_sheet_png, pictures, sheet_webp
from mint.report.tally import tally
from mint.report.thumbnail import (
    COVER,
    ONE_FILE,
    thumbnail_edge,
    thumbnail_key,
    thumbnail_webp,
)
from mint.stages import Progress
from mint.store import Store, content, replacing, write

NEWS = 16  # thumbnails between two pieces of news
TABLE, CONTACT_SHEET = "tokens.csv", "contact-sheet.png"  # beside the page


def write_report(folders: Folders, store: Store, progress: Progress) -> None:
    """The page shows what manifest.json says, so that equal manifests give equal pages."""
    manifest = read_manifest(folders.manifest)
    total, folder = len(manifest.tokens), folders.report.parent
    progress("report", 0, total)
    images = pictures(manifest.tokens)
    shrink = partial(_thumbnail, store, thumbnail_edge(total))
    thumbnails = _counted(shrink, {p.file for p in images[:total]}, progress, total)
    sheets = total > ONE_FILE
    if sheets:
        _write_sheets(folder / FOLDER, store, images, thumbnails)
    else:
        _remove_sheets(folder / FOLDER, 0)
    planned = planned_counts(manifest.collection)
    tallies = tally(manifest.collection, manifest.tokens, planned)
    _write_text(folder / TABLE, tokens_csv(manifest, tallies))
    if images:
        _write_contact_sheet(folder / CONTACT_SHEET, store, manifest, shrink)
    page = render(
        manifest,
        thumbnails,
        cover=partial(_thumbnail, store, COVER),
        planned=planned,
        originals="../images",
        sheets=sheets,
        files=(TABLE, CONTACT_SHEET) if images else (TABLE,),
    )
    with replacing(folders.report, durable=False) as file:
        for piece in page:
            file.write(piece.encode())
    progress("report", total, total)


def _thumbnail(store: Store, edge: int, image: Picture) -> bytes:
    return store.cached(
        "thumbnail", thumbnail_key(image, edge), lambda: thumbnail_webp(stored(store, image), edge)
    )


def _counted(
    shrink: Callable[[Picture], bytes], files: set[str], progress: Progress, total: int
) -> Callable[[Picture], bytes]:
    """`shrink`, with news of how many of the tokens' pictures it has done."""
    done = 0

    def thumbnail(image: Picture) -> bytes:
        nonlocal done
        done += image.file in files
        if done % NEWS == 0:
            progress("report", max(0, min(done, total) - 1), total)
        return shrink(image)

    return thumbnail


def _write_sheets(
    folder: Path, store: Store, images: Sequence[Picture], thumbnail: Callable[[Picture], bytes]
) -> None:
    """thumbnails/0.webp ...; each is computed once for the same pictures."""
    starts = range(0, len(images), CELLS)
    for number, start in enumerate(starts):
        small = [thumbnail(image) for image in images[start : start + CELLS]]
        key = sha256(b"".join(sha256(each).encode() for each in small))
        data = store.cached("sheet", key, partial(sheet_webp, small))
        if content(folder / f"{number}.webp") != data:
            write(folder / f"{number}.webp", data, durable=False)
    _remove_sheets(folder, len(starts))


def _remove_sheets(folder: Path, count: int) -> None:
    """Remove those of an earlier, larger build."""
    for path in folder.glob("*.webp") if folder.is_dir() else ():
        if path.stem.isdigit() and int(path.stem) >= count:
            path.unlink()


def _write_contact_sheet(
    path: Path, store: Store, manifest: Manifest, thumbnail: Callable[[Picture], bytes]
) -> None:
    veiled = [is_flagged(token, manifest.collection) for token in manifest.tokens]
    marks = "".join(
        f"{token.image.file}{veil:d}" for token, veil in zip(manifest.tokens, veiled, strict=True)
    )
    key = sha256(f"{thumbnail_edge(len(veiled))}/{marks}".encode())

    def draw() -> bytes:
        return contact_sheet_png([thumbnail(t.image) for t in manifest.tokens], veiled)

    data = store.cached("contact-sheet", key, draw)
    if content(path) != data:
        write(path, data, durable=False)


def _write_text(path: Path, text: str) -> None:
    if content(path) != text.encode():
        write(path, text.encode(), durable=False)
