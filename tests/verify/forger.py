"""A forger who owns everything that can be forged, and what `mint verify` says to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.chain.account import open_account
from mint.chain.constructor import FairMintTerms
from mint.chain.fairmint import deploy, mint
from mint.document import sha256
from mint.errors import MintError
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import write_tree
from mint.paint.picture import Picture
from mint.record.folders import folders_of, link_images, read_manifest, write_metadata
from mint.record.manifest import Manifest, Publication, fair_mint_terms
from mint.record.metadata import token_json
from mint.record.provenance import provenance, provenance_leaves
from mint.record.publish import (
    animations_folder,
    folder_cid,
    images_folder,
    tree_on_disk,
    wallpapers_folder,
)
from mint.spec.load import load
from mint.store import Store
from mint.verify.verify import prove

Tree = dict[str, Any]

Roots = dict[str, str]
FOLDERS = images_folder, animations_folder, wallpapers_folder


def honest(tree: Tree) -> None:
    """Change nothing."""


class Forger:
    """A finished build of collections/tiny to be published and deployed once more, with a lie."""

    def __init__(self, file: Path) -> None:
        self.file, self.collection = file, load(file)[0]
        self.folders = folders_of(file, self.collection)
        self.manifest = read_manifest(self.folders.manifest)
        self.store = Store(self.folders.state)

    def publish(self, change: Callable[[Tree], None] = honest) -> Roots:
        """Write the CAR after `change` of its tree; the CIDs of its folders."""
        tree: Tree = dict(tree_on_disk(self.folders, self.store, self.manifest))
        change(tree)
        links = write_tree(self.folders.car, tree)
        roots = {name: cid_text(link.cid) for name, link in links.items()}
        publication = Publication(
            root=roots[""],
            images=roots["images"],
            metadata=roots["metadata"],
            car_bytes=self.folders.car.stat().st_size,
            animations=roots.get("animations"),
            wallpapers=roots.get("wallpapers"),
        )
        self.manifest = self.manifest.model_copy(update={"publication": publication})
        return roots

    def show(self, token_id: int, png: bytes, pixels: str) -> None:
        """Give a token this file as its picture, in every record and on the disk."""
        image = Picture(pixels=pixels, file=self.store.put(png), size=len(png))
        self.change(token_id, image=image)

    def change(self, token_id: int, **parts: object) -> None:
        """Change parts of a token, in every record and on the disk."""
        tokens = list(self.manifest.tokens)
        tokens[token_id - 1] = tokens[token_id - 1].model_copy(update=parts)
        folders = (of(tokens, self.store) for of in FOLDERS)
        images, *others = (folder_cid(self.collection, folder) for folder in folders)
        documents = [
            (t.token_id, token_json(self.collection, t, images or "", *others)) for t in tokens
        ]
        digests = [sha256(data) for _, data in documents]
        link_images(self.folders, self.store, tokens)
        write_metadata(self.folders, documents)
        root = provenance(provenance_leaves(tokens, digests))
        self.save(tokens=tuple(tokens), metadata=tuple(digests), provenance=root)

    def deploy(self, **terms_changed: object) -> str:
        """Deploy and mint with other terms, write the manifest that fits; the address."""
        launch: FairMintTerms = fair_mint_terms(self.manifest).model_copy(update=terms_changed)
        with open_account(self.folders.state, "local", {}) as account:
            deployment = mint(account, deploy(account, launch))
        self.save(deployment=deployment)
        return deployment.address

    def save(self, **changes: object) -> Manifest:
        self.manifest = self.manifest.model_copy(update=changes)
        self.folders.manifest.write_bytes(self.manifest.canonical())
        return self.manifest


def claims(target: str | Path, sample: int = 0) -> list[str]:
    return list(prove(str(target), sample=sample, network=None, environ={}))


def refused(forger: Forger, address: str, says: str) -> None:
    """Both ways of verifying refuse it, and say what to do: no stranger can build it again."""
    for target in (str(forger.file), address):
        with pytest.raises(MintError, match=says) as caught:
            claims(target)
        assert caught.value.hint
        assert target != address or "mint build" not in caught.value.hint
