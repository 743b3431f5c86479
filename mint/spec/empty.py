"""Keys of collection.yaml with nothing behind them, which YAML reads as absent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source

HEX = re.compile("#(?:[0-9a-fA-F]{3}){1,2}(?![0-9a-zA-Z])")


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """An error for each of them that would quietly do nothing."""
    yield from _empty_colour(collection, source)
    yield from _empty_c2pa(collection, source)
    yield from _empty_animate(collection, source)
    yield from _empty_canvas(collection, source)


def _empty_colour(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """`background_color: #ffffff`, where YAML reads a comment."""
    comment = source.comment_at(("background_color",))
    if collection.background_color is None and comment and (colour := HEX.match(comment)):
        digits = colour[0][1:] if len(colour[0]) == 7 else "".join(2 * c for c in colour[0][1:])
        yield source.error(
            ("background_color",),
            "an unquoted # begins a comment, so background_color is empty",
            f'write background_color: "{digits}", in quotes and without #',
            key=True,
        )


def _empty_c2pa(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """`c2pa:` with nothing below it, which YAML reads as absent: nothing would be signed."""
    if collection.c2pa is None and "c2pa" in source.values:
        yield source.error(
            ("c2pa",),
            "c2pa is empty, so no picture would be signed",
            "write `c2pa: {states: digests}`, or delete the line",
            key=True,
        )


def _empty_animate(collection: Collection, source: Source) -> Iterator[CollectionError]:
    if collection.animate is None and "animate" in source.values:
        yield source.error(
            ("animate",),
            "animate is empty, so nothing would move",
            "write `animate: {tokens: all}`, or delete the line",
            key=True,
        )


def _empty_canvas(collection: Collection, source: Source) -> Iterator[CollectionError]:
    image = source.values.get("image")
    if collection.image.canvas is None and isinstance(image, dict) and "canvas" in image:
        yield source.error(
            ("image", "canvas"),
            "canvas is empty, so no wallpaper would be painted",
            "write `canvas: {width: 1920, height: 1080}`, or delete the line",
            key=True,
        )
