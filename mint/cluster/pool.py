"""Painters on the machines of a Ray cluster, and the loop that keeps all of them at work.

Which call goes where, what becomes of one whose worker died, and which of two answers counts is
decided here, in one thread.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mint.cluster.crew import Crew
from mint.cluster.painter import Introduction
from mint.cluster.workers import (
    MOST_DEATHS,
    Call,
    Queue,
    Sent,
    Worker,
    fatal_batch,
    last_line,
    mark,
    no_such_machine,
    straggler,
    unshared,
)
from mint.errors import MintError, RenderError, StoreError

WINDOW = 2  # calls that a worker has before it, so that it never waits for this process
TICK = 1.0  # seconds between two looks at which machines there are
PATIENCE = 10.0  # seconds until the artist hears that no painter is ready
JOINING = 180.0  # seconds that machines of a cluster have to join it, or to become free


class Pool:
    """The calls of one build, and the crew that answers them."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.seconds: dict[str, list[float]] = defaultdict(list)  # that calls took, by method
        self.marks: dict[int, list[str]] = {}  # number of a call -> what its answer shows
        self._queue, self._open, self._lost = Queue(), set[int](), Counter[int]()
        crew.free = lambda calls: self._queue.give_back(calls)

    def first(self) -> Introduction:
        """Some painter, once there is one; raises MintError where there will be none."""
        self._welcome(lambda: bool(self.crew.ready))
        if not self.crew.ready:
            raise RenderError(
                f"no painter was ready after {JOINING:.0f} seconds",
                hint="`ray status` says whether other work has the machines",
            )
        return next(worker.introduction for worker in self.crew.workers if worker.introduction)

    def settle(self) -> None:
        """Wait until every painter that fits on the machines has said who it is."""
        self._welcome(lambda: all(worker.introduction for worker in self.crew.workers))

    def _welcome(self, enough: Callable[[], bool]) -> None:
        since, warned = time.monotonic(), False
        while True:
            self.crew.hire()
            if self.crew.workers and enough():
                return
            waited = time.monotonic() - since
            if waited > JOINING:
                return
            if not warned and waited > PATIENCE:
                self.crew.rules.warn("waiting for painters: each machine loads the models first")
                warned = True
            self._hear([w.starting for w in self.crew.workers if w.introduction is None])

    def run(
        self,
        calls: Sequence[Call],
        accept: Callable[[Call, Any], bool] = lambda call, answer: True,
    ) -> Iterator[tuple[Call, Any]]:
        """Each call with its answer, as they come; raises MintError.

        A machine works no more if `accept` says that its answer is of no use.
        """
        self._queue, self._open = Queue(calls), {call.number for call in calls}
        self._lost = Counter()
        while self._open:
            self.crew.hire()
            self._hand_out()
            references = [w.starting for w in self.crew.workers if w.introduction is None]
            references += [reference for worker in self.crew.workers for reference in worker.calls]
            for worker, call, answer in self._hear(references):
                if call.number not in self._open:
                    self._compare(worker, call, answer)
                elif accept(call, answer):
                    self._open.remove(call.number)
                    self.marks[call.number] = mark(answer)
                    yield call, answer
                else:
                    self._queue.give_back([call])
                    self.crew.refuse(worker, unshared())

    def _hand_out(self) -> None:
        """Give every worker work, the idle ones first."""
        for depth in range(WINDOW):
            for worker in self.crew.ready:
                if len(worker.calls) > depth:
                    continue
                if call := self._queue.take(worker.kinds, self._is_done):
                    self._send(worker, call)
                elif depth == 0:
                    late = straggler(self.crew.workers, worker, self._open, self.seconds)
                    if late:
                        self._send(worker, late)
        kinds = {kind for worker in self.crew.workers for kind in worker.kinds}
        starting = any(worker.introduction is None for worker in self.crew.workers)
        if self.crew.workers and not starting and set(self._queue.kinds) - kinds:
            raise no_such_machine()

    def _is_done(self, call: Call) -> bool:
        """Whether a call is answered, or some worker has it."""
        return call.number not in self._open or any(
            call.number in w.numbers for w in self.crew.workers
        )

    def _send(self, worker: Worker, call: Call) -> None:
        reference = getattr(worker.actor, call.method).remote(*call.arguments)
        worker.calls[reference] = Sent(call, time.monotonic())

    def _hear(self, references: list[Any]) -> list[tuple[Worker, Call, Any]]:
        """Take an answer, if one is ready; what a worker had that died waits again."""
        if not references:
            time.sleep(TICK / 10)
            return []
        ready, _ = self.crew.ray.wait(references, num_returns=1, timeout=TICK)
        answers = [self._answer(reference) for reference in ready]
        return [answer for answer in answers if answer]

    def _answer(self, reference: Any) -> tuple[Worker, Call, Any] | None:
        from ray.exceptions import RayError, RayTaskError

        worker = next(
            w for w in self.crew.workers if reference == w.starting or reference in w.calls
        )
        entry = worker.calls.get(reference)
        try:
            value = self.crew.ray.get(reference)
        except RayTaskError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, StoreError):  # its disk is full, or its bucket away
                self.crew.refuse(worker, cause)
            elif worker.introduction is None:  # something is missing there
                hint = "install the same mint, Python and models on every machine"
                why = RenderError(last_line(error), hint=hint)
                self.crew.refuse(worker, cause if isinstance(cause, MintError) else why)
            else:
                worker.calls.pop(reference, None)
                if entry and entry.call.number not in self._open:
                    return None  # of a round that is over: another one's answer decided it
                if isinstance(cause, MintError):
                    raise cause from error
                raise
            return None
        except RayError as error:
            self._bury(worker, error)
            return None
        if entry is None:
            self.crew.admit(worker, value)
            return None
        del worker.calls[reference]
        self.crew.deaths.pop(worker.node, None)
        self.seconds[entry.call.method].append(time.monotonic() - entry.began)
        return worker, entry.call, value

    def _compare(self, worker: Worker, call: Call, answer: Any) -> None:
        """Look at the second answer to a call that two workers had: it says what it should."""
        if call.number in self.marks and mark(answer) != self.marks[call.number]:
            why = RenderError(
                "it painted other pixels than another machine did of the same tokens",
                hint="paint in dtype float64, or give all machines the same hardware",
            )
            self.crew.refuse(worker, why)

    def _bury(self, worker: Worker, error: Exception) -> None:
        """Let others do what a worker had before it when it died; raise where it is to blame."""
        first = next((entry.call.number for entry in worker.calls.values()), None)
        self.crew.remove(worker, error)
        if first is not None:
            self._lost[first] += 1
            if self._lost[first] >= MOST_DEATHS:
                raise fatal_batch()
