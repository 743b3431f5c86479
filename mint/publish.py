"""Tokens and their JSON -> the tree that IPFS holds, its CIDs, the CAR, and a pin."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from mint.collection import Collection, beside
from mint.curate import Token
from mint.errors import CollectionError, PublishError
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import File, Folder, tree_links, write_tree
from mint.ipfs.unixfs import PROFILES
from mint.load import load
from mint.manifest import Manifest, Publication, hidden_tree, whole_tree
from mint.metadata import hidden_picture
from mint.place import Place, place_of, read_manifest
from mint.store import Store


def images_folder(tokens: Sequence[Token], store: Store) -> Folder:
    """images/: 1.png ..."""
    return {
        f"{t.token_id}.png": File(store.object_name(t.image.file), t.image.file, t.image.size)
        for t in tokens
    }


def images_cid(collection: Collection, tokens: Sequence[Token], store: Store) -> str:
    """The CID of images/, from digests alone where files are single blocks."""
    tree: Folder = {"images": images_folder(tokens, store)}
    return cid_text(tree_links(tree, PROFILES[collection.storage.profile])["images"].cid)


def publish(place: Place, store: Store, manifest: Manifest) -> Publication:
    """Write collection.car; every file in it is compared with the digest the manifest gives.

    Raises StoreError when one of them is not what was built.
    """
    tree = tree_on_disk(place, store, manifest)
    links = write_tree(place.car, tree, PROFILES[manifest.collection.storage.profile])
    return Publication(
        root=cid_text(links[""].cid),
        images=cid_text(links["images"].cid),
        metadata=cid_text(links["metadata"].cid),
        car_bytes=place.car.stat().st_size,
        hidden=_hide(place, manifest.collection),
    )


def pin(service: str, car: Path, place: Place, environ: Mapping[str, str]) -> list[str]:
    """Have `car` kept by `service` and read back; the gateways that did. Raises PublishError."""
    from mint.ipfs.pin import pin_car

    return pin_car(car, service, environ, place.state / "pins.jsonl")


def pin_build(file: Path, service: str | None, environ: Mapping[str, str]) -> Iterator[str]:
    """Pin what `mint build` wrote for `file`, at `service` or its own; a line for each CAR.

    Of a sale whose order is not drawn yet only what may be seen. Raises MintError.
    """
    collection, _ = load(file)
    place = place_of(file, collection)
    manifest = read_manifest(place.manifest)
    service = service or collection.storage.pin
    if manifest.publication is None:
        raise PublishError(f"{file} is not published yet", hint="mint build FILE")
    if service == "none":
        raise PublishError(
            "nobody is named to pin at", hint="mint pin FILE --to kubo, or `storage: {pin: kubo}`"
        )
    hidden = manifest.publication.hidden
    shown = [] if hidden is None else [(hidden, place.hidden_car)]
    if not still_secret(manifest):
        shown.append((manifest.publication.root, place.car))
    for root, car in shown:
        yield _told(root, service, pin(service, car, place, environ))


def repin(car: Path, service: str, environ: Mapping[str, str]) -> str:
    """Pin any CAR of one root at `service`, with nothing but the file; the line to tell.

    PublishError for the pictures of a sale that nobody may see yet.
    """
    from mint.ipfs.car import open_car
    from mint.ipfs.pin import pin_car

    with closing(open_car(car)) as blocks:
        root = cid_text(blocks.root)
    beside_it = car.with_name("manifest.json")
    if beside_it.exists():
        manifest = read_manifest(beside_it)
        ours = manifest.publication is not None and manifest.publication.root == root
        if ours and still_secret(manifest):
            raise PublishError(
                f"{car} holds the pictures of a sale that is not revealed",
                hint=f"pin {car.with_name('hidden.car')}, and this one by `mint sale reveal`",
            )
    return _told(root, service, pin_car(car, service, environ, car.with_name("pins.jsonl")))


def still_secret(manifest: Manifest) -> bool:
    """Whether buyers must not see the pictures yet: a sale whose order is not drawn for good."""
    made = manifest.deployment
    drawn = made is not None and made.drawn is not None and made.twin is None
    return manifest.collection.sale is not None and not drawn


def _told(root: str, service: str, served: Sequence[str]) -> str:
    via = f", read back through {' and '.join(served)}" if served else ""
    return f"pinned      ipfs://{root} at {service}{via}"


def _hide(place: Place, collection: Collection) -> str | None:
    """Write the CAR of what a sale shows before its reveal; returns its root."""
    if collection.sale is None:
        return None
    picture = "hidden.svg", hidden_picture(collection.name)
    if collection.sale.placeholder:
        file = beside(collection.sale.placeholder, place.file)
        picture = f"hidden{file.suffix.lower()}", _content(file)
    tree, profile = hidden_tree(collection, picture), PROFILES[collection.storage.profile]
    return cid_text(write_tree(place.hidden_car, tree, profile)[""].cid)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CollectionError(
            f"{file} cannot be read: {error.strerror}", hint="name another placeholder"
        ) from error


def tree_on_disk(place: Place, store: Store, manifest: Manifest) -> Folder:
    """The whole tree, its pictures from the store and its metadata from the build's folder."""
    pairs = zip(manifest.tokens, manifest.metadata or (), strict=True)
    documents = {f"{t.token_id}.json": _file(place, t.token_id, digest) for t, digest in pairs}
    return whole_tree(manifest, images_folder(manifest.tokens, store), documents)


def _file(place: Place, token_id: int, digest: str) -> File:
    name = f"{place.out}/metadata/{token_id}.json"
    return File(name, digest, os.stat(name).st_size)
