"""What the artist decided against what a build made of it, broken on purpose."""

from __future__ import annotations

import pytest

from mint.curate.decisions import Decision, Decisions, Keep, Redraw, decision_of
from mint.curate.token import Attempt
from mint.errors import VerifyError
from mint.record.manifest import Manifest
from mint.verify.decisions import check_decisions
from tests import exhibit


def decided(*entries: Decision) -> Decisions:
    decisions = Decisions()
    for each in entries:
        decisions = decisions.with_decision(each)
    return decisions


def built(decisions: Decisions, **changes: object) -> Manifest:
    """A build whose token 1 has `changes`."""
    manifest = exhibit.manifest()
    first = manifest.tokens[0].model_copy(update=changes)
    tokens = (first, *manifest.tokens[1:])
    return manifest.model_copy(update={"tokens": tokens, "decisions": decisions})


PIXELS = exhibit.manifest().tokens[0].image.pixels


def test_obeyed() -> None:
    decisions = decided(decision_of("redraw", 1, 0, "0" * 64), decision_of("keep", 1, 1, PIXELS))

    assert check_decisions(built(decisions, attempt=1), decisions) == []
    assert check_decisions(exhibit.manifest(), Decisions()) == []


def test_a_picture_that_is_there_must_be_as_decided() -> None:
    keep = decided(decision_of("keep", 1, 0, "ab" * 32))
    passed_over = Attempt(
        attempt=0,
        image=exhibit.manifest().tokens[0].image.model_copy(update={"pixels": "ab" * 32}),
        reasons=(),
    )
    with pytest.raises(VerifyError, match="token 1 is not as the artist decided: keep attempt 0"):
        check_decisions(built(keep, attempt=1, attempts=(passed_over,)), keep)
    redraw = decided(decision_of("redraw", 1, 0, PIXELS))
    with pytest.raises(VerifyError, match="token 1 is not as the artist decided: redraw attempt 0"):
        check_decisions(built(redraw, attempt=0), redraw)


def test_a_picture_that_is_gone_is_named() -> None:
    keep = Keep(token=1, attempt=0, picture="ab" * 6)
    redraw = Redraw(token=99, after=0, picture="ab" * 6)
    decisions = decided(keep, redraw)

    assert check_decisions(built(decisions, attempt=0), decisions) == [keep, redraw]


def test_a_file_that_was_edited_since() -> None:
    decisions = decided(decision_of("keep", 1, 0, PIXELS))

    for manifest, file in ((built(decisions), Decisions()), (exhibit.manifest(), decisions)):
        with pytest.raises(VerifyError, match="edited since the build"):
            check_decisions(manifest, file)
