"""The whole life of a sale on the in-process chain, from the first phase to the last withdrawal.

Buyers of our own buy in each phase, the owner's tokens are given away, the order is drawn and
revealed, the payees are paid; and on a twin of the contract, whose order is never revealed, a buyer
takes the money back. Each act is sent once, so a rehearsal that was killed goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from mint.chain.local import travel
from mint.chain.send import send
from mint.sale import contract as sale
from mint.sale.allowlist import proof

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.constructor import Phase
    from mint.chain.network import Chain
    from mint.chain.wallet import Wallet


BUYERS, EACH = 3, 3  # how many buy in each phase, and how many tokens each at most
BEFORE = 3600  # seconds from the deployment to the first phase
_FARE = 100 * 10**18  # wei a buyer has for gas, of which the local chain holds back much


@cache
def buyers() -> tuple[Wallet, ...]:
    """Wallets whose keys everybody can compute: they are for the local chain only."""
    from eth_account import Account
    from eth_hash.auto import keccak

    from mint.chain.wallet import Wallet

    accounts = [Account.from_key(keccak(b"mint rehearsal buyer %d" % i)) for i in range(BUYERS)]
    return tuple(Wallet(account.address, account) for account in accounts)


def rehearsing() -> dict[str, int]:
    """The buyers as they stand on an allowlist."""
    return {buyer.address: EACH for buyer in buyers()}


@dataclass(frozen=True)
class Stage:
    """Who deploys, on which chain; `lists[i]` is the allowlist of phase i, if it has one."""

    account: Account
    lists: Sequence[Mapping[str, int] | None]


def play(stage: Stage, address: str, twin: str, opened: tuple[bytes, bytes, str]) -> None:
    """Live the life of the FairSale at `address`, and refund on the one at `twin`.

    `opened` is the secret, the salt and the final base URI. Raises ChainError.
    """
    owner, chain = stage.account, stage.account.chain
    terms = sale.state(chain, address)
    for buyer in buyers():
        _fund(stage, buyer, terms)
    for i, phase in enumerate(terms.phases):
        travel(chain.web3, phase.start)
        for buyer in buyers():
            if quantity := _room(stage, address, i, buyer):
                sale.buy(owner.of(buyer), address, i, quantity, _listed(stage, i, buyer))
        if _refundable(terms.phases) == i:
            sale.buy(owner.of(buyers()[0]), twin, i, 1, _listed(stage, i, buyers()[0]))
    travel(chain.web3, terms.draw.sale_end)
    sale.arm(owner, address)
    number = sale.state(chain, address).draw.number
    while (latest := chain.web3.eth.get_block("latest"))["number"] < number:
        travel(chain.web3, latest["timestamp"] + 12)
    sale.record(owner.of(buyers()[0]), address)
    sale.reveal(owner, address, *opened)
    sale.withdraw(owner, address)
    if _refundable(terms.phases) is not None:
        travel(chain.web3, terms.reveal_deadline + 1)
        # Nothing is given away on the twin, and one token is sold.
        sale.refund(owner.of(buyers()[0]), twin, [1], buyers()[0].address)


def _fund(stage: Stage, buyer: Wallet, terms: sale.State) -> None:
    spends = sum((EACH + 1) * phase.price for phase in terms.phases)
    tx = {"to": buyer.address, "data": "0x", "value": spends + _FARE}
    send(stage.account, f"fund {buyer.address} {spends}", tx)


def _room(stage: Stage, address: str, index: int, buyer: Wallet) -> int:
    """How many tokens `buyer` shall have bought in this phase: what is left now, or was before."""
    held = sale.state(stage.account.chain, address)
    phase = held.phases[index]
    bought = _bought(stage, address, index, buyer)
    left = min(phase.supply - held.sold[index], _left(stage.account.chain, address))
    fair = min(left, max(1, left // BUYERS))
    return bought or min(EACH, phase.wallet_cap or EACH, fair)


def _bought(stage: Stage, address: str, index: int, buyer: Wallet) -> int:
    stem = f"buy {address} {index} "
    made = stage.account.of(buyer).purposes(stem)
    return max((int(purpose.rpartition("-")[2]) for purpose in made), default=0)


def _left(chain: Chain, address: str) -> int:
    from mint.chain.artefact import contract

    ask: Any = contract(chain.web3, address, sale.NAME).functions
    return int(ask.MAX_SUPPLY().call() - ask.totalSupply().call())


def _listed(stage: Stage, index: int, buyer: Wallet) -> tuple[int, list[bytes]] | None:
    caps = stage.lists[index]
    return None if caps is None else (caps[buyer.address], proof(caps, buyer.address))


def _refundable(phases: Sequence[Phase]) -> int | None:
    """The first phase in which something is paid."""
    return next((i for i, phase in enumerate(phases) if phase.price), None)
