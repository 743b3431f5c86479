"""The artist's list of gifts against what the chain says was given away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mint.counting import count
from mint.errors import VerifyError
from mint.record.manifest import Manifest
from mint.verify.unchecked import Unchecked

if TYPE_CHECKING:
    from mint.chain.network import Chain


def check_gifts(manifest: Manifest, chain: Chain, gifts: Mapping[str, int]) -> Iterator[str]:
    """Every wallet on the list was given its tokens, by their owner and once.

    Raises VerifyError, naming the first one that was not. Tokens that the contract does not give
    away any more are said, and no error: nobody could mend that.
    """
    from mint.sale.airdrop import lapse
    from mint.sale.contract import state
    from mint.sale.deliveries import events

    deployment = manifest.deployment
    if not gifts or deployment is None:
        return
    on_chain = events(chain, deployment.address, gifts, deployment.since)
    missing = sum((Counter(gifts) - Counter(on_chain)).values())
    why = lapse(state(chain, deployment.address), missing) if missing else None
    for wallet, quantity in gifts.items():
        number = on_chain.get(wallet, 0)
        if number > quantity or (number < quantity and why is None):
            raise VerifyError(
                f"the list of gifts has {quantity} for {wallet}, and the chain {number}",
                hint="mint build gives what is missing"
                if number < quantity
                else "what is given cannot be taken back: write it into the list",
            )
    if why is not None:
        yield Unchecked(why)
        return
    tokens, wallets = count(sum(gifts.values()), "gift"), count(len(gifts), "wallet")
    yield f"{tokens} to {wallets} on {chain.network}, as the list has them"
