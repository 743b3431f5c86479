"""Painters on the machines of a Ray cluster, and the loop that keeps all of them at work.

Which call goes where, what becomes of one whose painter died, and which of two answers counts is
decided here, in one thread.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mint.cluster.hands import (
    DEADLY,
    Call,
    Hand,
    Share,
    deadly,
    last_line,
    mark,
    no_room,
    refuse_orphans,
    straggler,
    unshared,
)
from mint.cluster.painter import Commission, Introduction, Memos, Painter
from mint.errors import MintError, RenderError, StoreError

WINDOW = 2  # calls that a painter has before it, so that it never waits for this process
TICK = 1.0  # seconds between two looks at which machines there are
PATIENCE = 10.0  # seconds until the artist hears that no painter is ready


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
        self.stillborn: Counter[str] = Counter()  # machine -> painters that died before they began
        self.marks: dict[int, list[str]] = {}  # number of a call -> what its answer shows

    def ready(self) -> list[Hand]:
        """The painters that may be called."""
        return [hand for hand in self.hands if hand.introduction]

    def first(self) -> Introduction:
        """Some painter, once there is one; raises MintError where there will be none."""
        since, said = time.monotonic(), False
        while not self.ready():
            self._welcome()
            if not said and not self.ready() and time.monotonic() - since > PATIENCE:
                self.warn("waiting for the first painter: each machine loads the models")
                said = True
        return next(hand.introduction for hand in self.hands if hand.introduction)

    def settle(self) -> None:
        """Wait until every painter that fits on the machines has said who it is."""
        self.first()
        while any(hand.introduction is None for hand in self.hands):
            self._welcome()

    def _welcome(self) -> None:
        self._hire()
        self._refuse_nobody()
        starting = [hand.starting for hand in self.hands if hand.introduction is None]
        self._hear(starting, deque(), Counter())

    def run(
        self,
        calls: Sequence[Call],
        accept: Callable[[Call, Any], bool] = lambda call, answer: True,
    ) -> Iterator[tuple[Call, Any]]:
        """Each call with its answer, as they come; raises MintError.

        A machine works no more if `accept` says that its answer is of no use.
        """
        waiting, open_calls = deque(calls), {call.number for call in calls}
        lost: Counter[int] = Counter()  # number of a call -> painters that died of it
        while open_calls:
            self._hire()
            self._refuse_nobody()
            self._hand_out(waiting, open_calls)
            refuse_orphans(waiting, self.hands)
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
            for _ in range(self.share.room(node["Resources"]) - there):
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

    def _refuse_nobody(self) -> None:
        """Raise where no machine is left that could paint."""
        if self.hands:
            return
        if self.refused:
            raise next(iter(self.refused.values()))
        alive = [node for node in self.ray.nodes() if node["Alive"]]
        if not any(self.share.room(node["Resources"]) for node in alive):
            raise no_room(self.share, len(alive))

    def _hand_out(self, waiting: deque[Call], open_calls: set[int]) -> None:
        """Give every painter work, the idle ones first."""
        for done in [call for call in waiting if call.number not in open_calls]:
            waiting.remove(done)  # another painter has answered it
        for depth in range(WINDOW):
            for hand in self.ready():
                if len(hand.calls) > depth:
                    continue
                if own := next((call for call in waiting if hand.may_have(call)), None):
                    waiting.remove(own)
                    self._send(hand, own)
                elif depth == 0 and (call := straggler(self.hands, hand, open_calls, self.seconds)):
                    self._send(hand, call)

    def _send(self, hand: Hand, call: Call) -> None:
        reference = getattr(hand.actor, call.method).remote(*call.arguments)
        hand.calls[reference], hand.began[call.number] = call, time.monotonic()

    def _hear(
        self, references: list[Any], waiting: deque[Call], lost: Counter[int]
    ) -> list[tuple[Hand, Call, Any]]:
        """Take what is ready; calls of a painter that died wait again, before all others."""
        if not references:
            time.sleep(TICK / 10)
            return []
        ready, _ = self.ray.wait(references, num_returns=1, timeout=TICK)
        answers = [self._answer(reference, waiting, lost) for reference in ready]
        return [answer for answer in answers if answer]

    def _answer(
        self, reference: Any, waiting: deque[Call], lost: Counter[int]
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
        except RayError as error:
            self._bury(hand, error, waiting, lost)
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
            self._refuse(hand, RenderError(why, hint=hint), waiting)

    def _refuse(self, hand: Hand, why: MintError, waiting: deque[Call]) -> None:
        """Let a machine paint nothing more of this build."""
        self.warn(f"no longer painting on {hand.name}: {why}")
        self.refused[hand.node] = why
        for each in [each for each in self.hands if each.node == hand.node]:
            waiting.extendleft(reversed(each.calls.values()))
            self.hands.remove(each)
            self.ray.kill(each.actor)

    def _bury(self, hand: Hand, error: Exception, waiting: deque[Call], lost: Counter[int]) -> None:
        """Let others do what a painter had before it when it died."""
        if hand.introduction is None:
            self.stillborn[hand.node] += 1
            if self.stillborn[hand.node] >= DEADLY:
                why = RenderError(
                    f"painters end there before they begin ({last_line(error)})",
                    hint="install the same mint, Python and Ray on every machine",
                )
                self._refuse(hand, why, waiting)
                return
        else:
            self.warn(f"a painter on {hand.name} stopped; another one paints what it had")
        self.hands.remove(hand)
        if first := next(iter(hand.calls.values()), None):
            lost[first.number] += 1
            if lost[first.number] >= DEADLY:
                raise deadly()
        waiting.extendleft(reversed(hand.calls.values()))
