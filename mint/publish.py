"""Tokens and their JSON -> the tree that IPFS holds, its CIDs, the CAR, and a pin."""

from __future__ import annotations

import os
from collections.abc import Sequence

from mint.curate import Token
from mint.document import canonical
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import File, Folder, tree_links, write_tree
from mint.manifest import Manifest, Publication
from mint.metadata import contract_json
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
    tree = whole_tree(place, store, manifest)
    links = write_tree(place.car, tree)
    return Publication(
        root=cid_text(links[""].cid),
        images=cid_text(links["images"].cid),
        metadata=cid_text(links["metadata"].cid),
        car_bytes=place.car.stat().st_size,
    )


def whole_tree(place: Place, store: Store, manifest: Manifest) -> Folder:
    """What a stranger needs: pictures, metadata, and the recipe to paint them again.

    `collection.json` hashes to the digest that the contract holds; `runtime.json` says what
    painted.
    """
    tokens, collection = manifest.tokens, manifest.collection
    images = images_folder(tokens, store)
    cover = f"ipfs://{images_cid(tokens, store)}/{tokens[0].token_id}.png"
    return {
        "images": images,
        "metadata": {
            f"{t.token_id}.json": _file(place, t.token_id, digest)
            for t, digest in zip(tokens, manifest.metadata or (), strict=True)
        },
        "contract.json": contract_json(collection, cover),
        "collection.json": collection.canonical(),
        "runtime.json": canonical(
            {digest: r.model_dump(mode="json") for digest, r in manifest.runtimes.items()}
        ),
    }


def _file(place: Place, token_id: int, digest: str) -> File:
    name = f"{place.out}/metadata/{token_id}.json"
    return File(name, digest, os.stat(name).st_size)
