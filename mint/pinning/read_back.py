"""A pinned collection, read back another way than it was sent: some files, drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from math import comb
from pathlib import Path
from random import SystemRandom
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text
from mint.ipfs.sample import random_files
from mint.ipfs.walk import cat, file_size, is_file, resolve
from mint.pinning.doors import Door
from mint.pinning.gap import Altered, Gap, Incomplete, copy_here, places, remedy, unaltered
from mint.pinning.http import Patience, TemporaryError, retry
from mint.pinning.kubo_rpc import Refused
from mint.pinning.patience import NoHostError, UnreachableError, waited_for

FILES = 12  # read back
PART = 1 << 20  # bytes of each, at a random place


class ReadBack(NamedTuple):
    """What came back: through which doors, how many files of each, of how many, and what failed.

    `files` is None of a tree too large to be counted; `partly` is how many files of the sample are
    so large that only a part of PART bytes was read.
    """

    service: str
    root: str
    doors: tuple[Door, ...]
    sample: int
    files: int | None
    troubles: tuple[str, ...] = ()
    partly: int = 0

    @property
    def line(self) -> str:
        """What was proved and what not."""
        through = " and ".join(door.words for door in self.doors)
        less = "".join(f"; not so: {trouble}" for trouble in self.troubles)
        proof = odds(self.sample, self.files, self.partly)
        return f"{proof}, through {through}{caveat(self.service, self.doors)}{less}"

    @property
    def record(self) -> dict[str, Any]:
        """The result for scripts."""
        return {
            "service": self.service,
            "root": self.root,
            "through": [{"url": door.url, "kind": door.kind} for door in self.doors],
            "sample": self.sample,
            "files": self.files,
            "partly": self.partly,
            "troubles": list(self.troubles),
        }


def odds(sample: int, files: int | None, partly: int | None = 0) -> str:
    """`12 of 7,319 files, drawn at random: ...`, with what such a sample would notice.

    Of `partly` large files among them a part was read; None where that was not noted.
    """
    large = f" (of {partly:,} large {'one' if partly == 1 else 'ones'} a part)" if partly else ""
    if partly is None:
        large = " (of large ones a part)"
    if sample == files:
        if files == 1:
            return f"the only file{' (a part of it)' if large else ''}"
        return "the root, which has no file" if not files else f"every file{large}"
    losses = max(1, round(files / 100)) if files else None
    risk = comb(files - losses, sample) / comb(files, sample) if files and losses else 0.99**sample
    chance = f"{100 * (1 - risk):.0f} of 100 cases"
    loss = (
        "a loss of 1 %" if losses is None or losses > 1 or files == 100 else "the loss of one file"
    )
    number = f"{sample} of {files:,} files" if files else f"{sample} files"
    return f"{number}{large}, drawn at random ({loss} would be noticed in {chance})"


def caveat(service: str, through: Sequence[Door]) -> str:
    """What is not proved by what came back through these doors."""
    kinds = {door.kind for door in through}
    if kinds <= {"node", "beside"}:
        return "; whether others can load them was not checked (IPFS_GATEWAY)"
    if kinds == {"public"}:
        return f"; so somebody has them, which need not be {service}"
    return ""


class _Draw(NamedTuple):
    """A file that is fetched: its path, its CID, its size, and the byte to begin at."""

    path: str
    cid: bytes
    size: int
    start: int


def _draws(car: Car) -> tuple[list[_Draw], int | None]:
    paths, files = sample(car)
    draws = []
    for path, cid in paths:
        size = file_size(car.block, cid)
        draws.append(_Draw(path, cid, size, SystemRandom().randrange(max(1, size - PART + 1))))
    return draws, files


def sample(car: Car) -> tuple[list[tuple[str, bytes]], int | None]:
    """Path and CID of up to FILES files, drawn anew each time, and how many files there are.

    Their number is None of a tree too large to be listed.
    """
    if is_file(car.block, car.root, "the root"):  # a collection of one file, as other tools pack it
        return [("", car.root)], 1
    return random_files(car.block, car.root, FILES, SystemRandom())


def read_back(car: Path, service: str, through: Sequence[Door], patience: Patience) -> ReadBack:
    """Fetch a sample of `car` through each door, block by block; those that have it.

    Nothing they say is believed: every block on the way from the root is hashed. One that does
    not have the collection yet is asked again. PublishError when a node, or each gateway, has not.
    Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
    """
    witnesses: list[Door] = []
    troubles: list[tuple[Door, PublishError]] = []
    patience = patience.reading
    with copy_here(service), closing(open_car(car)) as blocks:
        draws, files = _draws(blocks)
        top = blocks.root
    root = cid_text(top)
    for door in through:
        try:
            # Gateways are alternatives: after one, the next is not waited for.
            enough = door.kind != "node" and any(other.kind != "node" for other in witnesses)
            with waited_for(door.url, patience):
                _walk(door, patience._replace(tries=1) if enough else patience, top, draws)
            witnesses.append(door)
        except Incomplete as error:
            words = f"{service} does not have all of ipfs://{root}: {error}"
            hint = remedy(service, "FILE", root, error.gaps)
            raise Incomplete(words, hint=hint, gaps=error.gaps) from error
        except PublishError as error:
            if door.kind == "node":
                raise
            troubles.append((door, error))
    if troubles and all(door.kind == "node" for door in witnesses):
        away = all(isinstance(error, NoHostError | UnreachableError) for _, error in troubles)
        raise PublishError(
            f"no gateway returns ipfs://{root}: {'; '.join(str(error) for _, error in troubles)}",
            hint=str(troubles[0][1].hint)
            if away
            else "a new collection may take minutes to reach a gateway: run the same command "
            "again, or name your service's own gateway: export IPFS_GATEWAY=https://host",
        )
    texts = tuple(str(error) for _, error in troubles)
    partly = sum(draw.size > PART for draw in draws)
    return ReadBack(service, root, tuple(witnesses), len(draws), files, texts, partly)


def _walk(door: Door, patience: Patience, root: bytes, draws: Sequence[_Draw]) -> None:
    """Fetch a part of each file, and all that leads to it; Incomplete of a node that lacks some."""
    get = _Blocks(door, patience)
    path = ""
    try:
        get(root)
        for draw in draws:
            path = draw.path
            # Else a block on the way was another.
            assert not path or resolve(get, root, path) == draw.cid
            for _ in cat(get, draw.cid, draw.start, draw.start + PART):
                pass
    except (Altered, Refused) as error:
        if door.kind != "node":
            raise
        altered = isinstance(error, Altered)
        gaps = [Gap(path, cid_text(get.last), str(error), altered)]
        raise Incomplete(places(gaps), hint=error.hint, gaps=gaps) from error


class _Blocks:
    """CID -> its block, through a door, hashed; a folder's blocks are fetched once."""

    def __init__(self, door: Door, patience: Patience) -> None:
        self.door, self.patience = door, patience
        self.fetched: dict[bytes, bytes] = {}
        self.last = b""

    def __call__(self, cid: bytes) -> bytes:
        self.last = cid
        if cid not in self.fetched:
            self.fetched[cid] = retry(lambda: _block(self.door, cid), self.patience)
        return self.fetched[cid]


def _block(door: Door, cid: bytes) -> bytes:
    try:
        return unaltered(cid, door.block, door.url)
    except (TemporaryError, NoHostError):
        raise
    except PublishError as error:
        if door.kind == "node":  # which knows what it has
            raise
        # A 404 may mean not yet; and one bad answer of a cache is no reason to give up.
        raise TemporaryError(f"{door.url}: {error}") from error
