"""Whether a service has all of a collection: every block fetched through a door, and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.car import Car
from mint.ipfs.car_stream import arriving
from mint.ipfs.cid import DIGEST, cid_text
from mint.ipfs.nodes import node_of
from mint.pinning.doors import Door
from mint.pinning.gap import MOST_GAPS, Altered, Gap, copy_here, places, unaltered
from mint.pinning.http import Patience, TemporaryError, retry
from mint.pinning.inventory import parts
from mint.pinning.kubo_rpc import Refused

_TRIES = 3  # for a block that did not come with the others
_FOREIGN, _WANTED, _CAME = range(3)  # what a block of the CAR's index is

Progress = Callable[[int, int], None]  # blocks that came, of all


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
    def more(self) -> bool:
        """Whether there may be more gaps."""
        return len(self.gaps) == MOST_GAPS

    @property
    def line(self) -> str:
        """The result in a line."""
        if self.gaps:
            # After the last gap nobody looks further, so their number would say little.
            number = f"{self.blocks:,} of {self.total:,} blocks"
            return f"{number} came back through {self.door.words}: {places(self.gaps)}"
        line = f"all {self.total:,} blocks, {self.size:,} bytes, came back through "
        line += self.door.words
        if self.streamed < self.blocks:
            line += f"; {self.blocks - self.streamed:,} of them one by one ({self.trouble})"
        return line


class Whole(NamedTuple):
    """What came back of a collection: the check that counts, and those besides.

    Of a node of one's own its own door counts; else the gateway that has most. `others` are
    gateways besides the node; `troubles` is what doors said of which nothing came.
    """

    check: Check
    others: tuple[Check, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def doors(self) -> list[Door]:
        """Those through which all of it came."""
        return [check.door for check in (self.check, *self.others) if not check.gaps]

    @property
    def line(self) -> str:
        """The result in a line."""
        if self.check.gaps:
            return self.check.line
        besides = [f"; {check.line}" for check in self.others]
        return "".join([self.check.line, *besides, *(f"; not so: {it}" for it in self.troubles)])


def check_all(
    car: Car, service: str, through: Sequence[Door], patience: Patience, progress: Progress
) -> Whole:
    """Fetch all below the root of `car` from the node itself, and through gateways.

    A node's own API is always asked; one gateway after another is, until one has all of it.
    PublishError where the node does not answer, or none of the gateways has even the root; and
    where `car` itself is damaged.
    """
    marks = bytearray(len(car.tags))
    with copy_here(service):
        for part in parts(car):
            marks[part.number] = _WANTED

    def check(door: Door) -> Check:
        return _check(car, service, door, bytearray(marks), patience, progress)

    nodes = [check(door) for door in through if door.kind == "node"]
    gateways: list[Check] = []
    troubles: list[PublishError] = []
    for door in through:
        if door.kind == "node" or any(each.gaps for each in nodes):
            continue
        try:
            gateways.append(check(door))
        except PublishError as error:
            troubles.append(error)
            continue
        if not gateways[-1].gaps:
            break
    texts = tuple(map(str, troubles))
    if nodes:
        return Whole(nodes[0], tuple(gateways), texts)
    if not gateways:
        raise PublishError("; ".join(texts), hint=troubles[0].hint)
    return Whole(max(gateways, key=lambda each: each.blocks), (), texts)


def _check(
    car: Car,
    service: str,
    door: Door,
    blocks: bytearray,
    patience: Patience,
    progress: Progress,
) -> Check:
    """`blocks` says what each block of the CAR's index is: one that is wanted, or a foreign one."""
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
            # A node says of a block that it has not got it; else it is the node that is away.
            is_absent = isinstance(error, Altered | Refused)
            if not is_absent and (door.kind == "node" or (not came and part.cid == car.root)):
                raise
            altered = isinstance(error.__cause__ or error, Altered)
            gaps.append(Gap(part.path, cid_text(part.cid), str(error), altered))
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
        try:
            return unaltered(cid, door.block, door.url)
        except Altered as error:
            if door.kind == "node":
                raise
            # One bad answer of a cache is no loss.
            raise TemporaryError(str(error), hint=error.hint) from error

    return retry(fetch, patience)
