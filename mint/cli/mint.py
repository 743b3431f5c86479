"""`mint mint`: tokens of a deployed collection for wallets that its owner names."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from mint.cli.say import File, Network, WalletChoice, say, tell

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
) -> None:
    """Mint tokens of a launched collection to a wallet, or to all wallets on a list.

    Only the wallet that deployed the collection can. What a collection with a sale can give away
    was fixed when it was deployed; one without a sale is minted to your own wallet by
    `mint launch`, unless it was launched with --unminted.
    """
    if (to is None) == (airdrop is None):
        raise typer.BadParameter("name one: --to ADDRESS, or --airdrop LIST.csv")
    from getpass import getpass

    from mint.chain.account import open_account
    from mint.launch.give import give, give_list, receiver
    from mint.launch.status import deployed

    where, deployment = deployed(file, network)
    ask = getpass if sys.stdin.isatty() else None
    place = network or deployment.network
    with open_account(where.state, place, os.environ, ask, wallet, say) as account:
        if airdrop is not None:
            for sent in give_list(account, deployment, airdrop):
                tell(f"gave        {sent.transaction} in block {sent.block:,}, {sent.gas:,} gas")
            return
        assert to is not None
        gift = give(account, deployment.address, receiver(to), quantity)
        if gift.resumed:
            tell("earlier     a command that was cut off had sent these; none was minted twice")
        line = account.chain.line
        page = line.transaction(gift.sent.transaction) or gift.sent.transaction
        tokens = "1 token" if gift.quantity == 1 else f"{gift.quantity:,} tokens"
        tell(f"minted      {tokens} to {receiver(to)}")
        tell(f"transaction {page} in block {gift.sent.block:,}, {gift.sent.gas:,} gas")
        account.settle(gift.sent.purpose)
