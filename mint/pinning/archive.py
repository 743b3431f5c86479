"""A collection's CAR -> one item on Arweave, for ever; and back from there.

The item's tags name the root, so that whoever knows the contract's ipfs:// address finds the
archive. Its own name cannot stand in the contract's JSON, which is inside the CAR that it names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from mint.chain.wallet import Wallet
from mint.counting import size as in_words
from mint.errors import PublishError
from mint.ipfs.car import open_car
from mint.ipfs.check import check_blocks
from mint.ipfs.cid import cid_text
from mint.pinning.address import service_url
from mint.pinning.bookmark import Bookmark
from mint.pinning.data_item import DataItem, Tag, item_size, signed_item
from mint.pinning.exchange import Sent, unheard
from mint.pinning.http import status_of, stream
from mint.pinning.journal import note
from mint.pinning.patience import PATIENCE, Patience, TemporaryError, retry
from mint.pinning.poll import wait
from mint.pinning.published import refuse_other_car, still_secret
from mint.pinning.turbo import CREDIT, TOP_UP, balance, price, turbo_of, upload_item
from mint.record.folders import Folders, read_manifest
from mint.store import lock, replacing, write
from mint.urls import masked

GATEWAY = "https://arweave.net"
MOST = 25_000_000_000  # bytes that are fetched of an archive
_IDENTIFIER = re.compile(r"ar:/+([A-Za-z0-9_-]{43})")


class Archive(NamedTuple):
    """An item that is ready to go, and what it costs in winc.

    What nobody could say is the error that says why.
    """

    root: str
    digest: str  # SHA-256 of the CAR
    item: DataItem
    address: str
    price: int | PublishError
    balance: int | PublishError

    def lines(self) -> Iterator[str]:
        """What it is, and what it costs, to print."""
        yield _about(self.item.file, self.item.size, self.root)
        yield f"item        ar://{self.item.identifier}"
        yield f"wallet      {self.address} signs it, which costs nothing"
        has, text = self.balance, f"is not known to have them: {self.balance}"
        if not isinstance(has, PublishError):
            text = f"has {_credits(has)}"
        yield _priced(self.price, f"; the wallet {text}")

    def refuse_poor(self) -> None:
        """PublishError where the wallet is known to have too little."""
        if isinstance(self.price, PublishError) or isinstance(self.balance, PublishError):
            return
        if self.balance < self.price:
            raise PublishError(
                f"{self.address} has {_credits(self.balance)}, and the archive costs "
                f"{_credits(self.price)}",
                hint=f"{TOP_UP}, then run the same command again",
            )


def _about(car: Path, size: int, root: str) -> str:
    return f"archive     {car}, {in_words(size)}, ipfs://{root}"


def _priced(price: int | PublishError, wallet: str = "") -> str:
    if isinstance(price, PublishError):
        return f"price       unknown: {price}"
    return f"price       {_credits(price)}{wallet}" if price else "price       free, being so small"


def _credits(winc: int) -> str:
    return f"{winc / CREDIT:,.4f} Turbo credits"


def prepare(folders: Folders, wallet: Wallet, environ: Mapping[str, str]) -> Archive:
    """Hash every block of the CAR and sign it as one item; sends nothing but a question.

    Raises PublishError, of a sale that is not revealed too: an archive cannot be taken back.
    """
    root, digest, tags = _content(folders)
    item = signed_item(folders.car, tags, wallet.public_key, wallet.sign_bytes)
    cost = _answer(lambda: price(turbo_of(environ), item.size))
    has = _answer(lambda: balance(turbo_of(environ), wallet.address))
    return Archive(root, digest, item, wallet.address, cost, has)


def estimate(folders: Folders, environ: Mapping[str, str]) -> Iterator[str]:
    """What an archive would be and cost, to print, before there is a wallet. PublishError."""
    root, _, tags = _content(folders)
    size = item_size(folders.car, tags)
    yield _about(folders.car, size, root)
    yield "wallet      none yet, and one must sign it: mint wallet new"
    yield _priced(_answer(lambda: price(turbo_of(environ), size)))


def _answer(question: Callable[[], int]) -> int | PublishError:
    try:
        return question()
    except PublishError as error:
        return error


def _content(folders: Folders) -> tuple[str, str, list[Tag]]:
    """The root, the CAR's SHA-256 and an item's tags, of what may be archived. PublishError."""
    car, manifest = folders.car, read_manifest(folders.manifest)
    if manifest.publication is None:
        what = f"{folders.file} has no CAR of its last build, which stopped before that"
        raise PublishError(what, hint=f"mint build {folders.file} --until publish")
    if still_secret(manifest):
        raise PublishError(
            f"{car} contains the pictures of a sale that is not revealed; an archive is for ever",
            hint="archive it after `mint sale reveal`",
        )
    refuse_other_car(car, manifest.publication.root, folders.file)
    with closing(open_car(car)) as reader:
        check_blocks(reader)
        root = cid_text(reader.root)
    with car.open("rb") as data:
        digest = hashlib.file_digest(data, "sha256").hexdigest()
    kind = ("Content-Type", "application/vnd.ipld.car")
    return root, digest, [kind, ("IPFS-CID", root), ("SHA-256", digest)]


def upload_archive(
    archive: Archive,
    folders: Folders,
    environ: Mapping[str, str],
    patience: Patience = PATIENCE,
    hear: Sent = unheard,
) -> str:
    """Upload the item, read it back, and write down where it is; the gateway that returned it.

    What is on Arweave already is only read back. Raises PublishError.
    """
    gateway, item = _gateway(environ), archive.item
    mark = Bookmark(item.file, masked(turbo_of(environ).uploads), archive.digest)
    if not retry(lambda: _is_there(gateway, item.identifier), patience):
        if mark.read() is None:  # else it is paid for, or its upload says what is missing
            archive.refuse_poor()
        upload_item(turbo_of(environ), item, mark, patience, hear)
        wait(
            lambda: None if _is_there(gateway, item.identifier) else "not there yet",
            gateway,
            archive.root,
            patience,
            f"; should it take days, delete {mark.path} first, and it is sent anew",
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

    What is no whole CAR gets no such name. A file that is there is left as it is, and checked.
    Raises PublishError.
    """
    if path.exists():
        _check_car(path)
        return
    gateway = _gateway(environ)
    with replacing(path) as file:
        for piece in _pieces(gateway, identifier, MOST):
            file.write(piece)
        file.flush()
        try:
            _check_car(Path(file.name))
        except PublishError as error:
            raise PublishError(
                f"what {masked(gateway)} sends for ar://{identifier} is no whole CAR: {error}",
                hint="run the same command again later, or name another gateway: "
                "export ARWEAVE_GATEWAY=https://host",
            ) from error


def _check_car(path: Path) -> None:
    with closing(open_car(path)) as reader:
        check_blocks(reader)


def _pieces(gateway: str, identifier: str, most: int) -> Iterator[bytes]:
    """What the gateway returns; PublishError for a web page, which proves nothing either way."""
    begin = b""
    for piece in stream(f"{gateway}/{identifier}", accept="*/*", most=most):
        begin = begin or piece[:512].lstrip().lower()
        if begin.startswith((b"<!doctype html", b"<html")):
            raise PublishError(
                f"the answer of {masked(gateway)} is a web page; whether ar://{identifier} was "
                "archived is not known",
                hint="a login page of your network may answer in its place; else name another "
                "gateway: export ARWEAVE_GATEWAY=https://host. Then run the same command again",
            )
        yield piece


def _read_back(gateway: str, archive: Archive) -> None:
    digest, size = hashlib.sha256(), archive.item.file.stat().st_size
    most = max(size, 1 << 20)  # a web page may be longer than a small archive
    for piece in _pieces(gateway, archive.item.identifier, most):
        digest.update(piece)
    if digest.hexdigest() != archive.digest:
        raise PublishError(
            f"{masked(gateway)} returns something else than was archived",
            hint="run the same command again later, or name another gateway: "
            "export ARWEAVE_GATEWAY=https://host",
        )


def _is_there(gateway: str, identifier: str) -> bool:
    """Whether the gateway has the item; TemporaryError where it cannot say."""
    status = status_of(f"{gateway}/{identifier}")  # a gateway may send each item to its own host
    if status in (404, 410):
        return False
    if status != 200:
        raise TemporaryError(f"{masked(gateway)} answers {status}")
    return True


def _gateway(environ: Mapping[str, str]) -> str:
    return service_url("ARWEAVE_GATEWAY", environ, GATEWAY)
