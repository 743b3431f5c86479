"""The tokens that the owner gives away before the first phase, in batches.

What the chain says was given is read first, and only the difference is sent: an edited list gives
those who are new theirs, and nobody anything twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mint.chain.lock import sending
from mint.chain.resume import resume, served
from mint.chain.send import Sent
from mint.counting import count
from mint.document import canonical, sha256
from mint.errors import ChainError
from mint.sale.contract import State, state, transact
from mint.sale.deliveries import deliveries

if TYPE_CHECKING:
    from mint.chain.account import Account

# A batch is one transaction: at most 10 million gas.
AIRDROP_BATCH_WALLETS, AIRDROP_BATCH_TOKENS = 100, 1000
_ROUNDS = 10  # a reorganisation may drop what was given, and it is given again


def airdrop(account: Account, address: str, gifts: Mapping[str, int], since: int = 0) -> list[Sent]:
    """Give wallet -> quantity away, in order, each once however often this is called.

    `since` is the block of the contract's deployment. Raises ChainError.
    """
    stem = f"airdrop {address} "
    with sending(account):
        for _ in range(_ROUNDS):
            transactions = resume(account, stem)
            before = deliveries(account, address, gifts, transactions, since) if gifts else {}
            rest = _rest(gifts, before)
            if not rest:
                return list(transactions.values())
            before_batch = dict(before)
            for batch in airdrop_batches(rest):
                purpose = f"{stem}{_digest(batch, before_batch)}"
                transact(account, address, purpose, "airdropMany", batch)
                for wallet, quantity in batch:
                    before_batch[wallet] = before_batch.get(wallet, 0) + quantity
    raise ChainError(
        f"the chain does not keep what {account.address} gives away",
        hint="run the same command again when it is quiet, or use another node",
    )


def gifts_left(
    account: Account, address: str, gifts: Mapping[str, int], since: int = 0
) -> dict[str, int]:
    """Wallet -> quantity of what `airdrop` has still to give there; sends nothing."""
    stem = f"airdrop {address} "
    if not gifts:
        return {}
    return _rest(gifts, deliveries(account, address, gifts, served(account, stem), since))


def outstanding(
    account: Account, address: str, gifts: Mapping[str, int], since: int = 0
) -> tuple[dict[str, int], str | None]:
    """What `gifts_left` says; nothing, and why, where the contract would refuse it for ever."""
    if not gifts:
        return {}, None
    now = state(account.chain, address)  # first: what is given in between has room there
    left = gifts_left(account, address, gifts, since)
    why = lapse(now, sum(left.values()))
    return ({}, why) if why else (left, None)


def lapse(now: State, left: int) -> str | None:
    """That a sale which is so gives `left` tokens no more, in a sentence; None where it can."""
    room = min(now.reserve - now.gifts, now.max_supply - now.minted)
    if now.draw.step != "waiting" or now.refunding:
        room = 0
    if left <= room:
        return None
    verb = "was" if left == 1 else "were"
    more = f"{room:,} more away, with `mint mint`" if room else "nothing away any more"
    return f"{count(left, 'token')} of sale.airdrop {verb} never given; the contract gives {more}"


def _rest(gifts: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    left = {wallet: quantity - before.get(wallet, 0) for wallet, quantity in gifts.items()}
    return {wallet: quantity for wallet, quantity in left.items() if quantity > 0}


def _digest(batch: list[tuple[str, int]], before: Mapping[str, int]) -> str:
    """What the purpose says of its content: whose first to last gift it holds."""
    content = [[wallet, before.get(wallet, 0), quantity] for wallet, quantity in batch]
    return sha256(canonical(content))[:16]


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
