"""The record of an earlier build and a new plan -> how many pictures the new plan keeps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from functools import partial
from typing import NamedTuple

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


class LastBuild(NamedTuple):
    """The tokens that the last build recorded, and those of them whose pictures stay."""

    tokens: Set[int] = frozenset()
    same: Set[int] = frozenset()

    def lines(self, supply: int, decisions: Decisions) -> Iterator[str]:
        """What stays of it, and of what the artist decided about its pictures."""
        if not self.tokens:
            return
        before, anew = len(self.tokens), f"{supply - len(self.same):,} to paint"
        pictures = "picture stays" if before == 1 else "pictures stay"
        yield f"on record   {len(self.same):,} of {before:,} {pictures}, {anew}"
        parts = [each for entries in decisions.parts.values() for each in entries]
        other = self.tokens - self.same
        orphans = [each for each in parts if each.token in other and not isinstance(each, Edited)]
        if orphans:
            examples = ", ".join(f"{part_of(each)} {each.token}" for each in orphans[:10])
            yield (
                f"decided     {examples}{', ...' if len(orphans) > 10 else ''}: other pictures are "
                "painted there now, so these are most likely not obeyed"
            )


def last_build(folders: Folders, collection: Collection, slots: Sequence[Slot]) -> LastBuild:
    """What is on record; a manifest that cannot be read is none: mint build writes it again."""
    try:
        manifest = read_manifest(folders.manifest)
    except StoreError:
        return LastBuild()
    tokens = {token.token_id for token in manifest.tokens}
    return LastBuild(tokens, reused(manifest, collection, slots))
