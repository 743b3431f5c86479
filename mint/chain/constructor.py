"""What the constructors take, and the code that they leave."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from mint.addresses import ADDRESS
from mint.chain.artefact import artefact
from mint.document import Document
from mint.spec.sale_times import BLOCK_TIME, DAY

if TYPE_CHECKING:
    from mint.chain.network import Chain

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class FairMintTerms(Document):
    """What FairMint's constructor fixes for ever.

    `provenance` is the Merkle root over the ordered tokens, `collection` the collection's digest;
    `royalty_bps` is in 1/10,000 of a price (ERC-2981) and goes to the owner unless a receiver is
    named.
    """

    name: str
    symbol: str
    max_supply: Annotated[int, Field(ge=1)]
    provenance: Digest
    collection: Digest
    base_uri: Annotated[str, Field(pattern=r"(/|\.json)$")]  # of all tokens together in a sale
    contract_uri: str
    licence_uri: str
    royalty_bps: Annotated[int, Field(ge=0, le=10_000)]
    royalty_receiver: Annotated[str, Field(pattern=ADDRESS)] | None = None


def init_code(chain: Chain, launch: FairMintTerms, receiver: str, sale: SaleTerms | None) -> str:
    """The constructor with its arguments, in 0x hex; FairSale's has the sale beside `launch`."""
    record = artefact("FairSale" if sale else "FairMint")
    factory: Any = chain.web3.eth.contract(abi=record["abi"], bytecode=record["bytecode"])
    arguments: list[Any] = [_arguments(launch, receiver)]
    if sale is not None:  # web3 takes plain tuples only
        arguments.append((*sale[:5], [tuple(phase) for phase in sale.phases], list(sale.payees)))
    return str(factory.constructor(*arguments).data_in_transaction)


def _arguments(launch: FairMintTerms, receiver: str) -> tuple[Any, ...]:
    """The constructors' first struct, in the order Collection.sol declares it."""
    return (
        launch.name,
        launch.symbol,
        launch.max_supply,
        bytes.fromhex(launch.provenance),
        bytes.fromhex(launch.collection),
        launch.base_uri,
        launch.contract_uri,
        launch.licence_uri,
        receiver,
        launch.royalty_bps,
    )


def code_of(launch: FairMintTerms, sale: SaleTerms | None = None) -> str:
    """SHA-256 of the runtime code that the constructor leaves for these terms."""
    record = artefact("FairSale" if sale else "FairMint")
    code = bytearray.fromhex(record["deployed_bytecode"][2:])
    fixed = _immutables(launch, sale)
    for name, places in record["immutables"].items():
        for place in places:
            code[place : place + 32] = fixed[name]
    return hashlib.sha256(code).hexdigest()


def _immutables(launch: FairMintTerms, sale: SaleTerms | None) -> dict[str, bytes]:
    """What the constructors put into the code, by the names of Collection and FairSale."""
    numbers = {"MAX_SUPPLY": launch.max_supply, "ROYALTY_BPS": launch.royalty_bps}
    words = {
        "PROVENANCE": bytes.fromhex(launch.provenance),
        "COLLECTION": bytes.fromhex(launch.collection),
    }
    if sale is not None:
        numbers |= {
            "REVEAL_DEADLINE": sale.reveal_deadline,
            "DRAW_DELAY": sale.draw_delay,
            # Modulo, because a foreign contract may claim any deadline.
            "LAST_END": (sale.reveal_deadline - DAY - BLOCK_TIME * sale.draw_delay) % 2**256,
            "RESERVE": sale.reserve,
            "LOWEST_PRICE": min((phase.price for phase in sale.phases), default=0),
            "SIDE": side(launch.max_supply),
        }
        words |= {"SECRET_HASH": sale.secret_hash, "URI_HASH": sale.uri_hash}
    return words | {name: number.to_bytes(32, "big") for name, number in numbers.items()}


class Phase(NamedTuple):
    """FairSale.Phase: Unix seconds, wei, tokens; a cap of 0 is none, a root of zeros no list."""

    start: int
    end: int
    price: int
    supply: int
    wallet_cap: int
    root: bytes


class SaleTerms(NamedTuple):
    """FairSale.Sale, what the constructor fixes; `payees` are (address, basis points).

    `reserve` is the most tokens that the owner may ever give away.
    """

    secret_hash: bytes
    uri_hash: bytes
    reveal_deadline: int
    draw_delay: int
    reserve: int
    phases: tuple[Phase, ...]
    payees: tuple[tuple[str, int], ...]


def side(supply: int) -> int:
    """The side of the smallest square that holds `supply`."""
    return math.isqrt(supply - 1) + 1
