"""`mint raffle`: an allowlist drawn by lot, which anybody can draw again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mint.cli.say import say


def raffle(
    file: Annotated[
        Path,
        typer.Argument(
            help="Who takes part: a CSV file with the columns wallet,tickets.", show_default=False
        ),
    ],
    places: Annotated[
        int, typer.Option(help="How many places there are to win.", min=1, show_default=False)
    ],
    seed: Annotated[
        str,
        typer.Option(
            help="What decides: 32 bytes in hex that nobody could know when the list closed, such "
            "as the hash of a later block. The same seed gives everybody the same winners.",
            show_default=False,
        ),
    ],
    most: Annotated[
        int, typer.Option(help="How many places one wallet may win.", min=1, max=255)
    ] = 1,
) -> None:
    """Draw by lot which wallets may buy in a phase of a sale.

    It prints the winners as an allowlist, a CSV file for `allowlist:` in collection.yaml. It writes
    nothing and costs nothing.
    """
    from mint.sale.allowlist import MOST_TICKETS, read_list, read_seed, root
    from mint.sale.allowlist import raffle as draw

    winners = draw(read_list(file, MOST_TICKETS), read_seed(seed), places, most)
    print("wallet,cap")
    for wallet, cap in winners.items():
        print(f"{wallet},{cap}")
    say(f"{len(winners)} wallets, root 0x{root(winners).hex()}")
