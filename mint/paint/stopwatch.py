"""Seconds for one picture: measured by a build, remembered for the estimate of the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from mint.document import sha256
from mint.plan.recipe import Diffusion, Runtime
from mint.store import Store

T = TypeVar("T")


class Stopwatch(NamedTuple):
    """Measures how long a picture takes under (step, key), all that its speed depends on.

    Only estimates read what it remembers.
    """

    store: Store
    step: str
    key: str
    clock: Callable[[], float] = time.monotonic

    @property
    def seconds(self) -> float | None:
        """For one picture, by the last build; None if there was none."""
        try:
            return float(self.store.recall(f"seconds-{self.step}", self.key) or b"")
        except ValueError:
            return None

    def timed(
        self,
        work: Iterable[T],
        pictures: Callable[[T], int],
        progress: Callable[[int], None],
        places: Callable[[T], int] | None = None,
    ) -> Iterator[T]:
        """`work` item by item; asking for the next one says that this one is done.

        `pictures` counts those in an item; `progress` hears how many are done in all. `places`
        counts what the item takes the time of, where that is more: a padded batch is as slow as a
        full one.
        """
        done, timed, began, first = 0, 0, self.clock(), True
        for item in work:
            yield item
            done += pictures(item)
            timed += (places or pictures)(item)
            progress(done)
            if first:  # for a build that is stopped before its end
                self._remember(timed, began)
                first = False
        if done:
            self._remember(timed, began)

    def _remember(self, timed: int, began: float) -> None:
        seconds = (self.clock() - began) / max(timed, 1)
        self.store.remember(f"seconds-{self.step}", self.key, f"{seconds:.4g}".encode())


def painting_stopwatch(
    store: Store, settings: Diffusion, runtime: Runtime, painters: int | None = None
) -> Stopwatch:
    """How long a picture takes with these settings on such a machine, or on `painters` of them."""
    many = b"" if painters is None else b"%d" % painters
    return Stopwatch(store, "painting", sha256(settings.canonical() + runtime.canonical() + many))
