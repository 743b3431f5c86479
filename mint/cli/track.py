"""`mint sale track`: which transaction a browser's wallet sent, of a purchase or a sale's step."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.acting import acting
from mint.cli.say import Network, WalletChoice, say, tell


def track(
    target: Annotated[
        str, typer.Argument(help="A collection.yaml, or the address of a sale.", show_default=False)
    ],
    transaction: Annotated[
        str, typer.Argument(help="The hash that your wallet shows: 0x and 64 digits.")
    ],
    network: Network = None,
    wallet: WalletChoice = None,
) -> None:
    """Say which transaction your browser's wallet sent, where nobody knows.

    For a purchase, a refund or any other step of a sale whose page was closed too early. Cancelled
    it in the wallet? Give the hash of the cancellation.
    """
    from mint.chain.delegated import adopt

    with acting(target, network, wallet) as (account, _):
        purpose = adopt(account, transaction.lower())
    tell(f"tracked     {transaction} is the one for: {purpose}")
    say("next: the same command as before goes on from there")
