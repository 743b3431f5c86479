"""Published pictures in a store where nothing is remembered, to look at them once more."""

from __future__ import annotations

from collections.abc import Sequence

from mint.curate.token import Token
from mint.paint.picture import Picture
from mint.record.manifest import Manifest
from mint.store import Store
from mint.verify.files import Files
from mint.verify.offline import recorded_file


def published_pictures(
    manifest: Manifest, files: Files, tokens: Sequence[Token], empty: Store
) -> list[Picture]:
    """The tokens' files in the CAR, put into `empty`; known there by the digest of the file."""
    return [_stored(empty, recorded_file(manifest, files, token)) for token in tokens]


def _stored(store: Store, png: bytes) -> Picture:
    digest = store.put(png)
    return Picture(pixels=digest, file=digest, size=len(png))
