"""`mint sale VERB`: act on a deployed sale."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mint.cli.acting import acting, buying, report, tell_sent, wei_of
from mint.cli.build import Yes
from mint.cli.say import File, Network, WalletChoice, hidden_input, quoted, say, tell
from mint.cli.secret import on_secret
from mint.cli.summary import network_option
from mint.cli.track import track

_HELP = """Sell a collection that `mint build` has deployed with a `sale:`.

Buyers buy blind: which token shows which picture is drawn after the sale, and their money waits
in the contract until then. The steps, in this order:

\b
1. buy       buyers buy tokens while a phase (a time with its own price) is open
2. arm       when all is over, names a block of the future; its hash will decide
3. record    writes that block's hash down in the contract, once it exists
4. reveal    the artist opens a secret that was fixed before the sale; hash and
             secret together give the order, and every token shows its picture
5. withdraw  the payees get their money
   refund    only if the reveal did not come in time: buyers get theirs back

`mint sale watch FILE --reveal` takes steps 2 to 4 by itself, each in time.
`mint sale status TARGET` says at any time which step comes next, with its command.
"""

on_sale = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
on_sale.add_typer(on_secret, name="secret")
Target = Annotated[
    str,
    typer.Argument(
        help="The collection.yaml that was deployed, or the contract's address (0x...).",
        show_default=False,
    ),
]


@on_sale.command()
def status(target: Target, network: Network = None) -> None:
    """Say what is sold, and who can do what next. Needs no wallet."""
    from mint.sale.locate import locate
    from mint.sale.status import status as lines

    for line in lines(locate(target, network), os.environ):
        tell(line)


@on_sale.command()
def buy(
    target: Target,
    phase: Annotated[
        str | None,
        typer.Option(
            help="The phase's name, or its number in `mint sale status`; else the one that is "
            "open.",
            show_default=False,
        ),
    ] = None,
    quantity: Annotated[
        int,
        typer.Option(
            min=1,
            help="How many tokens to buy. If an earlier purchase was cut off before its outcome "
            "was printed, that one is finished, and nothing is bought twice.",
        ),
    ] = 1,
    allowlist: Annotated[
        Path | None,
        typer.Option(
            help="For a phase that sells to listed wallets only: the artist's list (CSV: "
            "wallet,number); else the one that collection.yaml names.",
            show_default=False,
        ),
    ] = None,
    most: Annotated[
        str | None,
        typer.Option(
            help="The most that you pay for all of them together, without gas, in the chain's "
            "coin, such as 0.15. Where it costs more nothing is sent.",
            show_default=False,
        ),
    ] = None,
    network: Network = None,
    wallet: WalletChoice = None,
    yes: Yes = False,
) -> None:
    """Buy tokens with your wallet. Which picture each one shows is drawn after the sale.

    Says what they cost and asks first.
    """
    from mint.sale import verbs
    from mint.sale.purchase import lines

    limit = None if most is None else wei_of(most)
    with acting(target, network, wallet) as (account, sale):
        agree = buying(account.chain, limit, yes=yes)
        purchase = verbs.buy(account, sale, phase, quantity, allowlist, agree)
        for line in lines(account.chain, sale, purchase, quantity):
            tell(line)
        account.settle(purchase.sent.purpose)


@on_sale.command()
def arm(target: Target, network: Network = None, wallet: WalletChoice = None) -> None:
    """End the sale for good, and name the block that decides.

    Anybody can, once the last phase is over or everything is sold. The block lies in the future;
    nobody knows its hash yet, so nobody can choose who gets which picture.
    """
    from mint.sale import verbs

    with acting(target, network, wallet) as (account, sale):
        report(account, sale, lambda: [verbs.arm(account, sale)])


@on_sale.command()
def record(target: Target, network: Network = None, wallet: WalletChoice = None) -> None:
    """Write that block's hash down, once the block exists.

    The contract remembers it from then on. Anybody can. Do it the same day: a chain forgets old
    hashes, and then another block is named.
    """
    from mint.sale import verbs

    with acting(target, network, wallet) as (account, sale):
        report(account, sale, lambda: [verbs.record(account, sale)])


@on_sale.command()
def reveal(file: File, network: Network = None, wallet: WalletChoice = None) -> None:
    """Open the artist's secret: every token shows its picture.

    The secret and the recorded hash together give the order. Only the wallet that deployed the
    sale can: it makes the secret again. From then on the payees can be paid. The service under
    `storage.pin`, if there is one, gets the pictures first.
    """
    from mint.sale import verbs

    with acting(str(file), network, wallet) as (account, sale):
        ask = hidden_input()
        report(account, sale, lambda: [verbs.reveal(account, sale, os.environ, ask)])
    option = network_option(None if sale.network == "local" else sale.network)
    say(f"next: mint build {quoted(file)}{option} shows it in the report")


@on_sale.command()
def watch(
    target: Target,
    reveal: Annotated[
        bool,
        typer.Option(
            "--reveal",
            help="Reveal, too, once the block that decides is final, or the last two hours have "
            "begun. Only with the wallet that deployed the sale, or its secret.",
        ),
    ] = False,
    network: Network = None,
    wallet: WalletChoice = None,
) -> None:
    """Arm and record in time, and with --reveal reveal; wait in between.

    Leave it running until it ends: on some chains the hash that decides can be recorded for a few
    minutes only, and if those pass with nobody there, the draw has to be begun again. It says what
    it waits for. Stop it with Ctrl-C, and start it again, whenever you like: nothing is lost, and
    nothing is done twice.
    """
    from mint.sale import verbs
    from mint.sale.status import outcome

    with acting(target, network, wallet) as (account, sale):
        ask = hidden_input()
        for entry in verbs.watch(account, sale, os.environ, say, ask, reveals=reveal):
            tell_sent(entry)
        for line in outcome(account.chain, sale):
            tell(line)


@on_sale.command()
def withdraw(target: Target, network: Network = None, wallet: WalletChoice = None) -> None:
    """Send every payee its share of the money, after the reveal. Anybody can."""
    from mint.sale import verbs

    with acting(target, network, wallet) as (account, sale):
        report(account, sale, lambda: verbs.withdraw(account, sale))


@on_sale.command()
def refund(
    target: Target,
    tokens: Annotated[
        list[int], typer.Argument(help="The numbers of your tokens.", show_default=False)
    ],
    to: Annotated[
        str | None,
        typer.Option(
            help="The address that gets the money; else the wallet that holds the tokens.",
            show_default=False,
        ),
    ] = None,
    network: Network = None,
    wallet: WalletChoice = None,
) -> None:
    """Take your money back if the reveal did not come in time.

    What was paid for the tokens goes to you, and the tokens are destroyed.
    """
    from mint.sale import verbs

    with acting(target, network, wallet) as (account, sale):
        report(account, sale, lambda: [verbs.refund(account, sale, tokens, to)])


@on_sale.command()
def redirect(
    target: Target,
    to: Annotated[
        str,
        typer.Option(help="The address that your share of the money goes to.", show_default=False),
    ],
    network: Network = None,
    wallet: WalletChoice = None,
) -> None:
    """For a payee: have your share of the money go to another address.

    For a wallet that turns out to take no money. Only the payee's own wallet can, as long as it is
    not paid; how large the share is does not change.
    """
    from mint.sale import verbs

    with acting(target, network, wallet) as (account, sale):
        report(account, sale, lambda: verbs.redirect(account, sale, to))


on_sale.command()(track)
