"""A file and an Ethereum wallet -> an Arweave data item: what goes before the file's bytes.

Such an item is signed by whoever made it and paid by somebody else. The same wallet, file and tags
give the same bytes. Source: https://github.com/ArweaveTeam/arweave-standards/blob/master/ans/ANS-104.md
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mint.pinning.exchange import PIECE

_ETHEREUM = 3  # signature type: secp256k1 over an EIP-191 message
_SIGNATURE, _OWNER = 65, 65  # bytes
Tag = tuple[str, str]


class DataItem(NamedTuple):
    """`head` goes before the bytes of `file`; `identifier` is what Arweave calls the item."""

    identifier: str
    head: bytes
    file: Path

    @property
    def size(self) -> int:
        """Bytes of the whole item."""
        return len(self.head) + self.file.stat().st_size

    def part(self, begin: int, length: int) -> Iterator[bytes]:
        """Bytes of the item from `begin` on, piece by piece."""
        head = self.head[begin : begin + length]
        if head:
            yield head
        length -= len(head)
        with self.file.open("rb") as data:
            data.seek(max(0, begin - len(self.head)))
            while length and (piece := data.read(min(PIECE, length))):
                length -= len(piece)
                yield piece


def signed_item(
    file: Path, tags: Sequence[Tag], owner: bytes, sign: Callable[[bytes], bytes]
) -> DataItem:
    """The item of `file`; `owner` is the wallet's public key, 65 bytes, uncompressed.

    `sign` gives the wallet's 65 bytes for a message (EIP-191).
    """
    encoded = _encoded(tags)
    message = _deep_hash(file, owner, encoded)
    signature = sign(message)
    assert (len(owner), len(signature)) == (_OWNER, _SIGNATURE)
    counts = len(tags).to_bytes(8, "little") + len(encoded).to_bytes(8, "little")
    # No target and no anchor, which would only make two items of one file differ.
    head = _ETHEREUM.to_bytes(2, "little") + signature + owner + b"\0\0" + counts + encoded
    return DataItem(_base64url(hashlib.sha256(signature).digest()), head, file)


def item_size(file: Path, tags: Sequence[Tag]) -> int:
    """Bytes of the item of `file`, whoever signs it."""
    return 2 + _SIGNATURE + _OWNER + 2 + 16 + len(_encoded(tags)) + file.stat().st_size


def _encoded(tags: Sequence[Tag]) -> bytes:
    """Avro's array of records of two strings, as one block; nothing for no tags."""
    if not tags:
        return b""
    items = b"".join(_long(len(text)) + text for tag in tags for text in map(str.encode, tag))
    return _long(len(tags)) + items + _long(0)


def _long(number: int) -> bytes:
    """Avro's long that is not negative: zigzag, then seven bits a byte, the lowest first."""
    number *= 2
    encoded = b""
    while number > 0x7F:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def _deep_hash(file: Path, owner: bytes, tags: bytes) -> bytes:
    """What is signed: SHA-384 over the lengths and hashes of every field, the file's among them."""
    with file.open("rb") as data:
        content = hashlib.file_digest(data, "sha384").digest()
    fields = b"dataitem", b"1", str(_ETHEREUM).encode(), owner, b"", b"", tags
    hashes = [_blob(len(field), hashlib.sha384(field).digest()) for field in fields]
    hashes.append(_blob(file.stat().st_size, content))
    total = hashlib.sha384(b"list%d" % len(hashes)).digest()
    for one in hashes:
        total = hashlib.sha384(total + one).digest()
    return total


def _blob(size: int, content: bytes) -> bytes:
    return hashlib.sha384(hashlib.sha384(b"blob%d" % size).digest() + content).digest()


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
