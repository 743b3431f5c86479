"""The painters of one build on the machines of a Ray cluster: started, admitted, replaced."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from mint.cluster.painter import Assignment, Introduction, Memos, Painter
from mint.cluster.workers import (
    MOST_DEATHS,
    Call,
    Share,
    Worker,
    kind_of,
    last_line,
    no_room,
)
from mint.errors import MintError, RenderError


class Rules(NamedTuple):
    """What an engine decides for its pool.

    `memos` are what a painter that begins must know; `refusal` says why one may not paint for this
    build, or nothing; `warn` tells the artist.
    """

    memos: Callable[[], Memos]
    refusal: Callable[[Introduction], str]
    warn: Callable[[str], None]


class Crew:
    """All workers of one build.

    `joining` is how many seconds machines have to join the cluster; `free` gets the calls of a
    worker that is gone.
    """

    def __init__(
        self, ray: Any, assignment: Assignment, share: Share, rules: Rules, joining: float
    ) -> None:
        self.ray, self.assignment, self.share = ray, assignment, share
        self.rules, self.joining = rules, joining
        self.free: Callable[[Iterable[Call]], None] = lambda calls: None
        self.workers: list[Worker] = []
        self.refused: dict[str, MintError] = {}  # machine -> why it paints nothing of this build
        self.deaths: Counter[str] = Counter()  # machine -> its workers' since its last answer
        self._alone_since: float | None = None  # no machine has had room for a painter

    @property
    def ready(self) -> list[Worker]:
        """The workers that may be called."""
        return [worker for worker in self.workers if worker.introduction]

    def close(self) -> None:
        """Send all painters away."""
        for worker in self.workers:
            self._end(worker)
        self.workers = []

    def _end(self, worker: Worker) -> None:
        with suppress(Exception):  # it may be gone, and Ray with it
            self.ray.kill(worker.actor)

    def hire(self) -> None:
        """Start painters on every machine with room; raise where none is left that could paint."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        alive = [node for node in self.ray.nodes() if node["Alive"]]
        for node in alive:
            name = node["NodeID"]
            if name in self.refused:
                continue
            there = sum(worker.node == name for worker in self.workers)
            for _ in range(self.share.room(node["Resources"]) - there):
                remote = self.ray.remote(Painter).options(
                    num_cpus=self.share.cpus,
                    num_gpus=self.share.gpus,
                    scheduling_strategy=NodeAffinitySchedulingStrategy(name, soft=False),
                    max_restarts=0,
                )
                actor = remote.remote(self.assignment)
                starting = actor.introduce.remote(self.rules.memos())
                self.workers.append(Worker(actor, name, starting))
        if self.workers:
            self._alone_since = None
            return
        able = {node["NodeID"] for node in alive if self.share.room(node["Resources"]) > 0}
        if able and able <= self.refused.keys():
            raise next(iter(self.refused.values()))
        if self._alone_since is None:
            self._alone_since = time.monotonic()
            if self.joining:
                self.rules.warn("no machine of the cluster has room for a painter yet: waiting")
        if time.monotonic() - self._alone_since >= self.joining:
            raise no_room(self.share, len(alive))

    def admit(self, worker: Worker, introduction: Introduction) -> None:
        """Let a worker paint, if it may."""
        why = self.rules.refusal(introduction)
        if why and not worker.second_try:  # it may differ in numbers that it takes from the first
            worker.second_try = True
            worker.starting = worker.actor.introduce.remote(self.rules.memos())
            return
        worker.introduction = introduction
        runtimes = (introduction.painting, introduction.enlarging)
        worker.kinds = tuple(kind_of(runtime) for runtime in runtimes if runtime)
        if why:
            hint = "give all machines the same versions and models, or paint without that one"
            self.refuse(worker, RenderError(why, hint=hint))

    def refuse(self, worker: Worker, why: MintError) -> None:
        """Let a machine paint nothing more of this build."""
        self.rules.warn(f"no longer painting on {worker.name}: {why}")
        self.refused[worker.node] = why
        for each in [each for each in self.workers if each.node == worker.node]:
            self._dismiss(each)

    def _dismiss(self, worker: Worker) -> None:
        """Take a worker's calls, the first one first, back into the queue."""
        self.workers.remove(worker)
        self._end(worker)
        self.free(entry.call for entry in reversed(worker.calls.values()))

    def remove(self, worker: Worker, error: Exception) -> None:
        """Let others do what a worker had before it when it died."""
        self.deaths[worker.node] += 1
        if self.deaths[worker.node] >= MOST_DEATHS * max(1, self._neighbours(worker)):
            hint = "install the same mint, Python and Ray on every machine; give it more memory"
            why = RenderError(f"painters end there ({last_line(error)})", hint=hint)
            self.refuse(worker, why)
            return
        if worker.introduction:
            self.rules.warn(f"a painter on {worker.name} stopped; another one paints what it had")
        self._dismiss(worker)

    def _neighbours(self, worker: Worker) -> int:
        return sum(each.node == worker.node for each in self.workers)
