"""What a FairSale's own events tell of its past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mint.chain.artefact import contract
from mint.chain.deployment import Drawn, drawn_from
from mint.chain.logs import logs
from mint.chain.reverts import calls
from mint.errors import ChainError
from mint.sale.contract import NAME, State, state

if TYPE_CHECKING:
    from mint.chain.network import Chain


def deployed_payees(
    chain: Chain, address: str, now: State, since: int = 0
) -> tuple[tuple[str, int], ...]:
    """The payees that the constructor named, of whom each may have named another since.

    The contract was deployed in block `since`, or later.
    """
    with calls(chain, address, NAME):
        sale = contract(chain.web3, address, NAME)
        changes = [log["args"] for log in logs(chain, sale.events.PayeeSet(), since)]
    payees = list(now.payees)
    for change in reversed(changes):
        payees[change["payee"]] = change["from"], payees[change["payee"]][1]
    return tuple(payees)


def revealed(
    chain: Chain, address: str, since: int = 0, decided: int = 0
) -> tuple[int, bytes, bytes]:
    """(number and hash of the block that decided, the secret), from the contract's own events.

    The contract was deployed in block `since`, or later. `decided` is the number of the block, as
    the contract has it: no event is older, where contracts count the chain's own blocks.
    """
    if chain.line.numbering == "own":
        since = max(since, decided)
    with calls(chain, address, NAME):
        events = contract(chain.web3, address, NAME).events
        records = list(logs(chain, events.Recorded(), since))
        reveals = list(logs(chain, events.Revealed(), since))
    if not records or not reveals:
        raise ChainError(
            f"{address} has revealed nothing on {chain.network}",
            hint="ask a node that keeps the events of old blocks",
        )
    block = records[-1]["args"]
    return block["number"], bytes(block["hash"]), bytes(reveals[-1]["args"]["secret"])


def draw_facts(chain: Chain, address: str, since: int = 0) -> Drawn | None:
    """The draw's facts, None before the reveal; the contract was deployed in block `since`."""
    draw = state(chain, address).draw
    if draw.step != "revealed":
        return None
    block, block_hash, secret = revealed(chain, address, since, draw.number)
    return drawn_from(block, block_hash, secret, draw.entropy)
