"""Collection -> what each token will be, before a pixel is painted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from mint.document import sha256
from mint.errors import PlanError
from mint.plan.arrange import Infeasible, arrange
from mint.plan.prompts import PhraseTable, own_prompt, phrase_table
from mint.plan.recipe import Slot
from mint.plan.style import styled_unique, worded
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.init import Init
from mint.spec.traits import OneOfOne
from mint.spec.yaml_source import Source

NEAR = 8  # tokens for each one-of-one without a number, from which its number is drawn


def plan(collection: Collection, source: Source | None = None) -> tuple[Slot, ...]:
    """Every token in order, one-of-ones at their places.

    Raises PlanError, with the place in `source` when there is one, if no arrangement exists.
    """
    uniques, table = _place_one_of_ones(collection), phrase_table(collection)
    try:
        rows = iter(
            arrange(
                collection.traits,
                collection.rules,
                collection.supply - len(uniques),
                collection.seed,
            )
        )
    except Infeasible as error:
        where = f"{source.at(error.place)}: " if source else ""
        # arrange() knows only the tokens with traits, and speaks of them.
        alone = f"; to a supply add {len(uniques)} for the one-of-ones" if uniques else ""
        raise PlanError(f"{where}{error}", hint=error.hint + alone) from error
    return tuple(
        _unique(collection, token_id, uniques[token_id])
        if token_id in uniques
        else _slot(collection, table, token_id, next(rows))
        for token_id in range(1, collection.supply + 1)
    )


def _place_one_of_ones(collection: Collection) -> dict[int, OneOfOne]:
    """token_id -> one-of-one; those without a number get one drawn from the seed.

    The n-th of them is drawn from the first n * NEAR tokens, so that it stays where it is when
    tokens are added.
    """
    by_number = {one.token_id: one for one in collection.one_of_ones if one.token_id is not None}
    for n, one in enumerate((o for o in collection.one_of_ones if o.token_id is None), 1):
        for last in (min(n * NEAR, collection.supply), collection.supply):
            if free := [i for i in range(1, last + 1) if i not in by_number]:
                number = min(
                    free, key=lambda i: sha256(f"{collection.seed}/one-of-one/{i}".encode())
                )
                by_number[number] = one
                break
    return by_number


def _unique(collection: Collection, token_id: int, one: OneOfOne) -> Slot:
    return Slot(
        token_id=token_id,
        name=one.name,
        traits={ONE_OF_ONE: one.name},
        prompt=styled_unique(collection, own_prompt(collection, one)),
        description=one.description,
        init=one.init or collection.image.init,
    )


def _slot(collection: Collection, table: PhraseTable, token_id: int, row: Sequence[str]) -> Slot:
    traits = {trait.name: value for trait, value in zip(collection.traits, row, strict=True)}
    return Slot(
        token_id=token_id,
        name=numbered(collection, token_id),
        traits=traits,
        prompt=worded(collection, table, token_id, traits),
        init=_init(collection, traits),
    )


def _init(collection: Collection, traits: Mapping[str, str]) -> Init | None:
    """The drawing of the first trait whose value has one, else that of all pictures."""
    drawings = (
        value.init
        for trait in collection.traits
        for value in trait.values
        if value.init and traits[trait.name] == value.name
    )
    return next(drawings, collection.image.init)


def numbered(collection: Collection, token_id: int) -> str:
    """The name of a token that has none of its own.

    A sale draws which token shows this picture, so its number must not look like a token's."""
    if collection.sale is not None:
        return f"{collection.name} {token_id}/{collection.supply}"
    return f"{collection.name} #{token_id}"


def planned_counts(collection: Collection, slots: Sequence[Slot]) -> dict[str, dict[str, int]]:
    """trait_type -> value -> number of tokens in the plan `slots`; one-of-ones come last."""
    came = Counter((trait, value) for slot in slots for trait, value in slot.traits.items())
    table = {t.name: {v.name: came[t.name, v.name] for v in t.values} for t in collection.traits}
    ones = {one.name: came[ONE_OF_ONE, one.name] for one in collection.one_of_ones}
    return table | ({ONE_OF_ONE: ones} if ones else {})
