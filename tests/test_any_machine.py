"""In float64 pictures depend on their recipes alone, not on kernels, threads or batches.

A CPU's maker and model show in which kernels the libraries choose. Each build here is forced to
other ones, so that one machine stands for several.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from mint.models.runtime import import_torch, runtime
from mint.models.weights import Model
from mint.paint.render import diffusers_renderer
from mint.plan.recipe import Diffusion, Recipe
from mint.spec.collection import ATELIER
from tests.any_machine import main
from tests.conftest import ROOT, copy_collection, edit
from tests.killed_builds import FORK_SERVER


class Setting(NamedTuple):
    """A machine: how many threads, and what its libraries may use."""

    threads: int
    environment: dict[str, str]


SETTINGS = {
    "whatever is here": Setting(2, {}),
    "AVX2 everywhere, as on most machines": Setting(
        1,
        {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_CBWR": "AVX2",
         "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
                                     "AVX512_ICL AVX512_SPR"},
    ),
    "no vectors, as on no machine any more": Setting(
        4,
        {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41",
         "MKL_CBWR": "COMPATIBLE",
         "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL "
                                     "AVX512_ICL AVX512_SPR AVX2 FMA3 AVX F16C"},
    ),
}  # fmt: skip


class Outcome(NamedTuple):
    """What a build in such a setting came to, and its pictures before rounding, 0 to 255."""

    said: dict[str, Any]
    raw: dict[str, Any]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    home = tmp_path_factory.mktemp("machines")

    def build(name: str) -> Outcome:
        setting = SETTINGS[name]
        (folder := home / name[:4].strip()).mkdir()
        file = copy_collection("tiny", folder)
        edit(file, "supply: 6", "supply: 3")
        edit(file, "guidance_scale: 1", "guidance_scale: 3\n  dtype: float64\n  upscale: atelier")
        edit(file, "batch: 2", "batch: 8")
        edit(file, "token_id: 4", "token_id: 2")
        return _run(file, setting)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(SETTINGS, pool.map(build, SETTINGS), strict=True))


def _run(file: Path, setting: Setting) -> Outcome:
    if setting.environment:
        # NumPy warns on stderr of features that this CPU lacks anyway.
        environment = {"PYTHONWARNINGS": "ignore", **os.environ, **setting.environment}
        command = [sys.executable, "-m", "tests.any_machine", str(file), str(setting.threads)]
        child = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert child.returncode == 0, child.stderr[-2000:]
    else:
        process = FORK_SERVER.Process(target=main, args=(file, setting.threads))
        process.start()
        process.join()
        assert process.exitcode == 0
    said = json.loads((file.parent / "said.json").read_bytes())
    return Outcome(said, dict(np.load(file.parent / "raw.npz")))


def test_the_settings_are_other_kernels(outcomes: dict[str, Outcome]) -> None:
    kernels = [outcome.said["kernels"] for outcome in outcomes.values()]

    assert kernels[1:] == ["AVX2", "DEFAULT"]
    assert kernels[0] == import_torch().backends.cpu.get_cpu_capability()


def test_every_file_of_the_build_is_the_same(outcomes: dict[str, Outcome]) -> None:
    first, *others = (outcome.said for outcome in outcomes.values())

    for other in others:
        assert other["root"] == first["root"]
        assert other["files"] == first["files"]
    assert len([name for name in first["files"] if name.startswith("tiny/images/")]) == 3


def test_painted_again_in_any_way_every_pixel_is_equal(outcomes: dict[str, Outcome]) -> None:
    painted = [outcome.said["painted"] for outcome in outcomes.values()]

    assert len(set(painted[0])) == 3
    for outcome in outcomes.values():
        assert outcome.said["painted"] == painted[0]
        assert outcome.said["again"] == [painted[0]] * len(outcome.said["again"])


def test_no_rounding_was_near_to_another_pixel(
    outcomes: dict[str, Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    first, *others = (outcome.raw for outcome in outcomes.values())
    differences = [abs(first[key] - other[key]).max() for other in others for key in first]
    edges = [abs(numbers % 1 - 0.5).min() for numbers in first.values()]

    difference, margin = max(differences), min(edges)
    with capsys.disabled():
        print(
            f"\nlargest difference {difference:.1e}, nearest rounding edge {margin:.1e} of a level"
        )
    assert all(other.keys() == first.keys() for other in others)
    assert 0 < difference < 1e-9
    assert margin > 100 * difference


@pytest.mark.gpu
def test_a_gpu_paints_the_same_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Diffusion(
        model="atelier", steps=4, guidance_scale=3, scheduler="default",
        width=128, height=128, dtype="float64",
    )  # fmt: skip
    here = runtime("0" * 64, dtype="float64")
    recipes = [
        Recipe(prompt=f"a blue fox, {hat}", negative_prompt="text", seed=seed, slot=None,
               diffusion=settings, runtime="x")
        for seed, hat in enumerate(["crown", "cap", "wizard hat"])
    ]  # fmt: skip

    def pictures(device: str) -> list[Any]:
        monkeypatch.setattr("mint.models.runtime.device_here", lambda: device)
        return diffusers_renderer(Model(ATELIER / "pipeline", "0" * 64), settings, here)(recipes)

    for one, other in zip(pictures("cpu"), pictures("cuda"), strict=True):
        assert np.array_equal(one, other)
