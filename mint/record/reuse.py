"""The record of an earlier build and a new plan -> how many pictures the new plan keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from mint.curate.decisions import Decisions, Edited, part_of
from mint.errors import StoreError
from mint.plan.edited import among, edited_by
from mint.plan.recipe import Slot, candidate, diffusion, painter
from mint.record.folders import Folders, read_manifest
from mint.record.manifest import Manifest
from mint.spec.collection import Collection


def reused(manifest: Manifest, collection: Collection, slots: Sequence[Slot]) -> set[int]:
    """The tokens of `manifest` that would be painted by the same recipe as before."""
    tokens, settings = {token.token_id: token for token in manifest.tokens}, diffusion(collection)
    painters = {digest: painter(runtime) for digest, runtime in manifest.runtimes.items()}
    same = set[int]()
    for slot in slots:
        if token := tokens.get(slot.token_id):
            by = painters[token.recipe.runtime]
            propose = partial(candidate, collection, painter=by, settings=settings)
            plain = propose(slot, token.redraws)
            try:
                proposal = edited_by(
                    collection, plain, token.edits, among(collection, slots, propose)
                )
            except ValueError:  # an edit speaks of what the new plan does not have
                continue
            if proposal.recipe == token.recipe:
                same.add(slot.token_id)
    return same


def recorded(
    folders: Folders, collection: Collection, slots: Sequence[Slot], decisions: Decisions
) -> Iterator[str]:
    """What stays of the last build, and of what the artist decided about its pictures.

    A manifest that cannot be read is none: mint build writes it again.
    """
    try:
        manifest = read_manifest(folders.manifest)
    except StoreError:
        return
    same, before = reused(manifest, collection, slots), len(manifest.tokens)
    pictures = "picture" if before == 1 else "pictures"
    anew = f"{len(slots) - len(same):,} to paint"
    yield f"on record   {len(same):,} of {before:,} {pictures} stay, {anew}"
    tokens = {token.token_id for token in manifest.tokens}
    parts = [each for entries in decisions.parts.values() for each in entries]
    lost = [each for each in parts if each.token in tokens - same and not isinstance(each, Edited)]
    if lost:
        named = ", ".join(f"{part_of(each)} {each.token}" for each in lost[:10])
        yield (
            f"decided     {named}{', ...' if len(lost) > 10 else ''}: other pictures are painted "
            "there now, so decisions.yaml may not be obeyed"
        )
