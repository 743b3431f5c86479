"""`mint sale VERB`: act on a deployed sale."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import File, Network, quoted, say, tell

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.send import Sent
    from mint.sale.verbs import DeployedSale

on_sale = typer.Typer(help="Act on a deployed sale.", no_args_is_help=True, rich_markup_mode=None)
Target = Annotated[
    str, typer.Argument(help="The collection.yaml, or the contract's address.", show_default=False)
]


@on_sale.command()
def status(target: Target, network: Network = None) -> None:
    """Tell what is sold, how far the draw is, and who can do what next."""
    from mint.sale import verbs as sell

    for line in sell.status(sell.locate(target, network), os.environ):
        tell(line)


@on_sale.command()
def buy(
    target: Target,
    phase: Annotated[int, typer.Option(min=0, help="The phase's number; see status.")],
    quantity: Annotated[
        int, typer.Option(min=1, help="How many this wallet shall have bought in it, in all.")
    ] = 1,
    allowlist: Annotated[
        Path | None, typer.Option(help="The phase's list, CSV: wallet,cap.", show_default=False)
    ] = None,
    network: Network = None,
) -> None:
    """Buy tokens, whose pictures are drawn after the sale."""
    from mint.sale import verbs as sell

    with _account(target, network) as (account, sale):
        _sent(*sell.buy(account, sale, phase, quantity, allowlist))


@on_sale.command()
def arm(target: Target, network: Network = None) -> None:
    """End minting for ever and name the block whose hash decides the order."""
    from mint.sale import verbs as sell

    with _account(target, network) as (account, sale):
        _sent(sell.arm(account, sale))


@on_sale.command()
def record(target: Target, network: Network = None) -> None:
    """Keep that block's hash, once it is there."""
    from mint.sale import verbs as sell

    with _account(target, network) as (account, sale):
        _sent(sell.record(account, sale))


@on_sale.command()
def reveal(file: File, network: Network = None) -> None:
    """Pin the pictures and open the owner's secret: the order is fixed, the proceeds are free."""
    from mint.sale import verbs as sell

    with _account(str(file), network) as (account, sale):
        _sent(sell.reveal(account, sale, os.environ))
    say(f"next: mint build {quoted(file)} shows it in the report")


@on_sale.command()
def withdraw(target: Target, network: Network = None) -> None:
    """Send every payee its share of the proceeds."""
    from mint.sale import verbs as sell

    with _account(target, network) as (account, sale):
        _sent(*sell.withdraw(account, sale))


@on_sale.command()
def refund(
    target: Target,
    tokens: Annotated[list[int], typer.Argument(help="Token ids.", show_default=False)],
    to: Annotated[
        str | None, typer.Option(help="Who gets the money; else the wallet.", show_default=False)
    ] = None,
    network: Network = None,
) -> None:
    """Burn tokens and take back what was paid for them, if the reveal never came."""
    from mint.sale import verbs as sell

    with _account(target, network) as (account, sale):
        _sent(sell.refund(account, sale, tokens, to))


@contextmanager
def _account(target: str, network: str | None) -> Iterator[tuple[Account, DeployedSale]]:
    from getpass import getpass

    from mint.sale.verbs import locate, open_sale

    sale = locate(target, network)
    with open_sale(sale, os.environ, getpass if sys.stdin.isatty() else None) as account:
        yield account, sale


def _sent(*transactions: Sent) -> None:
    for sent in transactions:
        verb, *_ = sent.purpose.split()
        tell(f"{verb:11} {sent.transaction} in block {sent.block:,}, {sent.gas:,} gas")
