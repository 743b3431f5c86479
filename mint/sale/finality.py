"""Whether the block that decides can still be replaced, so that a reveal has to wait.

Whoever could replace it would choose with the secret in sight. But a reveal that comes too late is
worse: then all that is sold is refunded. So near the deadline a deep block is enough, for a
network whose blocks become final no more is one where `finalized` alone stands still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mint.chain.finality import contract_number, final_block
from mint.chain.network import results
from mint.errors import ChainError
from mint.sale.when import when

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain

HURRY = 7200  # seconds before the deadline
DEEP = 64  # blocks on the one that decides: two of Ethereum's epochs


class Finality(NamedTuple):
    """`missing` blocks until a block is final; `due` where a reveal waits for them no longer.

    `depth` is how many blocks lie on it, `now` the chain's time in Unix seconds.
    """

    missing: int
    depth: int
    now: int
    due: bool


def finality(chain: Chain, number: int, deadline: int) -> Finality:
    """That of block `number`, for a reveal until `deadline`; raises ChainError."""
    missing = 0 if chain.is_development else max(number - final_block(chain), 0)
    with results(chain.label):
        newest = chain.web3.eth.get_block("latest")
    depth, now = contract_number(chain, newest) - number, int(newest["timestamp"])
    due = not missing or (deadline - now < HURRY and depth >= DEEP)
    return Finality(missing, depth, now, due)


def refuse_unfinal(account: Account, number: int, deadline: int) -> None:
    """Raise ChainError where a reveal has to wait; say so where it does not wait any more."""
    chain = account.chain
    block = finality(chain, number, deadline)
    if not block.due:
        raise ChainError(
            f"block {number}, which decides, is not final yet on {chain.network}",
            hint=f"wait for {block.missing} more blocks; its hash is recorded and safe",
        )
    if block.missing:
        account.announce(
            f"block {number}, which decides, is not final on {chain.network}, but {block.depth} "
            f"blocks lie on it, and the time to reveal ends {when(deadline, block.now)}: it is "
            "revealed now"
        )
