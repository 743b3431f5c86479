"""Tokens -> their metadata files, how rare each is, and the root that commits to their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mint.document import sha256
from mint.record.folders import Folders, write_metadata
from mint.record.manifest import Manifest
from mint.record.metadata import token_json
from mint.record.provenance import provenance, provenance_leaves
from mint.record.publish import (
    animations_folder,
    folder_cid,
    images_folder,
    wallpapers_folder,
)
from mint.record.rarity import Rarity, rarity
from mint.store import Store


class Description(NamedTuple):
    """Of every token its rarity and its JSON's SHA-256; of them all the provenance root."""

    rarity: tuple[Rarity, ...]
    metadata: tuple[str, ...]
    provenance: str


def describe(folders: Folders, store: Store, manifest: Manifest) -> Description:
    """Write metadata/1.json ..., of which each names the CIDs of its picture, film, wallpaper."""
    collection, tokens = manifest.collection, manifest.tokens
    parts = animations_folder, wallpapers_folder
    images = folder_cid(collection, images_folder(tokens, store)) or ""
    others = [folder_cid(collection, part(tokens, store)) for part in parts]
    digests: list[str] = []

    def documents() -> Iterator[tuple[int, bytes]]:
        for token in tokens:
            data = token_json(collection, token, images, *others)
            digests.append(sha256(data))
            yield token.token_id, data

    write_metadata(folders, documents())
    return Description(
        rarity([token.traits for token in tokens]),
        tuple(digests),
        provenance(provenance_leaves(tokens, digests)),
    )
