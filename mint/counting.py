"""Numbers of things, as messages say them."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """`1 token`, `1,000 tokens`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
