"""Attempts of a token that come from another of its pictures, as decisions.yaml says."""

from __future__ import annotations

from collections.abc import Callable

from mint.curate.decisions import Decisions
from mint.errors import CollectionError
from mint.plan.edit import FIRST, chain
from mint.plan.edited import edited_by
from mint.plan.recipe import Candidate, Slot
from mint.spec.collection import Collection

Propose = Callable[[Slot, int], Candidate]


def with_edits(collection: Collection, decisions: Decisions, propose: Propose) -> Propose:
    """`propose`, and beyond the attempts that it knows those that edits give.

    Raises CollectionError where a decision speaks of an edit that decisions.yaml does not have.
    """

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
        return edited_by(collection, propose(slot, edits[0].of), edits)

    return propose_edited
