"""What a banner and a wallpaper leave to their artist; apart, since `--help` reads it."""

from __future__ import annotations

from typing import Literal

LEAST, MOST = 64, 4096  # pixels of a side
LONGEST = 8  # times as long as wide, or as wide as long
Place = Literal["left", "centre", "right"]
# What is beside the picture: the same place going on, or others like it.
Beside = Literal["scenery", "company"]
STRENGTHS: dict[Beside, float] = {"scenery": 0.75, "company": 0.9}
