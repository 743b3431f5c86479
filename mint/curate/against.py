"""`dedup.against` in collection.yaml -> pictures that none of this collection may look like."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from mint.curate.memo import Embed, Perceive
from mint.curate.near_duplicates import Gallery
from mint.curate.second_sign import no_vectors
from mint.document import plain, sha256
from mint.paint.picture import Picture, recalled
from mint.spec.collection import Collection, beside
from mint.spec.drawings import MOST_PIXELS, NoDrawing, opaque
from mint.spec.yaml_source import Source
from mint.stages import Progress
from mint.store import Store, content

KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
MANIFEST = "manifest.json"
STEP = "against as seen"  # of the memo that leads from a file's digest to its picture
# What is wrong with a file, and what to do.
UNREADABLE = (
    "cannot be read as a picture",
    "save it again as PNG, JPEG or WebP, or take it out of the folder",
)
TOO_LARGE = (
    f"has more than {MOST_PIXELS // 10**6} million pixels",
    "save it smaller, or take it out of the folder",
)


def open_against(
    collection: Collection,
    source: Source,
    store: Store,
    embed: Embed,
    perceive: Perceive,
    second: Embed = no_vectors,
    progress: Progress = lambda step, done, total: None,
) -> Gallery | None:
    """The pictures that `dedup.against` names; None where it names none.

    Raises CollectionError, with the place in the file, for what cannot be read.
    """
    entries = list(against_files(collection, source))
    if not entries:
        return None
    pictures: dict[str, tuple[str, Picture]] = {}
    for done, (index, file, name) in enumerate(entries):
        progress("comparing", done, len(entries))
        picture = _picture(file, index, source, store)
        pictures[picture.pixels] = name, picture  # the same picture twice says nothing new
    progress("comparing", len(entries), len(entries))
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
    place = ("dedup", "against", index)
    data = content(file)
    if data is None:
        raise source.error(place, f"{file} {UNREADABLE[0]}", UNREADABLE[1])
    key = sha256(data)
    if record := recalled(store, STEP, key):
        return record
    try:
        pixels, png = _as_seen(data, KINDS[file.suffix.lower()])
    except NoDrawing as error:
        what, hint = error.args
        raise source.error(place, f"{file} {what}", hint) from error
    picture = Picture(pixels=sha256(pixels), file=store.put(png), size=len(png))
    store.remember(STEP, key, picture.canonical())
    return picture


def _as_seen(data: bytes, kind: str) -> tuple[bytes, bytes]:
    """A picture file as people see it: its raw RGB rows, and a file whose pixels are those.

    It is turned as its EXIF says, on white where it is transparent. Raises NoDrawing.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NoDrawing(*TOO_LARGE)
            upright = opaque(ImageOps.exif_transpose(picture), "ffffff")
            if upright.tobytes() == picture.convert("RGB").tobytes():
                return upright.tobytes(), data  # a copy as PNG would be several times as large
    except (NoDrawing, Image.DecompressionBombError) as error:
        raise NoDrawing(*TOO_LARGE) from error
    except Exception as error:  # decoders of pictures raise whatever a hostile file makes them
        raise NoDrawing(*UNREADABLE) from error
    file = io.BytesIO()
    upright.save(file, "PNG")
    return upright.tobytes(), file.getvalue()
