"""The records of a pool of painters: calls, who has them, and what their answers must agree in."""

from __future__ import annotations

import statistics
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mint.cluster.painter import Introduction, Work
from mint.errors import StoreError
from mint.paint.picture import Picture

STRAGGLING = 3.0  # times the median of all calls: then an idle painter gets the same call


class Call(NamedTuple):
    """A method of Painter and its arguments, under a number."""

    number: int
    method: str
    arguments: tuple[Any, ...]


class Share(NamedTuple):
    """What a painter takes of its machine."""

    cpus: int
    gpus: int


def mark(answer: Any) -> list[str]:
    """What two painters must agree about: the pixels of the pictures in an answer."""
    pictures = answer.pictures if isinstance(answer, Work) else [answer]
    return [each.pixels if isinstance(each, Picture) else "" for each in pictures]


def unshared(hand: Hand) -> StoreError:
    """Why a machine whose pictures this one does not find may paint no more."""
    return StoreError(
        "what it shares does not arrive here",
        hint="check the folder or bucket that the machines share, and run the same command again",
    )


@dataclass(eq=False)
class Hand:
    """A painter in the cluster: its machine, who it says it is, and its calls by Ray's reference.

    `introduction` is None while it starts; `began` has when each call was sent.
    """

    actor: Any
    node: str
    starting: Any
    introduction: Introduction | None = None
    calls: dict[Any, Call] = field(default_factory=dict)
    began: dict[int, float] = field(default_factory=dict)


def straggler(
    hands: Sequence[Hand], idle: Hand, open_calls: Collection[int], seconds: Sequence[float]
) -> Call | None:
    """The call that another painter has had for far too long, if one has it alone.

    `seconds` are what the calls took that were answered.
    """
    limit = STRAGGLING * statistics.median(seconds) if seconds else float("inf")
    sent = [(hand.began[call.number], call) for hand in hands for call in hand.calls.values()]
    numbers, mine = [call.number for _, call in sent], {call.number for call in idle.calls.values()}
    late = [
        (began, call)
        for began, call in sent
        if call.number in open_calls
        and call.number not in mine
        and numbers.count(call.number) == 1
        and time.monotonic() - began > limit
    ]
    return min(late, key=lambda each: each[0])[1] if late else None
