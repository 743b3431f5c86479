"""A built collection of three tokens, the last of them a one-of-one; each test gets a copy."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mint.build import Options, build
from mint.curate.studio import OpenRenderer
from mint.ipfs.car import open_car
from mint.models.find import find_painter
from mint.paint.pixels import Renderer
from mint.paint.png import Pixels
from mint.paint.render import open_renderer
from mint.plan.recipe import Recipe
from mint.record.folders import folders_of
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.store import Store
from mint.verify.claimed_manifest import claimed_manifest
from mint.verify.files import Files
from mint.verify.plan import check_plan
from mint.verify.repaint import check_pixels


def interrupted(pictures: int) -> OpenRenderer:
    """Opens the real painter, which is stopped after so many pictures."""

    def opened(*arguments: Any) -> Renderer:
        paint, left = open_renderer(*arguments), iter(range(pictures))

        def painting(batch: Sequence[Recipe]) -> list[Pixels]:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return paint(batch)

        return painting

    return opened


FILE = """\
name: Kin
symbol: KIN
description: Three that are related.
supply: 3
seed: 4
image:
  prompt: "a {Body} {Species}, blue plain background"
  steps: 2
  width: 64
  height: 64
traits:
  Species: [fox, cat]
  Body: [orange, gray]
one_of_ones:
  - {name: The Child, prompt: "a white fox, crown", token_id: 3}
dedup: {threshold: 1, attempts: 0}
truth: {exhausted: keep}
"""


def painted_by(home: Path, text: str = FILE) -> Path:
    """A collection.yaml in `home`, built up to its CAR."""
    file = home / "collection.yaml"
    file.write_text(text)
    build(file, Options(until="publish"), lambda *news: None)
    return file


@pytest.fixture(scope="session")
def kin_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return painted_by(tmp_path_factory.mktemp("kin"))


@pytest.fixture
def kin(kin_once: Path, tmp_path: Path) -> Path:
    """The file of a copy."""
    shutil.copytree(kin_once.parent, tmp_path / "kin")
    return tmp_path / "kin" / "collection.yaml"


def proved_to_a_stranger(file: Path, scratch: Path) -> tuple[Manifest, list[str]]:
    """What the CAR alone claims, and what painting all of it again says, without any memo."""
    car = folders_of(file, load(file)[0]).car
    with closing(open_car(car)) as opened:
        files = Files(opened)
        claimed = claimed_manifest(files, car.stat().st_size, None)  # type: ignore[arg-type]  # no chain
        lines = [check_plan(claimed, stranger=True)]
        model = find_painter(claimed.collection.image, scratch / "collection.yaml", Store(scratch))
        lines += check_pixels(claimed, files, model, 99, lambda *news: None)
        return claimed, lines
