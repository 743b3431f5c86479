"""The same for each of many tokens, on every core; hashing and decoding let others run."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

AHEAD = 4  # items for each thread that wait or are done already; bounds memory


def in_threads(work: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
    """`work` of each item, in their order; the first error in that order is raised."""
    threads = os.cpu_count() or 1
    waiting: deque[Future[B]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= AHEAD * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
