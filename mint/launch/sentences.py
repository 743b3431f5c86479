"""What a launch means: who gets money, what is fixed for ever, and who keeps the pictures."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from mint.chain.networks import network_of
from mint.chain.wording import coins
from mint.document import Document
from mint.launch.contract import Contract
from mint.pinning.journal import events
from mint.pinning.read_back import odds
from mint.record.folders import Folders
from mint.record.manifest import Manifest
from mint.sale.commitment import secret_backup
from mint.spec.sale_times import moment
from mint.spec.services import named, services


def amount(wei: int | str, chain_id: int) -> str:
    """`0.00412 ETH`, rounded up to four digits that count, in the chain's coin."""
    value = Decimal(wei).scaleb(-18)
    if value:
        step = Decimal(1).scaleb(value.adjusted() - 3)
        value = (value / step).to_integral_value("ROUND_CEILING") * step
    return f"{value.normalize():f} {network_of(chain_id).coin}"


class Sentences(Document):
    """Who gets money, what nobody can ever change, how a draw goes, its secret, who has pictures.

    `backup` is whether the secret lies in a file of which the artist needs a copy.
    """

    money: tuple[str, ...]
    for_ever: tuple[str, ...]
    draw: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    backup: bool = False
    pictures: str


def sentences(manifest: Manifest, contract: Contract, folders: Folders, coin: str) -> Sentences:
    """What a launch of `manifest` means, which `contract` is to hold; prices are in `coin`."""
    commitment = contract.commitment
    return Sentences(
        money=tuple(_money(manifest, contract)),
        for_ever=tuple(_for_ever(manifest.collection.licence, contract, coin)),
        secret=tuple(secret_backup(commitment)) if commitment else (),
        backup=commitment is not None and commitment.origin.source == "file",
        pictures=pictures(manifest, folders.state / "pins.jsonl"),
    )


def _money(manifest: Manifest, contract: Contract) -> Iterator[str]:
    if contract.sale:
        for payee, bps in contract.sale.payees:
            yield f"{payee} gets {bps / 100:g} % of what the sale earns"
    royalty = manifest.collection.royalty
    if royalty.bps:
        receiver = royalty.receiver or "the contract's owner, who is your wallet,"
        yield f"{receiver} gets {royalty.bps / 100:g} % of a resale, where a market pays royalties"


def _for_ever(licence: str, contract: Contract, coin: str) -> Iterator[str]:
    yield f"there are at most {contract.terms.max_supply:,} tokens"
    yield f"the pictures, their metadata, the collection's description and its licence, {licence}"
    yield f"the royalty rate, {contract.terms.royalty_bps / 100:g} %; its receiver can change"
    if contract.sale:
        yield "in which parts the money is shared, and a phase once it has begun"
        reserve = contract.sale.reserve
        tokens = "token is" if reserve == 1 else "tokens are"
        yield f"at most {reserve:,} {tokens} given away (sale.reserve)"
        lowest = min(phase.price for phase in contract.sale.phases)
        if lowest:
            yield f"no token is ever sold for less than {coins(lowest, coin)}"
        end = moment(contract.sale.reveal_deadline)
        yield f"unless the order is revealed by {end} UTC, buyers take their money back"


def pictures(manifest: Manifest, pins: Path) -> str:
    """Who keeps them, and how that was checked; `pins` is the journal of pinning."""
    publication = manifest.publication
    assert publication is not None
    keepers = services(manifest.collection.storage.pin)
    root = publication.hidden or publication.root
    what = "the placeholder" if publication.hidden else "the pictures"
    if not keepers:
        return f"nobody keeps {what} (storage.pin is none): marketplaces will show nothing"
    later = "; the pictures follow at the reveal" if publication.hidden else ""
    proofs = {service: proof(pins, root, service) for service in keepers}
    clauses = [f"{service}, {text}" for service, text in proofs.items() if text]
    to_come = [service for service, text in proofs.items() if not text]
    if not clauses:
        return f"a launch has {named(to_come)} keep {what} first, ipfs://{root}{later}"
    more = f"; {named(to_come)} before the launch" if to_come else ""
    return f"{what}, ipfs://{root}, are kept by {'; and by '.join(clauses)}{more}{later}"


def proof(pins: Path, root: str, service: str) -> str | None:
    """How it was seen that `service` keeps `root` when it was pinned there; None if never."""
    text = None
    for event in events(pins):
        if (event["service"], event["root"]) != (service, root):
            continue
        if event["event"] == "failed":
            text = None
        elif event["event"] == "read back":
            through = named(event["gateways"]) if event["gateways"] else "the node itself alone"
            # Older versions noted less; theirs were drawn at fixed places.
            sample = "a few files"
            if "sample" in event:
                sample = odds(event["sample"], event["files"], event.get("partly"))
            text = f"{sample}, read back through {through}"
    return text
