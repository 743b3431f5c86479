"""Tokens that collection.yaml calls by their number: one-of-ones, and the one on the cover."""

from __future__ import annotations

from collections.abc import Iterator

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.traits import is_absent
from mint.spec.yaml_source import Source


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """An error for each number that no token has, or that two tokens would have."""
    yield from _one_of_ones(collection, source)
    yield from _cover(collection, source)


def _one_of_ones(collection: Collection, source: Source) -> Iterator[CollectionError]:
    numbers: set[int] = set()
    if len(collection.one_of_ones) > collection.supply:
        yield source.error(
            ("one_of_ones",),
            f"{len(collection.one_of_ones)} one-of-ones do not fit a supply of {collection.supply}",
            "raise supply",
        )
    for i, one in enumerate(collection.one_of_ones):
        if is_absent(one.name):
            yield source.error(
                ("one_of_ones", i, "name"),
                f'"{one.name}" means that a token does not have a trait',
                "give it another name",
            )
        place = ("one_of_ones", i, "token_id")
        if one.token_id is None:
            continue
        if one.token_id > collection.supply:
            yield source.error(
                place,
                f"token {one.token_id} is beyond the supply of {collection.supply}",
                f"use 1 to {collection.supply}",
            )
        if one.token_id in numbers:
            yield source.error(
                place, f"two one-of-ones have the number {one.token_id}", "use another number"
            )
        numbers.add(one.token_id)


def _cover(collection: Collection, source: Source) -> Iterator[CollectionError]:
    if collection.cover is not None and collection.cover > collection.supply:
        yield source.error(
            ("cover",),
            f"token {collection.cover} is beyond the supply of {collection.supply}",
            f"use 1 to {collection.supply}",
        )
