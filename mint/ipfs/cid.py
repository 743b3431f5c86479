"""CIDs: the bytes that name a block, their text form, and the proof that a block is that one.

Two versions, sha2-256 only: CIDv1 (36 bytes) of a raw block or of a dag-pb node, and CIDv0
(34 bytes, dag-pb alone). Source: https://github.com/multiformats/cid
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from mint.errors import PublishError

RAW = b"\x01\x55\x12\x20"  # CIDv1, codec raw, sha2-256, 32 bytes of digest follow
DAG_PB = b"\x01\x70\x12\x20"
V0 = b"\x12\x20"  # CIDv0 is the bare multihash of a dag-pb node
DIGEST = 32  # bytes
SIZE = 36  # the longer of the two
_SIZES = {RAW: 36, DAG_PB: 36, V0: 34}
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Link(NamedTuple):
    """A child: its CID and `tsize`, the bytes of its block and all blocks below."""

    cid: bytes
    tsize: int


def raw_link(sha256: str, size: int) -> Link:
    """The link of a file that is one raw block: its SHA-256 (64 hex digits), size in bytes."""
    return Link(RAW + bytes.fromhex(sha256), size)


def block_cid(prefix: bytes, block: bytes | memoryview) -> bytes:
    """The CID of `block`; `prefix` is RAW, DAG_PB or V0."""
    return prefix + hashlib.sha256(block).digest()


def known(cid: bytes) -> bool:
    """Whether `cid` is of a kind above."""
    return _SIZES.get(cid[:-DIGEST]) == len(cid)


def verified(cid: bytes, block: bytes) -> bytes:
    """`block` itself if its digest is the one in `cid`; else PublishError."""
    if known(cid) and hashlib.sha256(block).digest() == cid[-DIGEST:]:
        return block
    raise PublishError(
        f"block {cid_text(cid)} has other bytes than its CID says",
        hint="whoever sent it is damaged, or not to be trusted: ask another",
    )


def cid_text(cid: bytes) -> str:
    """The CID as text: base32 (`bafy...`, `bafk...`), or base58 (`Qm...`) for a CIDv0."""
    if cid.startswith(V0):
        return _base58(cid)
    return "b" + base64.b32encode(cid).decode().rstrip("=").lower()


def parse_cid(text: str) -> bytes:
    """The CID in base32 (`b...`) or base58 (`z...`, `Qm...`); PublishError for any other kind."""
    try:
        cid = _decode(text) if len(text) < 64 else b""
    except (ValueError, OverflowError, binascii.Error):
        cid = b""
    if not known(cid):
        raise PublishError(
            f"{text[:80]!r} is not a CID of the kind mint writes",
            hint="use one with sha2-256: a CIDv1 begins bafy or bafk, a CIDv0 begins Qm",
        )
    return cid


def _decode(text: str) -> bytes:
    if text.startswith("Qm"):  # only the multihash 12 20 begins so, and only with 46 letters
        return _number(text).to_bytes(_SIZES[V0], "big") if len(text) == 46 else b""
    if text.startswith("z"):  # what js-ipfs answers where base32 is not requested
        return _number(text[1:]).to_bytes(SIZE, "big")
    cid = base64.b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    if cid_text(cid) != text:  # wrong multibase letter, upper case, or loose trailing bits
        raise ValueError(text)
    return cid


def _number(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 58 + _BASE58.index(letter)
    return number


def _base58(data: bytes) -> str:
    number, letters = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        letters = _BASE58[digit] + letters
    return letters
