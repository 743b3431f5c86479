"""A pinned collection, read back another way than it was sent: some files, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from math import comb
from pathlib import Path
from random import SystemRandom
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import Car, open_car
from mint.ipfs.cid import cid_text, verified
from mint.ipfs.sample import random_files
from mint.ipfs.walk import cat, file_size, resolve
from mint.pinning.doors import Door
from mint.pinning.http import Patience, TemporaryError, retry
from mint.pinning.patience import NoHostError, UnreachableError

FILES = 12  # read back
PART = 1 << 20  # bytes of each, at a random place


class ReadBack(NamedTuple):
    """What came back: through which doors, how many files of each, of how many, and what failed.

    `files` is None of a tree too large to be counted.
    """

    service: str
    root: str
    doors: tuple[Door, ...]
    sample: int
    files: int | None
    troubles: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """What was proved and what not."""
        through = " and ".join(door.words for door in self.doors)
        less = "".join(f"; not so: {trouble}" for trouble in self.troubles)
        return f"{odds(self.sample, self.files)}, through {through}{_caveat(self)}{less}"

    @property
    def record(self) -> dict[str, Any]:
        """The result for scripts."""
        return {
            "service": self.service,
            "root": self.root,
            "through": [{"url": door.url, "kind": door.kind} for door in self.doors],
            "sample": self.sample,
            "files": self.files,
            "troubles": list(self.troubles),
        }


def odds(sample: int, files: int | None) -> str:
    """`12 of 7,319 files came back, drawn at random: ...`, with what such a sample would notice."""
    if sample == files:
        return {0: "the root, which has no file", 1: "the only file"}.get(files, "every file")
    lost = max(1, round(files / 100)) if files else None
    missed = comb(files - lost, sample) / comb(files, sample) if files and lost else 0.99**sample
    chance = f"{100 * (1 - missed):.0f} %"
    loss = "a loss of 1 %" if lost is None or lost > 1 or files == 100 else "the loss of one file"
    number = f"{sample} of {files:,} files" if files else f"{sample} files"
    return f"{number}, drawn at random ({loss} would have been noticed with {chance})"


def _caveat(proof: ReadBack) -> str:
    kinds = {door.kind for door in proof.doors}
    if kinds <= {"node", "beside"}:
        return "; whether others can load them was not checked (IPFS_GATEWAY)"
    if kinds == {"public"}:
        return f"; so somebody has them, which need not be {proof.service}"
    return ""


def sample(car: Car) -> tuple[list[tuple[str, bytes]], int | None]:
    """Path and CID of up to FILES files, drawn anew each time, and how many files there are.

    Their number is None of a tree too large to be listed.
    """
    return random_files(car.block, car.root, FILES, SystemRandom())


def read_back(car: Path, service: str, through: Sequence[Door], patience: Patience) -> ReadBack:
    """Fetch a sample of `car` through each door, block by block; those that have it.

    Nothing they say is believed: every block on the way from the root is hashed. One that does
    not have the collection yet is asked again. PublishError when a node, or each gateway, has not.
    Source: https://specs.ipfs.tech/http-gateways/trustless-gateway/
    """
    served: list[Door] = []
    troubles: list[tuple[Door, PublishError]] = []
    with closing(open_car(car)) as blocks:
        paths, files = sample(blocks)
        for door in through:
            try:
                # Gateways are alternatives: after one, the next is not waited for.
                enough = door.kind != "node" and any(other.kind != "node" for other in served)
                tries = patience._replace(tries=1) if enough else patience
                _walk(_blocks_of(door, tries), blocks, paths)
                served.append(door)
            except PublishError as error:
                troubles.append((door, error))
        _refuse_unserved(cid_text(blocks.root), service, through, served, troubles)
        texts = tuple(str(error) for _, error in troubles)
        root = cid_text(blocks.root)
        return ReadBack(service, root, tuple(served), len(paths), files, texts)


def _refuse_unserved(
    root: str,
    service: str,
    through: Sequence[Door],
    served: Sequence[Door],
    troubles: Sequence[tuple[Door, PublishError]],
) -> None:
    """A node that lacks some is refused, and gateways of which none has it."""
    for door, error in troubles:
        if door.kind == "node":
            raise PublishError(
                f"{service} does not have all of ipfs://{root}: {error}",
                hint="pin it again: what is missing is sent",
            )
    gateways = [door for door in through if door.kind != "node"]
    if gateways and all(door.kind == "node" for door in served):
        away = all(isinstance(error, NoHostError | UnreachableError) for _, error in troubles)
        raise PublishError(
            f"no gateway returns ipfs://{root}: {'; '.join(str(error) for _, error in troubles)}",
            hint=str(troubles[0][1].hint)
            if away
            else "a new collection may take minutes to reach a gateway: run the same command "
            "again, or name your service's own gateway: export IPFS_GATEWAY=https://host",
        )


def _walk(get: Callable[[bytes], bytes], car: Car, paths: Sequence[tuple[str, bytes]]) -> None:
    get(car.root)
    for path, cid in paths:
        assert resolve(get, car.root, path) == cid  # or a block on the way was another
        start = SystemRandom().randrange(max(1, file_size(car.block, cid) - PART + 1))
        for _ in cat(get, cid, start, start + PART):
            pass


def _blocks_of(door: Door, patience: Patience) -> Callable[[bytes], bytes]:
    """CID -> its block, through a door, hashed; a folder's blocks are fetched once."""
    fetched: dict[bytes, bytes] = {}

    def get(cid: bytes) -> bytes:
        if cid not in fetched:
            fetched[cid] = retry(lambda: _block(door, cid), patience)
        return fetched[cid]

    return get


def _block(door: Door, cid: bytes) -> bytes:
    try:
        return verified(cid, door.block(cid))
    except (TemporaryError, NoHostError):
        raise
    except PublishError as error:
        if door.kind == "node":  # which knows what it has
            raise
        # A 404 may mean not yet; and one bad answer of a cache is no reason to give up.
        raise TemporaryError(f"{door.url}: {error}") from error
