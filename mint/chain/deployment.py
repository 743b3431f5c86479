"""What a chain holds of a collection, on record."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mint.addresses import ADDRESS
from mint.chain.constructor import Digest
from mint.chain.send import Sent as Sent  # the record a Deployment is made of
from mint.document import Document


class Drawn(Document):
    """What a reveal publishes: the block that decided, its hash, the secret, and the seed."""

    block: int
    block_hash: Digest
    secret: Digest
    seed: Digest


def drawn_from(block: int, block_hash: bytes, secret: bytes, seed: bytes) -> Drawn:
    """The record of these facts."""
    return Drawn(block=block, block_hash=block_hash.hex(), secret=secret.hex(), seed=seed.hex())


class SecretOrigin(Document):
    """How the secret of a sale's draw is found again, which the reveal opens.

    The signature of `wallet` of words that hold `number`, its own for each deployment; or an
    encrypted file, where that wallet does not sign the same twice.
    """

    source: Literal["signature", "file"]
    wallet: Annotated[str, Field(pattern=ADDRESS)]
    number: Annotated[int, Field(ge=0)]


class Deployment(Document):
    """What the chain holds: the contract, the SHA-256 of its runtime code, and its transactions.

    `transactions[0]` deployed it; the rest minted, or lived the life of a sale. `drawn` is there
    when a sale is revealed; `twin` is the one on which a rehearsal took its money back.
    `secret_origin` is absent in contracts without a sale, and in sales of earlier versions.
    """

    network: str
    chain_id: int
    address: str
    owner: str
    code: str
    transactions: tuple[Sent, ...]
    drawn: Drawn | None = None
    twin: Deployment | None = None
    secret_origin: SecretOrigin | None = None

    @property
    def since(self) -> int:
        """The block of the deployment; 0 where its transactions are not known."""
        return self.transactions[0].block if self.transactions else 0

    def continues(self, deployed: Deployment) -> bool:
        """Whether it is the contract that was `deployed`, and what became of it since."""
        first = self.model_copy(update={"transactions": self.transactions[:1]})
        return first == deployed


def steps(deployment: Deployment) -> dict[str, list[int]]:
    """Verb -> gas of each time it was taken, in order; a refund is the twin's."""
    twin = deployment.twin.transactions if deployment.twin else ()
    costs: dict[str, list[int]] = {}
    for transaction in (
        *deployment.transactions,
        *(s for s in twin if s.purpose.startswith("refund ")),
    ):
        costs.setdefault(transaction.purpose.split()[0], []).append(transaction.gas)
    return costs
