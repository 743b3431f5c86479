"""`mint status`: what stands on a network of a collection, and what comes next."""

from __future__ import annotations

import os

from mint.cli.say import File, Network, tell


def status(file: File, network: Network = None) -> None:
    """Say where the collection was launched, what is minted and sold, and who can do what next.

    It asks the network, needs no wallet, and changes nothing.
    """
    from mint.launch.status import status as lines

    for line in lines(file, network, os.environ):
        tell(line)
