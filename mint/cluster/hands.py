"""The records of a pool of painters: calls, who has them, and what their answers must agree in."""

from __future__ import annotations

import statistics
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mint.cluster.painter import Introduction, Work
from mint.errors import RenderError, StoreError
from mint.paint.picture import Picture
from mint.plan.recipe import Runtime

DEADLY = 3  # painters that one call, or one machine before its first, may cost
STRAGGLING = 3.0  # times the median of all calls: then an idle painter gets the same call


class Call(NamedTuple):
    """A method of Painter and its arguments, under a number.

    With a `kind`, the digest of a runtime, only painters that are such may have it.
    """

    number: int
    method: str
    arguments: tuple[Any, ...]
    kind: str | None = None


class Share(NamedTuple):
    """What a painter takes of its machine."""

    cpus: int
    gpus: int

    def room(self, resources: Mapping[str, float]) -> int:
        """How many painters fit on a machine that has `resources`, by Ray's names of them."""
        by_gpu = resources.get("GPU", 0) // self.gpus if self.gpus else None
        by_cpu = resources.get("CPU", 0) // self.cpus if self.cpus else None
        return int(min(room for room in (by_gpu, by_cpu) if room is not None))


def mark(answer: Any) -> list[str]:
    """What two painters must agree about: the pixels of the pictures in an answer."""
    pictures = answer.pictures if isinstance(answer, Work) else [answer]
    return [each.pixels if isinstance(each, Picture) else "" for each in pictures]


def no_room(share: Share, machines: int) -> RenderError:
    """Why no painter can be started."""
    need = f"{share.gpus} GPU" if share.gpus else f"{share.cpus} CPU cores"
    return RenderError(
        f"no machine of the Ray cluster has {need} for a painter; it has {machines} machines",
        hint="add a machine (`ray status` lists them), or lower --cpus-per-painter",
    )


def deadly() -> RenderError:
    """Why a build ends at a call that painters die of."""
    return RenderError(
        f"{DEADLY} painters stopped at the same batch; the machines may be out of memory",
        hint="lower image.batch, or give each painter more: --cpus-per-painter",
    )


def refuse_orphans(waiting: Collection[Call], hands: Collection[Hand]) -> None:
    """Raise RenderError where no machine is left of the kind that some call is for."""
    if any(hand.introduction is None for hand in hands):
        return
    if any(not any(hand.may_have(call) for hand in hands) for call in waiting):
        raise RenderError(
            "no machine is left of the kind that some pictures were meant for",
            hint="run the same command again: they go to the machines that are there",
        )


def last_line(error: Exception) -> str:
    """What Ray says last of an error: the exception of the machine where it happened."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip()[:160] if lines else type(error).__name__


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

    @property
    def name(self) -> str:
        """Its machine, as messages call it."""
        return self.introduction.host if self.introduction else f"machine {self.node[:8]}"

    def may_have(self, call: Call) -> bool:
        """Whether it is of the kind that a call is for."""
        who = self.introduction
        return call.kind is None or (who is not None and kind_of(who.painting) == call.kind)


def bare(runtime: Runtime) -> Runtime:
    """A runtime as one machine is, which does not know how many pictures are painted at once."""
    return runtime.model_copy(update={"batch": None})


def kind_of(runtime: Runtime) -> str:
    """The digest of what a machine is."""
    return bare(runtime).digest


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
        and idle.may_have(call)
        and numbers.count(call.number) == 1
        and time.monotonic() - began > limit
    ]
    return min(late, key=lambda each: each[0])[1] if late else None
