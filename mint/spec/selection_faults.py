"""What is wrong with a selection of tokens beyond the form of its values: what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.selection import Selection
from mint.spec.yaml_source import Location, Source, nearest


def selection_faults(
    collection: Collection, selection: Selection, place: Location, source: Source, what: str
) -> Iterator[CollectionError]:
    """An error for each token, trait or value below `place` that the collection does not have.

    `what` ends "there are 6 tokens, and 7 of them ...".
    """
    numbers = selection.tokens if isinstance(selection.tokens, tuple) else ()
    yield from beyond_supply(collection, numbers, (*place, "tokens"), source)
    if selection.rarest and selection.rarest > collection.supply:
        yield source.error(
            (*place, "rarest"),
            f"there are {collection.supply} tokens, and {selection.rarest} of them {what}",
            "write `tokens: all`",
        )
    if selection.one_of_ones and not collection.one_of_ones:
        yield source.error(
            (*place, "one_of_ones"), "there are no one-of-ones here", "delete the line"
        )
    yield from _where(collection, selection, place, source)


def beyond_supply(
    collection: Collection, numbers: tuple[int, ...], place: Location, source: Source
) -> Iterator[CollectionError]:
    """An error for each of the numbers at `place` that is no token's."""
    for i, token_id in enumerate(numbers):
        if token_id > collection.supply:
            yield source.error(
                (*place, i),
                f"token {token_id} is beyond the supply of {collection.supply}",
                f"use 1 to {collection.supply}",
            )


def _where(
    collection: Collection, selection: Selection, place: Location, source: Source
) -> Iterator[CollectionError]:
    values = {trait.name: [v.name for v in trait.values] for trait in collection.traits}
    for name, choices in (selection.where or {}).items():
        at = (*place, "where", name)
        if name not in values:
            hint = nearest(name, list(values))
            yield source.error(at, f'"{name}" is no trait', hint, key=True)
            continue
        for value in choices:
            if value not in values[name]:
                hint = nearest(value, values[name])
                yield source.error(at, f'{name} has no value "{value}"', hint)
