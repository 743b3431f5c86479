"""The tokens that the owner gives away before the first phase, in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mint.chain.send import Sent, find
from mint.sale.contract import transact

if TYPE_CHECKING:
    from mint.chain.account import Account

# A batch is one transaction: at most 10 million gas.
AIRDROP_BATCH_WALLETS, AIRDROP_BATCH_TOKENS = 100, 1000


def airdrop(account: Account, address: str, gifts: Mapping[str, int]) -> list[Sent]:
    """Give wallet -> quantity away, in order, each once however often this is called."""
    sent = []
    for i, batch in enumerate(airdrop_batches(gifts)):
        purpose = f"airdrop {address} {i + 1}"
        sent.append(transact(account, address, purpose, "airdropMany", batch))
    return sent


def gifts_left(account: Account, address: str, gifts: Mapping[str, int]) -> dict[str, int]:
    """Wallet -> quantity of what `airdrop` has still to give there. Raises ChainError."""
    left: dict[str, int] = {}
    for i, batch in enumerate(airdrop_batches(gifts)):
        if find(account, f"airdrop {address} {i + 1}") is None:
            for wallet, quantity in batch:
                left[wallet] = left.get(wallet, 0) + quantity
    return left


def airdrop_batches(gifts: Mapping[str, int]) -> list[list[tuple[str, int]]]:
    """Gifts in order, in batches of at most so many wallets and tokens as one transaction takes."""
    batches: list[list[tuple[str, int]]] = [[]]
    room = AIRDROP_BATCH_TOKENS
    for wallet, quantity in gifts.items():
        left = quantity
        while left:
            if len(batches[-1]) == AIRDROP_BATCH_WALLETS or room == 0:
                batches.append([])
                room = AIRDROP_BATCH_TOKENS
            some = min(left, room)
            batches[-1].append((wallet, some))
            left -= some
            room -= some
    return [batch for batch in batches if batch]
