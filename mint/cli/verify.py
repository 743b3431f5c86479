"""`mint verify`: what is proved of a collection, sentence by sentence."""

from __future__ import annotations

import os
from functools import partial
from typing import Annotated

import typer

from mint.cli.say import Network, tell


def verify(
    target: Annotated[
        str,
        typer.Argument(
            help="A collection.yaml that was built, or a contract's address (0x...) and --network.",
            show_default=False,
        ),
    ],
    sample: Annotated[
        int,
        typer.Option(min=0, help="How many tokens to paint again, drawn by chance; 0 for none."),
    ] = 4,
    network: Network = None,
    download: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="For an address: give up after so many megabytes. Else 4 MB for each token.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Prove that a collection is what it claims to be.

    It checks every file, every IPFS address, every trait count and the contract, and paints some
    tokens again to compare them pixel by pixel. Anybody can do that; it changes nothing and costs
    nothing.
    """
    from mint.cli.drawing import drawn_progress
    from mint.verify.verify import prove

    with drawn_progress(fleeting=True) as news:
        for claim in prove(
            target,
            sample=sample,
            network=network,
            environ=os.environ,
            download=download,
            progress=news,
        ):
            news.interrupt(partial(_tell, claim))


def _tell(claim: str) -> None:
    from mint.verify.unchecked import Unchecked

    tell(f"{'--' if isinstance(claim, Unchecked) else 'ok'}  {claim}")
