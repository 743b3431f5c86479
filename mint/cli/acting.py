"""What the commands of `mint sale` share: the wallet that acts, and what they say it did."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mint.cli.say import hidden_input, say, tell

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.send import Sent
    from mint.sale.locate import DeployedSale


@contextmanager
def acting(
    target: str, network: str | None, wallet: str | None
) -> Iterator[tuple[Account, DeployedSale]]:
    """Open the sale and the wallet that acts on it; raises MintError."""
    from mint.sale.locate import locate, open_sale

    sale = locate(target, network)
    with open_sale(sale, os.environ, hidden_input(), wallet, say) as account:
        yield account, sale


def report(account: Account, sale: DeployedSale, act: Callable[[], Sequence[Sent]]) -> None:
    """Act; then the transactions, and what the sale is now.

    A command that was run before sends nothing again, and says so.
    """
    from mint.chain.network import results
    from mint.sale.status import outcome

    with results(account.chain.label):
        height = account.chain.web3.eth.block_number
    for entry in act():
        tell_sent(entry, "" if entry.block > height else "was done before: ")
    for line in outcome(account.chain, sale):
        tell(line)


def tell_sent(entry: Sent, before: str = "") -> None:
    """A mined transaction, named by its verb."""
    verb, *_ = entry.purpose.split()
    tell(f"{verb:11} {before}{entry.transaction} in block {entry.block:,}, {entry.gas:,} gas")
