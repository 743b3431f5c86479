"""The choices that a banner leaves to its artist; apart, since `--help` reads them."""

from __future__ import annotations

from typing import Literal

Place = Literal["left", "centre", "right"]
# What is beside the picture: the same place going on, or others like it.
Beside = Literal["scenery", "company"]
STRENGTHS: dict[Beside, float] = {"scenery": 0.75, "company": 0.9}
