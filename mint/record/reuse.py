"""The record of an earlier build and a new plan -> how many pictures the new plan keeps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mint.plan.edited import among, edited_by
from mint.plan.recipe import Slot, candidate, diffusion, painter
from mint.record.manifest import Manifest
from mint.spec.collection import Collection


def reused(manifest: Manifest, collection: Collection, slots: Sequence[Slot]) -> int:
    """How many tokens of `manifest` would be painted by the same recipe as before."""
    tokens, settings = {token.token_id: token for token in manifest.tokens}, diffusion(collection)
    painters = {digest: painter(runtime) for digest, runtime in manifest.runtimes.items()}
    number = 0
    for slot in slots:
        if token := tokens.get(slot.token_id):
            by = painters[token.recipe.runtime]
            propose = partial(candidate, collection, painter=by, settings=settings)
            plain = propose(slot, token.redraws)
            try:
                proposal = edited_by(collection, plain, token.edits, among(slots, propose))
            except ValueError:  # an edit speaks of what the new plan does not have
                continue
            number += proposal.recipe == token.recipe
    return number
