"""`dedup.against` in collection.yaml -> pictures that none of this collection may look like."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from mint.curate.memo import Embed, Perceive
from mint.curate.near_duplicates import Gallery
from mint.curate.second_sign import no_vectors
from mint.document import plain, sha256
from mint.errors import CollectionError
from mint.paint.picture import Picture, recalled
from mint.spec.collection import Collection, beside
from mint.spec.yaml_source import Source
from mint.store import Store, content

KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
MANIFEST = "manifest.json"


def open_against(
    collection: Collection,
    source: Source,
    store: Store,
    embed: Embed,
    perceive: Perceive,
    second: Embed = no_vectors,
) -> Gallery | None:
    """The pictures that `dedup.against` names; None where it names none.

    Raises CollectionError, with the place in the file, for what cannot be read.
    """
    entries = list(against_files(collection, source))
    if not entries:
        return None
    # The same picture twice says nothing new.
    pictures = {
        picture.pixels: (name, picture)
        for index, file, name in entries
        for picture in [_picture(file, index, source, store)]
    }
    names, images = zip(*pictures.values(), strict=True)
    return Gallery(
        owners=names,
        prompts=("",) * len(names),
        pixels=tuple(pictures),
        vectors=embed(images),
        prints=perceive(images),
        second=second(images),
    )


def against_files(collection: Collection, source: Source) -> Iterator[tuple[int, Path, str]]:
    """(place in the list, picture file, its name in sentences); raises CollectionError."""
    for index, line in enumerate(collection.dedup.against):
        entry = beside(line, source.path)
        files = _files(entry, source, index)
        if not files:
            raise source.error(
                ("dedup", "against", index),
                f'"{line}" holds no picture',
                "name a folder with PNG, JPEG or WebP files, or the manifest.json of a build",
            )
        folder = entry.parent if entry.is_file() else entry
        if folder == beside(f"build/{collection.slug}", source.path):
            raise source.error(
                ("dedup", "against", index),
                f'"{line}" is this collection\'s own build: every picture is like itself',
                "name another collection's build, or remove the line",
            )
        yield from ((index, file, f"{line}: {file.relative_to(folder)}") for file in files)


def _files(entry: Path, source: Source, index: int) -> Sequence[Path]:
    """A manifest's pictures in the order of tokens; else all in the folder, by name."""
    manifest = entry / MANIFEST if entry.is_dir() else entry
    if manifest.is_file():
        return _manifest_files(manifest, source, index)
    if not entry.is_dir():
        raise source.error(
            ("dedup", "against", index),
            f'"{entry}" does not exist',
            "name a folder of pictures, or the manifest.json of a build",
        )
    return sorted(path for path in entry.rglob("*") if path.suffix.lower() in KINDS)


def _manifest_files(manifest: Path, source: Source, index: int) -> Sequence[Path]:
    try:
        tokens = plain(content(manifest) or b"")["tokens"]
        numbers = [int(token["token_id"]) for token in tokens]
    except (ValueError, LookupError, TypeError) as error:
        raise source.error(
            ("dedup", "against", index),
            f"{manifest} is no manifest of a build",
            "name the manifest.json in the folder of a build, or a folder of pictures",
        ) from error
    return [manifest.parent / "images" / f"{number}.png" for number in numbers]


def _picture(file: Path, index: int, source: Source, store: Store) -> Picture:
    """The file on record, copied to the store, where embedders look; raises CollectionError."""
    data = content(file)
    if data is None:
        raise _unreadable(file, index, source)
    key = sha256(data)
    if record := recalled(store, "against", key):
        return record
    try:
        pixels = _pixels(data, KINDS[file.suffix.lower()])
    except (OSError, SyntaxError, ValueError) as error:
        raise _unreadable(file, index, source) from error
    picture = Picture(pixels=sha256(pixels), file=store.put(data), size=len(data))
    store.remember("against", key, picture.canonical())
    return picture


def _pixels(data: bytes, kind: str) -> bytes:
    """The raw RGB rows of a picture file."""
    from PIL import Image

    return Image.open(io.BytesIO(data), formats=[kind]).convert("RGB").tobytes()


def _unreadable(file: Path, index: int, source: Source) -> CollectionError:
    return source.error(
        ("dedup", "against", index),
        f"{file} cannot be read as a picture",
        "save it again as PNG, JPEG or WebP, or take it out of the folder",
    )
