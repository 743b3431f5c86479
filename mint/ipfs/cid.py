"""CIDs: the bytes that name a block, their text form, and the proof that a block is that one.

We write two versions, with sha2-256: CIDv1 (36 bytes) of a raw block or of a dag-pb node, and
CIDv0 (34 bytes, dag-pb alone). Others may stand beside and below them in a CAR of somebody else.
Sources: https://github.com/multiformats/cid and https://github.com/multiformats/multicodec
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from mint.errors import PublishError
from mint.ipfs.varint import read_varint

RAW = b"\x01\x55\x12\x20"  # CIDv1, codec raw, sha2-256, 32 bytes of digest follow
DAG_PB = b"\x01\x70\x12\x20"
V0 = b"\x12\x20"  # CIDv0 is the bare multihash of a dag-pb node
DIGEST = 32  # bytes
SIZE = 36  # the longer of the two
RAW_CODEC = b"\x01\x55"  # how a CIDv1 of bytes begins, whatever hashed them
IDENTITY = 0  # the function of a CID that contains its block
LONGEST_DIGEST = 128  # bytes; as Kubo has it, which is about IDENTITY
LONGEST = 1 + 9 + 9 + 2 + LONGEST_DIGEST  # bytes of a CID
# Functions by their number in a CID, as far as the standard library computes them and nobody can
# find two blocks of one digest.
HASHES: dict[int, Callable[[bytes | memoryview], bytes]] = {
    0x12: lambda block: hashlib.sha256(block).digest(),
    0x13: lambda block: hashlib.sha512(block).digest(),
    0x14: lambda block: hashlib.sha3_512(block).digest(),
    0x16: lambda block: hashlib.sha3_256(block).digest(),
    0xB220: lambda block: hashlib.blake2b(block, digest_size=32).digest(),
    0xB240: lambda block: hashlib.blake2b(block).digest(),
    0xB260: lambda block: hashlib.blake2s(block).digest(),
}
_OTHERS = {0x11: "sha1", 0x1B: "keccak-256", 0x1E: "blake3", 0xD5: "md5", 0x1012: "sha2-256-trunc"}
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
    """Whether `cid` is of a kind that we write."""
    return _SIZES.get(cid[:-DIGEST]) == len(cid)


def read_cid(data: bytes, at: int) -> int:
    """The offset after the CID at data[at:], of any kind; ValueError if there is none."""
    for size in (SIZE, SIZE - 2):
        if known(data[at : at + size]):
            return at + size
    if data[at : at + 1] != b"\x01":
        raise ValueError("is truncated, or has no CID")
    _, after = read_varint(data, at + 1)  # the codec
    _, after = read_varint(data, after)  # the hash function
    size, after = read_varint(data, after)
    if size > LONGEST_DIGEST or after + size > len(data):
        raise ValueError("is truncated, or has no CID")
    return after + size


def multihash(cid: bytes) -> bytes:
    """What of a CID names the bytes of its block, whatever they are read as."""
    if cid.startswith(V0):
        return cid
    return cid[2:] if cid[1] < 0x80 else cid[read_varint(cid, 1)[1] :]


def function_of(cid: bytes) -> tuple[int, bytes]:
    """The number of the function that hashed the block of a CID, and the digest."""
    if known(cid):
        return 0x12, cid[-DIGEST:]
    hashed = multihash(cid)
    function, after = read_varint(hashed, 0)
    _, after = read_varint(hashed, after)
    return function, hashed[after:]


def uncomputed(cid: bytes) -> str | None:
    """What to call the function that hashed the block of `cid`, if mint cannot compute it."""
    function, _ = function_of(cid)
    if function in HASHES or function == IDENTITY:
        return None
    return _OTHERS.get(function, f"hash function {function:#x}")


def matches(cid: bytes, block: bytes | memoryview) -> bool:
    """Whether the digest in `cid` is that of `block`; PublishError if mint cannot compute it."""
    function, digest = function_of(cid)
    if function == IDENTITY:
        return digest == block
    if function in HASHES:
        return HASHES[function](block) == digest
    raise PublishError(
        f"block {cid_text(cid)} cannot be checked: its CID is made with {uncomputed(cid)}, "
        "which mint cannot compute",
        hint="add the files to IPFS again with sha2-256, the usual one; their CIDs will be others",
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
