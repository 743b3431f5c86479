"""Other kernels for the same sums: what a picture owes to rounding shows where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any


@contextmanager
def other_attention(torch: Any) -> Iterator[None]:
    """Attention as plain products and a softmax, not as one fused kernel."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH):
        yield


@contextmanager
def other_convolutions(torch: Any) -> Iterator[None]:
    """Convolutions, and on a CPU products too, without oneDNN and cuDNN."""
    libraries = torch.backends.mkldnn, torch.backends.cudnn
    before = [library.enabled for library in libraries]
    try:
        for library in libraries:
            library.enabled = False
        yield
    finally:
        for library, enabled in zip(libraries, before, strict=True):
            library.enabled = enabled


# Each leaves what a picture means as it is, and rounds otherwise on the way to it.
KERNELS: tuple[Callable[[Any], AbstractContextManager[None]], ...] = (
    other_attention,
    other_convolutions,
)
