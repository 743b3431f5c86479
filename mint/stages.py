"""The stages of a build, in their order: the one list that build.py and the commands share."""

from __future__ import annotations

from typing import Literal, get_args

Stage = Literal["plan", "render", "enlarge", "metadata", "publish", "deploy", "mint"]
STAGES: tuple[Stage, ...] = get_args(Stage)
