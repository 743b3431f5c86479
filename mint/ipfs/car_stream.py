"""A CAR that arrives in pieces -> its blocks, one after another, in the memory of one block.

Source: https://ipld.io/specs/transport/car/carv1/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mint.ipfs.car_index import MAX_BLOCK
from mint.ipfs.cid import SIZE, V0, known
from mint.ipfs.varint import read_varint

MOST_HEADER = 1 << 16  # bytes; one with a root has 59
_VARINT = 9  # bytes, at most


def arriving(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """CID and bytes of each block of a CARv1, neither hashed; ValueError where it is none.

    Its roots are not looked at: gateways disagree on what they are.
    """
    source = _Source(pieces)
    source.take(source.length(1, MOST_HEADER))
    while not source.ended():
        section = source.take(source.length(SIZE - 2, SIZE + MAX_BLOCK))
        size = SIZE - 2 if section.startswith(V0) else SIZE
        if not known(section[:size]):
            raise ValueError("a block has a CID of a kind that mint never writes")
        yield section[:size], section[size:]


class _Source:
    """Bytes that were received and not read yet."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._data, self._at = iter(pieces), b"", 0

    def take(self, size: int) -> bytes:
        if not self._reach(size):
            raise ValueError("the CAR breaks off")
        start, self._at = self._at, self._at + size
        return self._data[start : self._at]

    def length(self, least: int, most: int) -> int:
        """The varint that comes next; ValueError unless it is within these bounds."""
        self._reach(_VARINT)
        length, self._at = read_varint(self._data, self._at)
        if not least <= length <= most:
            raise ValueError(f"a section of {length} bytes")
        return length

    def ended(self) -> bool:
        return not self._reach(1)

    def _reach(self, size: int) -> bool:
        """Whether `size` bytes are there to be read, waiting for those that are missing."""
        if len(self._data) - self._at >= size:
            return True
        received = [self._data[self._at :]]
        left = size - len(received[0])
        while left > 0 and (piece := next(self._pieces, None)) is not None:
            received.append(piece)
            left -= len(piece)
        self._data, self._at = b"".join(received), 0
        return left <= 0
