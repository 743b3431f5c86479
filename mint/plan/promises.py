"""What collection.yaml promises of all tokens together, against traits that they have. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from mint.plan.arrange import counts
from mint.plan.arrange.space import bans
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.traits import Trait

Row = tuple[str | None, ...]  # a token's values, in the order of the file


def broken_promise(collection: Collection, tokens: Sequence[Mapping[str, str]]) -> str | None:
    """Why tokens with these traits are not what was promised, as a clause; None where they are.

    Promised are the count of every value, the rules, and that no two tokens have the same traits.
    Each of `tokens` maps a trait to its value and leaves absent ones out; one-of-ones count as
    planned.
    """
    return next(_broken(collection, tokens), None)


def _broken(collection: Collection, tokens: Sequence[Mapping[str, str]]) -> Iterator[str]:
    ordinary = [traits for traits in tokens if ONE_OF_ONE not in traits]
    names = {trait.name for trait in collection.traits}
    yield from (
        f"{name} is no trait of the file" for traits in ordinary for name in traits.keys() - names
    )
    rows = [_row(collection.traits, traits) for traits in ordinary]
    yield from _miscounted(collection, rows)
    yield from _ruled_out(collection, rows)
    if len(set(rows)) < len(rows):
        yield "two tokens would have the same traits"


def _row(traits: Sequence[Trait], token: Mapping[str, str]) -> Row:
    absent = {trait.name: value.name for trait in traits for value in trait.values if value.absent}
    return tuple(token.get(trait.name, absent.get(trait.name)) for trait in traits)


def _miscounted(collection: Collection, rows: Sequence[Row]) -> Iterator[str]:
    planned = counts(collection.traits, collection.supply - len(collection.one_of_ones))
    for group, (trait, values) in enumerate(planned.items()):
        actual = Counter(row[group] for row in rows)
        for value, count in values.items():
            if actual[value] != count:
                yield f"the count of {trait}: {value} would be {actual[value]}, not {count}"


def _ruled_out(collection: Collection, rows: Sequence[Row]) -> Iterator[str]:
    for ban in bans(collection.traits, collection.rules):
        sets = {
            group: {collection.traits[group].values[i].name for i in values}
            for group, values in ban.values.items()
        }
        if any(all(row[group] in names for group, names in sets.items()) for row in rows):
            yield f'a token would break the rule "{collection.rules[ban.rule]}"'
