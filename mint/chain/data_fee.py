"""What transactions pay on top of their gas where their bytes are carried to a parent chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mint.chain.network import answers

if TYPE_CHECKING:
    from mint.chain.network import Chain

_FEE_OF = bytes.fromhex("49948e0e")  # getL1Fee(bytes), of the OP Stack and of Scroll
_ENVELOPE = 150  # bytes of a transaction besides its data: nonce, fees, receiver, signature


def data_fees(chain: Chain, data: Sequence[str]) -> list[int]:
    """Wei for each transaction of this 0x hex `data`, at the parent's price of today.

    Zeros where a transaction pays for its gas alone, or where nobody says what it pays besides.
    Raises ChainError where the node is down.
    """
    if chain.line.oracle is None:
        return [0] * len(data)
    with answers(chain.label):
        return [_answer(chain, chain.line.oracle, bytes.fromhex(each[2:])) for each in data]


def _answer(chain: Chain, oracle: str, data: bytes) -> int:
    from eth_abi.abi import encode
    from web3.exceptions import Web3Exception

    whole = data + b"\xff" * _ENVELOPE
    call: Any = {"to": oracle, "data": "0x" + (_FEE_OF + encode(["bytes"], [whole])).hex()}
    try:
        answer = bytes(chain.web3.eth.call(call))
    except Web3Exception:
        return 0
    return int.from_bytes(answer) if len(answer) == 32 else 0
