"""A collection's CAR -> one item on Arweave, for ever; and back from there.

The item's tags name the root, so that whoever knows the contract's ipfs:// address finds the
archive. Its own name cannot stand in the contract's JSON, which is inside the CAR that it names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from mint.chain.wallet import Wallet
from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.check import check_blocks
from mint.ipfs.cid import cid_text
from mint.pinning.bookmark import Bookmark
from mint.pinning.data_item import DataItem, signed_item
from mint.pinning.exchange import Sent, unheard
from mint.pinning.http import WITHIN, note, send, stream
from mint.pinning.patience import PATIENCE, Patience, TemporaryError, retry
from mint.pinning.poll import wait
from mint.pinning.published import still_secret
from mint.pinning.turbo import CREDIT, TOP_UP, balance, price, turbo_of, upload_item
from mint.record.folders import Folders, read_manifest
from mint.store import lock, replacing, write
from mint.urls import masked

GATEWAY = "https://arweave.net"
MOST = 25_000_000_000  # bytes that are fetched of an archive
_IDENTIFIER = re.compile(r"ar:/+([A-Za-z0-9_-]{43})")


class Archive(NamedTuple):
    """An item that is ready to go, and what it costs: in winc, None where nobody could say."""

    root: str
    digest: str  # SHA-256 of the CAR
    item: DataItem
    address: str
    price: int | None
    balance: int | None

    def lines(self) -> Iterator[str]:
        """What it is, and what it costs, to print."""
        yield f"archive     {self.item.file}, {self.item.size / 1e6:,.1f} MB, ipfs://{self.root}"
        yield f"item        ar://{self.item.identifier}"
        yield f"wallet      {self.address} signs it, which costs nothing"
        if self.price is None:
            yield "price       unknown: the payment service does not answer"
        elif not self.price:
            yield "price       free, being so small"
        else:
            has = "" if self.balance is None else f"; the wallet has {_credits(self.balance)}"
            yield f"price       {_credits(self.price)}{has}"

    def refuse_poor(self) -> None:
        """PublishError where the wallet is known to have too little."""
        if self.price and self.balance is not None and self.balance < self.price:
            raise PublishError(
                f"{self.address} has {_credits(self.balance)}, and the archive costs "
                f"{_credits(self.price)}",
                hint=f"{TOP_UP}, then run the same command again",
            )


def _credits(winc: int) -> str:
    return f"{winc / CREDIT:,.4f} Turbo credits"


def prepare(folders: Folders, wallet: Wallet, environ: Mapping[str, str]) -> Archive:
    """Hash every block of the CAR and sign it as one item; sends nothing but a question.

    Raises PublishError, of a sale that is not revealed too: an archive cannot be taken back.
    """
    car = folders.car
    if still_secret(read_manifest(folders.manifest)):
        raise PublishError(
            f"{car} contains the pictures of a sale that is not revealed; an archive is for ever",
            hint="archive it after `mint sale reveal`",
        )
    with closing(open_car(car)) as opened:
        check_blocks(opened)
        root = cid_text(opened.root)
    with car.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    tags = (("Content-Type", "application/vnd.ipld.car"), ("IPFS-CID", root), ("SHA-256", digest))
    item = signed_item(car, tags, wallet.public_key, wallet.sign_bytes)
    cost = has = None
    try:
        turbo = turbo_of(environ)
        cost, has = price(turbo, item.size), balance(turbo, wallet.address)
    except PublishError:  # the upload itself says what is wrong
        pass
    return Archive(root, digest, item, wallet.address, cost, has)


def upload_archive(
    archive: Archive,
    folders: Folders,
    environ: Mapping[str, str],
    patience: Patience = PATIENCE,
    sent: Sent = unheard,
) -> str:
    """Upload the item, read it back, and write down where it is; the gateway that returned it.

    What is on Arweave already is only read back. Raises PublishError.
    """
    gateway, item = _gateway(environ), archive.item
    mark = Bookmark(item.file, masked(turbo_of(environ).uploads), archive.digest)
    if not retry(lambda: _is_there(gateway, item.identifier), patience):
        archive.refuse_poor()
        upload_item(turbo_of(environ), item, mark, patience, sent)
        wait(
            lambda: None if _is_there(gateway, item.identifier) else "not there yet",
            gateway,
            archive.root,
            patience,
        )
    _read_back(gateway, archive)
    mark.remove()
    about = {"service": "arweave", "root": archive.root, "item": item.identifier}
    note(folders.state / "pins.jsonl", event="archived", **about, car_sha256=archive.digest)
    with lock(folders.state):
        manifest = read_manifest(folders.manifest)
        if manifest.publication is not None and manifest.publication.root == archive.root:
            manifest = manifest.model_copy(update={"archive": f"ar://{item.identifier}"})
            write(folders.manifest, manifest.canonical() + b"\n")
    return masked(gateway)


def archive_identifier(text: str) -> str | None:
    """The identifier in ar://IDENTIFIER; None for anything else."""
    match = _IDENTIFIER.fullmatch(text)
    return match[1] if match else None


def fetch_archive(identifier: str, environ: Mapping[str, str], path: Path) -> None:
    """Write the CAR that is archived as `identifier` to `path`, every block of it hashed.

    A file that is there is left as it is, and checked. Raises PublishError.
    """
    url = f"{_gateway(environ)}/{identifier}"
    if not path.exists():
        with replacing(path) as file:
            for piece in stream(url, accept="*/*", most=MOST):
                file.write(piece)
    with closing(open_car(path)) as opened:
        check_blocks(opened)


def _read_back(gateway: str, archive: Archive) -> None:
    digest, size = hashlib.sha256(), archive.item.file.stat().st_size
    for piece in stream(f"{gateway}/{archive.item.identifier}", accept="*/*", most=size):
        digest.update(piece)
    if digest.hexdigest() != archive.digest:
        raise PublishError(
            f"{masked(gateway)} returns something else than was archived",
            hint="run the same command again later, or name another gateway: "
            "export ARWEAVE_GATEWAY=https://host",
        )


def _is_there(gateway: str, identifier: str) -> bool:
    """Whether the gateway has the item; TemporaryError where it cannot say."""
    reply = send("HEAD", f"{gateway}/{identifier}", (), 0, within=WITHIN)
    if reply.status in (404, 410):
        return False
    if reply.status in (202, 429) or reply.status >= 500:
        raise TemporaryError(f"{masked(gateway)} answers {reply.status}")
    return reply.status < 400


def _gateway(environ: Mapping[str, str]) -> str:
    return environ.get("ARWEAVE_GATEWAY", GATEWAY).rstrip("/")
