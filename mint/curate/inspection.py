"""What is looked at in every picture by itself: its promised traits, and whether it is unsafe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mint.curate.question import Question
from mint.curate.safety import Check, to_redraw
from mint.curate.trial import Look
from mint.curate.truth import (
    Judge,
    Judgements,
    Judging,
    Jury,
    Traits,
    contradictions,
    seat,
)
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.stages import Progress


class Inspection:
    """An Inspect that asks judges. They are calibrated by what it is shown first.

    That must be one picture of every token, so that what it says does not depend on how a build
    was interrupted.
    """

    def __init__(
        self,
        judges: Sequence[Judge],
        questions: Sequence[Question],
        collection: Collection,
        check: Check,
        progress: Progress = lambda step, done, total: None,
    ) -> None:
        self.judges, self.questions, self.check, self.progress = judges, questions, check, progress
        self.certainty, self.safety = collection.truth.certainty, collection.safety
        self.jury: Jury | None = None

    def __call__(
        self, candidates: Sequence[Candidate], pictures: Sequence[Picture]
    ) -> Sequence[Look]:
        """What is seen of each picture."""
        if self.judges:
            self.progress("judging", 0, len(pictures))
        traits = [promised(candidate.traits) for candidate in candidates]
        if self.jury is None:
            self.jury = seat(self.judges, self.questions, self.certainty, pictures, traits)
        judgements, scores = self.jury.judge(pictures, traits), self.check(pictures)
        unsafe = to_redraw(scores, self.safety)
        looks = []
        for row, (candidate, answers) in enumerate(zip(candidates, judgements, strict=True)):
            # Painting again what the model cannot paint would change nothing.
            hopeful = {
                trait: each
                for trait, each in answers.items()
                if each.verdict == "contradicted"
                and self.jury.knows(trait, candidate.traits[trait])
            }
            reasons = contradictions(candidate.traits, hopeful)
            reasons += (unsafe[row],) if row in unsafe else ()
            looks.append(Look(answers, reasons, scores[row]))
        if self.judges:
            self.progress("judging", len(pictures), len(pictures))
        return looks

    def judge(self, pictures: Sequence[Picture], traits: Sequence[Traits]) -> list[Judgements]:
        """What the pictures show of these traits; once the judges have seen one of every token."""
        return self.jury.judge(pictures, traits) if self.jury else [{} for _ in pictures]

    @property
    def record(self) -> tuple[Judging, ...]:
        """Who judged, and what each can tell."""
        return self.jury.record() if self.jury else ()


def promised(traits: Mapping[str, str]) -> Mapping[str, str] | None:
    """The traits of a token that judges are asked about; a one-of-one has none."""
    return None if ONE_OF_ONE in traits else traits
