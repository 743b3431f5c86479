"""Unsigned LEB128, in which IPFS writes numbers: https://github.com/multiformats/unsigned-varint"""

from __future__ import annotations


def varint(number: int) -> bytes:
    """`number` as unsigned LEB128."""
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at offset `at`, below 2**63, and the offset after it; ValueError otherwise."""
    number = 0
    for shift in range(0, 63, 7):
        if at >= len(data):
            break
        number |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return number, at
    raise ValueError("a varint is cut short or too long")
