"""The Merkle root over the ordered tokens. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mint import merkle
from mint.curate.token import Token


def leaf(index: int, pixels: str, metadata: str) -> bytes:
    """The leaf of (index, pixel digest, metadata digest)."""
    return merkle.leaf(index.to_bytes(32, "big"), bytes.fromhex(pixels), bytes.fromhex(metadata))


def provenance_leaves(tokens: Sequence[Token], metadata: Sequence[str]) -> list[bytes]:
    """One leaf a token, in order; `metadata[i]` is the digest of token i's JSON."""
    pairs = zip(tokens, metadata, strict=True)
    return [leaf(i, token.image.pixels, digest) for i, (token, digest) in enumerate(pairs)]


def provenance(leaves: Sequence[bytes]) -> str:
    """Merkle root (64 hex digits) over the ordered tokens."""
    return merkle.root(leaves).hex()
