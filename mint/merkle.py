"""A Merkle tree that Solidity's MerkleProof.verify climbs: keccak, pairs hashed smaller first.

An odd node goes up unpaired. Leaves are hashed twice, so that no inner node can pass for one (as in
OpenZeppelin's StandardMerkleTree).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def leaf(*words: bytes) -> bytes:
    """keccak(keccak(abi.encode(...))) of words of 32 bytes; shorter ones are numbers."""
    from eth_hash.auto import keccak

    return keccak(keccak(b"".join(word.rjust(32, b"\0") for word in words)))


def root(leaves: Sequence[bytes]) -> bytes:
    """What commits to `leaves` in their order; there is at least one."""
    return _levels(leaves)[-1][0]


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings that lead from leaf `index` (0-based) to the root."""
    return list(_siblings(_levels(leaves), index))


def _siblings(levels: Sequence[Sequence[bytes]], index: int) -> Iterator[bytes]:
    for level in levels[:-1]:
        if (index ^ 1) < len(level):
            yield level[index ^ 1]
        index //= 2


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    from eth_hash.auto import keccak

    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        level = levels[-1]
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        levels.append([keccak(b"".join(sorted(p))) if len(p) == 2 else p[0] for p in pairs])
    return levels
