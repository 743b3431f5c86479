"""Manifest: the whole story of a build, in one canonical JSON file."""

from __future__ import annotations

from mint.chain.constructor import Launch
from mint.chain.contract import Deployment
from mint.collection import Collection
from mint.curate import Token
from mint.document import Document, canonical
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import Folder, tree_links
from mint.ipfs.unixfs import PROFILES
from mint.metadata import Rarity, contract_json, hidden_json, licence_uri
from mint.plan import Runtime


class Publication(Document):
    """What IPFS holds: the CIDs of the root and its two folders, as text, and the CAR's size.

    The root folder holds `images/` (1.png ...), `metadata/` (1.json ...) and `contract.json`.
    `hidden` is the root of what a sale shows before its reveal.
    """

    root: str
    images: str
    metadata: str
    car_bytes: int
    hidden: str | None = None


class Manifest(Document):
    """A build from file to chain. It holds no clock, host name, path or secret.

    `rarity[i]` and `metadata[i]` (SHA-256 of the token's JSON) belong to `tokens[i]`, whose
    token_id is i + 1. `runtimes` maps a Runtime's digest to it.
    `unresolved` names tokens that stayed duplicates after every attempt and were kept by request.
    """

    version: int = 1
    collection: Collection
    runtimes: dict[str, Runtime]
    tokens: tuple[Token, ...]
    unresolved: tuple[int, ...] = ()
    rarity: tuple[Rarity, ...] | None = None
    metadata: tuple[str, ...] | None = None
    provenance: str | None = None
    publication: Publication | None = None
    deployment: Deployment | None = None

    def size(self, token: Token) -> tuple[int, int]:
        """Width and height in pixels of the picture that is published."""
        asked = token.recipe.diffusion
        scale = self.runtimes[token.enlarged.runtime].scale if token.enlarged else None
        return asked.width * (scale or 1), asked.height * (scale or 1)


def whole_tree(manifest: Manifest, images: Folder, metadata: Folder) -> Folder:
    """What a stranger needs: pictures, metadata, and the recipe to paint them again.

    `collection.json` hashes to the digest that the contract holds; `runtime.json` says what
    painted.
    """
    collection = manifest.collection
    cover = _uri(collection, images, f"{manifest.tokens[0].token_id}.png")
    return {
        "images": images,
        "metadata": metadata,
        "contract.json": contract_json(collection, cover),
        "collection.json": collection.canonical(),
        "runtime.json": canonical(
            {
                digest: r.model_dump(mode="json", exclude_none=True)
                for digest, r in manifest.runtimes.items()
            }
        ),
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


def terms(manifest: Manifest) -> Launch:
    """What the constructor fixes for ever; the manifest is published and has its provenance."""
    collection, publication = manifest.collection, manifest.publication
    assert publication is not None
    assert manifest.provenance is not None
    hidden = publication.hidden
    return Launch(
        name=collection.name,
        symbol=collection.symbol,
        max_supply=collection.supply,
        provenance=manifest.provenance,
        collection=collection.digest,
        base_uri=f"ipfs://{hidden}/hidden.json" if hidden else f"ipfs://{publication.metadata}/",
        contract_uri=f"ipfs://{hidden or publication.root}/contract.json",
        licence_uri=licence_uri(collection),
        royalty_bps=collection.royalty.bps,
        royalty_receiver=collection.royalty.receiver,
    )
