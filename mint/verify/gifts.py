"""The artist's list of gifts against what the chain says was given away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mint.counting import count
from mint.errors import VerifyError
from mint.record.manifest import Manifest

if TYPE_CHECKING:
    from mint.chain.network import Chain


def check_gifts(manifest: Manifest, chain: Chain, gifts: Mapping[str, int]) -> Iterator[str]:
    """Every wallet on the list was given its tokens, by their owner and once.

    Raises VerifyError, naming the first one that was not.
    """
    from mint.sale.deliveries import events

    deployment = manifest.deployment
    if not gifts or deployment is None:
        return
    on_chain = events(chain, deployment.address, gifts, deployment.since)
    for wallet, quantity in gifts.items():
        if (number := on_chain.get(wallet, 0)) != quantity:
            raise VerifyError(
                f"the list of gifts has {quantity} for {wallet}, and the chain {number}",
                hint="mint build gives what is missing"
                if number < quantity
                else "what is given cannot be taken back: write it into the list",
            )
    tokens, wallets = count(sum(gifts.values()), "gift"), count(len(gifts), "wallet")
    yield f"{tokens} to {wallets} on {chain.network}, as the list has them"
