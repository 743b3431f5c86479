"""Tokens and their JSON -> the tree that IPFS holds, its CIDs, and the CAR."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from mint.curate.token import Token
from mint.errors import CollectionError, PublishError, StoreError
from mint.ipfs.car import open_car
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import File, Folder, tree_links, write_tree
from mint.ipfs.unixfs import PROFILES
from mint.ipfs.walk import read_path
from mint.paint.sources import source_picture
from mint.plan.recipe import sources_of
from mint.record.folders import Folders
from mint.record.launches import launches
from mint.record.manifest import Manifest, Publication
from mint.record.metadata import hidden_picture
from mint.record.tree import hidden_tree, whole_tree
from mint.spec.collection import Collection, beside
from mint.store import Store


def images_folder(tokens: Sequence[Token], store: Store) -> Folder:
    """images/: 1.png ..."""
    return {
        f"{t.token_id}.png": File(store.object_name(t.image.file), t.image.file, t.image.size)
        for t in tokens
    }


def animations_folder(tokens: Sequence[Token], store: Store) -> Folder:
    """animations/: 3.mp4 ..., of the tokens that move."""
    films = [(t.token_id, t.animation) for t in tokens if t.animation]
    return {f"{i}.mp4": File(store.object_name(a.file), a.file, a.size) for i, a in films}


def wallpapers_folder(tokens: Sequence[Token], store: Store) -> Folder:
    """wallpapers/: 1.png ..., of the tokens that have one."""
    pictures = [(t.token_id, t.wallpaper.image) for t in tokens if t.wallpaper]
    return {f"{i}.png": File(store.object_name(p.file), p.file, p.size) for i, p in pictures}


def folder_cid(collection: Collection, folder: Folder) -> str | None:
    """The CID of such a folder, from digests alone where files are single blocks.

    None for an empty folder, which is not published.
    """
    links = tree_links({"folder": folder}, PROFILES[collection.storage.profile])
    return cid_text(links["folder"].cid) if folder else None


def publish(folders: Folders, store: Store, manifest: Manifest) -> Publication:
    """Write collection.car, comparing every file in it with its digest in the manifest.

    A collection.car that is the same already is compared to the byte and left alone. Raises
    StoreError when a file is not what was built.
    """
    tree = tree_on_disk(folders, store, manifest)
    links = write_tree(folders.car, tree, PROFILES[manifest.collection.storage.profile])
    return Publication(
        root=cid_text(links[""].cid),
        images=cid_text(links["images"].cid),
        metadata=cid_text(links["metadata"].cid),
        animations=cid_text(links["animations"].cid) if "animations" in links else None,
        wallpapers=cid_text(links["wallpapers"].cid) if "wallpapers" in links else None,
        car_bytes=folders.car.stat().st_size,
        hidden=_write_hidden_car(folders, store, manifest),
    )


def banner_file(manifest: Manifest, store: Store) -> File | None:
    """The collection's banner, if it has one."""
    if manifest.banner is None:
        return None
    image = manifest.banner.image
    return File(store.object_name(image.file), image.file, image.size)


def _write_hidden_car(folders: Folders, store: Store, manifest: Manifest) -> str | None:
    """Write the CAR of what a sale shows before its reveal; returns its root."""
    collection, decisions = manifest.collection, manifest.decisions
    early = any(wish.early for wish in decisions.banner) if decisions else False
    banner = banner_file(manifest, store) if early else None
    if collection.sale is None:
        return None
    picture = "hidden.svg", hidden_picture(collection.name)
    own: tuple[str, bytes] | None = "collection.svg", hidden_picture(collection.name, "")
    if collection.sale.placeholder:
        file = beside(collection.sale.placeholder, folders.file)
        picture, own = (f"hidden{file.suffix.lower()}", _content(file)), None
    profile = PROFILES[collection.storage.profile]
    tree = hidden_tree(collection, picture, banner)
    if own and cid_text(tree_links(tree, profile)[""].cid) not in _launched_placeholders(folders):
        tree = hidden_tree(collection, picture, banner, own)  # versions before had none
    return cid_text(write_tree(folders.hidden_car, tree, profile)[""].cid)


def _launched_placeholders(folders: Folders) -> set[str]:
    """The roots of what launches of the file show before their reveals."""
    roots: set[str] = set()
    for one in launches(folders):
        with suppress(StoreError):  # what was deleted is continued by nobody
            publication = one.read_manifest().publication
            roots |= {publication.hidden} if publication and publication.hidden else set()
    return roots


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CollectionError(
            f"{file} cannot be read: {error.strerror}", hint="name another placeholder"
        ) from error


def published_picture(car: Path, token_id: int) -> bytes | None:
    """The token's PNG in the CAR; None where that is damaged or does not have it."""
    try:
        with closing(open_car(car)) as reader:
            return read_path(reader.block, reader.root, f"images/{token_id}.png")
    except (PublishError, OSError):
        return None


def tree_on_disk(folders: Folders, store: Store, manifest: Manifest) -> Folder:
    """The whole tree, its pictures from the store and its metadata from the build's folder."""
    pairs = zip(manifest.tokens, manifest.metadata or (), strict=True)
    documents = {f"{t.token_id}.json": _file(folders, t.token_id, digest) for t, digest in pairs}
    parts = images_folder, sources_folder, animations_folder, wallpapers_folder
    banner = banner_file(manifest, store)
    images, sources, films, wallpapers = (part(manifest.tokens, store) for part in parts)
    return whole_tree(manifest, images, documents, sources, films, wallpapers, banner)


def sources_folder(tokens: Sequence[Token], store: Store) -> Folder:
    """sources/: the artist's pictures and masks that tokens' recipes begin with."""
    digests = sorted({digest for token in tokens for digest in sources_of(token.recipe)})
    pictures = {digest: source_picture(store, digest) for digest in digests}
    return {
        f"{digest}.png": File(store.object_name(each.file), each.file, each.size)
        for digest, each in pictures.items()
    }


def _file(folders: Folders, token_id: int, digest: str) -> File:
    name = f"{folders.out}/metadata/{token_id}.json"
    return File(name, digest, os.stat(name).st_size)
