"""The five promises: what proves each, and what of it this build has checked itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from mint.curate.truth import tally
from mint.record.manifest import Manifest
from mint.report.judged import judged_pairs
from mint.report.tally import Tally

State = Literal["checked", "partly checked", "not checked"]


class Promise(NamedTuple):
    """`proof` is a command; `notes` say what this build checked, and what it did not."""

    name: str
    text: str
    proof: str
    state: State
    notes: tuple[str, ...]


def promises(manifest: Manifest, tallies: Sequence[Tally], verify: str) -> list[Promise]:
    """All five, in the README's order. A build that checked nothing of a promise says so."""
    return [
        Promise(
            "Repeatable",
            "The same file and runtime give the same pixels, CIDs and calldata.",
            verify,
            "not checked",
            ("The build painted each picture once. The command paints some of them again.",),
        ),
        Promise(
            "Resumable",
            "Stopped at any moment and run again, nothing is lost and nothing is done twice.",
            "scripts/test tests/test_faults.py",
            "not checked",
            ("A build does not stop itself to see. The tests of mint do.",),
        ),
        _truthful(manifest, tallies, verify),
        _fair(manifest, verify),
        Promise(
            "Verifiable",
            "From the contract's address alone: metadata, picture, seed, the same picture again.",
            _stranger(manifest) or verify,
            "not checked",
            ("A page cannot vouch for itself: run the command, or let a stranger run it.",),
        ),
    ]


def _stranger(manifest: Manifest) -> str | None:
    chain = manifest.deployment
    if chain is None or chain.network == "local":
        return None
    return f"mint verify {chain.address} --network {chain.network} --sample 16"


def _truthful(manifest: Manifest, tallies: Sequence[Tally], verify: str) -> Promise:
    notes, checked, open_ends = [], 0, 0
    complete = len(manifest.tokens) == manifest.collection.supply
    counts = [n for t in tallies for n in t.counts if n.planned is not None]
    if complete and counts:
        wrong = sum(1 for n in counts if n.difference)
        notes.append(
            f"{wrong} values are assigned more or less often than planned."
            if wrong
            else "Counted: every value is assigned exactly as often as planned."
        )
        checked, open_ends = checked + 1, open_ends + bool(wrong)
    if manifest.tokens:
        notes.append(_alike(manifest))
        checked, open_ends = checked + 1, open_ends + bool(manifest.unresolved)
    sightings, doubtful = judged_pairs(manifest.tokens)
    total = tally(manifest.collection, manifest.tokens).promised
    if not sightings + doubtful:
        notes.append("Nobody judged whether the pictures show their traits: look at them.")
    else:
        notes.append(f"A judge saw {sightings:,} of {total:,} assigned values in the pictures.")
    state: State = "partly checked" if checked else "not checked"
    if checked == 2 and not open_ends and sightings == total:
        state = "checked"
    return Promise(
        "Truthful",
        "Exact counts; no near-duplicates; a trait is visible, or redrawn, or listed.",
        verify,
        state,
        tuple(notes),
    )


def _alike(manifest: Manifest) -> str:
    if left := len(manifest.unresolved):
        return f"Compared: {left:,} pictures look too much like another one and are listed."
    if manifest.decisions and len(manifest.decisions.keep) > 1:
        return (
            "Compared: no two pictures are nearer than the threshold, but for those that the "
            "artist chose, which were not compared with each other."
        )
    return "Compared: no two pictures are nearer than the threshold."


def _fair(manifest: Manifest, verify: str) -> Promise:
    chain, notes = manifest.deployment, list[str]()
    if chain is None:
        notes.append("No contract is deployed yet.")
    else:
        notes.append("The contract that this build deployed has the provenance root.")
    if manifest.collection.sale is None:
        notes.append("There is no sale here, so nothing is drawn.")
    elif chain and chain.drawn:
        notes.append(f"The order was drawn from block {chain.drawn.block:,}.")
    else:
        notes.append("The order is not drawn yet.")
    return Promise(
        "Fair",
        "The order is fixed before the first mint, and drawn from a block that nobody knew.",
        verify,
        "partly checked" if chain else "not checked",
        tuple(notes),
    )
