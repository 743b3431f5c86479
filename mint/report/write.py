"""A build's folders -> report/: the page, and beside it thumbnails, a table and a contact sheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from mint.curate.safety import is_flagged
from mint.document import sha256
from mint.errors import StoreError
from mint.paint.picture import Picture, stored
from mint.paint.sources import source_picture
from mint.plan.tokens import plan, planned_counts
from mint.record.attempts import with_edited
from mint.record.folders import Folders, read_manifest
from mint.record.manifest import Manifest
from mint.report.contact_sheet import contact_sheet_png
from mint.report.exports import tokens_csv
from mint.report.page import render
from mint.report.tally import tally
from mint.report.thumbnail import (
    BANNER,
    COVER,
    FOLDER,
    ONE_FILE,
    PLACE,
    named_pictures,
    place_webp,
    thumbnail_edge,
    thumbnail_key,
    thumbnail_webp,
)
from mint.stages import Progress
from mint.store import Store, content, replacing, write

NEWS = 16  # thumbnails between two pieces of news
TABLE, CONTACT_SHEET = "tokens.csv", "contact-sheet.png"  # beside the page


def write_report(folders: Folders, store: Store, progress: Progress) -> None:
    """The page shows what manifest.json says, so that equal manifests give equal pages.

    It also shows, beside a token's picture, what the store has of its edits (decisions.yaml).
    """
    manifest = with_edited(store, read_manifest(folders.manifest))
    total, folder = len(manifest.tokens), folders.report.parent
    progress("report", 0, total)
    shrink = partial(_thumbnail, store, thumbnail_edge(total))
    thumbnail = _counted(shrink, progress, total)
    beside = FOLDER if total > ONE_FILE else None
    if beside:
        _write_thumbnails(folder / FOLDER, manifest, thumbnail)
    else:
        _remove_others(folder / FOLDER, set())
    planned = planned_counts(manifest.collection, plan(manifest.collection))
    tallies = tally(manifest.collection, manifest.tokens, planned)
    _write(folder / TABLE, tokens_csv(manifest, tallies).encode())
    if total:
        _write_contact_sheet(folder / CONTACT_SHEET, store, manifest, shrink)
    page = render(
        manifest,
        thumbnail,
        cover=partial(_thumbnail, store, COVER),
        banner=partial(_thumbnail, store, BANNER),
        planned=planned,
        originals="../images",
        beside=beside,
        files=(TABLE, CONTACT_SHEET) if total else (TABLE,),
        overlay=partial(_overlay, store),
    )
    with replacing(folders.report, durable=False) as file:
        for piece in page:
            file.write(piece.encode())
    progress("report", total, total)


def _thumbnail(store: Store, edge: int, image: Picture) -> bytes:
    return store.cached(
        "thumbnail", thumbnail_key(image, edge), lambda: thumbnail_webp(stored(store, image), edge)
    )


def _overlay(store: Store, mask: str) -> bytes | None:
    """What shows the place of a mask; None where that is not in the store any more."""
    try:
        image = source_picture(store, mask)
        return store.cached("place", mask, lambda: place_webp(stored(store, image), PLACE))
    except StoreError:
        return None


def _counted(
    shrink: Callable[[Picture], bytes], progress: Progress, total: int
) -> Callable[[Picture], bytes]:
    """`shrink`, with news of how many it has done: the tokens' pictures are the first `total`."""
    calls = count(1)

    def thumbnail(image: Picture) -> bytes:
        if (done := next(calls)) % NEWS == 0:
            progress("report", min(done, total) - 1, total)
        return shrink(image)

    return thumbnail


def _write_thumbnails(
    folder: Path, manifest: Manifest, thumbnail: Callable[[Picture], bytes]
) -> None:
    """thumbnails/1.webp ...; those that are there already are left alone."""
    names = set()
    for name, image in named_pictures(manifest.tokens):
        names.add(f"{name}.webp")
        _write(folder / f"{name}.webp", thumbnail(image))
    _remove_others(folder, names)


def _remove_others(folder: Path, names: set[str]) -> None:
    """Remove the thumbnails of an earlier, larger build; no file that mint does not name."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if re.fullmatch(r"[0-9]+(-[0-9]+)?\.webp", path.name) and path.name not in names:
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

    _write(path, store.cached("contact-sheet", key, draw))


def _write(path: Path, data: bytes) -> None:
    if content(path) != data:
        write(path, data, durable=False)
