"""What the commands of `mint sale` share: the wallet that acts, and what they say it did."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import typer

from mint.cli.say import hidden_input, say, tell

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain
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


def wei_of(text: str) -> int:
    """An amount of coins as it is typed, in wei; raises typer's error for what is none."""
    try:
        wei = Decimal(text) * 10**18
    except InvalidOperation:
        wei = Decimal(-1)
    if not wei.is_finite() or wei < 0:
        raise typer.BadParameter(f'"{text}" is no amount of coins, such as 0.15')
    return int(wei)


def buying(chain: Chain, most: int | None, *, yes: bool) -> Callable[[int, int], None]:
    """What shows a price and asks; without a terminal `yes` or a limit of `most` wei agrees."""

    def agree(quantity: int, wei: int) -> None:
        from mint.chain.wording import coins
        from mint.counting import count
        from mint.errors import ChainError

        what, coin = count(quantity, "token"), chain.line.coin
        price = coins(wei, coin) if wei else "nothing"
        if most is not None and wei > most:
            limit = coins(most, coin)
            raise ChainError(
                f"{what} cost {price}, more than your limit of {limit}: nothing was sent",
                hint="mint sale status says the prices; raise --most if you agree",
            )
        if yes or (not sys.stdin.isatty() and (most is not None or chain.is_development)):
            return
        if not sys.stdin.isatty():
            raise ChainError(
                f"{what} would cost {price} and gas, and nobody can be asked",
                hint=f"run it in a terminal, or add --yes, or --most {coins(wei, coin).split()[0]}",
            )
        if not typer.confirm(f"Buy {what} for {price} and gas?", default=False, err=True):
            raise ChainError(
                "nothing was sent", hint="run the same command again when you want to buy them"
            )

    return agree
