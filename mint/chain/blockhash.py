"""Whether a sale's draw would be fair on a chain: measured, not believed.

FairSale draws with `blockhash` of a block to come. It must be the hash of that block: a value that
a chain makes up, such as one of its id and the block's number, can be known before, and whoever
chooses the moment would choose the pictures.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mint.chain.network import answers
from mint.chain.networks import lasting, refuse_unfair_draw
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain

HISTORY = "0000F90827F1C53a10cb7A02335B175320002935"  # EIP-2935
# A constructor that leaves four words: block.number, blockhash(block.number - 1), what HISTORY
# answers for it, and whether it did. Nothing is deployed: it runs in an eth_call.
_PROBE = (
    "43600052"  # NUMBER, PUSH1 00, MSTORE
    "6001430380608052"  # PUSH1 01, NUMBER, SUB, DUP1, PUSH1 80, MSTORE
    "40602052"  # BLOCKHASH, PUSH1 20, MSTORE
    f"602060406020608073{HISTORY}5afa"  # STATICCALL of HISTORY: 80..a0 in, 40..60 out
    "3d6020141660605260806000f3"  # RETURNDATASIZE == 20, AND, MSTORE at 60, RETURN of 80 bytes
)
_PAUSE = 0.2  # seconds
_TRIES = 3  # a block may come between two questions, or a node behind a balancer lag by one


class BlockHash(NamedTuple):
    """What a contract sees, beside what the node says.

    `number` is `block.number` in a call, `seen` the `blockhash` of the block before, `stated` that
    block's hash by eth_getBlockByNumber, None if there is no such block. `newest` is the chain's
    own newest block. `history` is whether EIP-2935's contract gives the same hash.
    """

    number: int
    seen: bytes
    stated: bytes | None
    newest: int
    history: bool

    @property
    def own(self) -> bool:
        """Whether contracts see the hashes of the chain's own blocks."""
        return any(self.seen) and self.seen == self.stated

    @property
    def window(self) -> int:
        """For how many blocks the hash of one can be recorded."""
        return window_of(history=self.history)


def window_of(*, history: bool) -> int:
    """For how many blocks contracts know a block's hash, with EIP-2935's contract or without."""
    return 8191 if history else 256


def measure_blockhash(chain: Chain) -> BlockHash:
    """Ask the chain what contracts see, and compare. Raises ChainError where a node cannot say."""
    with answers(chain.label):
        measurement = _measure(chain)
        for _ in range(_TRIES - 1):
            if measurement.own:
                break
            time.sleep(_PAUSE)
            measurement = _measure(chain)
    return measurement


def refuse_unmeasured_draw(chain: Chain) -> BlockHash:
    """Raise ChainError unless a sale's draw would be fair on this chain; what was measured.

    The network's line is asked first, then the chain itself.
    """
    refuse_unfair_draw(chain.network)
    measurement = measure_blockhash(chain)
    if not measurement.own:
        words = f"0x{measurement.stated.hex()}" if measurement.stated else "no such block"
        raise ChainError(
            f"a sale cannot be drawn fairly on {chain.network}: for block {measurement.number - 1} "
            f"contracts see the hash 0x{measurement.seen.hex()}, and {chain.label} says {words}",
            hint=f"try another node of {chain.network}; if it says the same, take another network, "
            f"such as {lasting(time.time())}",
        )
    return measurement


def recording(measurement: BlockHash, block_time: float) -> str:
    """How long the hash that decides can be written down; `block_time` in seconds."""
    seconds = measurement.window * block_time
    long = f"{seconds / 3600:.0f} hours" if seconds >= 2 * 3600 else f"{seconds / 60:.0f} minutes"
    return (
        f"after `mint sale arm` there are {measurement.window:,} blocks, about {long}, in which "
        "`mint sale record` must write down the hash that decides; anybody may"
    )


def _measure(chain: Chain) -> BlockHash:
    from web3.exceptions import BlockNotFound

    number, answer = _probe(chain, "latest")
    if number == 0:  # only a chain that was just born has no block before its newest
        number, answer = _probe(chain, "pending")
    view = answer[32:64]
    stated = None
    with suppress(BlockNotFound):
        stated = bytes(chain.web3.eth.get_block(max(number - 1, 0))["hash"])
    newest = int(chain.web3.eth.block_number)
    history = answer[96:] == (1).to_bytes(32) and answer[64:96] == view
    return BlockHash(number, view, stated, newest, history)


def _probe(chain: Chain, block: Literal["latest", "pending"]) -> tuple[int, bytes]:
    """`block.number` at `block`, and the four words of _PROBE there."""
    from web3.exceptions import Web3Exception

    call: Any = {"data": f"0x{_PROBE}"}
    try:
        answer, why = bytes(chain.web3.eth.call(call, block)), ""
    except Web3Exception as error:
        answer, why = b"", f" ({error})"
    if len(answer) != 128:
        raise ChainError(
            f"{chain.label} did not say what contracts see of block hashes{why}",
            hint=f"use another node of {chain.network}",
        )
    return int.from_bytes(answer[:32]), answer
