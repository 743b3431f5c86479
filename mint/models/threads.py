"""Work on small tensors, shared out to threads that each compute alone.

torch splits every operation among its threads, and waking them costs as long as a product of a few
thousand numbers takes: two threads were slower than one at what mint.models.convolution does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import TypeVar

from mint.models.runtime import import_torch

T = TypeVar("T")
MOST = 8  # threads; more of them would wait for Python's lock


def side_by_side(work: Callable[[Sequence[T]], None], items: Sequence[T]) -> None:
    """Call `work` with a share of `items` on each of torch's threads; return once all are done.

    Raises what one of them raises. Two shares must not write to one place.
    """
    torch = import_torch()
    threads = torch.get_num_threads()
    if threads == 1:
        work(items)
        return
    shares = min(threads, MOST, len(items))
    inference = torch.is_inference_mode_enabled()  # of this thread alone

    def alone(share: Sequence[T]) -> None:
        torch.set_num_threads(1)
        with torch.inference_mode(inference), torch.set_grad_enabled(False):
            work(share)

    others = [_pool().submit(alone, items[start::shares]) for start in range(1, shares)]
    try:
        alone(items[::shares])
    finally:
        wait(others)
        torch.set_num_threads(threads)
    for other in others:
        other.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST - 1, "products")
