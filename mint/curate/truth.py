"""What judges say of pictures -> whether each promised trait is there. Pure.

A judge gives for every picture and every value of a trait the logarithm of the probability that
the picture shows it. They need not add up to one: the rest is something that is no value. NaN
stands for a value that the judge does not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mint.curate.calibrate import Calibration, Places
from mint.curate.question import Question
from mint.curate.token import Judgement, Token, Verdict
from mint.document import Document, Number
from mint.paint.picture import Picture
from mint.spec.collection import ONE_OF_ONE, Collection

LogProbabilities = npt.NDArray[np.float64]  # of shape (pictures, values)
SOMETHING_ELSE = "something else"  # what a judge saw that is no value of the trait


Traits = Mapping[str, str]  # a token's, absent ones left out
Judgements = dict[str, Judgement]  # by trait


class Judge(NamedTuple):
    """A judge and who it is: `digest` is of all that decides what it says.

    `knows` says of each value whether it has words for it; of a trait of which it knows none it is
    not asked. `others` names what else it may see than the trait's values, a column of `look`
    each, behind theirs. `calibrate` corrects it by a look at a picture of every token; None where
    it needs no correction. With `complete` the judge knows all that the painter can paint: then a
    value that it does not know is in no picture. One that is `slow` is not shown every picture of
    a trait that a judge before it knows: there it is asked of what is left, and not corrected.
    """

    name: str
    digest: str
    knows: Callable[[Question], tuple[bool, ...]]
    look: Callable[[Sequence[Picture], Question], LogProbabilities]
    others: Callable[[Question], tuple[str, ...]] = lambda question: ()
    calibrate: Callable[[LogProbabilities, Places], Calibration] | None = None
    complete: bool = False
    slow: bool = False


class Judging(Document):
    """On record: a judge, and from which probability on it says that a value is seen.

    `thresholds` maps a trait to those of its values that the judge can tell.
    """

    judge: str
    weights: str
    thresholds: dict[str, dict[str, Number]]


@dataclass(frozen=True)
class Jury:
    """Judges in their order; the next is asked only where those before cannot say.

    `calibrations` are by the judge's name and the trait.
    """

    judges: tuple[Judge, ...]
    questions: tuple[Question, ...]
    certainty: float
    calibrations: Mapping[tuple[str, str], Calibration]

    def judge(
        self, pictures: Sequence[Picture], traits: Sequence[Traits | None]
    ) -> list[Judgements]:
        """What the pictures show of their tokens' traits; None for a one-of-one, which has none."""
        judgements: list[Judgements] = [{} for _ in pictures]
        for question in self.questions:
            for judge in self.judges:
                rows = [
                    row
                    for row, earlier in enumerate(judgements)
                    if traits[row] is not None and _is_open(earlier.get(question.trait))
                ]
                scores = self._look(judge, question, [pictures[row] for row in rows])
                if not len(scores):
                    continue
                places = places_of(question, (traits[row] for row in rows))
                if judge.complete:
                    own = np.arange(len(scores)), places
                    scores[own] = np.where(np.isnan(scores[own]), -np.inf, scores[own])
                names = *(c.value for c in question.choices), *judge.others(question)
                answers = judgements_of(names, scores, places, self.certainty)
                for row, judgement in zip(rows, answers, strict=True):
                    if judgement:
                        judgements[row][question.trait] = judgement
        return judgements

    def knows(self, trait: str, value: str) -> bool:
        """Whether some judge has words for a value; another picture may show it then."""
        question = next(q for q in self.questions if q.trait == trait)
        place = question.place(value)
        return any(judge.knows(question)[place] for judge in self.judges)

    def record(self) -> tuple[Judging, ...]:
        """Who judged, and what each can tell."""
        return tuple(
            Judging(
                judge=judge.name,
                weights=judge.digest,
                thresholds={
                    question.trait: thresholds
                    for question in self.questions
                    if (thresholds := self._thresholds(judge, question))
                },
            )
            for judge in self.judges
        )

    def _thresholds(self, judge: Judge, question: Question) -> dict[str, float]:
        knowledge = np.asarray(judge.knows(question))
        if calibration := self.calibrations.get((judge.name, question.trait)):
            knowledge = knowledge & calibration.telling
        values = (choice.value for choice in question.choices)
        return {
            value: self.certainty
            for value, is_known in zip(values, knowledge, strict=True)
            if is_known
        }

    def _look(
        self, judge: Judge, question: Question, pictures: Sequence[Picture]
    ) -> LogProbabilities:
        if not pictures or not any(judge.knows(question)):
            return np.empty((0, len(question.choices)))
        scores = judge.look(pictures, question)
        calibration = self.calibrations.get((judge.name, question.trait))
        return calibration.apply(scores) if calibration else scores


def seat(
    judges: Sequence[Judge],
    questions: Sequence[Question],
    certainty: float,
    pictures: Sequence[Picture],
    traits: Sequence[Traits | None],
) -> Jury:
    """The jury of a collection, calibrated by `pictures`, the first of every token."""
    rows = [row for row, each in enumerate(traits) if each is not None]
    sample = [pictures[row] for row in rows]
    calibrations = {}
    for place, judge in enumerate(judges if sample else ()):
        for question in questions:
            is_first = not any(any(other.knows(question)) for other in judges[:place])
            if judge.calibrate and any(judge.knows(question)) and (is_first or not judge.slow):
                places = places_of(question, (traits[row] for row in rows))
                looks = judge.look(sample, question)
                calibrations[judge.name, question.trait] = judge.calibrate(looks, places)
    return Jury(tuple(judges), tuple(questions), certainty, calibrations)


def _is_open(judgement: Judgement | None) -> bool:
    """Whether another judge may still be asked."""
    return judgement is None or judgement.verdict == "unsure"


def places_of(question: Question, traits: Iterable[Traits | None]) -> Places:
    """The place of each token's value among the question's choices: (n,)."""
    place = cache(question.place)
    return np.array([place((each or {}).get(question.trait)) for each in traits], np.intp)


def judgements_of(
    names: Sequence[str], scores: LogProbabilities, places: Places, certainty: float
) -> list[Judgement | None]:
    """What each picture shows of one trait; None where nobody can say.

    `scores` (n, k) are of what `names` say, the trait's values first; `places` (n,) are those
    of the tokens' values.
    """
    shares = np.exp(scores)
    own = shares[np.arange(len(shares)), places]
    rows = np.flatnonzero(~np.isnan(own))
    best = np.nanargmax(shares[rows], axis=1)
    largest = shares[rows, best]
    rest = 1 - np.nansum(shares[rows], axis=1)
    judgements: list[Judgement | None] = [None] * len(shares)
    judgement = cache(_judgement)  # many pictures show the same, and then it is there once
    columns = rows, own[rows], best, largest, rest > largest, places[rows]
    for row, mine, place, most, something_else, own_place in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        probability = round(mine, 4)  # the same decision wherever it is computed
        # Two values may mean one thing to a judge, and then the promised one is seen.
        value = names[own_place] if probability >= round(most, 4) else names[place]
        if probability < 0.5 and something_else:
            value = SOMETHING_ELSE
        judgements[row] = judgement(value, probability, certainty)
    return judgements


def _judgement(value: str, probability: float, certainty: float) -> Judgement:
    verdict: Verdict = (
        "seen"
        if probability >= certainty
        else "contradicted"
        if probability <= 1 - certainty
        else "unsure"
    )
    return Judgement(value=value, probability=probability, verdict=verdict)


def contradictions(traits: Traits, judgements: Mapping[str, Judgement]) -> tuple[str, ...]:
    """A sentence for each trait of which the picture shows another value."""
    return tuple(
        f"{trait}: {traits.get(trait, 'none')} is promised, and {judgement.value} is seen"
        for trait, judgement in judgements.items()
        if judgement.verdict == "contradicted"
    )


class Tally(NamedTuple):
    """How many traits tokens promise, and what judges say of them."""

    promised: int
    seen: int
    contradicted: int
    unsure: int

    @property
    def unjudged(self) -> int:
        """Traits of which no judge said anything."""
        return self.promised - self.seen - self.contradicted - self.unsure


def tally(collection: Collection, tokens: Sequence[Token]) -> Tally:
    """Over all tokens that have traits: each promises a value, or an absence, of every trait."""
    with_traits = sum(ONE_OF_ONE not in token.traits for token in tokens)
    verdicts = Counter(each.verdict for token in tokens for each in token.judgements.values())
    return Tally(
        with_traits * len(collection.traits),
        verdicts["seen"],
        verdicts["contradicted"],
        verdicts["unsure"],
    )
