"""Where batches are painted: candidates in, their pictures out as they are in the store."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice, repeat, takewhile
from typing import TYPE_CHECKING, Protocol, TypeVar

from mint.paint.picture import Painted, put_pixels
from mint.plan.recipe import Candidate, Recipe
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels


class Paintable(Protocol):
    """A candidate, or a token to be painted again."""

    @property
    def recipe(self) -> Recipe:
        """How."""


P = TypeVar("P", bound=Paintable)
FIRST = (1, 2)  # pictures of the first batches where their size changes no pixel


def pack(candidates: Iterable[P], size: int) -> list[list[P | None]]:
    """Full batches in which every candidate stands in its own slot; None is padding.

    A token's pixels do not depend on its neighbours, only on B and (on some GPUs) its slot. Where
    they depend on neither, recipes have no slot, the last batch may be shorter, and the first ones
    are, so that there is soon something to see. What is painted alone comes last.
    """
    everything = list(candidates)
    alone: list[list[P | None]] = [[each] for each in everything if each.recipe.alone]
    return _packed([each for each in everything if not each.recipe.alone], size) + alone


def _packed(waiting: Sequence[P], size: int) -> list[list[P | None]]:
    if all(candidate.recipe.slot is None for candidate in waiting):
        sizes = chain((few for few in FIRST if few < size), repeat(size))
        rest: Iterator[P | None] = iter(waiting)
        return list(takewhile(bool, (list(islice(rest, length)) for length in sizes)))
    queues: list[deque[P]] = [deque() for _ in range(size)]
    for candidate in waiting:
        queues[candidate.recipe.slot or 0].append(candidate)
    return [
        [queue.popleft() if queue else None for queue in queues]
        for _ in range(max(map(len, queues)))
    ]


def padded(batch: Sequence[P | None]) -> list[Recipe]:
    """A recipe for every slot; empty ones repeat the first that is there."""
    first = next(candidate for candidate in batch if candidate is not None)
    return [(first if candidate is None else candidate).recipe for candidate in batch]


def paint_here(
    batches: Iterable[Sequence[Candidate | None]], paint: Renderer, store: Store
) -> Iterator[Painted]:
    """Paint in this process; encoding and storing of batch k-1 overlap painting of batch k."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        waiting: list[Future[Painted]] = []
        for batch in batches:
            try:
                pairs = zip(batch, paint(padded(batch)), strict=True)
            except BaseException:
                # What was painted before is finished and handed over, not painted again.
                yield from (future.result() for future in waiting)
                raise
            done, waiting = waiting, [pool.submit(finish, store, c, p) for c, p in pairs if c]
            yield from (future.result() for future in done)
        yield from (future.result() for future in waiting)


def finish(store: Store, candidate: Candidate, pixels: Pixels) -> Painted:
    """Encode, hash and store one picture."""
    return Painted(candidate, put_pixels(store, pixels))
