"""What lies in the folder that IPFS holds, before and after a sale's reveal."""

from __future__ import annotations

from typing import Any

from mint.document import canonical
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import File, Folder, tree_links
from mint.ipfs.unixfs import PROFILES
from mint.record.manifest import Manifest, Publication
from mint.record.metadata import Showcase, contract_json, hidden_json
from mint.spec.collection import Collection

SOURCES = "sources"  # the folder of the artist's pictures and masks that others begin with
BANNER, BANNER_FILE = "banner", "banner.png"  # its folder, and its name there


def whole_tree(
    manifest: Manifest,
    images: Folder,
    metadata: Folder,
    sources: Folder | None = None,
    animations: Folder | None = None,
    wallpapers: Folder | None = None,
    banner: File | bytes | None = None,
) -> Folder:
    """What a stranger needs: pictures, films, wallpapers, metadata, and the recipe to paint them
    again.

    `collection.json` hashes to the digest that the contract holds; `runtime.json` says what
    painted. `sources` are the artist's pictures that others begin with, and masks, if any;
    `banner` is the collection's banner, which contract.json names.
    """
    collection = manifest.collection
    cover = _uri(collection, images, f"{manifest.tokens[0].token_id}.png")
    return {
        "images": images,
        **({"animations": animations} if animations else {}),
        **({"wallpapers": wallpapers} if wallpapers else {}),
        "metadata": metadata,
        **({BANNER: {BANNER_FILE: banner}} if banner else {}),
        "contract.json": contract_json(collection, cover, _showcase(manifest, images, banner)),
        "collection.json": collection.public.canonical(),
        "runtime.json": canonical(
            {
                digest: r.model_dump(mode="json", exclude_none=True)
                for digest, r in manifest.runtimes.items()
            }
        ),
        **({SOURCES: sources} if sources else {}),
    }


def _showcase(manifest: Manifest, images: Folder, banner: File | bytes | None) -> Showcase:
    collection, featured = manifest.collection, manifest.featured
    facts: dict[str, Any] = {}
    if manifest.banner:
        facts["banner"] = manifest.banner.model_dump(mode="json", exclude_none=True)
    if featured:
        facts["featured"] = featured
    return Showcase(
        _banner_uri(collection, banner),
        _uri(collection, images, f"{featured}.png") if featured else None,
        facts,
    )


def hidden_tree(
    collection: Collection,
    picture: tuple[str, bytes],
    banner: File | None = None,
    own: tuple[str, bytes] | None = None,
) -> Folder:
    """What every token of a sale shows until the reveal; `picture` is a file's name and bytes.

    `banner` is there only if the artist shows it to buyers; how it was painted is not said. `own`
    is the picture of the collection itself, which no reveal changes; without it, the same one.
    """
    folder: Folder = dict([picture, own or picture])
    token, cover = (_uri(collection, folder, name) for name, _ in (picture, own or picture))
    showcase = Showcase(_banner_uri(collection, banner))
    return {
        "images": folder,
        **({BANNER: {BANNER_FILE: banner}} if banner else {}),
        "hidden.json": hidden_json(collection, token),
        "contract.json": contract_json(collection, cover, showcase),
    }


def _banner_uri(collection: Collection, banner: File | bytes | None) -> str | None:
    return _uri(collection, {BANNER_FILE: banner}, BANNER_FILE) if banner else None


def _uri(collection: Collection, images: Folder, name: str) -> str:
    """The URI of the picture `name` in a folder of pictures."""
    links = tree_links({"images": images}, PROFILES[collection.storage.profile])
    return f"ipfs://{cid_text(links['images'].cid)}/{name}"


def final_uri(publication: Publication) -> str:
    """The base URI that a sale commits to and reveals; it leads to the root, so to everything."""
    return f"ipfs://{publication.root}/metadata/"
