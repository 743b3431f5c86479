"""Where a collection lives on this disk, and the files it shows there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mint.curate.token import Token
from mint.errors import CollectionError, StoreError
from mint.record.continued import continued
from mint.record.manifest import Manifest
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.store import Store, content, link, write

AGAIN = "mint build writes it again; nothing painted is lost"


@dataclass(frozen=True)
class Folders:
    """The folders of one collection: `state` (.mint) to keep, `out` (build/<slug>) to look at."""

    file: Path
    state: Path
    out: Path

    @property
    def manifest(self) -> Path:
        """The record of the build."""
        return self.out / "manifest.json"

    @property
    def car(self) -> Path:
        """Everything that IPFS holds, in one file."""
        return self.out / "collection.car"

    @property
    def hidden_car(self) -> Path:
        """What a sale shows before its reveal."""
        return self.out / "hidden.car"

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.out / "report" / "index.html"

    def image(self, token_id: int) -> Path:
        """The token's PNG."""
        return self.out / "images" / f"{token_id}.png"

    def metadata(self, token_id: int) -> Path:
        """The token's JSON."""
        return self.out / "metadata" / f"{token_id}.json"


def folders_of(file: Path, collection: Collection) -> Folders:
    """Beside collection.yaml, so that a copied folder takes its whole past along."""
    home = file.absolute().parent
    return Folders(file, home / ".mint", home / "build" / collection.slug)


def reserve(folders: Folders) -> None:
    """Take `out` for this file; raises StoreError while another file beside it builds there.

    For whoever holds the lock. An owner that is gone, or called otherwise by now, has left.
    """
    record, name = folders.state / "owner" / folders.out.name, os.fsencode(folders.file.name)
    told = content(record)
    if told == name:
        return
    for other in folders.state.parent.iterdir() if told else ():
        if os.fsencode(other.name) == told and _builds(other, folders):
            raise StoreError(
                f"{folders.out} is the build of {other}, whose name gives the same folder",
                hint=f"change the name in {folders.file}, or move it to a folder of its own",
            )
    write(record, name)


def _builds(other: Path, folders: Folders) -> bool:
    """Whether `other` is another file, and a collection that builds in the same folder."""
    try:
        same = folders_of(other, load(other)[0]).out == folders.out
    except CollectionError:
        return False
    return same and not other.samefile(folders.file)


def record(folders: Folders, store: Store, manifest: Manifest) -> Manifest:
    """Put a build on record: manifest.json, if it changed, and images/. Returns what is recorded.

    That is more than `manifest` where a longer build of the same tokens came before.
    """
    longer = _continued(folders, manifest)
    if all(store.has(token.image.file, token.image.size) for token in longer.tokens):
        manifest = longer
    link_images(folders, store, manifest.tokens)
    data = manifest.canonical() + b"\n"
    if content(folders.manifest) != data:
        write(folders.manifest, data)
    return manifest


def _continued(folders: Folders, manifest: Manifest) -> Manifest:
    try:
        return continued(read_manifest(folders.manifest), manifest)
    except StoreError:  # absent, or corrupt and about to be written anew
        return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`; raises StoreError when it is absent or does not parse."""
    try:
        return Manifest.parse(path.read_bytes())
    except OSError as error:
        raise StoreError(f"{path} cannot be read", hint="run mint build first") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise StoreError(f"{path} is corrupt at {where}: {first['msg']}", hint=AGAIN) from error


def link_images(folders: Folders, store: Store, tokens: Iterable[Token]) -> None:
    """images/1.png ...: the store's own objects under the names people use."""
    shown, folder = set(), f"{folders.out}/images"
    for token in tokens:
        name = f"{token.token_id}.png"
        link(store.object_name(token.image.file), f"{folder}/{name}")
        shown.add(name)
    sweep(folders.out / "images", shown)


def write_metadata(folders: Folders, documents: Iterable[tuple[int, bytes]]) -> None:
    """metadata/1.json ...; a file that already says the same is left alone."""
    shown, folder = set(), f"{folders.out}/metadata"
    for token_id, data in documents:
        name = f"{token_id}.json"
        if content(f"{folder}/{name}") != data:
            write(folders.metadata(token_id), data, durable=False)
        shown.add(name)
    sweep(folders.out / "metadata", shown)


def numbered(folder: Path) -> set[str]:
    """The files in `folder` that are named as tokens' files are."""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    return {name for name in names if re.fullmatch(r"[0-9]+\.(png|json)", name)}


def sweep(folder: Path, shown: set[str]) -> None:
    """Remove what an earlier, larger build left; never a file that we do not name ourselves."""
    for name in numbered(folder) - shown:
        (folder / name).unlink()
