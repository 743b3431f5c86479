"""A build's folders -> report/index.html; the store keeps its thumbnails for the next one."""

from __future__ import annotations

from mint.curate.token import Token
from mint.document import sha256
from mint.plan.tokens import planned_counts
from mint.record.folders import Folders, read_manifest
from mint.report.page import render
from mint.report.thumbnail import COVER, thumbnail_edge, thumbnail_webp
from mint.store import Store, replacing


def write_report(folders: Folders, store: Store) -> None:
    """The page shows what manifest.json says, so that equal manifests give equal pages."""
    manifest = read_manifest(folders.manifest)
    sheet = thumbnail_edge(len(manifest.tokens))

    def thumbnail(token: Token, edge: int) -> bytes:
        def shrink() -> bytes:
            return thumbnail_webp(folders.image(token.token_id).read_bytes(), edge)

        return store.cached("thumbnail", sha256(f"{token.image.file}/{edge}".encode()), shrink)

    page = render(
        manifest,
        lambda token: thumbnail(token, sheet),
        cover=lambda token: thumbnail(token, COVER),
        planned=planned_counts(manifest.collection),
        originals="../images",
    )
    with replacing(folders.report, durable=False) as file:
        for piece in page:
            file.write(piece.encode())
