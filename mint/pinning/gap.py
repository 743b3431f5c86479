"""What a service lacks of a collection, by its place there, and what the artist does about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.cid import cid_text, matches

MOST_GAPS = 16  # missing or altered blocks that are named; then the search for more ends
_NAMED = 3  # of them in a message


class Gap(NamedTuple):
    """A block that did not come back: the path of its file or folder, its CID, and why.

    `altered` where it came with other bytes than its CID says.
    """

    path: str
    cid: str
    why: str
    altered: bool = False

    @property
    def words(self) -> str:
        """`images/12.png is missing`."""
        return f"{self.path or 'the root'} is {'damaged' if self.altered else 'missing'}"


class Altered(PublishError):
    """A block that came with other bytes than its CID says."""


class Incomplete(PublishError):
    """A node of one's own that lacks `gaps`."""

    def __init__(self, message: str, *, hint: str, gaps: Sequence[Gap]) -> None:
        super().__init__(message, hint=hint)
        self.gaps = tuple(gaps)


def unaltered(cid: bytes, get: Callable[[bytes], bytes], where: str) -> bytes:
    """The block that `get` returns, hashed; Altered, or what `get` raises."""
    block = get(cid)
    if matches(cid, block):
        return block
    raise Altered(
        f"block {cid_text(cid)} has other bytes than its CID says, from {where}",
        hint="whoever sent it is damaged, or not to be trusted: ask another",
    )


def places(gaps: Sequence[Gap]) -> str:
    """Up to three of them, and how many more there are."""
    names = [gap.words for gap in gaps[:_NAMED]]
    more = len(gaps) - len(names)
    least = "at least " if len(gaps) == MOST_GAPS else ""
    return ", ".join(names) + (f", and {least}{more} more" if more else "")


def remedy(service: str, file: str, root: str, gaps: Sequence[Gap]) -> str:
    """What to do about them; `file` is collection.yaml, as it is typed."""
    again = f"mint pin {file} --to {service}"
    cids = [gap.cid for gap in gaps if gap.altered]
    if service == "kubo" and cids:
        # Import skips what is there, and `block rm` refuses what is pinned (kubo #6562).
        return (
            "the copy on the node is damaged, and pinning skips a block that is there. Remove it, "
            f"and send it again from your CAR: ipfs pin rm {root}; ipfs block rm --force "
            f"{' '.join(cids[:_NAMED])}; {again}. `ipfs repo verify` lists all damaged blocks; "
            "one that is pinned by another build, too, stays until that is unpinned as well"
        )
    if service in ("kubo", "dag-import"):
        return f"pin it again, which sends what is missing: {again}"
    return (
        "a gateway may have failed where the service has not: try the service's own "
        f"(IPFS_GATEWAY); else show {service} the CIDs that --json lists, since it says that it "
        "has them; and have a second service keep it, too: storage: {pin: [one, another]}"
    )


@contextmanager
def copy_here(service: str) -> Iterator[None]:
    """Say of an error inside that it is about the file on this disk, and not about `service`."""
    try:
        yield
    except PublishError as error:
        raise PublishError(
            f"{error}; this is the file on this disk: whether {service} has all of it was not "
            "looked at",
            hint=error.hint,
        ) from error
