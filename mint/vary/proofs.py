"""Edits painted right away, judged and written into decisions.yaml; none is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import reduce
from typing import NamedTuple

from mint.curate.decisions import Decisions, Edited
from mint.curate.decisions_file import change
from mint.curate.edits import with_edits
from mint.curate.trial import Trial
from mint.errors import CollectionError
from mint.paint.picture import Painted, Picture, paint_all, recalled
from mint.plan.recipe import Candidate
from mint.record.attempts import link_attempts
from mint.record.folders import read_manifest
from mint.retouch.easel import Easel
from mint.stages import Progress

LAST = 9_999  # the number of the last edit that a token can have


class Proof(NamedTuple):
    """A picture to choose: the edit that gives it, and what was painted and seen."""

    edit: Edited
    trial: Trial


def develop(easel: Easel, edits: Sequence[Edited], progress: Progress) -> list[Proof]:
    """Paint what is not in the store, judge all, write the new edits into decisions.yaml.

    Nothing is written before all are painted, so what was stopped leaves no half a list. Raises
    MintError.
    """
    candidates = proposals(easel, edits)
    store, paint = easel.studio.store, easel.studio.paint

    def painted(missing: Sequence[Candidate]) -> Iterator[Painted]:
        progress("painting", 0, len(missing))
        for done, each in enumerate(paint(missing), 1):
            yield each
            progress("painting", done, len(missing))

    pictures = paint_all(store, painted, candidates)
    looks = easel.inspect(candidates, pictures)
    decisions = change(
        easel.folders.file, lambda earlier: reduce(Decisions.with_edit, edits, earlier)
    )
    manifest = read_manifest(easel.folders.manifest)
    record = manifest.model_copy(update={"decisions": decisions})
    link_attempts(easel.folders, store, record)
    trials = map(Trial, candidates, pictures, looks)
    return [Proof(*each) for each in zip(edits, trials, strict=True)]


def proposals(easel: Easel, edits: Sequence[Edited]) -> list[Candidate]:
    """A candidate for each edit; raises CollectionError where one cannot be done."""
    decisions, slots = reduce(Decisions.with_edit, edits, easel.decisions), easel.slots
    propose = with_edits(easel.collection, decisions, easel.studio.propose, [*slots.values()])
    return [propose(slots[edit.token], edit.attempt) for edit in edits]


def alike(easel: Easel, proofs: Sequence[Proof]) -> list[tuple[Edited, Picture]]:
    """The proofs, and what the store has of other edits of their token and kind, by number."""
    by_attempt = {proof.edit.attempt: (proof.edit, proof.trial.picture) for proof in proofs}
    first = proofs[0].edit
    for edit in easel.decisions.edit:
        is_alike = edit.token == first.token and edit.mask is None
        if not is_alike or bool(edit.blend) != bool(first.blend) or edit.attempt in by_attempt:
            continue
        with suppress(CollectionError):  # a broken line is an error once it is chosen
            candidate = easel.propose(easel.slots[edit.token], edit.attempt)
            if picture := recalled(easel.studio.store, "render", candidate.recipe.digest):
                by_attempt[edit.attempt] = edit, picture
    return [by_attempt[attempt] for attempt in sorted(by_attempt)]


def numbers(easel: Easel, token_id: int, count: int) -> range:
    """The numbers of the token's next `count` edits; raises CollectionError beyond LAST."""
    first = easel.decisions.next_edit(token_id)
    if first + count - 1 > LAST:
        raise CollectionError(
            f"token {token_id} cannot have {count} edits more: the last one is numbered {LAST:,}",
            hint="delete some of its lines below edit: in decisions.yaml",
        )
    return range(first, first + count)
