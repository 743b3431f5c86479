"""What lies in the folder that IPFS holds, before and after a sale's reveal."""

from __future__ import annotations

from mint.document import canonical
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import Folder, tree_links
from mint.ipfs.unixfs import PROFILES
from mint.record.manifest import Manifest, Publication
from mint.record.metadata import contract_json, hidden_json
from mint.spec.collection import Collection

SOURCES = "sources"  # the folder of the artist's pictures and masks that others begin with


def whole_tree(
    manifest: Manifest,
    images: Folder,
    metadata: Folder,
    sources: Folder | None = None,
    animations: Folder | None = None,
) -> Folder:
    """What a stranger needs: pictures, films, metadata, and the recipe to paint them again.

    `collection.json` hashes to the digest that the contract holds; `runtime.json` says what
    painted. `sources` are the artist's pictures that others begin with, and masks, if any.
    """
    collection = manifest.collection
    cover = _uri(collection, images, f"{manifest.tokens[0].token_id}.png")
    return {
        "images": images,
        **({"animations": animations} if animations else {}),
        "metadata": metadata,
        "contract.json": contract_json(collection, cover),
        "collection.json": collection.public.canonical(),
        "runtime.json": canonical(
            {
                digest: r.model_dump(mode="json", exclude_none=True)
                for digest, r in manifest.runtimes.items()
            }
        ),
        **({SOURCES: sources} if sources else {}),
    }


def hidden_tree(collection: Collection, picture: tuple[str, bytes]) -> Folder:
    """What every token of a sale shows until the reveal; `picture` is a file's name and bytes."""
    folder: Folder = {picture[0]: picture[1]}
    cover = _uri(collection, folder, picture[0])
    return {
        "images": folder,
        "hidden.json": hidden_json(collection, cover),
        "contract.json": contract_json(collection, cover),
    }


def _uri(collection: Collection, images: Folder, name: str) -> str:
    """The URI of the picture `name` in images/."""
    links = tree_links({"images": images}, PROFILES[collection.storage.profile])
    return f"ipfs://{cid_text(links['images'].cid)}/{name}"


def final_uri(publication: Publication) -> str:
    """The base URI that a sale commits to and reveals; it leads to the root, so to everything."""
    return f"ipfs://{publication.root}/metadata/"
