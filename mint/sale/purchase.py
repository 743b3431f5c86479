"""Buying in a phase, so that a command that was killed buys nothing twice.

The journal has a purchase before it is sent, as `buy CONTRACT PHASE FIRST-LAST`: the wallet's
FIRST to LAST token of that phase. Once its outcome is reported to the buyer the journal calls it
settled. One that is not settled yet is finished before another begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain import evidence
from mint.chain.artefact import contract
from mint.chain.lock import sending
from mint.chain.patience import patiently
from mint.chain.send import Sent, progress
from mint.chain.wording import coins
from mint.sale.contract import NAME, state, transact
from mint.sale.when import tokens

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain
    from mint.sale.locate import DeployedSale


# Hears of how many tokens, for how many wei without gas, and raises where the buyer does not agree.
Agree = Callable[[int, int], None]
# What was mined or could still be: the same command finishes it, or says what it waits for.
_SENT = ("mined", "pending", "settling", "unknown")


class Purchase(NamedTuple):
    """A transaction that bought `quantity` tokens; `resumed` if an earlier command began it."""

    sent: Sent
    quantity: int
    resumed: bool


class Receipt(NamedTuple):
    """What a purchase brought and cost: token ids; wei for them, and wei for gas."""

    tokens: tuple[int, ...]
    price: int
    fee: int


def buy(
    account: Account,
    address: str,
    index: int,
    quantity: int,
    grant: tuple[int, Sequence[bytes]] | None = None,
    agree: Agree | None = None,
) -> Purchase:
    """Buy `quantity` tokens in phase `index`, or finish the purchase that is not settled yet.

    `grant` is the wallet's cap and proof in the phase's allowlist. Before anything new is sent
    `agree` hears what it costs, and raises to prevent it. Raises ChainError.
    """
    arguments: tuple[Any, ...]
    with sending(account):
        purpose, resumed, instead = next_purpose(account, f"buy {address} {index} ", quantity)
        quantity = quantity_of(purpose)
        price = state(account.chain, address).phases[index].price
        verb, arguments = "mint", (index, quantity)
        if grant is not None:
            verb, arguments = "mintListed", (*arguments, grant[0], list(grant[1]))
        value = price * quantity
        if agree and (not resumed or progress(account, purpose) == "unsent"):
            agree(quantity, value)
        transaction = transact(
            account, address, purpose, verb, *arguments, value=value, instead=instead
        )
    return Purchase(transaction, quantity, resumed)


def unreported(account: Account, address: str) -> int | None:
    """The phase of a purchase that was sent, if no command printed its outcome."""
    for purpose in account.purposes(f"buy {address} "):
        if not account.is_settled(purpose) and progress(account, purpose) in _SENT:
            return int(purpose.split()[2])
    return None


def next_purpose(account: Account, stem: str, quantity: int) -> tuple[str, bool, str | None]:
    """The purpose of the purchase to send, whether an earlier command began it, and one to drop.

    A purchase of another quantity that no node knows is let go: the new one takes its nonce, so
    that the chain can hold one of them only.
    """
    purposes = account.purposes(stem)
    settled = [purpose for purpose in purposes if account.is_settled(purpose)]
    unsettled = {each: progress(account, each) for each in purposes if each not in settled}
    for purpose, where in unsettled.items():
        if where in _SENT:
            return purpose, True, None
    unsent = [purpose for purpose, where in unsettled.items() if where == "unsent"]
    for purpose in unsent:
        if quantity_of(purpose) == quantity:
            return purpose, True, None
    first = max(map(_last, settled), default=0) + 1
    instead = unsent[-1] if unsent else None
    return f"{stem}{first}-{first + quantity - 1}", False, instead


def _last(purpose: str) -> int:
    return int(purpose.rpartition("-")[2])


def quantity_of(purpose: str) -> int:
    """How many tokens a purpose of `next_purpose` is for."""
    first, _, last = purpose.rpartition(" ")[2].partition("-")
    return int(last) - int(first) + 1


def receipt(chain: Chain, address: str, purchase: Sent) -> Receipt:
    """What the chain says of `purchase`; raises ChainError."""
    from web3.logs import DISCARD

    entry, value = _mined(chain, purchase)
    transfers = contract(chain.web3, address, NAME).events.Transfer()
    logs = transfers.process_receipt(entry, errors=DISCARD)
    tokens = tuple(int(log["args"]["tokenId"]) for log in logs)
    return Receipt(tokens, value, int(entry["gasUsed"]) * int(entry["effectiveGasPrice"]))


def _mined(chain: Chain, purchase: Sent) -> tuple[Any, int]:
    """The receipt, and what was paid in wei; raises ChainError where a node is behind."""

    def both() -> tuple[Any, int] | None:
        proof = evidence.receipt(chain, purchase.transaction)
        entry = evidence.transaction(chain, purchase.transaction)
        return (proof, int(entry["value"])) if proof and entry else None

    return patiently(chain, both)


def lines(chain: Chain, sale: DeployedSale, purchase: Purchase, quantity: int) -> Iterator[str]:
    """What a command that was to buy `quantity` tokens reports of `purchase`."""
    result = receipt(chain, sale.address, purchase.sent)
    index = int(purchase.sent.purpose.split()[2])
    if purchase.resumed:
        yield (
            "earlier     you had bought these already, by a command that was cut off; nothing was "
            f"bought twice. To buy {quantity} more, run it again"
        )
    coin = chain.line.coin
    price = coins(result.price, coin) if result.price else "nothing"
    yield f"bought      {tokens(result.tokens)} in {sale.name(index)}"
    yield f"paid        {price}, and {coins(result.fee, coin)} for gas"
    yield f"transaction {purchase.sent.transaction} in block {purchase.sent.block:,}"
