"""Tokens of a deployed collection to wallets that its owner names, one by one or by a list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.chain.fairmint import supply
from mint.chain.lock import sending
from mint.chain.resume import served
from mint.chain.send import progress
from mint.counting import count
from mint.errors import ChainError, CollectionError
from mint.launch.gift_cost import Cost, gift_cost, list_cost
from mint.sale.airdrop import airdrop, gifts_left
from mint.sale.allowlist import read_list
from mint.sale.contract import transact
from mint.sale.purchase import next_purpose, quantity_of

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.deployment import Deployment
    from mint.chain.send import Sent


# Tokens of a gift, which is one transaction: 12 of the 16.8 million gas that EIP-7825 allows it.
MOST_TOKENS = 3000


class Gift(NamedTuple):
    """A transaction that minted `quantity` tokens; `resumed` if an earlier command began it."""

    sent: Sent
    quantity: int
    resumed: bool


class Handout(NamedTuple):
    """What a list gave by now: its new transactions, and for whom they were.

    `listed` is how many wallets the list names.
    """

    sent: tuple[Sent, ...]
    tokens: int
    wallets: int
    listed: int


def give(
    account: Account,
    address: str,
    to: str,
    quantity: int,
    agree: Callable[[Cost], None] | None = None,
) -> Gift:
    """Mint `quantity` tokens of the contract at `address` to the wallet `to`, once.

    A gift that an earlier command did not see the end of is finished instead; the journal calls it
    settled once its outcome is reported. Before anything new is sent `agree` hears what it costs,
    and raises to prevent it. Raises ChainError.
    """
    stem = f"give {address} {to} "
    with sending(account):
        purpose, resumed, instead = next_purpose(account, stem, quantity)
        number = quantity_of(purpose)
        if not resumed:
            _refuse_more(account, address, number)
        if agree and (not resumed or progress(account, purpose) == "unsent"):
            agree(gift_cost(account, address, to, number))
        transaction = transact(account, address, purpose, "airdrop", to, number, instead=instead)
    return Gift(transaction, number, resumed)


def give_list(
    account: Account,
    deployment: Deployment,
    file: Path,
    agree: Callable[[Cost], None] | None = None,
) -> Handout:
    """Give what a CSV file of `wallet,quantity` lines says, less what was given by such a list.

    `agree` as in `give`. Raises CollectionError naming the line, ChainError.
    """
    address, since = deployment.address, deployment.since
    _, most = supply(account.chain, address)
    gifts = read_list(file, most)
    if sum(gifts.values()) > most:
        raise CollectionError(
            f"{file} gives {sum(gifts.values()):,} tokens away of {most:,}",
            hint="lower its numbers",
        )
    with sending(account):
        before = set(served(account, f"airdrop {address} ").values())
        left = gifts_left(account, address, gifts, since)
        if left and agree:
            agree(list_cost(account, address, left))
        transactions = [
            each for each in airdrop(account, address, gifts, since) if each not in before
        ]
    return Handout(tuple(transactions), sum(left.values()), len(left), len(gifts))


def _refuse_more(account: Account, address: str, quantity: int) -> None:
    if quantity > MOST_TOKENS:
        raise ChainError(
            f"{quantity:,} tokens are more than one transaction can mint",
            hint="write a file with the line ADDRESS,"
            f"{quantity} and name it by --airdrop: a list is given in several transactions",
        )
    minted, most = supply(account.chain, address)
    left = most - minted
    if quantity <= left:
        return
    problem = f"{count(quantity, 'token')} cannot be minted"
    if left:
        words = f"{left:,} of {most:,} tokens {'is' if left == 1 else 'are'} left"
        raise ChainError(f"{problem}: {words}", hint=f"give at most {left:,}")
    raise ChainError(
        f"{problem}: none is left",
        hint="a wallet sends tokens that it holds itself; `mint launch --unminted` deploys a "
        "collection and mints nothing yet",
    )
