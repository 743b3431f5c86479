"""CIDs: 36 bytes that name a block, its text form, and the proof that bytes are that block.

One kind only, the kind we write: CIDv1, sha2-256, a raw block (a file of at most 1 MiB, or a
chunk) or a dag-pb node (a folder or a longer file). Source: https://github.com/multiformats/cid
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from mint.errors import PublishError

RAW = b"\x01\x55\x12\x20"  # CIDv1, codec raw, sha2-256, 32 bytes of digest follow
DAG_PB = b"\x01\x70\x12\x20"
SIZE = 36
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Link(NamedTuple):
    """A child: its CID (36 bytes) and `tsize`, the bytes of its block and all blocks below."""

    cid: bytes
    tsize: int


def raw_link(sha256: str, size: int) -> Link:
    """The link of a file of at most 1 MiB, from its SHA-256 (64 hex digits) and size in bytes."""
    return Link(RAW + bytes.fromhex(sha256), size)


def block_cid(prefix: bytes, block: bytes | memoryview) -> bytes:
    """The CID of `block`; `prefix` is RAW or DAG_PB."""
    return prefix + hashlib.sha256(block).digest()


def known(cid: bytes) -> bool:
    """Whether `cid` is of the one kind above."""
    return len(cid) == SIZE and cid[:4] in (RAW, DAG_PB)


def verified(cid: bytes, block: bytes) -> bytes:
    """`block` itself, once its digest has been found to be the one in `cid`; else PublishError."""
    if known(cid) and hashlib.sha256(block).digest() == cid[4:]:
        return block
    raise PublishError(
        f"block {cid_text(cid)} holds other bytes than its CID says",
        hint="the copy is damaged or forged: delete it and run `mint build` again",
    )


def cid_text(cid: bytes) -> str:
    """The CID as base32 text, `bafy...` or `bafk...`."""
    return "b" + base64.b32encode(cid).decode().rstrip("=").lower()


def parse_cid(text: str) -> bytes:
    """36 bytes from base32 (`b...`) or base58 (`z...`) text; PublishError for any other kind."""
    try:
        cid = _decode(text) if len(text) < 64 else b""
    except (ValueError, binascii.Error):
        cid = b""
    if not known(cid):
        raise PublishError(
            f"{text[:80]!r} is not a CID of the kind mint writes",
            hint="use a CIDv1 in base32 with sha2-256; it begins bafy or bafk",
        )
    return cid


def _decode(text: str) -> bytes:
    if text.startswith("z"):  # what js-ipfs answers unless asked for base32
        number = 0
        for letter in text[1:]:
            number = number * 58 + _BASE58.index(letter)
        return number.to_bytes(SIZE, "big")
    cid = base64.b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    if cid_text(cid) != text:  # wrong multibase letter, upper case, or loose trailing bits
        raise ValueError(text)
    return cid
