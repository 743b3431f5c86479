"""A build's folders -> report/index.html, with thumbnails that are drawn once."""

from __future__ import annotations

from mint.curate.token import Token
from mint.document import sha256
from mint.plan.tokens import plan, planned_counts
from mint.record.folders import Folders, read_manifest
from mint.report.page import render
from mint.report.thumbnail import COVER, thumbnail_edge, thumbnail_webp
from mint.stages import Progress
from mint.store import Store, replacing

NEWS = 16  # thumbnails between two pieces of news


def write_report(folders: Folders, store: Store, progress: Progress) -> None:
    """The page shows what manifest.json says, so that equal manifests give equal pages."""
    manifest = read_manifest(folders.manifest)
    total = len(manifest.tokens)
    progress("report", 0, total)
    sheet = thumbnail_edge(total)

    def thumbnail(token: Token, edge: int) -> bytes:
        def shrink() -> bytes:
            return thumbnail_webp(folders.image(token.token_id).read_bytes(), edge)

        return store.cached("thumbnail", sha256(f"{token.image.file}/{edge}".encode()), shrink)

    def in_sheet(token: Token) -> bytes:
        if token.token_id % NEWS == 0:
            progress("report", min(token.token_id, total) - 1, total)
        return thumbnail(token, sheet)

    page = render(
        manifest,
        in_sheet,
        cover=lambda token: thumbnail(token, COVER),
        planned=planned_counts(manifest.collection, plan(manifest.collection)),
        originals="../images",
    )
    with replacing(folders.report, durable=False) as file:
        for piece in page:
            file.write(piece.encode())
    progress("report", total, total)
