"""Whether a service has all of a collection: every block fetched through a door, and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import Car
from mint.ipfs.car_stream import arriving
from mint.ipfs.cid import DIGEST, cid_text, verified
from mint.ipfs.nodes import node_of
from mint.pinning.doors import Door
from mint.pinning.http import Patience, TemporaryError, retry
from mint.pinning.inventory import parts

MOST_GAPS = 16  # missing or altered blocks that are named; then the search for more ends
_TRIES = 3  # for a block that did not come with the others
_FOREIGN, _WANTED, _CAME = range(3)  # what a block of the CAR's index is

Progress = Callable[[int, int], None]  # blocks that came, of all


class Gap(NamedTuple):
    """A block that did not come back: the path of its file or folder, its CID, and why."""

    path: str
    cid: str
    why: str


class Check(NamedTuple):
    """What came back through a door: blocks and bytes, each block hashed, and counted once.

    `streamed` is how many came in one CAR; `trouble` is why no more did. The others were
    requested one by one. With MOST_GAPS gaps there may be more.
    """

    service: str
    root: str
    door: Door
    blocks: int
    total: int
    size: int
    streamed: int
    trouble: str
    gaps: tuple[Gap, ...]

    @property
    def line(self) -> str:
        """The result in a line."""
        number = f"{self.blocks:,} of {self.total:,} blocks" if self.gaps else "all "
        number += "" if self.gaps else f"{self.total:,} blocks"
        line = f"{number}, {self.size:,} bytes, came back through {self.door.words}"
        if self.streamed < self.blocks:
            line += f"; {self.blocks - self.streamed:,} of them one by one ({self.trouble})"
        if not self.gaps:
            return line
        names = [f"{gap.path or 'the root'} ({gap.cid}: {gap.why})" for gap in self.gaps[:3]]
        more = [f"{len(self.gaps) - 3} more"] if len(self.gaps) > 3 else []
        least = "at least " if len(self.gaps) == MOST_GAPS else ""
        return f"{line}; {least}{len(self.gaps)} did not: {', '.join([*names, *more])}"

    @property
    def record(self) -> dict[str, Any]:
        """The result for scripts."""
        return {
            "service": self.service,
            "root": self.root,
            "through": [{"url": self.door.url, "kind": self.door.kind}],
            "blocks": self.blocks,
            "of": self.total,
            "bytes": self.size,
            "streamed": self.streamed,
            "gaps": [gap._asdict() for gap in self.gaps],
            "more_gaps": len(self.gaps) == MOST_GAPS,
        }


def check_all(
    car: Car, service: str, through: Sequence[Door], patience: Patience, progress: Progress
) -> list[Check]:
    """Fetch all below the root of `car` through one door after another, until one has all of it.

    PublishError where none of them has even the root.
    """
    checks: list[Check] = []
    troubles: list[PublishError] = []
    for door in through:
        try:
            checks.append(_check(car, service, door, patience, progress))
        except PublishError as error:
            troubles.append(error)
            continue
        if not checks[-1].gaps:
            return checks
    if not checks:
        raise PublishError("; ".join(map(str, troubles)), hint=troubles[0].hint)
    return checks


def _check(car: Car, service: str, door: Door, patience: Patience, progress: Progress) -> Check:
    blocks = bytearray(len(car.tags))  # what each is
    for part in parts(car):
        blocks[part.number] = _WANTED
    total = blocks.count(_WANTED)
    progress(0, total)
    size, trouble = _stream(car, door, blocks, lambda came: progress(came, total))
    came = streamed = blocks.count(_CAME)
    gaps: list[Gap] = []
    brief = patience._replace(tries=min(patience.tries, _TRIES))
    for part in parts(car):
        if blocks[part.number] == _CAME:
            continue
        try:
            size += len(_one(door, part.cid, brief))
        except PublishError as error:
            if not came and part.cid == car.root:
                raise
            gaps.append(Gap(part.path, cid_text(part.cid), str(error)))
            if len(gaps) == MOST_GAPS:
                break
        else:
            came += 1
            progress(came, total)
    root = cid_text(car.root)
    return Check(service, root, door, came, total, size, streamed, trouble, tuple(gaps))


def _stream(
    car: Car, door: Door, blocks: bytearray, progress: Callable[[int], None]
) -> tuple[int, str]:
    """Mark in `blocks` what comes as one CAR; its bytes, and what kept the rest from coming.

    No error: what did not come, or came altered, is requested by itself.
    """
    size = came = 0
    trouble = f"{door.url} sends less than all as one CAR"
    root = node_of(car.block, car.root)
    # With what is named twice, if it is sent twice; and with what stands before each block.
    most = 2 * (len(car.block(car.root)) + sum(link.tsize for _, link in root.links)) + (1 << 20)
    try:
        for cid, block in arriving(door.car(car.root, most)):
            location = car.find(cid)
            if location is None or blocks[location.number] != _WANTED:
                continue
            if hashlib.sha256(block).digest() != cid[-DIGEST:]:
                trouble = f"{door.url} sends altered blocks"
                continue
            blocks[location.number] = _CAME
            size, came = size + len(block), came + 1
            progress(came)
    except (PublishError, ValueError) as error:
        return size, str(error)
    return size, trouble


def _one(door: Door, cid: bytes, patience: Patience) -> bytes:
    def fetch() -> bytes:
        block = door.block(cid)
        try:
            return verified(cid, block)
        except PublishError as error:  # one bad answer of a cache is no loss
            raise TemporaryError(str(error), hint=error.hint) from error

    return retry(fetch, patience)
