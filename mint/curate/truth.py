"""Who judged the pictures, and from which certainty on a verdict was one."""

from __future__ import annotations

from mint.document import Document, Number


class Judging(Document):
    """One judge: what it is called, the digest of its weights, and its thresholds.

    `thresholds` maps trait -> value -> probability from which on the picture shows the value.
    """

    judge: str
    weights: str
    thresholds: dict[str, dict[str, Number]]
