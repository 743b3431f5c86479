"""A picture's digests -> its place in a manifest: which token, and what of it agrees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from mint.curate.token import Token
from mint.errors import StoreError
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.verify.picture_notes import Notes

# file: the very bytes. pixels: the same picture in another file. unsigned: the file before it was
# signed. painted: the small picture that was enlarged. attempt: painted for the token, not chosen.
Agreement = Literal["file", "pixels", "unsigned", "painted", "attempt"]


class Place(NamedTuple):
    """A token of a collection, and what of the picture is the token's."""

    manifest: Manifest
    record: Path
    token: Token
    agreement: Agreement


def places(picture: Notes, records: Iterator[Path]) -> Iterator[Place]:
    """Every token in `records` (manifest.json files) whose picture it is, or was."""
    for record in records:
        try:
            manifest = read_manifest(record)
        except StoreError:  # somebody else's manifest.json
            continue
        for token in manifest.tokens:
            if agreement := agree(picture, token):
                yield Place(manifest, record, token, agreement)


def agree(picture: Notes, token: Token) -> Agreement | None:
    """What of the picture is the token's, if anything."""
    if picture.file == token.image.file:
        return "file"
    if token.signed and picture.file == token.signed.file:
        return "unsigned"
    if picture.pixels is None:
        return None
    if picture.pixels == token.image.pixels:
        return "pixels"
    if token.enlarged and picture.pixels == token.enlarged.painted:
        return "painted"
    if any(picture.pixels == attempt.image.pixels for attempt in token.attempts):
        return "attempt"
    return None


def records_beside(picture: Path) -> Iterator[Path]:
    """The manifest.json files of builds in the picture's folder and the few above it."""
    folder = picture.resolve().parent
    for home in (folder, *list(folder.parents)[:3]):
        yield from _files(home, "manifest.json")
        yield from _files(home, "build/*/manifest.json")


def _files(home: Path, pattern: str) -> list[Path]:
    try:
        return sorted(home.glob(pattern))
    except OSError:  # a folder that one may not read
        return []


def records_of(path: Path) -> Iterator[Path]:
    """The manifest.json that is named, or that of a collection.yaml's build."""
    record = path if path.suffix == ".json" else folders_of(path, load(path)[0]).manifest
    read_manifest(record)  # who names one wants to hear why it cannot be read
    yield record
