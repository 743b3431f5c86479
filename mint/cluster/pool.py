"""Painters on the machines of a Ray cluster, and the loop that keeps all of them at work.

Ray starts a painter and carries calls to it. Which call goes where, what becomes of one whose
painter died, and which of two answers counts is decided here, in one thread.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mint.cluster.hands import Call, Hand, Share, mark, straggler, unshared
from mint.cluster.painter import Commission, Introduction, Memos, Painter
from mint.errors import MintError, RenderError, StoreError

WINDOW = 2  # calls that a painter has before it, so that it never waits for this process
TICK = 1.0  # seconds between two looks at which machines there are
PATIENCE = 10.0  # seconds until the artist hears that no painter is ready
DEADLY = 3  # painters that one call may cost before it is to blame


class Pool:
    """All painters of one build."""

    def __init__(
        self,
        ray: Any,
        commission: Commission,
        share: Share,
        memos: Callable[[], Memos],
        refusal: Callable[[Introduction], str],
        warn: Callable[[str], None],
    ) -> None:
        """`refusal` says why a painter may not paint for this build, or nothing.

        `memos` are what a painter that begins must know.
        """
        self.ray, self.commission, self.share = ray, commission, share
        self.memos, self.refusal, self.warn = memos, refusal, warn
        self.hands: list[Hand] = []
        self.refused: dict[str, MintError] = {}  # machine -> why it paints nothing of this build
        self.seconds: list[float] = []  # that calls took
        self.marks: dict[int, list[str]] = {}  # number of a call -> what its answer shows

    def ready(self) -> list[Hand]:
        """The painters that may be called."""
        return [hand for hand in self.hands if hand.introduction]

    def first(self) -> Introduction:
        """Some painter, once there is one; raises MintError where there will be none."""
        since, said = time.monotonic(), False
        while not self.ready():
            self._hire()
            self._refuse_nobody()
            self._hear([hand.starting for hand in self.hands], deque())
            if not said and not self.ready() and time.monotonic() - since > PATIENCE:
                self.warn("waiting for the first painter: each machine loads the models")
                said = True
        introduction = self.ready()[0].introduction
        assert introduction
        return introduction

    def run(
        self,
        calls: Sequence[Call],
        accept: Callable[[Call, Any], bool] = lambda call, answer: True,
    ) -> Iterator[tuple[Call, Any]]:
        """Each call with its answer, as they come; raises MintError.

        `accept` says whether an answer is of use; a machine whose answer is not works no more.
        """
        waiting, open_calls = deque(calls), {call.number for call in calls}
        lost: dict[int, int] = {}  # number of a call -> painters that died of it
        while open_calls:
            self._hire()
            self._refuse_nobody()
            self._hand_out(waiting, open_calls)
            references = [hand.starting for hand in self.hands if not hand.introduction]
            references += [reference for hand in self.hands for reference in hand.calls]
            for hand, call, answer in self._hear(references, waiting, lost):
                if call.number not in open_calls:
                    self._compare(hand, call, answer, waiting)
                elif accept(call, answer):
                    open_calls.remove(call.number)
                    self.marks[call.number] = mark(answer)
                    yield call, answer
                else:
                    waiting.appendleft(call)
                    self._refuse(hand, unshared(hand), waiting)

    def close(self) -> None:
        """Send all painters away."""
        for hand in self.hands:
            self.ray.kill(hand.actor)
        self.hands = []

    def _hire(self) -> None:
        """Start painters on every machine that has room for more."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        for node in self.ray.nodes():
            name = node["NodeID"]
            if not node["Alive"] or name in self.refused:
                continue
            there = sum(hand.node == name for hand in self.hands)
            for _ in range(self._room(node["Resources"]) - there):
                place = NodeAffinitySchedulingStrategy(name, soft=False)
                remote = self.ray.remote(Painter).options(
                    num_cpus=self.share.cpus,
                    num_gpus=self.share.gpus,
                    scheduling_strategy=place,
                    max_restarts=0,
                )
                actor = remote.remote(self.commission)
                starting = actor.introduce.remote(self.memos())
                self.hands.append(Hand(actor, name, starting))

    def _room(self, resources: dict[str, float]) -> int:
        """How many painters fit on a machine."""
        by_gpu = resources.get("GPU", 0) // self.share.gpus if self.share.gpus else None
        by_cpu = resources.get("CPU", 0) // self.share.cpus if self.share.cpus else None
        return int(min(room for room in (by_gpu, by_cpu) if room is not None))

    def _refuse_nobody(self) -> None:
        """Raise where no machine is left that could paint."""
        if self.hands:
            return
        if self.refused:
            raise next(iter(self.refused.values()))
        alive = [node for node in self.ray.nodes() if node["Alive"]]
        if not any(self._room(node["Resources"]) for node in alive):
            need = f"{self.share.gpus} GPU" if self.share.gpus else f"{self.share.cpus} CPU cores"
            raise RenderError(
                f"no machine of the Ray cluster has {need} for a painter; it has "
                f"{len(alive)} machines",
                hint="add a machine (`ray status` lists them), or lower --cpus-per-painter",
            )

    def _hand_out(self, waiting: deque[Call], open_calls: set[int]) -> None:
        """Give every painter work, the idle ones first."""
        for depth in range(WINDOW):
            for hand in self.ready():
                if len(hand.calls) > depth:
                    continue
                if waiting:
                    self._send(hand, waiting.popleft())
                elif depth == 0 and (call := straggler(self.hands, hand, open_calls, self.seconds)):
                    self._send(hand, call)

    def _send(self, hand: Hand, call: Call) -> None:
        reference = getattr(hand.actor, call.method).remote(*call.arguments)
        hand.calls[reference], hand.began[call.number] = call, time.monotonic()

    def _hear(
        self, references: list[Any], waiting: deque[Call], lost: dict[int, int] | None = None
    ) -> list[tuple[Hand, Call, Any]]:
        """Take what is ready; calls of a painter that died wait again, before all others."""
        if not references:
            time.sleep(TICK / 10)
            return []
        ready, _ = self.ray.wait(references, num_returns=1, timeout=TICK)
        answers = [self._answer(reference, waiting, lost or {}) for reference in ready]
        return [answer for answer in answers if answer]

    def _answer(
        self, reference: Any, waiting: deque[Call], lost: dict[int, int]
    ) -> tuple[Hand, Call, Any] | None:
        from ray.exceptions import RayError, RayTaskError

        hand = next(h for h in self.hands if reference is h.starting or reference in h.calls)
        try:
            value = self.ray.get(reference)
        except RayTaskError as error:
            cause = getattr(error, "cause", None)
            if not isinstance(cause, MintError):
                raise
            if not isinstance(cause, StoreError) and hand.introduction:
                raise cause from error
            # It is this machine that cannot: its disk is full, or a model is missing there.
            self._refuse(hand, cause, waiting)
            return None
        except RayError:
            self._bury(hand, waiting, lost)
            return None
        if reference is hand.starting:
            self._admit(hand, value, waiting)
            return None
        call = hand.calls.pop(reference)
        self.seconds.append(time.monotonic() - hand.began.pop(call.number))
        return hand, call, value

    def _compare(self, hand: Hand, call: Call, answer: Any, waiting: deque[Call]) -> None:
        """Look at the second answer to a call that two painters had: it says what it should."""
        if mark(answer) != self.marks.get(call.number):
            why = RenderError(
                "it painted other pixels than another machine did of the same tokens",
                hint="paint in dtype float64, or give all machines the same hardware",
            )
            self._refuse(hand, why, waiting)

    def _admit(self, hand: Hand, introduction: Introduction, waiting: deque[Call]) -> None:
        hand.introduction = introduction
        if why := self.refusal(introduction):
            hint = "give all machines the same versions and models, or paint without that one"
            self._refuse(
                hand, RenderError(f"{introduction.host} may not paint: {why}", hint=hint), waiting
            )

    def _refuse(self, hand: Hand, why: MintError, waiting: deque[Call]) -> None:
        """Let a machine paint nothing more of this build."""
        where = hand.introduction.host if hand.introduction else f"machine {hand.node[:8]}"
        self.warn(f"no longer painting on {where}: {why}")
        self.refused[hand.node] = why
        for each in [each for each in self.hands if each.node == hand.node]:
            waiting.extendleft(reversed(each.calls.values()))
            self.hands.remove(each)
            self.ray.kill(each.actor)

    def _bury(self, hand: Hand, waiting: deque[Call], lost: dict[int, int]) -> None:
        """Let others do what a painter had before it when it died."""
        self.hands.remove(hand)
        where = hand.introduction.host if hand.introduction else f"machine {hand.node[:8]}"
        self.warn(f"a painter on {where} stopped; another one paints what it had")
        first = next(iter(hand.calls.values()), None)
        if first:
            lost[first.number] = lost.get(first.number, 0) + 1
            if lost[first.number] >= DEADLY:
                raise RenderError(
                    f"{DEADLY} painters stopped at the same batch; the machines may be out of "
                    "memory",
                    hint="lower image.batch, or give each painter more: --cpus-per-painter",
                )
        waiting.extendleft(reversed(hand.calls.values()))
