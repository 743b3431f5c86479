"""Whether what a model was loaded from had all of its weights."""

from __future__ import annotations

from collections.abc import Collection


def refuse_missing(part: str, weights: Collection[str]) -> None:
    """Raise OSError if the file of `part` lacked some of its weights."""
    if weights:
        raise OSError(f"{part} lacks {len(weights)} of its weights, such as {min(weights)}")
