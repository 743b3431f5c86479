"""The whole life of a sale on the in-process chain, from the first phase to the last withdrawal.

Buyers of our own buy in each phase, the owner's tokens are given away, the order is drawn and
revealed, the payees are paid; and on a twin of the contract, whose order is never revealed, a buyer
takes the money back. Each act is sent once, so a rehearsal that was killed goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mint.chain.local import travel
from mint.chain.send import send
from mint.sale import contract
from mint.sale.allowlist import proof
from mint.sale.purchase import buy

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.constructor import Phase
    from mint.chain.wallet import Wallet


BUYERS, MOST_EACH = 3, 3  # how many buy in each phase, and how many tokens each at most
_FARE = 100 * 10**18  # wei a buyer has for gas, of which the local chain holds back much


@cache
def buyers() -> tuple[Wallet, ...]:
    """Wallets whose keys everybody can compute: they are for the local chain only."""
    from eth_account import Account
    from eth_hash.auto import keccak

    from mint.chain.wallet import Wallet

    accounts = [Account.from_key(keccak(b"mint rehearsal buyer %d" % i)) for i in range(BUYERS)]
    return tuple(Wallet(account.address, account) for account in accounts)


def rehearsal_caps() -> dict[str, int]:
    """The buyers as they stand on an allowlist."""
    return {buyer.address: MOST_EACH for buyer in buyers()}


@dataclass(frozen=True)
class Rehearsal:
    """The FairSale at `address` and its `twin`, for whose owner it is rehearsed.

    `lists[i]` is the allowlist of phase i, if it has one.
    """

    owner: Account
    address: str
    twin: str
    lists: Sequence[Mapping[str, int] | None]


def rehearse(rehearsal: Rehearsal, reveal_arguments: tuple[bytes, bytes, str]) -> None:
    """Live the life of the FairSale, and refund on its twin.

    `reveal_arguments` are the secret, the salt and the final base URI. Raises ChainError.
    """
    start = contract.state(rehearsal.owner.chain, rehearsal.address)
    for buyer in buyers():
        _fund(rehearsal, buyer, start)
    for index, phase in enumerate(start.phases):
        travel(rehearsal.owner.chain.web3, phase.start)
        for buyer in buyers():
            if quantity := _quantity(rehearsal, index):
                _buy(rehearsal, rehearsal.address, buyer, index, quantity)
        if _refundable(start.phases) == index:
            _buy(rehearsal, rehearsal.twin, buyers()[0], index, 1)
    _draw(rehearsal, start, reveal_arguments)
    if _refundable(start.phases) is not None:
        travel(rehearsal.owner.chain.web3, start.reveal_deadline + 1)
        # The twin gave nothing away and sold one token.
        buyer = buyers()[0]
        contract.refund(rehearsal.owner.of(buyer), rehearsal.twin, [1], buyer.address)


def _draw(
    rehearsal: Rehearsal, start: contract.State, reveal_arguments: tuple[bytes, bytes, str]
) -> None:
    """From the end of the sale to the payment of the last payee."""
    owner, address, web3 = rehearsal.owner, rehearsal.address, rehearsal.owner.chain.web3
    travel(web3, start.draw.sale_end)
    contract.arm(owner, address)
    number = contract.state(owner.chain, address).draw.number
    while (latest := web3.eth.get_block("latest"))["number"] < number:
        travel(web3, latest["timestamp"] + 12)
    contract.record(owner.of(buyers()[0]), address)
    contract.reveal(owner, address, *reveal_arguments)
    contract.withdraw(owner, address)


def _fund(rehearsal: Rehearsal, buyer: Wallet, start: contract.State) -> None:
    spends = sum((MOST_EACH + 1) * phase.price for phase in start.phases)
    tx = {"to": buyer.address, "data": "0x", "value": spends + _FARE}
    send(rehearsal.owner, f"fund {buyer.address} {spends}", tx)


def _buy(rehearsal: Rehearsal, address: str, buyer: Wallet, index: int, quantity: int) -> None:
    """Buy once in the phase, however often the rehearsal is begun."""
    caps = rehearsal.lists[index]
    grant = None if caps is None else (caps[buyer.address], proof(caps, buyer.address))
    buy(rehearsal.owner.of(buyer), address, index, quantity, grant)


def _quantity(rehearsal: Rehearsal, index: int) -> int:
    """How many tokens the next buyer takes: a fair part of what is left."""
    now = contract.state(rehearsal.owner.chain, rehearsal.address)
    phase = now.phases[index]
    left = min(phase.supply - now.sold[index], now.max_supply - now.minted)
    fair = min(left, max(1, left // BUYERS))
    return min(MOST_EACH, phase.wallet_cap or MOST_EACH, fair)


def _refundable(phases: Sequence[Phase]) -> int | None:
    """The first phase in which something is paid."""
    return next((i for i, phase in enumerate(phases) if phase.price), None)
