"""A build's folders -> report/: the pages, and beside them thumbnails, a table, a contact sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
from mint.report.judged import doubts
from mint.report.page import render_pages
from mint.report.pages import FURTHER, PER_PAGE, pages
from mint.report.rows import index
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
THUMBNAIL = re.compile(r"[0-9]+(-[0-9]+)?\.webp")
TABLE, CONTACT_SHEET = "tokens.csv", "contact-sheet.png"  # beside the page


def write_report(
    folders: Folders, store: Store, progress: Progress, per_page: int = PER_PAGE
) -> None:
    """The report shows what manifest.json says, so that equal manifests give equal pages.

    It also shows, beside a token's picture, what the store has of its edits (decisions.yaml).
    Above `per_page` tokens it has further pages, and the contact sheet has the first page's tokens.
    """
    manifest = with_edited(store, read_manifest(folders.manifest))
    total, folder = len(manifest.tokens), folders.report.parent
    progress("report", 0, total)
    shrink = partial(_thumbnail, store, thumbnail_edge(total))
    thumbnail = _with_news(shrink, progress, total)
    beside = FOLDER if total > min(ONE_FILE, per_page) else None
    if beside:
        _write_thumbnails(folder / FOLDER, manifest, thumbnail)
    else:
        _remove_others(folder / FOLDER, THUMBNAIL, set())
    counts = planned_counts(manifest.collection, plan(manifest.collection))
    tallies, doubtful = tally(manifest.collection, manifest.tokens, counts), doubts(manifest)
    _write_pieces(folder / TABLE, tokens_csv(manifest, tallies, doubtful))
    if total:
        _write_contact_sheet(folder / CONTACT_SHEET, store, manifest, shrink, per_page)
    rendering = render_pages(
        index(manifest, tallies, doubtful),
        thumbnail,
        pages(total, per_page),
        cover=partial(_thumbnail, store, COVER),
        banner=partial(_thumbnail, store, BANNER),
        originals="../images",
        beside=beside,
        files=(TABLE, CONTACT_SHEET) if total else (TABLE,),
        overlay=partial(_overlay, store),
    )
    names = set()
    for page, pieces in rendering:
        _write_pieces(folder / page.file, pieces)
        names.add(page.file)
    _remove_others(folder, FURTHER, names)
    progress("report", total, total)


def _write_pieces(path: Path, pieces: Iterable[str]) -> None:
    with replacing(path, durable=False) as file:
        for piece in pieces:
            file.write(piece.encode())


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


def _with_news(
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
    _remove_others(folder, THUMBNAIL, names)


def _remove_others(folder: Path, ours: re.Pattern[str], names: set[str]) -> None:
    """Remove files of an earlier, larger build; none whose name is not one of `ours`."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if ours.fullmatch(path.name) and path.name not in names:
            path.unlink()


def _write_contact_sheet(
    path: Path, store: Store, manifest: Manifest, shrink: Callable[[Picture], bytes], most: int
) -> None:
    """A picture of the first tokens, `most` at most: of ten thousand each is 20 pixels wide."""
    tokens = manifest.tokens[:most]
    veiled = [is_flagged(token, manifest.collection) for token in tokens]
    marks = "".join(
        f"{token.image.file}{veil:d}" for token, veil in zip(tokens, veiled, strict=True)
    )
    key = sha256(f"{thumbnail_edge(len(manifest.tokens))}/{marks}".encode())

    def draw() -> bytes:
        return contact_sheet_png((shrink(token.image) for token in tokens), veiled)

    _write(path, store.cached("contact-sheet", key, draw))


def _write(path: Path, data: bytes) -> None:
    if content(path) != data:
        write(path, data, durable=False)
