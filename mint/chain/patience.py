"""Questions to nodes that may be behind themselves, as those behind one address can be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from mint.chain.network import results
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain

Answer = TypeVar("Answer")
_TRIES = 20  # seconds


def patiently(chain: Chain, ask: Callable[[], Answer | None]) -> Answer:
    """What `ask` gives, as soon as it gives something; raises ChainError if it never does.

    What was seen in a block is not yet known to each of several nodes behind one address.
    """
    for _ in range(_TRIES):
        with results(chain.label):
            if (answer := ask()) is not None:
                return answer
        time.sleep(1)
    raise behind(chain)


def behind(chain: Chain) -> ChainError:
    """The node's answers are older than what it was seen to hold."""
    return ChainError(
        f"{chain.label} is behind: it does not show what it had mined before",
        hint="run the same command again in a minute, or use another node",
    )
