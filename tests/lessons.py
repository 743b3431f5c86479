"""Folders of pictures to learn from: each with its caption, all with consent."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mint.paint.tune.tune import Request, tune
from mint.spec.painting import ImageSettings
from mint.stages import Step

CONSENT = """\
pictures: four patterns, drawn by a program
by: the tests of mint
right: own work
signed: the tests of mint
date: 2026-11-29
"""


def lessons(folder: Path, count: int = 4, side: int = 64) -> Path:
    """`count` pictures of two colours each, captioned, with consent.yaml."""
    folder.mkdir(parents=True)
    for i in range(count):
        rows = np.full((side, side, 3), (40 * i % 256, 200, 90), np.uint8)
        rows[side // 4 : side // 2, i % 8 : side // 2] = (230, 30 + i, 30)
        Image.fromarray(rows).save(folder / f"{i}.png")
        (folder / f"{i}.txt").write_text(f"a blue owl, pattern {i}\n")
    (folder / "consent.yaml").write_text(CONSENT)
    return folder


def request(pictures: Path, model: Path, file: Path, **other: Any) -> Request:
    """A request to learn 30 steps of 64 px by one thread, beside a collection.yaml `file`."""
    image = ImageSettings(model=str(model), prompt="-", width=64, height=64, steps=2)
    settings: dict[str, Any] = {
        "name": "mine", "steps": 30, "rate": 1e-2, "own": 2, "threads": 1,
    }  # fmt: skip
    return Request(pictures=pictures, image=image, file=file, **settings | other)


def doomed_tune(request: Request, last: int) -> None:
    """Learn, and be killed as the step `last` is done."""

    def kill(step: Step, done: int, total: int) -> None:
        if (step, done) == ("learning", last):
            os.kill(os.getpid(), signal.SIGKILL)

    tune(request, kill, lambda line: None)
