"""The sections of a CAR, one after another -> where each block is, in 16 bytes of memory."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from typing import TYPE_CHECKING

from mint.ipfs.car_header import Header
from mint.ipfs.cid import LONGEST, known, multihash, read_cid, uncomputed
from mint.ipfs.varint import read_varint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_BLOCK = 2 << 20  # bytes; what Kubo and bitswap accept
MAX_BLOCKS = 8_000_000  # a bound on the index's memory: a million tokens are 2.4 million blocks
MOST_HEAD = 9 + LONGEST  # bytes before a block, at most
_WINDOW = 4096


def build_index(fd: int, header: Header) -> tuple[array[int], array[int], Counter[str]]:
    """`tags` and `offsets` of a Car, and what was left out; ValueError where a section is none."""
    import numpy as np

    tags, offsets, left_out = array("Q"), array("Q"), Counter[str]()
    at, end = header.start, header.end
    window, base, count = b"", at, 0
    while at < end:
        if at + MOST_HEAD > base + len(window):
            # A page costs no more than its first bytes, and may show many small sections.
            window, base = os.pread(fd, min(_WINDOW, end - at), at), at
        try:
            cid, skip, size = read_section(window, at - base)
        except ValueError as error:
            raise ValueError(f"a block at byte {at} {error}") from error
        if at + skip + size > end:
            raise ValueError(f"a block at byte {at} is truncated")
        if known(cid) or not (name := uncomputed(cid)):
            tags.append(tag_of(multihash(cid)))
            offsets.append(at)
        else:
            left_out[name] += 1
        at, count = at + skip + size, count + 1
        if count > MAX_BLOCKS:
            raise ValueError(f"more than {MAX_BLOCKS} blocks")
    # Stable: of two sections with one multihash the first counts.
    order = np.argsort(np.frombuffer(tags, np.uint64), kind="stable")
    return _ordered(tags, order), _ordered(offsets, order), left_out


def _ordered(numbers: array[int], order: NDArray[np.intp]) -> array[int]:
    import numpy as np

    return array("Q", np.frombuffer(numbers, np.uint64)[order].tobytes())


def tag_of(hashed: bytes) -> int:
    """A hash of 64 bits with a key of this process: nobody can write a CAR whose tags collide."""
    return hash(hashed) & 0xFFFF_FFFF_FFFF_FFFF


def read_section(data: bytes, at: int) -> tuple[bytes, int, int]:
    """CID, bytes before the block, and bytes of the block of the section at data[at:]."""
    length, start = read_varint(data, at)
    end = read_cid(data, start)
    if not end - start <= length <= end - start + MAX_BLOCK:
        raise ValueError(f"has a length of {length} bytes")
    return data[start:end], end - at, length - (end - start)
