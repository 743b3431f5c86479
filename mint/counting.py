"""Numbers of things, as messages say them."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """`1 token`, `1,000 tokens`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(number: int) -> str:
    """Bytes for people: `1.4 MB`, decimal units."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if number >= one:
            return f"{number / one:.1f} {unit}"
    return f"{number:,} bytes"
