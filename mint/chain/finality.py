"""Which block of a chain can never be replaced any more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mint.chain.network import answers, unanswered
from mint.chain.reverts import reason
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain

_EPOCHS = 64 * 12  # seconds, two of Ethereum's epochs: how deep a block is where no node says


def final_block(chain: Chain) -> int:
    """The number, as contracts see it, of the newest block that cannot be replaced any more.

    On a chain where `block.number` is the parent's, it is that of the parent's block
    (`l1BlockNumber`, https://docs.arbitrum.io). Raises ChainError where the node is down, or does
    not say what contracts see.
    """
    with answers(chain.label):
        return contract_number(chain, newest_final(chain))


def newest_final(chain: Chain) -> Mapping[str, Any]:
    """The newest block that cannot be replaced any more.

    A node that knows no `finalized` is asked for the newest block, and the last 768 seconds of
    blocks count as not final.
    """
    from web3.exceptions import Web3Exception

    line = chain.line
    if isinstance(line.finality, int):
        depth = line.finality
    else:
        try:
            return chain.web3.eth.get_block("finalized")
        except Web3Exception as error:
            if not _knows_no_finality(error):
                raise unanswered(chain.label, reason(error)) from None
            depth = math.ceil(_EPOCHS / line.block_time)
    newest = chain.web3.eth.get_block("latest")
    return chain.web3.eth.get_block(max(int(newest["number"]) - depth, 0)) if depth else newest


def _knows_no_finality(error: Exception) -> bool:
    """Whether a node does not know the word, and not merely did not answer this time."""
    from web3.exceptions import BlockNotFound

    failure = (getattr(error, "rpc_response", None) or {}).get("error") or {}
    words = str(error).lower()
    return (
        isinstance(error, BlockNotFound)
        or failure.get("code") in (-32601, -32602, -32000)
        or any(each in words for each in ("finalized", "tag", "hex string", "invalid argument"))
    )


def contract_number(chain: Chain, block: Mapping[str, Any]) -> int:
    """A block's number as contracts in it see it; raises ChainError where the node does not say."""
    if chain.line.numbering == "own":
        return int(block["number"])
    number = block.get("l1BlockNumber")
    if number is None:
        raise ChainError(
            f"{chain.label} does not say which block number contracts see on {chain.network}",
            hint="use another node of this network",
        )
    return int(number, 16) if isinstance(number, str) else int(number)
