"""Tokens whose pictures contradict their metadata -> metadata that says what is seen.

Only where all that collection.yaml promises of the tokens together is still kept: in practice where
pictures show each other's values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mint.curate.token import Token, present
from mint.curate.truth import Judgements, Traits
from mint.errors import CollectionError
from mint.paint.picture import Picture
from mint.plan.promises import broken_promise
from mint.spec.collection import Collection
from mint.spec.traits import ABSENT

UNSURE = "the judge is not sure enough of what they show instead"
Tokens = Mapping[int, Token]  # by token_id
# What pictures show of these traits, by the jury of the build.
Ask = Callable[[Sequence[Picture], Sequence[Traits]], Sequence[Judgements]]


def relabel(collection: Collection, ask: Ask, tokens: Tokens, untrue: Sequence[int]) -> Tokens:
    """The tokens, those of `untrue` with the traits and the judgements of what they show.

    All of them or none: as they are where truth.exhausted says something else, where `obstacle`
    says why not, or where the judge does not see every new value as surely as any other.
    """
    may_relabel = collection.truth.exhausted == "relabel" and len(untrue) > 0
    if not may_relabel or obstacle(collection, tokens, untrue):
        return tokens
    copies = [with_traits(collection, tokens[i], seen_traits(tokens[i])) for i in untrue]
    judgements = ask([each.image for each in copies], [each.traits for each in copies])
    for token, answers in zip(copies, judgements, strict=True):
        is_seen = all(
            trait in answers and answers[trait].verdict == "seen" for trait in token.relabelled
        )
        if not is_seen or any(each.verdict == "contradicted" for each in answers.values()):
            return tokens
    pairs = zip(copies, judgements, strict=True)
    updates = {t.token_id: t.model_copy(update={"judgements": answers}) for t, answers in pairs}
    return {**tokens, **updates}


def obstacle(collection: Collection, tokens: Tokens, untrue: Sequence[int]) -> str | None:
    """Why the metadata of `untrue` cannot say what their pictures show, as a clause, or None."""
    values = {trait.name: {value.name for value in trait.values} for trait in collection.traits}
    for token in map(tokens.__getitem__, untrue):
        for trait, judgement in token.judgements.items():
            if judgement.verdict == "contradicted" and judgement.value not in values[trait]:
                return f"#{token.token_id} shows no value of {trait}"
    plan = {i: token.traits for i, token in tokens.items()}
    truth = {i: present(seen_traits(tokens[i])) for i in untrue}
    return broken_promise(collection, plan.values(), {**plan, **truth}.values())


def refuse_keeping(token: Token) -> None:
    """Raise CollectionError for a picture whose metadata says what it shows.

    What is kept is never relabelled, so the artist who likes it would take its right label back.
    """
    if not token.relabelled:
        return
    now = ", ".join(f"{trait}: {token.traits.get(trait, ABSENT)}" for trait in token.relabelled)
    before = ", ".join(f"{trait}: {value}" for trait, value in token.relabelled.items())
    raise CollectionError(
        f"the metadata of token {token.token_id} says {now}, as its picture shows; kept, it would "
        f"say {before} again",
        hint="leave it as it is: the next build takes this picture anyway; or have it painted "
        "again: mint redraw",
    )


def seen_traits(token: Token) -> Traits:
    """Its traits, with what is seen in place of each that is contradicted."""
    pairs = token.judgements.items()
    return {**token.traits, **{t: j.value for t, j in pairs if j.verdict == "contradicted"}}


def with_traits(collection: Collection, token: Token, traits: Traits) -> Token:
    """The token with other traits; those that were promised stay on record with it."""
    now, before = present(traits), token.traits
    absent = {t.name: v.name for t in collection.traits for v in t.values if v.absent}
    promise = {
        trait.name: before.get(trait.name, absent.get(trait.name, ABSENT))
        for trait in collection.traits
        if now.get(trait.name) != before.get(trait.name)
    }
    order = [trait.name for trait in collection.traits if trait.name in now]
    result = {name: now[name] for name in (*order, *(now.keys() - {*order}))}
    return token.model_copy(update={"traits": result, "relabelled": promise})
