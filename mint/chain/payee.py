"""Whether a wallet takes money: one wei is sent to it in simulation, on the real chain.

A contract without a way to receive ether keeps its share locked in the sale for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mint.chain.gas import GAS_CAP
from mint.chain.network import answers
from mint.chain.reverts import cannot_pay, reason
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain

# Who pays in the simulation where the node lends it a wei: nobody has its key.
_PAYER = "0x000000000000000000000000000000006d696e74"


class Acceptance(NamedTuple):
    """Whether `address` accepts ether, and why not, or why nobody knows."""

    address: str
    answer: Literal["accepts", "refuses", "unknown"]
    why: str = ""


def accepts_ether(chain: Chain, address: str, payer: str | None = None) -> Acceptance:
    """Ask the chain. `payer` is a wallet with coins, for nodes that lend none in a simulation.

    A wallet without code takes everything. Raises ChainError where the node is down.
    """
    to = chain.web3.to_checksum_address(address)
    with answers(chain.label):
        if not chain.web3.eth.get_code(to):
            return Acceptance(to, "accepts")
        try:
            lender = chain.web3.to_checksum_address(_PAYER)
            return _trial_payment(chain, lender, to, {lender: {"balance": hex(10**18)}})
        except _Unsupported as error:
            if payer is None:
                return Acceptance(to, "unknown", str(error))
        try:
            return _trial_payment(chain, chain.web3.to_checksum_address(payer), to, None)
        except _Unsupported as error:
            return Acceptance(to, "unknown", str(error))


def refuse_deaf_payees(chain: Chain, payees: Iterable[str], payer: str | None = None) -> list[str]:
    """Raise ChainError for a payee that refuses ether; a sentence for each that nobody knows of."""
    sentences = []
    for address in dict.fromkeys(payees):
        acceptance = accepts_ether(chain, address, payer)
        if acceptance.answer == "refuses":
            raise ChainError(
                f"{acceptance.address} does not accept money on {chain.network}: {acceptance.why}",
                hint="it is a contract without a way to be paid, so its share would be locked for "
                "ever; name another payee",
            )
        if acceptance.answer == "unknown":
            sentences.append(
                f"nobody knows whether {acceptance.address} accepts money: {acceptance.why}"
            )
    return sentences


class _Unsupported(Exception):
    """The node said nothing of the payee."""


def _trial_payment(chain: Chain, payer: str, to: str, override: Any) -> Acceptance:
    call: Any = {"from": payer, "to": to, "value": 1, "gas": GAS_CAP}
    try:
        if override is None:
            chain.web3.eth.call(call)
        else:
            chain.web3.eth.call(call, "latest", override)
    except OSError:  # requests' errors: the node is down
        raise
    except Exception as error:  # every node has its own; what matters is in the words
        why = reason(error)
        if not cannot_pay(error) and _refusal(error, why):
            return Acceptance(to, "refuses", why)
        raise _Unsupported(why) from None
    return Acceptance(to, "accepts")


def _refusal(error: Exception, why: str) -> bool:
    """Whether the call ran and failed, rather than the question."""
    from web3.exceptions import ContractLogicError

    ran = ("revert", "out of gas", "outofgas", "invalid opcode", "invalidfeopcode", "stack")
    failed = type(error).__name__ == "TransactionFailed"  # of eth-tester
    return (
        failed or isinstance(error, ContractLogicError) or any(word in why.lower() for word in ran)
    )
