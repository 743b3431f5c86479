"""What collection.yaml promises of all tokens together, against traits that they have. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mint.plan.arrange.space import bans
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.traits import Trait

TokenTraits = Mapping[str, str]
Row = tuple[str | None, ...]  # a token's values, in the order of the file


def broken_promise(
    collection: Collection,
    plan: Iterable[TokenTraits],
    tokens: Iterable[TokenTraits],
    slack: int = 0,
) -> str | None:
    """Why tokens with these traits are not what was promised, as a clause; None where they are.

    Promised are the counts of the tokens of `plan`, the rules, and that no two tokens
    have the same traits. Each token maps a trait to its value, and may leave an absent one out;
    one-of-ones are left out of account. By `slack` a count may differ that comes from a weight.
    """
    return next(_broken(collection, plan, tokens, slack), None)


def _broken(
    collection: Collection,
    plan: Iterable[TokenTraits],
    tokens: Iterable[TokenTraits],
    slack: int,
) -> Iterator[str]:
    ordinary = _ordinary(tokens)
    names = {trait.name for trait in collection.traits}
    yield from (
        f"{name} is no trait of the file" for traits in ordinary for name in traits.keys() - names
    )
    rows = [_row(collection.traits, traits) for traits in ordinary]
    expected = [_row(collection.traits, traits) for traits in _ordinary(plan)]
    yield from _miscounted(collection.traits, expected, rows, slack)
    yield from _ruled_out(collection, rows)
    if len(set(rows)) < len(rows):
        yield "two tokens would have the same traits"


def _ordinary(tokens: Iterable[TokenTraits]) -> list[TokenTraits]:
    return [traits for traits in tokens if ONE_OF_ONE not in traits]


def _row(traits: Sequence[Trait], token: TokenTraits) -> Row:
    absent = {trait.name: value.name for trait in traits for value in trait.values if value.absent}
    return tuple(token.get(trait.name, absent.get(trait.name)) for trait in traits)


def _miscounted(
    traits: Sequence[Trait], expected: Sequence[Row], rows: Sequence[Row], slack: int
) -> Iterator[str]:
    for group, trait in enumerate(traits):
        plan, actual = (Counter(row[group] for row in each) for each in (expected, rows))
        for value in trait.values:
            name, most = value.name, slack if value.count is None else 0
            if abs(actual[name] - plan[name]) > most:
                count = f"{actual[name]}, not {plan[name]}"
                yield f"the count of {trait.name}: {name} would be {count}"


def _ruled_out(collection: Collection, rows: Sequence[Row]) -> Iterator[str]:
    for ban in bans(collection.traits, collection.rules):
        sets = {
            group: {collection.traits[group].values[i].name for i in values}
            for group, values in ban.values.items()
        }
        if any(all(row[group] in names for group, names in sets.items()) for row in rows):
            yield f'a token would break the rule "{collection.rules[ban.rule]}"'
