"""What the artist wants changed, held against what collection.yaml promises. Nothing is painted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from mint.curate.trial import Trial
from mint.errors import CollectionError
from mint.paint.masks import read_mask
from mint.plan.promises import broken_promise
from mint.retouch.easel import Easel, refuse_unknown_token
from mint.retouch.place import Pair
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.spelling import advice

PARTNERS = 50  # tokens that are tried for a remedy


class Wish(NamedTuple):
    """One token's retouch. `traits` maps a trait to a value, None to the one that it has.

    `attempt` is the picture to begin with, without it the current one. `mask` is a file, without
    it the place is looked for. `swap` is a token that gets the values which this one loses.
    """

    token_id: int
    traits: Mapping[str, str | None] = {}
    mask: Path | None = None
    prompt: str | None = None
    strength: float = 0.8
    attempt: int | None = None
    tries: int = 3
    swap: int | None = None


class Change(NamedTuple):
    """A retouch that breaks no promise: `traits` are those that get another value.

    `places` are the traits whose place is to be painted, with values by which it can be found.
    """

    before: Trial
    traits: Mapping[str, str]
    places: Mapping[str, Sequence[Pair]]
    mask: Path | None
    prompt: str | None
    strength: float
    tries: int


def parsed_traits(texts: Iterable[str]) -> dict[str, str | None]:
    """`Headwear=crown` or `Headwear` alone, as --trait gives them -> trait to value or None.

    Raises CollectionError for a trait that is named twice.
    """
    traits: dict[str, str | None] = {}
    for name, sign, value in (text.partition("=") for text in texts):
        if (trait := name.strip()) in traits:
            raise CollectionError(f'"{trait}" is named twice', hint="give each trait one value")
        traits[trait] = value.strip() if sign else None
    return traits


def refuse_unknown(collection: Collection, wish: Wish) -> None:
    """Raise MintError for tokens, traits and values that the file lacks, and for a bad mask."""
    for token_id in (wish.token_id, wish.swap):
        if token_id is not None:
            refuse_unknown_token(collection, token_id)
    table = {trait.name: [value.name for value in trait.values] for trait in collection.traits}
    for name, value in wish.traits.items():
        if name not in table:
            what = f'"{name}" is no trait of the file'
            raise CollectionError(what, hint=advice(name, list(table)))
        if value is not None and value not in table[name]:
            what = f'"{value}" is no value of {name}'
            raise CollectionError(what, hint=advice(value, table[name]))
    if wish.mask:
        read_mask(wish.mask, collection.image.size)


def changes(easel: Easel, wish: Wish) -> list[Change]:
    """What is to be painted, the partner of a swap last; raises CollectionError for a bad wish.

    `refuse_unknown` has let the wish pass.
    """
    before = easel.trial(wish.token_id, wish.attempt)
    _refuse_incomplete(easel, wish, before)
    traits = before.candidate.traits
    new = {
        name: target
        for name, value in wish.traits.items()
        if (target := traits[name] if value is None else value) != traits[name]
    }
    if wish.swap is None:
        _refuse_broken(easel, before, new)
        partner = []
    else:
        partner = [_partner(easel, wish, before, new)]
    places = {name: shown_pairs(easel, before, name, new.get(name)) for name in wish.traits}
    own = Change(before, new, places, wish.mask, wish.prompt, wish.strength, wish.tries)
    return [own, *partner]


def _refuse_incomplete(easel: Easel, wish: Wish, before: Trial) -> None:
    unique = ONE_OF_ONE in before.candidate.traits
    if unique and wish.traits:
        raise CollectionError(
            f"token {wish.token_id} is a one-of-one and has no traits",
            hint="say what to paint with --prompt, and where with --mask",
        )
    if unique and not (wish.prompt and wish.mask):
        raise CollectionError(
            f"token {wish.token_id} is a one-of-one: say what to paint there, and where",
            hint='--prompt "a white robot with a crown" --mask FILE',
        )
    if not wish.traits and wish.mask is None:
        raise CollectionError(
            "neither a trait nor a place is given",
            hint="--trait Headwear paints the headwear again, --mask FILE a place of your own",
        )
    if wish.token_id in easel.relabelled:
        raise CollectionError(
            f"the traits of token {wish.token_id} were changed to what its picture shows "
            "(truth.exhausted: relabel), together with others",
            hint="retouch another token, or redraw this one first: mint redraw",
        )


def _refuse_broken(easel: Easel, before: Trial, new: Mapping[str, str]) -> None:
    """Raise CollectionError where these traits break a promise; name a token that would help."""
    token_id = before.candidate.token_id
    after = {**before.candidate.traits, **new}
    # An earlier attempt may have what another token has got since.
    now = easel.current[token_id].traits
    why = _broken(easel, {token_id: after}) if after != now else None
    if why is None:
        return
    new = new or {name: value for name, value in after.items() if now.get(name) != value}
    helpful = next(_partners(easel, before, new), None)
    raise CollectionError(
        f"token {token_id} cannot get {_list(new)}: {why}",
        hint=f"--swap {helpful} gives token {helpful} what this one loses, and every count stays"
        if helpful
        else "choose another value, or another token",
    )


def _broken(easel: Easel, updates: Mapping[int, Mapping[str, str]]) -> str | None:
    plan = (slot.traits for slot in easel.slots.values())
    now = {token_id: each.traits for token_id, each in easel.current.items()}
    return broken_promise(easel.collection, plan, {**now, **updates}.values(), slack=1)


def _partners(easel: Easel, before: Trial, new: Mapping[str, str]) -> Iterator[int]:
    """Tokens that have what this one is to get, and may get what it loses."""
    alike = [
        token_id
        for token_id, each in easel.current.items()
        if token_id not in easel.relabelled and new.items() <= each.traits.items()
    ]
    for token_id in alike[:PARTNERS]:
        if not _broken(easel, _swapped(easel, before, token_id, new)):
            yield token_id


def _swapped(
    easel: Easel, before: Trial, other: int, new: Mapping[str, str]
) -> dict[int, dict[str, str]]:
    own = before.candidate
    gift = {name: own.traits[name] for name in new}
    return {
        own.token_id: {**own.traits, **new},
        other: {**easel.current[other].traits, **gift},
    }


def _partner(easel: Easel, wish: Wish, before: Trial, new: Mapping[str, str]) -> Change:
    """The change of the other token of a swap."""
    assert wish.swap is not None
    other = easel.trial(wish.swap)
    if not new:
        raise CollectionError(
            f"token {wish.token_id} gets no other value, so there is nothing to swap",
            hint="leave out --swap",
        )
    _refuse_incomplete(easel, Wish(wish.swap, new), other)
    missing = {k: v for k, v in new.items() if other.candidate.traits.get(k) != v}
    if missing or wish.swap == wish.token_id:
        able = ", ".join(map(str, islice(_partners(easel, before, new), 5)))
        raise CollectionError(
            f"token {wish.swap} does not have {_list(missing or new)} to give",
            hint=f"tokens that can swap: {able}" if able else "no token can swap this",
        )
    if why := _broken(easel, _swapped(easel, before, wish.swap, new)):
        raise CollectionError(
            f"tokens {wish.token_id} and {wish.swap} cannot swap {_list(new)}: {why}",
            hint="choose another token to swap with",
        )
    gift = {name: before.candidate.traits[name] for name in new}
    places = {name: shown_pairs(easel, other, name, value) for name, value in gift.items()}
    return Change(other, gift, places, None, None, wish.strength, wish.tries)


def shown_pairs(easel: Easel, before: Trial, trait: str, value: str | None = None) -> list[Pair]:
    """What the picture shows and what it shall show; or, if that is the same, other values."""
    values = next([v.name for v in t.values] for t in easel.collection.traits if t.name == trait)
    judgement, own = before.look.judgements.get(trait), before.candidate.traits[trait]
    is_other = (
        judgement is not None and judgement.verdict == "contradicted" and judgement.value in values
    )
    visible = judgement.value if judgement and is_other else own
    target = own if value is None else value
    if target != visible:
        return [(visible, target)]
    return [(visible, other) for other in values if other != visible] or [(visible, visible)]


def _list(traits: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in traits.items())
