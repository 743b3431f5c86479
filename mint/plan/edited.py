"""Candidates and the artist's edits -> other candidates. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from mint.plan.blend import Blend, Strand
from mint.plan.edit import FIRST, MOST, Edit, Parent, number
from mint.plan.prompts import phrase_table
from mint.plan.recipe import Candidate, Second, Slot, Start, seed
from mint.plan.style import worded
from mint.spec.collection import ONE_OF_ONE, Collection

# A picture that others are mixed from -> its candidate; ValueError where there is no such token.
Relative = Callable[[Parent], Candidate]


def among(
    collection: Collection, slots: Sequence[Slot], propose: Callable[[Slot, int], Candidate]
) -> Relative:
    """A Relative that looks among `slots`, which are all tokens in order.

    `propose` knows plain attempts.
    """

    def relative(parent: Parent) -> Candidate:
        if parent.token > len(slots):
            raise ValueError(f"it is mixed from a token {parent.token}, and there is none")
        if parent.plain >= FIRST:
            raise ValueError(f"the edits of token {parent.token} begin with an edit")
        plain = propose(slots[parent.token - 1], parent.plain)
        return edited_by(collection, plain, parent.edits, relative)

    return relative


def edited(collection: Collection, before: Candidate, edit: Edit, relative: Relative) -> Candidate:
    """The candidate that an edit proposes; `before` is that of the attempt `edit.of`.

    Raises ValueError where it speaks of traits that the token cannot have, of a token that is not
    there, and of what cannot be mixed or masked.
    """
    if why := unknown_trait(collection, before.traits, edit.traits):
        raise ValueError(why)
    if edit.embedding and edit.mask:
        raise ValueError("what a model sees in a picture has no places, so no mask fits it")
    traits = {**before.traits, **edit.traits}
    words = before.recipe.prompt
    if edit.prompt is not None:
        words = edit.prompt
    elif edit.traits:
        words = worded(collection, phrase_table(collection), before.token_id, traits)
    change: dict[str, object] = {
        "prompt": words,
        "seed": seed(collection.seed, before.token_id, edit.attempt),
        "slot": None,
        "start": Start(
            recipe=before.recipe, strength=edit.strength, mask=edit.mask, embedding=edit.embedding
        ),
        "blend": None,
    }
    if edit.blend is not None:
        change |= _mixed(edit, relative)
    recipe = before.recipe.model_copy(update=change)
    return before.model_copy(
        update={
            "attempt": edit.attempt,
            "traits": traits,
            "recipe": recipe,
            "edits": (*before.edits, edit),
        }
    )


def _mixed(edit: Edit, relative: Relative) -> dict[str, object]:
    """What a recipe has in place of words and a start where it mixes two others."""
    assert edit.blend is not None
    parents, share = (edit.blend.first, edit.blend.second), edit.blend.share
    first, second = (relative(parent).recipe for parent in parents)
    prompt = f"{first.prompt} / {second.prompt}"
    if edit.embedding:
        partner = Second(recipe=second, share=share)
        start = Start(recipe=first, strength=edit.strength, embedding=True, second=partner)
        return {"prompt": prompt, "start": start}
    for parent in parents:
        if parent.edits:
            raise ValueError(f"attempt {parent.attempt} of token {parent.token} has no own noise")
    strands = (Strand(prompt=each.prompt, seed=each.seed) for each in (first, second))
    blend = Blend(first=next(strands), second=next(strands), share=share, own=edit.strength)
    return {"prompt": prompt, "start": None, "blend": blend}


def edited_by(
    collection: Collection, before: Candidate, edits: Sequence[Edit], relative: Relative
) -> Candidate:
    """The candidate after all of a token's edits, each of which goes on with the one before it.

    Raises ValueError where one does not, where `edited` does, and where there are more than MOST.
    """
    if number(edits) > MOST:
        raise ValueError(f"{number(edits)} edits lead to it, and {MOST} at most may")

    def step(candidate: Candidate, edit: Edit) -> Candidate:
        if edit.of != candidate.attempt:
            raise ValueError(f"the edit {edit.attempt} is not of attempt {candidate.attempt}")
        return edited(collection, candidate, edit, relative)

    return reduce(step, edits, before)


def unknown_trait(
    collection: Collection, before: Mapping[str, str], traits: Mapping[str, str]
) -> str | None:
    """Why a token with the traits `before` cannot get these, as a clause; None where it can."""
    if traits and ONE_OF_ONE in before:
        return "a one-of-one has no traits to change"
    table = phrase_table(collection)
    for trait, value in traits.items():
        if trait not in table:
            return f'"{trait}" is no trait of the file'
        if value not in table[trait]:
            return f'"{value}" is no value of {trait}'
    return None
