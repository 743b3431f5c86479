"""The record of an earlier build and a new plan -> how many pictures the new plan keeps."""

from __future__ import annotations

from collections.abc import Sequence

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
            proposal = candidate(collection, slot, token.attempt, by, settings)
            number += proposal.recipe == token.recipe
    return number
