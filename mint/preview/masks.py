"""`/api/masks`: a place that the artist drew on a picture -> a file in masks/, and the command.

Nothing is painted here: that may take long, and wants the collection for itself.
"""

from __future__ import annotations

import base64
import binascii
import shlex
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, ValidationError

from mint.curate.token import Token
from mint.document import Document
from mint.errors import MintError
from mint.paint.masks import file_mask, mask_in, mask_name
from mint.preview.answer import Answer
from mint.preview.desk import as_json, problem
from mint.record.folders import Folders, read_manifest
from mint.record.manifest import Manifest
from mint.spec.collection import ONE_OF_ONE

MOST_BYTES = 4_000_000  # of a request
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Drawing(Document):
    """What the page sends: the token, the trait and value that it gets, and a PNG in base64.

    White is where the picture may change. Without `png` mint finds the place.
    """

    token_id: int
    trait: Name | None = None
    value: Name | None = None
    png: Annotated[str, Field(max_length=MOST_BYTES)] | None = None


def receive_mask(folders: Folders, body: bytes) -> Answer:
    """Write the mask of a Drawing; the answer has its path and the command that paints there."""
    try:
        drawing = Drawing.parse(body)
        png = None if drawing.png is None else base64.b64decode(drawing.png, validate=True)
    except (ValidationError, binascii.Error):
        return problem(HTTPStatus.BAD_REQUEST, "this is no drawing on a picture")
    try:
        manifest = read_manifest(folders.manifest)
        if why := _unfit(manifest, drawing):
            return problem(HTTPStatus.CONFLICT, why, "reload the page and look again")
        path = None if png is None else _filed(folders, manifest, drawing, png)
    except MintError as error:
        return problem(HTTPStatus.CONFLICT, str(error), error.hint)
    command = _command(folders, _token(manifest, drawing), drawing, path)
    return as_json(HTTPStatus.OK, {"file": path, "command": command})


def _token(manifest: Manifest, drawing: Drawing) -> Token:
    return next(t for t in manifest.tokens if t.token_id == drawing.token_id)


def _unfit(manifest: Manifest, drawing: Drawing) -> str | None:
    if all(t.token_id != drawing.token_id for t in manifest.tokens):
        return f"there is no token {drawing.token_id}"
    token = _token(manifest, drawing)
    values = {t.name: {v.name for v in t.values} for t in manifest.collection.traits}
    if drawing.trait is None:
        return None if drawing.png else "neither a trait nor a place is given"
    if drawing.trait not in values or ONE_OF_ONE in token.traits:
        return f"token {drawing.token_id} has no trait {drawing.trait}"
    if drawing.value is not None and drawing.value not in values[drawing.trait]:
        return f'"{drawing.value}" is no value of {drawing.trait}'
    return None


def _filed(folders: Folders, manifest: Manifest, drawing: Drawing, png: bytes) -> str:
    size = _token(manifest, drawing).recipe.diffusion.size
    mask = mask_in(png, size, "that you drew")
    name = mask_name(drawing.token_id, drawing.trait or "drawn")
    return file_mask(folders.file.absolute().parent, name, mask)


def _command(folders: Folders, token: Token, drawing: Drawing, path: str | None) -> str:
    """As one types it where `mint preview` runs; a one-of-one's words are there to be changed."""
    words = ["mint", "retouch", str(folders.file), "--token", str(drawing.token_id)]
    if drawing.trait is not None:
        value = "" if drawing.value is None else f"={drawing.value}"
        words += ["--trait", f"{drawing.trait}{value}"]
    words += ["--prompt", token.recipe.prompt] if ONE_OF_ONE in token.traits else []
    words += ["--mask", str(folders.file.parent / path)] if path else []
    return shlex.join(words)
