"""Collection -> what each token will be, before a pixel is painted. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from mint.arrange import Infeasible, arrange, counts
from mint.collection import ONE_OF_ONE, Collection
from mint.document import Document, Real, sha256
from mint.errors import PlanError
from mint.load import PLACEHOLDER
from mint.source import Source
from mint.traits import OneOfOne

PhraseTable = Mapping[str, Mapping[str, str]]


class Diffusion(Document):
    """How the collection asks for its pictures; sizes in pixels."""

    model: str
    revision: str | None = None
    steps: int
    guidance_scale: Real
    scheduler: str
    width: int
    height: int
    dtype: str
    batch: int


class Runtime(Document):
    """What paints or enlarges them: the part of a pixel's cause that is not in collection.yaml.

    `weights` is the SHA-256 over the model's files; `libraries` maps a package to its version.
    An upscaler also has a `scale`, and a `dtype`, which for painting is in collection.yaml.
    """

    weights: str
    device: str
    threads: Annotated[int, Field(ge=1, le=4096)]
    attention: str
    libraries: dict[str, str]
    dtype: str | None = None
    scale: Annotated[int, Field(ge=2, le=8)] | None = None


class Recipe(Document):
    """Everything that decides one picture; its digest is the cache key.

    `slot` is the row of the batch the token is painted in, `runtime` the digest of a Runtime.
    """

    prompt: str
    negative_prompt: str
    seed: int
    slot: int
    diffusion: Diffusion
    runtime: str


class Candidate(Document):
    """A token as proposed: which attempt it is and how it would be painted."""

    token_id: int
    attempt: int
    name: str
    description: str | None = None
    traits: dict[str, str]
    recipe: Recipe


class Slot(Document):
    """A token before painting: its traits (every group, in file order) and its prompt."""

    token_id: int
    name: str
    traits: dict[str, str]
    prompt: str
    description: str | None = None


def seed(collection_seed: int, token_id: int, attempt: int) -> int:
    """53-bit seed of one attempt; 53 because seeds are published as JSON numbers."""
    text = f"{collection_seed}/{token_id}/{attempt}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 11


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
        _unique(token_id, uniques[token_id])
        if token_id in uniques
        else _slot(collection, table, token_id, next(rows))
        for token_id in range(1, collection.supply + 1)
    )


def _place_one_of_ones(collection: Collection) -> dict[int, OneOfOne]:
    """token_id -> one-of-one; those without a number get one drawn from the seed."""
    placed = {one.token_id: one for one in collection.one_of_ones if one.token_id is not None}
    free = sorted(
        (i for i in range(1, collection.supply + 1) if i not in placed),
        key=lambda i: sha256(f"{collection.seed}/one-of-one/{i}".encode()),
    )
    rest = (one for one in collection.one_of_ones if one.token_id is None)
    return placed | dict(zip(free, rest, strict=False))


def _unique(token_id: int, one: OneOfOne) -> Slot:
    return Slot(
        token_id=token_id,
        name=one.name,
        traits={ONE_OF_ONE: one.name},
        prompt=one.prompt,
        description=one.description,
    )


def _slot(collection: Collection, table: PhraseTable, token_id: int, row: Sequence[str]) -> Slot:
    traits = {trait.name: value for trait, value in zip(collection.traits, row, strict=True)}
    return Slot(
        token_id=token_id,
        name=numbered(collection, token_id),
        traits=traits,
        prompt=prompt(collection.image.prompt, table, traits),
    )


def numbered(collection: Collection, token_id: int) -> str:
    """The name of a token that has none of its own.

    A sale draws which token shows this picture, so its number must not look like a token's."""
    if collection.sale is not None:
        return f"{collection.name} {token_id}/{collection.supply}"
    return f"{collection.name} #{token_id}"


def prompt(template: str, table: PhraseTable, traits: Mapping[str, str]) -> str:
    """The template with every {Trait} said; clauses that an absent trait left empty are dropped."""
    said = PLACEHOLDER.sub(lambda found: table[found[1]][traits[found[1]]], template)
    clauses = (" ".join(clause.split()) for clause in said.split(","))
    return ", ".join(clause for clause in clauses if clause)


def phrases(collection: Collection, traits: Mapping[str, str]) -> list[tuple[str, str]]:
    """(trait, what the prompt says for it) in the order of the prompt; none for a one-of-one."""
    table = phrase_table(collection)
    named = PLACEHOLDER.findall(collection.image.prompt)
    return [(trait, table[trait][traits[trait]]) for trait in named if trait in traits]


def phrase_table(collection: Collection) -> PhraseTable:
    """Trait -> value -> what the prompt says for it."""
    return {t.name: {v.name: v.phrase for v in t.values} for t in collection.traits}


def candidate(
    collection: Collection,
    slot: Slot,
    attempt: int,
    runtime: str,
    settings: Diffusion | None = None,
) -> Candidate:
    """The `attempt`-th proposal for a token; `runtime` is the digest of a Runtime.

    `settings` is `diffusion(collection)`, for callers that propose ten thousand times.
    """
    image = collection.image
    return Candidate(
        token_id=slot.token_id,
        attempt=attempt,
        name=slot.name,
        description=slot.description,
        traits=slot.traits,
        recipe=Recipe(
            prompt=slot.prompt,
            negative_prompt=image.negative_prompt,
            seed=seed(collection.seed, slot.token_id, attempt),
            slot=slot.token_id % image.batch,
            diffusion=settings or diffusion(collection),
            runtime=runtime,
        ),
    )


def diffusion(collection: Collection) -> Diffusion:
    """The collection's image settings without the words, and as painted, not yet enlarged."""
    settings = collection.image.model_dump(exclude={"prompt", "negative_prompt", "upscale"})
    return Diffusion(**settings)


def planned_counts(collection: Collection) -> dict[str, dict[str, int]]:
    """trait_type -> value -> number of tokens, exactly as they will be; one-of-ones come last."""
    ones = dict(Counter(one.name for one in collection.one_of_ones))
    planned = counts(collection.traits, collection.supply - len(collection.one_of_ones))
    return planned | ({ONE_OF_ONE: ones} if ones else {})


def difference(before: Runtime, here: Runtime) -> str:
    """What changed, as `torch 2.12.0 -> 2.13.0, ...`."""
    old, new = (r.model_dump(exclude={"libraries"}) | r.libraries for r in (before, here))
    changed = (k for k in {**old, **new} if old.get(k) != new.get(k))
    return ", ".join(f"{k} {_short(old.get(k))} -> {_short(new.get(k))}" for k in changed)


def _short(value: object) -> str:
    text = str(value)
    return text[:12] if len(text) == 64 else text
