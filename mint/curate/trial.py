"""One attempt at a token, as it was painted and judged; and which of several is the best."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from mint.curate.token import Attempt, Judgement, Token, keep
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate


class Look(NamedTuple):
    """What was seen of a picture by itself: of each trait, and how unsafe it is, from 0 to 1.

    `reasons` are why it must be painted again, in sentences.
    """

    judgements: Mapping[str, Judgement] = MappingProxyType({})
    reasons: tuple[str, ...] = ()
    unsafe: float | None = None


# Looks at pictures one by one; what it says depends on no other picture of the same call.
Inspect = Callable[[Sequence[Candidate], Sequence[Picture]], Sequence[Look]]


class Trial(NamedTuple):
    """An attempt and what speaks against it; `alike` are the reasons that another picture gives."""

    candidate: Candidate
    picture: Picture
    look: Look
    alike: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """All that speaks against it."""
        return self.look.reasons + self.alike

    @property
    def is_untrue(self) -> bool:
        """Whether the picture shows another value of some trait."""
        return any(
            judgement.verdict == "contradicted" for judgement in self.look.judgements.values()
        )

    @property
    def merit(self) -> tuple[float, ...]:
        """The larger, the better: unlike others, fewer reasons against it, likelier traits."""
        shares = [judgement.probability for judgement in self.look.judgements.values()]
        total = math.fsum(shares)  # the same in any order, and in every Python
        return (-len(self.alike), -len(self.look.reasons), total, self.candidate.attempt)


def best(trials: Iterable[Trial]) -> Trial:
    """The one to keep where none is without fault."""
    return max(trials, key=lambda trial: trial.merit)


def to_token(trial: Trial, trials: Iterable[Trial]) -> Token:
    """The token that `trial` becomes; the others of `trials` stay on record with it."""
    others = (each for each in trials if each.candidate.attempt != trial.candidate.attempt)
    return keep(trial.candidate, trial.picture).model_copy(
        update={
            "judgements": dict(trial.look.judgements),
            "unsafe": trial.look.unsafe,
            "attempts": tuple(
                Attempt(attempt=other.candidate.attempt, image=other.picture, reasons=other.reasons)
                for other in others
            ),
        }
    )
