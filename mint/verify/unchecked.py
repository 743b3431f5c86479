"""What verifying says of that which it did not look at."""

from __future__ import annotations


class Unchecked(str):
    """A sentence about what was not checked, among those about what was."""
