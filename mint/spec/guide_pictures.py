"""The pictures that `image.reference` and `image.control` name -> their digests, on record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mint.document import sha256
from mint.errors import CollectionError
from mint.spec.animate import WALK
from mint.spec.collection import Collection, beside
from mint.spec.drawings import NoDrawing, drawings, opened_drawing
from mint.spec.edges import edges
from mint.spec.guides import Control, Guide
from mint.spec.yaml_source import Source

if TYPE_CHECKING:
    from mint.spec.drawings import Pixels


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """An error for each setting that says nothing together with another."""
    control, reference = collection.image.control, collection.image.reference
    if control is not None and control.start >= control.end:
        yield source.error(
            ("image", "control", "start"),
            f"the picture would guide from {control.start:g} until {control.end:g}, which is never",
            "write a start below the end; 0 and 1 are all of the steps",
        )
    for place, _ in drawings(collection) if control else ():
        yield source.error(
            place,
            "a picture that begins with a drawing follows no ControlNet (image.control)",
            "keep one of the two; image.reference goes with both",
            key=True,
        )
    if (reference or control) and collection.animate and collection.animate.model == WALK:
        yield source.error(
            ("animate",),
            "walk moves what is painted from words alone, and these tokens go by a picture "
            "(image.reference, image.control)",
            "leave out animate, or name a video model under animate.model",
            key=True,
        )
    if reference is not None and not reference.weights.endswith(".safetensors"):
        yield source.error(
            ("image", "reference", "weights"),
            f'"{reference.weights}" is no .safetensors file, and others can run any code when '
            "they are opened",
            "look for the same adapter as .safetensors",
        )


def with_digests(collection: Collection, source: Source) -> Collection:
    """The collection with its guides' pictures on record; raises CollectionError.

    A stranger, who has the record and not the artist's files, can say what the recipes are.
    """
    pictures = guide_pictures(collection, source)
    guides = {key: guide for key, guide in _guides(collection) if key in pictures}
    for key, guide in guides.items():
        digest = sha256(pictures[key].tobytes())
        if guide.pixels not in (None, digest):
            raise source.error(
                ("image", key, "pixels"),
                f'"{guide.file}" is another picture than this digest says',
                f"write {digest}, or leave the line out, if the new picture is meant",
            )
        guides[key] = guide.model_copy(update={"pixels": digest})
    if not guides:
        return collection
    return collection.model_copy(update={"image": collection.image.model_copy(update=guides)})


def guide_pictures(collection: Collection, source: Source) -> dict[str, Pixels]:
    """The pictures by their key below `image`, as painting uses them; raises CollectionError."""
    return {key: _read(collection, key, guide, source) for key, guide in _guides(collection)}


def _guides(collection: Collection) -> Iterator[tuple[str, Guide]]:
    for key in ("reference", "control"):
        guide: Guide | None = getattr(collection.image, key)
        if guide is not None:
            yield key, guide


def _read(collection: Collection, key: str, guide: Guide, source: Source) -> Pixels:
    image, background = collection.image, collection.background_color
    try:
        size = image.width, image.height
        pixels = opened_drawing(beside(guide.file, source.path), size, background)
    except NoDrawing as error:
        what, hint = error.args
        raise source.error(
            ("image", key, "file"), f'the picture "{guide.file}" {what}', hint
        ) from error
    if not isinstance(guide, Control) or guide.kind == "picture":
        return pixels
    outlines = edges(pixels)
    if not outlines.any():
        raise source.error(
            ("image", key, "kind"),
            f'"{guide.file}" has no edges to go by',
            "give a picture with clear outlines, or write `kind: picture`",
        )
    return outlines
