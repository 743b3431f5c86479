"""Every family of painters through the whole product: built, interrupted, resumed, verified."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mint.build import Options, build
from mint.models.families import class_name, family_of
from mint.record.manifest import Manifest
from mint.stages import Step
from mint.verify.verify import prove
from tests.builds import files, painted, run
from tests.conftest import ROOT
from tests.families import FAMILIES, settings
from tests.killed_builds import start
from tests.small_models import compact_esrgan


class Interrupted(Exception):
    """Power is cut."""


def collection(folder: Path, name: str, dtype: str, batch: int, **image: Any) -> Path:
    """One token more than a batch by the model, their words of different lengths."""
    plain = {"prompt": "a {Body} fox", "steps": 2, "dtype": dtype, "batch": batch}
    text = {
        "name": name, "symbol": "ANY", "description": "Some foxes.", "supply": batch + 1, "seed": 1,
        "image": plain | settings(name) | image,
        "traits": {"Body": {"red": 1, "very long and orange": 1, "dim": 1, "blue": 1, "old": 1}},
        "dedup": {"threshold": 1}, "truth": {"judge": "off"},
    }  # fmt: skip
    file = folder / "collection.yaml"
    file.write_text(yaml.safe_dump(text))
    return file


def interrupted_build(file: Path) -> None:
    """A build that ends when its last picture is painted, but not yet in the store."""

    def cut(step: Step, done: int, total: int) -> None:
        if step == "painting" and done == total:
            raise Interrupted

    with pytest.raises(Interrupted):
        build(file, Options(until="publish"), cut)


# A UNet, a transformer and a cascade also one by one; what is in a batch tells more of a family.
KINDS = "sd", "flux", "cascade"


@pytest.mark.parametrize(
    ("name", "dtype", "batch"),
    [*((name, "bfloat16", 4) for name in FAMILIES), *((name, "float32", 1) for name in KINDS)],
)
def test_it_is_built_and_verified(
    name: str, dtype: str, batch: int, family: Callable[[str], Path], tmp_path: Path
) -> None:
    alone = family_of(class_name(family(name))).alone  # then it is painted in no batch
    file = collection(tmp_path, name, dtype, 1 if alone else batch, model=str(family(name)))

    survives(file)


@pytest.mark.parametrize(
    ("name", "refiner", "side"),
    [
        (
            "deepfloyd",
            {
                "model": "deepfloyd-upscale",
                "width": 128,
                "height": 128,
                "steps": 1,
                "guidance_scale": 1,
            },
            128,
        ),
        ("sdxl", {"model": "sdxl-refiner", "at": 0.5}, 64),
    ],
)
def test_it_is_built_and_verified_with_a_refiner(
    name: str, refiner: dict[str, Any], side: int, family: Callable[[str], Path], tmp_path: Path
) -> None:
    compact_esrgan(tmp_path / "x4.safetensors", features=4, hidden=1)
    then = [refiner | {"model": str(family(refiner["model"]))}]
    file = collection(
        tmp_path,
        name,
        "bfloat16",
        4,
        model=str(family(name)),
        refiners=then,
        upscale="x4.safetensors",
    )

    manifest = survives(file)

    assert {manifest.size(token) for token in manifest.tokens} == {(4 * side, 4 * side)}


def survives(file: Path) -> Manifest:
    """The record of a build that was interrupted and resumed, and is proved to its pixels."""
    interrupted_build(file)
    manifest, news, _ = run(file, until="publish")
    sentences = list(prove(str(file), sample=len(manifest.tokens), network=None, environ={}))

    assert painted(news) == 1
    equal = [sentence for sentence in sentences if "every pixel is equal" in sentence]
    assert len(equal) == len(manifest.tokens)
    return manifest


@pytest.mark.parametrize("name", KINDS)
def test_killed_while_painting(name: str, family: Callable[[str], Path], tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    for folder in (killed, whole):
        folder.mkdir()
        file = collection(folder, name, "bfloat16", 2, model=str(family(name)))

    process = start(killed / file.name, 3, "painting")  # two of three are in the store
    process.join()
    assert process.exitcode == -signal.SIGKILL
    _, news, _ = run(killed / file.name, until="publish")
    assert painted(news) == 1

    run(file, until="publish")
    assert files(killed / file.name) == files(file)


def test_a_machine_of_other_kernels_accuses_nobody(
    family: Callable[[str], Path], tmp_path: Path
) -> None:
    file = collection(tmp_path, "sd", "bfloat16", 2, model=str(family("sd")), steps=8)
    run(file, until="publish")
    kernels = {"ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"}

    done = subprocess.run(
        [sys.executable, "-m", "mint", "verify", "--sample", "3", str(file)],
        cwd=ROOT, env=os.environ | kernels, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" painted again: ") == 3
    assert "another picture" not in done.stdout
