"""A PNG, or a built collection -> lines that say where it came from, and what of that is proved."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mint.errors import VerifyError
from mint.paint.c2pa_library import INSTALL, can_read
from mint.paint.signature import Signature, is_signed, read_signature
from mint.record.folders import folders_of, read_manifest
from mint.spec.load import load
from mint.verify.picture_notes import SOURCES, notes, read_png
from mint.verify.place import Agreement, Place, agree, places, records_beside, records_of

LONGEST = 300  # characters of a text in a picture; some hold whole workflows

_AGREEMENTS: dict[Agreement, str] = {
    "file": "the very file: every byte is the recorded one",
    "pixels": "every pixel is the recorded one; the file is another, saved again since",
    "unsigned": "the recorded file, before it was signed",
    "painted": "the picture as painted, before it was enlarged",
    "attempt": "a picture painted for this token, and not chosen",
}
# Of a signature, after who it is by.
_STATES = {
    "trusted": "valid, by {who}, whom your list of authorities vouches for; nothing was changed "
    "since",
    "valid": "valid, by somebody not on a trust list who calls itself {who}; nothing was changed "
    "since, but anybody can take that name",
    "expired": "unchanged, by {who}, whose certificate has expired since; no time stamp says that "
    "it was signed before",
    "broken": "broken: {faults}",
}


def origin(target: Path, within: Path | None, authorities: Path | None) -> Iterator[str]:
    """Lines to print, for a PNG or a collection.yaml.

    `within` names the collection.yaml or manifest.json to look for a PNG in, instead of the builds
    beside it; `authorities` a PEM file of the certificates whose signers are trusted.
    Raises MintError.
    """
    trusted = _authorities(authorities)
    if target.suffix.lower() in (".yaml", ".yml"):
        yield from _of_collection(target, trusted)
    else:
        yield from _of_picture(target, within, trusted)


def _authorities(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        pem = path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise VerifyError(f"{path} cannot be read as PEM", hint="name another file") from error
    if "BEGIN CERTIFICATE" not in pem:
        raise VerifyError(
            f"{path} holds no certificate in PEM", hint="name a file with BEGIN CERTIFICATE"
        )
    return pem


def _of_picture(path: Path, within: Path | None, authorities: str | None) -> Iterator[str]:
    png = read_png(path)
    picture = notes(png)
    width, height = picture.size
    yield f"picture     {path}: {width} x {height} pixels, {len(png):,} bytes"
    yield f"source      {_sources(picture.sources, 'its XMP says, unsigned')}"
    for name, text in picture.text.items():
        yield f"text        {name}: {_short(text)}"
    signature, about = _signature(png, authorities)
    yield f"signature   {about}"
    yield from _statement(signature)
    matches = list(places(picture, records_of(within) if within else records_beside(path)))
    for place in _distinct(matches):
        yield f"place       {_place(place, signature)}"
    if not matches:
        where = within or "the builds beside it"
        other = "" if within else "; name another collection with --in FILE"
        yield f"place       in no manifest: no token's picture in {where} is this one{other}"


def _sources(types: Sequence[str], who: str) -> str:
    if not types:
        return "its XMP does not say how it was made"
    return f"{', '.join(SOURCES.get(t, t) for t in types)} ({', '.join(types)}); {who}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else f"{flat[:LONGEST]}... ({len(text):,} characters)"


def _signature(png: bytes, authorities: str | None) -> tuple[Signature | None, str]:
    """The signature, if it can be read, and a sentence about it."""
    try:
        if not is_signed(png):
            return None, "none: whoever has the file could have written all of this"
    except ValueError:
        return None, "none can be read: something follows the end of the picture"
    if not can_read():
        return None, f"there is one, which was not checked: {INSTALL}"
    signature = read_signature(png, authorities)
    assert signature is not None  # is_signed
    return signature, _sentence(signature)


def _sentence(signature: Signature) -> str:
    faults = ", ".join(signature.faults) or "it does not cover the picture"
    return _STATES[signature.state].format(who=f'"{signature.signer}"', faults=faults)


def _statement(signature: Signature | None) -> Iterator[str]:
    """What was signed; of a broken signature nothing, for anybody may have written it."""
    if signature is None or signature.state == "broken":
        return
    types = [source.rpartition("/")[2] for source in signature.sources]
    what = ", ".join(SOURCES.get(each, each) for each in types) or "nothing of how it was made"
    yield f"states      {what}; written by {_short(signature.agent) or 'a program without a name'}"
    for name, value in signature.recipe.items():
        yield f"states      {name}: {_short(str(value))}"


def _distinct(matches: Sequence[Place]) -> Iterator[Place]:
    """One place a token, however many paths lead to its manifest."""
    keys = set()
    for place in matches:
        key = place.record.resolve(), place.token.token_id
        if key not in keys:
            yield place
        keys.add(key)


def _place(place: Place, signature: Signature | None) -> str:
    token, collection = place.token, place.manifest.collection
    record = min(os.path.relpath(place.record), str(place.record), key=len)
    text = f"token {token.token_id} of {collection.name}, {record}: {_AGREEMENTS[place.agreement]}"
    if signature is None or signature.state == "broken" or "recipe_sha256" not in signature.recipe:
        return text
    same = signature.recipe["recipe_sha256"] == token.recipe.digest
    return f"{text}; the signed recipe is {'its own' if same else 'ANOTHER one'}"


def _of_collection(file: Path, authorities: str | None) -> Iterator[str]:
    collection, _ = load(file)
    folders = folders_of(file, collection)
    manifest = read_manifest(folders.manifest)
    files, sources, signatures = Tally(), Tally(), Tally()
    for token in manifest.tokens:
        path = folders.image(token.token_id)
        if not path.exists():
            files.add("missing", token.token_id)
            continue
        png = read_png(path)
        picture = notes(png)
        agreement = agree(picture, token)
        what = _AGREEMENTS[agreement] if agreement else "another picture than the recorded one"
        files.add(what, token.token_id)
        sources.add(_sources(picture.sources, "as its XMP says, unsigned"), token.token_id)
        signatures.add(_signature(png, authorities)[1], token.token_id)
    yield f"{manifest.collection.name}: {len(manifest.tokens)} tokens, in {folders.out / 'images'}"
    for label, tally in (("files", files), ("source", sources), ("signature", signatures)):
        yield from (f"{label:12}{line}" for line in tally.lines(len(manifest.tokens)))


class Tally:
    """How many tokens each sentence is true of, and which ones where they are few."""

    def __init__(self) -> None:
        self._tokens: dict[str, list[int]] = {}

    def add(self, sentence: str, token_id: int) -> None:
        """Count a token."""
        self._tokens.setdefault(sentence, []).append(token_id)

    def lines(self, total: int) -> Iterator[str]:
        """`64: sentence`, the commonest first; fewer than all with their numbers."""
        for sentence, ids in sorted(self._tokens.items(), key=lambda item: -len(item[1])):
            some = ", ".join(f"#{i}" for i in ids[:10]) + (", ..." if len(ids) > 10 else "")
            yield f"{len(ids)}: {sentence}{f' ({some})' if len(ids) < total else ''}"
