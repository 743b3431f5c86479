"""At most one transaction of a purpose can ever be mined, in whatever order the answers come."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mint.chain.decide import (
    LOST,
    Evidence,
    Mined,
    Step,
    Taker,
    Verdict,
    decide,
    verdict,
)
from tests.chain.sender_model import Bounds, Decide, Judge, explore

MINED, REVERTED = Mined("0x1", 7, True), Mined("0x1", 7, False)
OTHER, OWN = Taker("0x2", 7, False), Taker("0x1", 7, True)


def test_every_order_of_answers_mines_at_most_one() -> None:
    states, twice = explore(Bounds(nonces=2, attempts=2, blocks=2))
    assert twice is None
    assert states > 5_000


def any_receipt_is_a_revert(evidence: Evidence) -> Verdict:
    """The first defect: `done` had seen none, so a receipt now was taken for a revert."""
    judged = verdict(evidence)
    return Verdict("reverted", True) if judged.fate == "mined" else judged


def a_count_is_a_proof(evidence: Evidence) -> Verdict:
    """The second: no receipt and a higher count were taken for another program's transaction."""
    judged = verdict(evidence)
    return Verdict("taken", True) if judged.fate == "unclear" else judged


def lost_is_lost(verdicts: Sequence[Verdict]) -> Step:
    """A block that can still be replaced is taken for a proof."""
    return decide([Verdict(each.fate, each.final or each.fate in LOST) for each in verdicts])


@pytest.mark.parametrize(
    ("judge", "choose"),
    [
        (any_receipt_is_a_revert, decide),
        (a_count_is_a_proof, decide),
        (verdict, lost_is_lost),
    ],
    ids=["any receipt", "a count", "not final"],
)
def test_the_model_finds_every_defect_that_doubled_tokens(judge: Judge, choose: Decide) -> None:
    _, twice = explore(Bounds(nonces=2, attempts=2, blocks=2), judge, choose)
    assert twice is not None


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(3, MINED), ("mined", False)),
        (Evidence(3, REVERTED, final=False), ("reverted", False)),
        (Evidence(3, REVERTED, final=True), ("reverted", True)),
        (Evidence(3, total=3), ("unsent", False)),
        (Evidence(3, total=3, known=True), ("pending", False)),
        (Evidence(3, total=4), ("unclear", False)),
        (Evidence(3, total=4, known=True), ("unclear", False)),
        (Evidence(3, total=4, taker=OWN, final=True), ("unclear", False)),
        (Evidence(3, total=4, taker=OTHER, final=False), ("taken", False)),
        (Evidence(3, total=4, taker=OTHER, final=True), ("taken", True)),
        (Evidence(3, total=9, taker=OTHER, final=True, numbered=False), ("unknown", False)),
        (Evidence(3, total=3, whole=False), ("unknown", False)),
        (Evidence(3, total=3, whole=False, known=True), ("pending", False)),
    ],
)
def test_verdicts(evidence: Evidence, expected: tuple[str, bool]) -> None:
    assert verdict(evidence) == expected


@pytest.mark.parametrize(
    ("verdicts", "step"),
    [
        ([], "sign"),
        ([("taken", True), ("reverted", True)], "sign"),
        ([("taken", True), ("reverted", False)], "settle"),
        ([("taken", False), ("pending", False)], "pursue"),
        ([("unknown", False), ("taken", True)], "pursue"),
        ([("mined", False), ("unsent", False)], "finish"),
    ],
)
def test_steps(verdicts: list[tuple[str, bool]], step: Step) -> None:
    assert decide([Verdict(fate, final) for fate, final in verdicts]) == step  # type: ignore[arg-type]  # literals, from a table
