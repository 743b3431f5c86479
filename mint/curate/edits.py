"""Attempts of a token that come from another of its pictures, as decisions.yaml says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from mint.curate.decisions import Decisions, Edited
from mint.curate.decisions_file import DecisionsFile
from mint.errors import CollectionError, RenderError, StoreError
from mint.paint.masks import filed_mask
from mint.paint.sources import remember_source, source_picture
from mint.plan.edit import FIRST, chain
from mint.plan.edited import among, edited_by
from mint.plan.promises import broken_promise
from mint.plan.recipe import Candidate, Painter, Slot, candidate
from mint.spec.collection import Collection
from mint.store import Store

Propose = Callable[[Slot, int], Candidate]


def with_edits(
    collection: Collection, decisions: Decisions, propose: Propose, slots: Sequence[Slot]
) -> Propose:
    """`propose`, and beyond the attempts that it knows those that edits give.

    `slots` are all tokens. Raises CollectionError where a decision speaks of an edit, or an edit of
    a token, that is not there.
    """

    relative = among(collection, slots, propose)

    def propose_edited(slot: Slot, attempt: int) -> Candidate:
        if attempt < FIRST:
            return propose(slot, attempt)
        try:
            edits = chain(attempt, decisions.edits(slot.token_id))
        except LookupError as error:
            raise CollectionError(
                f"attempt {error.args[0]} of token {slot.token_id} is an edit, and decisions.yaml "
                "does not say which one",
                hint="bring its line below edit: back, or delete the line that speaks of it",
            ) from error
        try:
            return edited_by(collection, propose(slot, edits[0].of), edits, relative)
        except ValueError as error:
            raise CollectionError(
                f"an edit of token {slot.token_id} in decisions.yaml cannot be done: {error}",
                hint="mend its line below edit:, or delete the token's line below keep:",
            ) from error

    return propose_edited


def recall_masks(store: Store, wishes: DecisionsFile, size: tuple[int, int]) -> None:
    """Put into the store the masks of all edits that the artist keeps, from the files they name.

    `size` is the width and height of a painting. Raises CollectionError, with the place in
    decisions.yaml, where a mask is nowhere.
    """
    for edit in leading_to_keep(wishes.decisions):
        if edit.mask is None:
            continue
        try:
            source_picture(store, edit.mask)
        except StoreError as missing:
            _recall_mask(store, wishes, edit, size, missing)


def leading_to_keep(decisions: Decisions) -> list[Edited]:
    """The edits on the way to what the artist keeps; others are only proposals."""
    needs = set[tuple[int, int]]()
    for each in decisions.keep:
        with suppress(LookupError):  # what is missing is said where it is painted
            steps = chain(each.attempt, decisions.edits(each.token))
            needs |= {(each.token, edit.attempt) for edit in steps}
    return [edit for edit in decisions.edit if (edit.token, edit.attempt) in needs]


def _recall_mask(
    store: Store, wishes: DecisionsFile, edit: Edited, size: tuple[int, int], missing: StoreError
) -> None:
    place, home = wishes.place(edit), wishes.source.path.parent
    if edit.mask_file is None:
        raise CollectionError(
            f"{place}: {missing}, and the line names no mask_file",
            hint="add mask_file, or retouch the token anew: mint retouch",
        ) from missing
    try:
        remember_source(store, filed_mask(home, edit.mask_file, edit.mask or "", size))
    except RenderError as error:
        raise CollectionError(f"{place}: {error}", hint=error.hint) from error


def refuse_undoable(collection: Collection, wishes: DecisionsFile, slots: Sequence[Slot]) -> None:
    """Raise CollectionError where what decisions.yaml says of edits cannot be done.

    Nothing is painted for that, so whether a picture is still the one that was seen stays open.
    """
    by_id, decisions = {slot.token_id: slot for slot in slots}, wishes.decisions
    nobody = partial(candidate, collection, painter=Painter("0" * 64))
    propose = with_edits(collection, decisions, nobody, slots)
    for each in decisions.entries:
        if each.token in by_id:
            try:
                propose(by_id[each.token], each.attempt)
            except CollectionError as error:
                raise CollectionError(f"{wishes.place(each)}: {error}", hint=error.hint) from error
    refuse_broken(collection, decisions, slots, propose)


def refuse_broken(
    collection: Collection, decisions: Decisions, slots: Sequence[Slot], propose: Propose
) -> None:
    """Raise CollectionError where the tokens' traits, after edits, are not what was promised.

    A count that comes from a weight may be one more or less.
    """
    attempts = {each.token: each.attempt for each in decisions.keep if each.attempt >= FIRST}
    traits = {
        i: propose(slot, attempts[i]).traits for slot in slots if (i := slot.token_id) in attempts
    }
    plan = {slot.token_id: slot.traits for slot in slots}
    if traits.items() <= plan.items():
        return
    if why := broken_promise(collection, plan.values(), (plan | traits).values(), slack=1):
        raise CollectionError(
            f"with the edits that decisions.yaml keeps, the collection is not what its file "
            f"promises: {why}",
            hint="delete a line below keep:, or retouch another token the other way round "
            "(mint retouch --swap)",
        )
