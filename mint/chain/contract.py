"""The contract's verbs, the same on the in-process chain and over RPC."""

from __future__ import annotations

from mint.document import Document


class Sent(Document):
    """A mined transaction: what it was for, its hash, block number and gas used."""

    purpose: str
    transaction: str
    block: int
    gas: int


class Deployment(Document):
    """What the chain holds: the contract, the SHA-256 of its runtime code, and its transactions.

    `transactions[0]` deployed it; the rest minted.
    """

    network: str
    chain_id: int
    address: str
    owner: str
    code: str
    transactions: tuple[Sent, ...]
