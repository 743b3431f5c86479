"""Hashes of 256 bits -> pairs in which few bits differ, without comparing each with each. Exact.

Multi-index hashing (Norouzi, Punjani and Fleet 2012, https://arxiv.org/abs/1307.2982): a hash is 16
keys of 16 bits. Where at most 31 bits of two hashes differ, at most one bit differs in one of the
keys at least. So only pairs are counted that share a key, or all of it but one bit: one in 240 if
bits are independent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

KEYS = 16
LIMIT = 2 * KEYS - 1  # of the bits that differ: with one more, two may differ in every key
CANDIDATES = 1 << 18  # pairs whose bits are counted at once: some MB

Hashes = npt.NDArray[np.uint8]  # of shape (n, 32)
Numbers = npt.NDArray[np.int64]

# Bits of near frequencies go together in pictures. A key has one of each row and of each column of
# the 16 x 16, which makes its bits almost independent: of pictures that share one composition 5 %
# of all pairs are counted, and 15 % with a row as the key; of smooth gradients 1 % and 22 %.
_DEALT = np.argsort(np.indices((KEYS, KEYS)).sum(axis=0).ravel() % KEYS, kind="stable")
# What a key is xored with: nothing, or one of its bits.
_CHANGES = np.array([0, *(1 << bit for bit in range(16))], np.uint16)


class Close(NamedTuple):
    """Pairs by row of left and row of right, and how many bits differ; each of shape (pairs,)."""

    rows: Numbers
    columns: Numbers
    bits: npt.NDArray[np.uint8]

    def only(self, which: Numbers | npt.NDArray[np.bool_]) -> Close:
        """These pairs, in this order."""
        return Close(self.rows[which], self.columns[which], self.bits[which])


def joined(parts: Sequence[Close]) -> Close:
    """All pairs of the parts, one after the other."""
    nothing = np.empty(0, np.int64)
    return Close(
        np.concatenate([nothing, *(part.rows for part in parts)]),
        np.concatenate([nothing, *(part.columns for part in parts)]),
        np.concatenate([nothing.astype(np.uint8), *(part.bits for part in parts)]),
    )


class Index:
    """Hashes by their keys (16, n), and as `words` (4, n) of 64 bits; the bits in another order."""

    def __init__(self, hashes: Hashes) -> None:
        bits = np.unpackbits(np.ascontiguousarray(hashes.T), axis=0)[_DEALT]
        parts = np.packbits(bits, axis=0).astype(np.uint16)
        self.keys = parts[::2] << 8 | parts[1::2]
        quarters = self.keys.astype(np.uint64).reshape(4, 4, -1)
        self.words = quarters[:, 0] << 48 | quarters[:, 1] << 32 | quarters[:, 2] << 16
        self.words |= quarters[:, 3]

    def __len__(self) -> int:
        return len(self.keys[0])


def close_hashes(left: Index, right: Index, limit: int, most: int) -> Close | None:
    """All pairs of which at most `limit` bits differ, once each; `limit` is at most LIMIT.

    None where more than `most` pairs would have to be counted.
    """
    parts = list[Close]()
    for key in range(KEYS):
        probes = _probes(left, right, key)
        most -= probes.total
        if most < 0:
            return None
        parts += _close(left, right, probes, limit)
    close = joined(parts)
    _, first = np.unique(close.rows * len(right) + close.columns, return_index=True)
    return close.only(first)


class _Probes(NamedTuple):
    """What is looked up for one key. `left` and `right` are the hashes' rows, sorted by the key.

    Probe i compares the hash at `asking[i]` of left with `many[i]` of right, from `begin[i]` on.
    """

    key: int
    left: Numbers
    right: Numbers
    asking: Numbers
    begin: Numbers
    many: Numbers
    total: int


def _probes(left: Index, right: Index, key: int) -> _Probes:
    ours, theirs = (np.argsort(each.keys[key], kind="stable") for each in (left, right))
    counts = np.bincount(right.keys[key], minlength=1 << 16)
    targets = (left.keys[key][ours][:, None] ^ _CHANGES).ravel()
    asking = np.flatnonzero(counts[targets])
    many, begin = counts[targets[asking]], (np.cumsum(counts) - counts)[targets[asking]]
    return _Probes(key, ours, theirs, asking // len(_CHANGES), begin, many, int(many.sum()))


def _close(left: Index, right: Index, probes: _Probes, limit: int) -> Iterator[Close]:
    """The pairs of the probes of which at most `limit` bits differ."""
    # Sorted by the key, what is compared with one hash lies side by side in memory.
    one, other = left.words[:, probes.left], right.words[:, probes.right]
    ends = np.cumsum(probes.many)
    cuts = np.searchsorted(ends, np.arange(CANDIDATES, probes.total, CANDIDATES))
    # The half of the bits without this key says most.
    halves = ((2, 3), (0, 1)) if probes.key < KEYS // 2 else ((0, 1), (2, 3))
    for block in map(slice, [0, *cuts], [*cuts, len(ends)]):
        many = probes.many[block]
        rows = np.repeat(probes.asking[block], many)
        offsets = probes.begin[block] - (np.cumsum(many) - many)
        columns = np.repeat(offsets, many) + np.arange(len(rows))
        bits = np.zeros(len(rows), np.uint8)
        for half in halves:
            for word in half:
                bits += np.bitwise_count(one[word][rows] ^ other[word][columns])
            few = np.flatnonzero(bits <= limit)
            rows, columns, bits = rows[few], columns[few], bits[few]
        yield Close(probes.left[rows], probes.right[columns], bits)
