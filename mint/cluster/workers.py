"""The records of a pool: calls, the workers that have them, and how two answers are compared."""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mint.cluster.painter import Introduction, Work
from mint.errors import RenderError, StoreError
from mint.paint.picture import Picture
from mint.plan.recipe import Runtime

MOST_DEATHS = 3  # workers that one call, or one machine without an answer between, may cost
STRAGGLING = 3.0  # times the median of such calls: then an idle worker gets the same call


class Call(NamedTuple):
    """A method of Painter and its arguments, under a number.

    `kind` is the digest of the runtime that it is for.
    """

    number: int
    method: str
    arguments: tuple[Any, ...]
    kind: str


class Sent(NamedTuple):
    """A call that a worker has, and the time since when."""

    call: Call
    began: float


class Share(NamedTuple):
    """What a painter takes of its machine."""

    cpus: int
    gpus: int

    def room(self, resources: Mapping[str, float]) -> int:
        """How many painters fit on a machine that has `resources`, by Ray's names of them."""
        by_gpu = resources.get("GPU", 0) // self.gpus if self.gpus else None
        by_cpu = resources.get("CPU", 0) // self.cpus if self.cpus else None
        return int(min(room for room in (by_gpu, by_cpu) if room is not None))


@dataclass(eq=False)
class Worker:
    """A painter in the cluster: its machine, who it says it is, and its calls by Ray's reference.

    `introduction` is None while it starts; `kinds` are then the runtimes that it paints and
    enlarges as.
    """

    actor: Any
    node: str
    starting: Any
    introduction: Introduction | None = None
    kinds: tuple[str, ...] = ()
    second_try: bool = False  # it has introduced itself with the numbers of the first worker
    calls: dict[Any, Sent] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its machine, as messages call it."""
        return self.introduction.host if self.introduction else f"machine {self.node[:8]}"

    @property
    def numbers(self) -> set[int]:
        """The numbers of the calls that it has."""
        return {entry.call.number for entry in self.calls.values()}


class Queue:
    """Calls that no worker has, in order, by their kind."""

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self._calls: dict[str, deque[Call]] = defaultdict(deque)
        for call in calls:
            self._calls[call.kind].append(call)

    def take(self, kinds: Iterable[str], skip: Callable[[Call], bool]) -> Call | None:
        """The first call of one of `kinds`; those to skip are forgotten."""
        for kind in kinds:
            calls = self._calls[kind]
            while calls:
                if not skip(call := calls.popleft()):
                    return call
        return None

    def give_back(self, calls: Iterable[Call]) -> None:
        """Put calls before all others."""
        for call in calls:
            self._calls[call.kind].appendleft(call)

    @property
    def kinds(self) -> list[str]:
        """Of what calls are waiting for."""
        return [kind for kind, calls in self._calls.items() if calls]


def bare(runtime: Runtime) -> Runtime:
    """A runtime as one machine is, which does not know how many pictures are painted at once."""
    return runtime.model_copy(update={"batch": None})


def kind_of(runtime: Runtime) -> str:
    """The digest of what a machine is."""
    return bare(runtime).digest


def mark(answer: Any) -> list[str]:
    """What two workers must agree about: the pixels of the pictures in an answer."""
    pictures = answer.pictures if isinstance(answer, Work) else [answer]
    return [each.pixels if isinstance(each, Picture) else "" for each in pictures]


def straggler(
    workers: Sequence[Worker],
    idle: Worker,
    open_calls: Collection[int],
    seconds: Mapping[str, Sequence[float]],
) -> Call | None:
    """The call that another worker has had for far too long, if one has it alone.

    `seconds` are what answered calls took, by method.
    """
    limits = {method: STRAGGLING * statistics.median(each) for method, each in seconds.items()}
    every = [entry for worker in workers for entry in worker.calls.values()]
    shares, now = Counter(entry.call.number for entry in every), time.monotonic()
    late = [
        (began, call)
        for call, began in every
        if call.number in open_calls
        and shares[call.number] == 1
        and call.number not in idle.numbers
        and call.kind in idle.kinds
        and now - began > limits.get(call.method, float("inf"))
    ]
    return min(late, key=lambda each: each[0])[1] if late else None


def no_room(share: Share, machines: int) -> RenderError:
    """Why no painter can be started."""
    need = f"{share.gpus} GPU" if share.gpus else f"{share.cpus} CPU cores"
    return RenderError(
        f"no machine of the Ray cluster has {need} for a painter; it has {machines} machines",
        hint="add a machine (`ray status` lists them), or lower --cpus-per-painter",
    )


def fatal_batch() -> RenderError:
    """Why a build ends at a call that painters die of."""
    return RenderError(
        f"{MOST_DEATHS} painters stopped at the same batch; the machines may be out of memory",
        hint="lower image.batch, or give each painter more: --cpus-per-painter",
    )


def no_such_machine() -> RenderError:
    """Why a build ends whose pictures were meant for machines that are gone."""
    return RenderError(
        "no machine is left of the kind that some pictures were meant for",
        hint="run the same command again, with a machine of that kind or --runtime mixed",
    )


def unshared() -> StoreError:
    """Why a machine whose pictures this one does not find may paint no more."""
    return StoreError(
        "what it shares does not arrive here",
        hint="check the folder or bucket that the machines share, and run the same command again",
    )


def last_line(error: Exception) -> str:
    """What Ray says last of an error: the exception of the machine where it happened."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip()[:160] if lines else type(error).__name__
