"""A model of the sender, small enough to be explored to its end.

The world: a chain of blocks that each hold one transaction of the sender, ours or a foreign one;
whatever of ours ever left may be mined at any time at its nonce, and succeed or revert; blocks that
are not final may be replaced. A second node lags behind: its view is some earlier state.
The sender: asks one question after the other, of either node; between any two of them anything may
happen, and it may be killed. What it does then is mint.chain.decide's, or a worse one's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mint.chain.decide import LOST, Evidence, Mined, Step, Taker, Verdict, decide, verdict

Item = tuple[int, bool]  # the attempt's number, FOREIGN for somebody else's; whether it succeeded
FOREIGN = -1
Judge = Callable[[Evidence], Verdict]
Decide = Callable[[Sequence[Verdict]], Step]


class View(NamedTuple):
    """What a node knows: the block at each nonce, and how many of them are final."""

    chain: tuple[Item, ...] = ()
    final: int = 0


class Signed(NamedTuple):
    """An attempt of the purpose in the journal; one that never left may be taken out, as GONE."""

    nonce: int
    left: bool


GONE = Signed(-1, False)


class World(NamedTuple):
    """The whole state. `answers` are those that the sender got in the round it is in."""

    now: View = View()
    behind: View = View()
    attempts: tuple[Signed, ...] = ()
    answers: tuple[object, ...] = ()


class Bounds(NamedTuple):
    """How far the model is explored."""

    nonces: int = 2
    attempts: int = 3
    blocks: int = 2


class Question(Exception):
    """What the sender has to know next."""


def explore(
    bounds: Bounds, judge: Judge = verdict, choose: Decide = decide
) -> tuple[int, list[World] | None]:
    """How many states there are, and the shortest way to two that succeeded, if there is one."""
    start = World()
    known, frontier = {start: start}, deque([start])
    while frontier:
        world = frontier.popleft()
        if sum(number != FOREIGN and success for number, success in world.now.chain) > 1:
            return len(known), _story(known, world)
        for after in (*_world_moves(world, bounds), *_sender_moves(world, bounds, judge, choose)):
            if after not in known:
                known[after] = world
                frontier.append(after)
    return len(known), None


def _story(known: Mapping[World, World], world: World) -> list[World]:
    """How it came to `world`, from the beginning."""
    worlds = [world]
    while known[worlds[0]] != worlds[0]:
        worlds.insert(0, known[worlds[0]])
    return worlds


def _world_moves(world: World, bounds: Bounds) -> Iterator[World]:
    now, attempts = world.now, world.attempts
    nonce = len(now.chain)
    if nonce < bounds.blocks:
        ready = [i for i, each in enumerate(attempts) if each.left and each.nonce == nonce]
        items = [(FOREIGN, True), *((i, success) for i in ready for success in (True, False))]
        for item in items:
            yield world._replace(now=View((*now.chain, item), now.final))
    if now.final < nonce:
        yield world._replace(now=View(now.chain, now.final + 1))
        yield world._replace(now=View(now.chain[:-1], now.final))
    if world.behind != now:
        yield world._replace(behind=now)


def _sender_moves(world: World, bounds: Bounds, judge: Judge, choose: Decide) -> Iterator[World]:
    attempts = world.attempts
    if world.answers:
        yield world._replace(answers=())  # killed, and run again
    try:
        verdicts, unused = _look(attempts, world.answers, judge)
    except Question as question:
        for view in {world.now, world.behind}:
            yield world._replace(answers=(*world.answers, _answer(view, *question.args)))
        return
    if unused:
        rest = tuple(GONE if each.nonce in unused else each for each in attempts)
        yield world._replace(answers=(), attempts=rest)
        return
    rested, step = world._replace(answers=()), choose(list(verdicts.values()))
    open_ = [nonce for nonce, each in verdicts.items() if each.fate not in LOST]
    for i, each in enumerate(attempts):
        # The journal has it; now it is sent.
        if step == "pursue" and each.nonce == max(open_) and not each.left:
            sent = (*attempts[:i], Signed(each.nonce, True), *attempts[i + 1 :])
            yield rested._replace(attempts=sent)
    if len(attempts) >= bounds.attempts:
        return
    if step == "pursue":  # a higher fee
        yield rested._replace(attempts=(*attempts, Signed(max(open_), False)))
    if step == "sign":
        newest = max((each.nonce for each in attempts if each.left), default=-1)
        for view in {world.now, world.behind}:
            nonce = max(len(view.chain), newest + 1)
            if nonce < bounds.nonces:
                yield rested._replace(attempts=(*attempts, Signed(nonce, False)))


def _look(
    attempts: tuple[Signed, ...], answers: tuple[object, ...], judge: Judge
) -> tuple[dict[int, Verdict], set[int]]:
    """The questions of mint.chain.send.look for each nonce, the newest first.

    And the nonces that others have, and at which nothing ever left.
    """
    given = iter(answers)

    def ask(*question: object) -> object:
        try:
            return next(given)
        except StopIteration:
            raise Question(*question) from None

    verdicts: dict[int, Verdict] = {}
    unused = set()
    for nonce in sorted({each.nonce for each in attempts} - {GONE.nonce}, reverse=True):
        evidence = _evidence(attempts, nonce, ask)
        if evidence.total > nonce and not any(a.left for a in attempts if a.nonce == nonce):
            unused.add(nonce)
            continue
        verdicts[nonce] = judge(evidence)
        if verdicts[nonce].fate == "mined":
            break
    return verdicts, unused


def _evidence(attempts: tuple[Signed, ...], nonce: int, ask: Callable[..., object]) -> Evidence:
    group = [i for i, each in enumerate(attempts) if each.nonce == nonce]
    for i in group:
        if isinstance(proof := ask("receipt", i), tuple):
            mined, block = proof
            return Evidence(nonce, mined, final=not mined.success and bool(ask("final", block)))
    total, left = ask("total"), any(attempts[i].left for i in group)
    assert isinstance(total, int)
    evidence = Evidence(nonce, total=total)
    if total <= nonce or not left:
        return evidence
    if not isinstance(proof := ask("taker", nonce), tuple):
        return evidence
    taker, block = proof
    ours = taker.hash in map(str, group)
    return evidence._replace(taker=taker._replace(ours=ours), final=bool(ask("final", block)))


def _answer(view: View, what: str, about: Any = 0) -> object:
    """What a node with this view says. A block is named, as by its hash, by all up to it."""
    chain = view.chain
    if what == "receipt":
        at = [i for i, (number, _) in enumerate(chain) if number == about]
        return (Mined(str(about), at[0], chain[at[0]][1]), chain[: at[0] + 1]) if at else None
    if what == "taker":
        taken = about < len(chain)
        return (Taker(str(chain[about][0]), about, False), chain[: about + 1]) if taken else None
    if what == "final":  # the finalized block's ancestor at that height, link by link
        return len(about) <= view.final and chain[: len(about)] == about
    return len(chain)
