"""Builds in this process, and what is left of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from mint.build import Options, build
from mint.document import sha256
from mint.paint.png import Pixels
from mint.record.folders import Folders, folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.stages import Step

Progress = list[tuple[Step, int, int]]


def run(file: Path, **options: object) -> tuple[Manifest, Progress, list[str]]:
    """Build `file`; also its progress, and the digests of rotten objects that it repaired."""
    progress: Progress = []
    manifest, job = build(file, Options(**options), lambda *news: progress.append(news))  # type: ignore[arg-type]  # their types are of many kinds
    return manifest, progress, job.store.rotten


def painted(progress: Progress) -> int:
    """How many pictures this run really painted."""
    counts = [done for step, done, _ in progress if step == "painting"]
    return sum(max(0, done - before) for before, done in pairwise([0, *counts]))


def files(file: Path) -> dict[str, str]:
    """Every file of the build and its digest."""
    out = file.parent / "build"
    return {
        str(path.relative_to(out)): sha256(path.read_bytes())
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def folders(file: Path) -> Folders:
    """Where the build of collection.yaml `file` lies."""
    return folders_of(file, load(file)[0])


def recorded(file: Path) -> Manifest:
    """The manifest of its last build."""
    return read_manifest(folders(file).manifest)


def pixels(path: Path) -> Pixels:
    """A picture's raw RGB rows."""
    return np.asarray(Image.open(path).convert("RGB"))
