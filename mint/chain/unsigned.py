"""Transactions as JSON, for a wallet that mint cannot reach: a multisig, or one kept offline.

`transaction` in the file is what eth_sendTransaction takes (https://ethereum.org/en/developers/docs/
apis/json-rpc/); the nonce is left to whoever signs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from mint.addresses import ADDRESS, checksum_problem, is_address
from mint.chain.wallet import Declined
from mint.chain.wording import what
from mint.document import Document
from mint.errors import ChainError
from mint.store import write

if TYPE_CHECKING:
    from mint.chain.network import Chain

Quantity = Annotated[str, Field(pattern="^0x(0|[1-9a-f][0-9a-f]*)$")]


class Fields(Document):
    """What eth_sendTransaction takes; without `to` it deploys, without `gas` nobody could reckon.

    `from_` is `from` in the file. Numbers are quantities in wei and gas, 0x hex.
    """

    chainId: Quantity
    from_: Annotated[str, Field(pattern=ADDRESS, alias="from")]
    to: Annotated[str, Field(pattern=ADDRESS)] | None = None
    value: Quantity = "0x0"
    data: Annotated[str, Field(pattern="^0x([0-9a-f]{2})*$")] = "0x"
    gas: Quantity | None = None
    maxFeePerGas: Quantity | None = None
    maxPriorityFeePerGas: Quantity | None = None


class UnsignedTransaction(Document):
    """One of them, and in `what` what it does, in plain words read from its data."""

    what: str
    transaction: Fields


class UnsignedPlan(Document):
    """The transactions to sign, in this order, each after the one before it is in a block."""

    form: Literal["mint unsigned transactions"] = "mint unsigned transactions"
    version: Literal[1] = 1
    network: str
    transactions: tuple[UnsignedTransaction, ...]


def unsigned_plan(chain: Chain, sender: str, transactions: list[dict[str, Any]]) -> UnsignedPlan:
    """The form of `transactions`: "to" unless it deploys, "data" in 0x hex, numbers in wei."""
    return UnsignedPlan(
        network=chain.network,
        transactions=tuple(_unsigned(chain, sender, each) for each in transactions),
    )


def write_plan(path: Path, plan: UnsignedPlan) -> None:
    """Write it whole, readable; raises StoreError."""
    text = plan.model_dump_json(indent=1, by_alias=True, exclude_none=True)
    write(path, text.encode() + b"\n")


class Unsent(Declined):
    """It was written down for somebody else to sign; nothing was sent."""


class Unsigned:
    """A mint.chain.wallet.Delegate that signs nothing: what it is to send is written to `path`.

    Each `submit` adds a transaction, and raises Unsent.
    """

    def __init__(self, chain: Chain, address: str, path: Path) -> None:
        """Raises ChainError for what is no address, or is mistyped (EIP-55)."""
        from eth_utils.address import to_checksum_address

        if not is_address(address):
            raise ChainError(f"{address} is no address", hint="give 0x and 40 digits")
        if problem := checksum_problem(address):
            raise ChainError(problem, hint="copy it again from the wallet")
        self.chain, self.path = chain, path
        self.address = str(to_checksum_address(address))
        self._written: list[dict[str, Any]] = []

    def submit(self, transaction: dict[str, Any]) -> str:
        """Write it down after the ones before; always raises Unsent."""
        self._written.append(transaction)
        write_plan(self.path, unsigned_plan(self.chain, self.address, self._written))
        raise Unsent(
            f"written to {self.path}, and not sent: {what(transaction)}",
            hint=f"have {self.address} sign and send it, then run the same command again",
        )

    def signature(self, words: str) -> bytes:
        """Random bytes: nobody signs here, so what needs the same signature twice must see that."""
        return os.urandom(65)


def _unsigned(chain: Chain, sender: str, transaction: dict[str, Any]) -> UnsignedTransaction:
    names = ("value", "gas", "maxFeePerGas", "maxPriorityFeePerGas")
    numbers = {name: hex(transaction[name]) for name in names if name in transaction}
    fields: dict[str, Any] = {"from": sender, "chainId": hex(chain.chain_id), **numbers}
    if to := transaction.get("to"):
        fields["to"] = to
    fields["data"] = str(transaction.get("data", "0x")).lower()
    return UnsignedTransaction(what=what(transaction), transaction=Fields.model_validate(fields))
