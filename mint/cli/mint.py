"""`mint mint`: tokens of a deployed collection for wallets that its owner names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.build import Yes
from mint.cli.say import File, Network, WalletChoice, hidden_input, say, tell

if TYPE_CHECKING:
    from mint.chain.network import Chain
    from mint.launch.gift_cost import Cost
    from mint.launch.give import Handout

To = Annotated[
    str | None,
    typer.Option(help="The wallet that gets the tokens: its address.", show_default=False),
]
Quantity = Annotated[
    int,
    typer.Option(
        min=1,
        help="How many tokens. If an earlier command for that wallet was cut off before its "
        "outcome was printed, that one is finished, and nothing is minted twice.",
    ),
]
Airdrop = Annotated[
    Path | None,
    typer.Option(
        help="Give tokens to many: a CSV file of wallet,quantity lines. Wallets that have theirs "
        "by such a list already get nothing twice, so a list can be mended and given again.",
        show_default=False,
    ),
]


def mint(
    file: File,
    to: To = None,
    quantity: Quantity = 1,
    airdrop: Airdrop = None,
    network: Network = None,
    wallet: WalletChoice = None,
    yes: Yes = False,
) -> None:
    """Mint tokens of a launched collection to a wallet, or to all wallets on a list.

    Says what it costs and asks first. Only the wallet that deployed the collection can. What a
    collection with a sale can give away was fixed when it was deployed; one without a sale is
    minted to your own wallet by `mint launch`, unless it was launched with --unminted.
    """
    if (to is None) == (airdrop is None):
        raise typer.BadParameter("name one: --to ADDRESS, or --airdrop LIST.csv")
    from mint.addresses import receiver
    from mint.chain.account import open_account
    from mint.counting import count
    from mint.launch.give import give, give_list
    from mint.launch.status import deployed

    where, deployment = deployed(file, network)
    place = network or deployment.network
    with open_account(where.state, place, os.environ, hidden_input(), wallet, say) as account:
        agree, line = _agreeing(account.chain, yes=yes), account.chain.line
        if airdrop is not None:
            handout = give_list(account, deployment, airdrop, agree)
            pages = [
                line.transaction(each.transaction) or each.transaction for each in handout.sent
            ]
            _report(handout, pages)
            return
        assert to is not None
        gift = give(account, deployment.address, receiver(to), quantity, agree)
        if gift.resumed:
            tell("earlier     a command that was cut off had sent these; none was minted twice")
        page = line.transaction(gift.sent.transaction) or gift.sent.transaction
        tell(f"minted      {count(gift.quantity, 'token')} to {receiver(to)}")
        tell(f"transaction {page} in block {gift.sent.block:,}, {gift.sent.gas:,} gas")
        account.settle(gift.sent.purpose)


def _report(handout: Handout, pages: list[str]) -> None:
    """What a list gave, and where to look at it."""
    from mint.counting import count

    if not handout.wallets and not pages:
        number = handout.listed
        theirs = f"all {number:,} wallets have theirs"
        tell(f"nothing to give: {'the wallet has its share' if number == 1 else theirs}")
        return
    what = f"{count(handout.tokens, 'token')} to {count(handout.wallets, 'wallet')}"
    tell(f"gave        {', '.join([what, *pages[:1]])}")
    for page in pages[1:]:
        tell(f"            {page}")


def _agreeing(chain: Chain, *, yes: bool) -> Callable[[Cost], None] | None:
    """What shows the cost and asks, on a terminal; without one only `yes` agrees to spend coins."""
    if yes or (chain.is_development and not sys.stdin.isatty()):
        return None

    def agree(cost: Cost) -> None:
        from mint.counting import count
        from mint.errors import LaunchError
        from mint.launch.sentences import amount

        coins = amount(cost.wei, chain.chain_id)
        sending = f"{count(cost.transactions, 'transaction')} on {chain.network}"
        if not sys.stdin.isatty():
            raise LaunchError(
                f"{sending} would cost about {coins}, and nobody can be asked",
                hint="run it in a terminal, or add --yes",
            )
        what = f"{count(cost.tokens, 'token')} to {count(cost.wallets, 'wallet')}"
        say(f"to send     {what}: {sending}, about {coins} at today's price")
        if not typer.confirm(f"Give {what} for about {coins}?", default=False, err=True):
            raise LaunchError(
                "nothing was sent", hint="run the same command again when you want to give them"
            )

    return agree
