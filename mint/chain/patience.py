"""Questions to nodes that may be behind themselves, as those behind one address can be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from mint.chain.network import results
from mint.errors import ChainError

if TYPE_CHECKING:
    from web3.types import BlockData, BlockIdentifier

    from mint.chain.network import Chain

Answer = TypeVar("Answer")
_TRIES = 20  # seconds
_TRIES_AT_A_BLOCK = 4  # seconds
# How nodes say that they do not have a block, which none of them lacks for long.
_NO_SUCH_BLOCK = ("not found", "unknown block", "outofrange", "out of range", "missing trie")


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


def at_one_block(
    chain: Chain, ask: Callable[[BlockIdentifier], Answer]
) -> tuple[BlockData, Answer]:
    """The newest block, and what `ask` gives of it: many questions, and no block between two.

    One of several nodes behind one address may not have that block yet: it is waited for. Where it
    never comes `ask` gets "latest", whose answers may be of several blocks.
    """
    from web3.exceptions import Web3RPCError

    with results(chain.label):
        block = chain.web3.eth.get_block("latest")
    for _ in range(_TRIES_AT_A_BLOCK):
        try:
            return block, ask(block["number"])
        except Web3RPCError as error:
            if not any(words in str(error).lower() for words in _NO_SUCH_BLOCK):
                raise
        time.sleep(1)
    return block, ask("latest")


def behind(chain: Chain) -> ChainError:
    """The node's answers are older than what it was seen to hold."""
    return ChainError(
        f"{chain.label} is behind: it does not show what it had mined before",
        hint="run the same command again in a minute, or use another node",
    )
