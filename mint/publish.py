"""Tokens and their JSON -> the tree that IPFS holds, its CIDs, the CAR, and a pin."""

from __future__ import annotations

import os
from collections.abc import Sequence

from mint.curate import Token
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import File, Folder, tree_links, write_tree
from mint.manifest import Manifest, Publication, whole_tree
from mint.place import Place
from mint.store import Store


def images_folder(tokens: Sequence[Token], store: Store) -> Folder:
    """images/: 1.png ..."""
    return {
        f"{t.token_id}.png": File(store.object_name(t.image.file), t.image.file, t.image.size)
        for t in tokens
    }


def images_cid(tokens: Sequence[Token], store: Store) -> str:
    """The CID of images/, from digests alone where files are single blocks."""
    return cid_text(tree_links({"images": images_folder(tokens, store)})["images"].cid)


def publish(place: Place, store: Store, manifest: Manifest) -> Publication:
    """Write collection.car; every file in it is compared with the digest the manifest gives.

    Raises StoreError when one of them is not what was built.
    """
    tree = tree_on_disk(place, store, manifest)
    links = write_tree(place.car, tree)
    return Publication(
        root=cid_text(links[""].cid),
        images=cid_text(links["images"].cid),
        metadata=cid_text(links["metadata"].cid),
        car_bytes=place.car.stat().st_size,
    )


def tree_on_disk(place: Place, store: Store, manifest: Manifest) -> Folder:
    """The whole tree, its pictures from the store and its metadata from the build's folder."""
    pairs = zip(manifest.tokens, manifest.metadata or (), strict=True)
    documents = {f"{t.token_id}.json": _file(place, t.token_id, digest) for t, digest in pairs}
    return whole_tree(manifest, images_folder(manifest.tokens, store), documents)


def _file(place: Place, token_id: int, digest: str) -> File:
    name = f"{place.out}/metadata/{token_id}.json"
    return File(name, digest, os.stat(name).st_size)
