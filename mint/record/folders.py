"""Where a collection lives on this disk, and the files it shows there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mint.curate.token import Token
from mint.errors import CollectionError, StoreError
from mint.record.manifest import Manifest
from mint.record.merge import merge
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.store import Store, content, link, write

CAR_NAME = "collection.car"


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
        return self.out / CAR_NAME

    @property
    def hidden_car(self) -> Path:
        """What a sale shows before its reveal."""
        return self.out / "hidden.car"

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.out / "report" / "index.html"

    @property
    def banner(self) -> Path:
        """The collection's banner, if it has one."""
        return self.out / "banner.png"

    def animation(self, token_id: int) -> Path:
        """The token's film, if it has one."""
        return self.out / "animations" / f"{token_id}.mp4"

    def wallpaper(self, token_id: int) -> Path:
        """The token's wallpaper that is published, if it has one."""
        return self.out / "wallpapers" / f"{token_id}.png"

    def image(self, token_id: int) -> Path:
        """The token's PNG."""
        return self.out / "images" / f"{token_id}.png"

    def attempt(self, token_id: int, attempt: int) -> Path:
        """A picture of the token that is not, or not yet, the one that the build has of it."""
        return self.out / "attempts" / f"{token_id}-{attempt}.png"

    @property
    def events(self) -> Path:
        """What happens in the build that runs, or happened in the last one."""
        return self.state / "events"

    def metadata(self, token_id: int) -> Path:
        """The token's JSON."""
        return self.out / "metadata" / f"{token_id}.json"


def folders_of(file: Path, collection: Collection) -> Folders:
    """They lie beside collection.yaml, so that whoever copies that folder copies its builds too."""
    home = file.absolute().parent
    return Folders(file, home / ".mint", home / "build" / collection.slug)


def reserve(folders: Folders) -> None:
    """Note that `out` belongs to this file; the caller holds the build's lock.

    Raises StoreError if it belongs to another file in the same folder. A file that is gone, or
    whose name gives another `out` by now, owns nothing.
    """
    note, name = folders.state / "owner" / folders.out.name, os.fsencode(folders.file.name)
    owner = content(note)
    if owner == name:
        return
    for other in folders.state.parent.iterdir() if owner else ():
        if os.fsencode(other.name) == owner and _builds_there(other, folders):
            raise StoreError(
                f"{folders.out} is the build of {other}, whose name gives the same folder",
                hint=f"change the name in {folders.file}, or move it to a folder of its own",
            )
    write(note, name)


def _builds_there(other: Path, folders: Folders) -> bool:
    """Whether `other` is another file whose collection is built in the same folder."""
    try:
        same = folders_of(other, load(other)[0]).out == folders.out
    except CollectionError:
        return False
    return same and not other.samefile(folders.file)


def record(folders: Folders, store: Store, manifest: Manifest) -> Manifest:
    """Write manifest.json, if it changed, and images/; returns the manifest on record.

    That says more than `manifest` where a longer build of the same tokens came before.
    """
    merged = _merge_recorded(folders, manifest)
    files = [file for token in merged.tokens for file in token.files]
    files += [merged.banner.image] if merged.banner else []
    if all(store.has(file.file, file.size) for file in files):
        manifest = merged
    link_images(folders, store, manifest.tokens)
    _link_banner(folders, store, manifest)
    data = manifest.canonical() + b"\n"
    if content(folders.manifest) != data:
        write(folders.manifest, data)
    return manifest


def _merge_recorded(folders: Folders, manifest: Manifest) -> Manifest:
    try:
        return merge(read_manifest(folders.manifest), manifest)
    except StoreError:  # absent, or corrupt and about to be written anew
        return manifest


def built_manifest(folders: Folders) -> Manifest:
    """The manifest of the collection's build; raises StoreError where there is none to go on with.

    So say commands that need pictures and are typed before the first build.
    """
    if not folders.manifest.exists():
        build = f"mint build {folders.file}"
        raise StoreError(
            f"nothing is built yet of {folders.file}",
            hint=f"run {build} --until render, which paints, or {build}, which also publishes",
        )
    return read_manifest(folders.manifest)


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`; raises StoreError when it is absent or does not parse."""
    try:
        return Manifest.parse(path.read_bytes())
    except OSError as error:
        raise StoreError(f"{path} cannot be read", hint="run mint build first") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise StoreError(
            f"{path} is corrupt at {where}: {first['msg']}",
            hint="mint build writes it again; nothing painted is lost",
        ) from error


def _link_banner(folders: Folders, store: Store, manifest: Manifest) -> None:
    """banner.png, if there is a banner; one whose line was deleted goes."""
    if manifest.banner:
        link(store.object_name(manifest.banner.image.file), str(folders.banner))
    elif not (manifest.decisions and manifest.decisions.banner):
        folders.banner.unlink(missing_ok=True)


def link_images(folders: Folders, store: Store, tokens: Iterable[Token]) -> None:
    """images/1.png ..., animations/3.mp4 ...: the store's own objects under names for people."""
    parts = "images", "animations", "wallpapers"
    names: dict[Path, set[str]] = {folders.out / name: set() for name in parts}
    for token in tokens:
        for path, digest in published_files(folders, token):
            link(store.object_name(digest), str(path))
            names[path.parent].add(path.name)
    for folder, present in names.items():
        _remove_others(folder, present)
        if not present:
            with suppress(OSError):  # absent, or not empty: a file of somebody else's is in it
                folder.rmdir()


def published_files(folders: Folders, token: Token) -> Iterator[tuple[Path, str]]:
    """Where the token's picture, film and wallpaper lie, and their SHA-256."""
    yield folders.image(token.token_id), token.image.file
    if token.animation:
        yield folders.animation(token.token_id), token.animation.file
    if token.wallpaper:
        yield folders.wallpaper(token.token_id), token.wallpaper.image.file


def write_metadata(folders: Folders, documents: Iterable[tuple[int, bytes]]) -> None:
    """metadata/1.json ...; a file that already says the same is left alone."""
    names, folder = set(), f"{folders.out}/metadata"
    for token_id, data in documents:
        name = f"{token_id}.json"
        if content(f"{folder}/{name}") != data:
            write(folders.metadata(token_id), data, durable=False)
        names.add(name)
    _remove_others(folders.out / "metadata", names)


def token_files(folder: Path) -> set[str]:
    """The names in `folder` that are like those of tokens' files: 1.png, 12.json."""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    return {name for name in names if re.fullmatch(r"[0-9]+\.(png|json|mp4)", name)}


def _remove_others(folder: Path, names: set[str]) -> None:
    """Remove the tokens' files of an earlier, larger build; no file that mint does not name."""
    for name in token_files(folder) - names:
        (folder / name).unlink()
