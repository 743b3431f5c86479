"""Tokens of a deployed collection to wallets that its owner names, one by one or by a list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.addresses import checksum_problem, is_address
from mint.chain.fairmint import supply
from mint.chain.lock import sending
from mint.errors import ChainError, CollectionError
from mint.sale.airdrop import airdrop
from mint.sale.allowlist import read_list
from mint.sale.contract import transact
from mint.sale.purchase import next_purpose, quantity_of

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.deployment import Deployment
    from mint.chain.send import Sent


class Gift(NamedTuple):
    """A transaction that minted `quantity` tokens; `resumed` if an earlier command began it."""

    sent: Sent
    quantity: int
    resumed: bool


def receiver(text: str) -> str:
    """The checksummed address that `text` is; raises ChainError for none, or a mistyped one."""
    from eth_utils.address import to_checksum_address

    if not is_address(text):
        hint = "a name can change hands: give the address, 0x and 40 digits"
        raise ChainError(f"{text} is no address", hint=hint)
    if problem := checksum_problem(text):
        raise ChainError(problem, hint="copy it again from the wallet")
    return str(to_checksum_address(text))


def give(account: Account, address: str, to: str, quantity: int) -> Gift:
    """Mint `quantity` tokens of the contract at `address` to the wallet `to`, once.

    A gift that an earlier command did not see the end of is finished instead; the journal calls it
    settled once its outcome is reported. Raises ChainError.
    """
    stem = f"give {address} {to} "
    with sending(account):
        purpose, resumed, instead = next_purpose(account, stem, quantity)
        number = quantity_of(purpose)
        if not resumed:
            _refuse_more(account, address, number)
        sent = transact(account, address, purpose, "airdrop", to, number, instead=instead)
    return Gift(sent, number, resumed)


def give_list(account: Account, deployment: Deployment, file: Path) -> list[Sent]:
    """Give what a CSV file of `wallet,quantity` lines says, less what was given by such a list.

    Raises CollectionError naming the line, ChainError.
    """
    _, most = supply(account.chain, deployment.address)
    gifts = read_list(file, most)
    if sum(gifts.values()) > most:
        raise CollectionError(
            f"{file} gives {sum(gifts.values()):,} tokens away of {most:,}",
            hint="lower its numbers",
        )
    return airdrop(account, deployment.address, gifts, deployment.transactions[0].block)


def _refuse_more(account: Account, address: str, quantity: int) -> None:
    minted, most = supply(account.chain, address)
    if quantity > most - minted:
        left = f"{most - minted:,} of {most:,} tokens are left" if minted < most else "none is left"
        raise ChainError(
            f"{quantity:,} tokens cannot be minted: {left}",
            hint="a wallet sends tokens that it holds itself; `mint launch --unminted` deploys a "
            "collection and mints nothing yet",
        )
