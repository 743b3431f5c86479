"""Quality in whole builds: with the CLIP inside mint, with a hub's, and where it means nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.cli.summary import summary
from mint.models.embedder import clip_embedder, clip_text_embedder
from mint.record.folders import folders_of
from mint.record.manifest import Manifest
from mint.spec.collection import ATELIER
from tests import small_models
from tests.builds import files, run
from tests.conftest import edit
from tests.families import unets


def lines(file: Path, manifest: Manifest, seconds: float | None = None) -> list[str]:
    folders = folders_of(file, manifest.collection)
    return list(summary(manifest, folders, {}, 0, "render", None, seconds))


def read(file: Path) -> Manifest:
    return Manifest.parse((file.parent / "build/tiny/manifest.json").read_bytes())


def test_figures_are_those_of_the_published_pictures(built: Path) -> None:
    manifest = read(built)
    clip = ATELIER / "clip"
    pngs = [(built.parent / f"build/tiny/images/{i}.png").read_bytes() for i in range(1, 7)]
    pictures = clip_embedder(clip, threads=1)(pngs).astype(np.float64)
    prompts = clip_text_embedder(clip, threads=1)([t.recipe.prompt for t in manifest.tokens])
    cosines = pictures @ prompts.T.astype(np.float64)
    shares = np.linalg.svd(pictures / 6**0.5, compute_uv=False) ** 2

    quality = manifest.quality

    assert quality is not None
    assert quality.clip_score is not None
    fits = 2.5 * np.maximum(np.diag(cosines), 0)
    assert [t.clip_score for t in manifest.tokens] == pytest.approx(fits.tolist(), abs=2e-4)
    assert quality.clip_score.mean == pytest.approx(fits.mean(), abs=2e-4)
    others = 2.5 * np.maximum(cosines[~np.eye(6, dtype=bool)], 0)
    assert quality.clip_score.others == pytest.approx(others.mean(), abs=2e-4)
    (whole,) = quality.diversity
    assert whole.vendi == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), abs=2e-3)
    assert whole.rke == pytest.approx(1 / (shares**2).sum(), abs=2e-3)
    assert sum(quality.distances) == sum(quality.attempts) == 6


def test_a_second_build_measures_the_same_and_loads_nothing(built: Path) -> None:
    before = files(built)

    manifest, news, _ = run(built, until="render")

    assert manifest.quality == read(built).quality
    assert ("measuring", 0, 1) in news
    assert [step for step, _, _ in news].count("loading") == 2  # torch, from 0 to 1
    assert files(built) == before


@pytest.fixture
def foreign(tiny: Path) -> Path:
    """Painted by a model that is not atelier's."""
    unets.stable_diffusion(tiny.parent / "model")
    edit(tiny, "image:\n", "image:\n  model: ./model\n")
    return tiny


def embedded_by(file: Path, **options: Any) -> None:
    small_models.clip(file.parent / "clip", **options)
    edit(file, "rules:", "dedup: {embedder: ./clip, exhausted: keep}\nrules:")


def test_ateliers_clip_measures_no_other_models_pictures(foreign: Path) -> None:
    edit(foreign, "rules:", "dedup: {exhausted: keep, attempts: 0}\nrules:")

    manifest, news, _ = run(foreign, until="render")

    assert manifest.quality is None
    assert {token.clip_score for token in manifest.tokens} == {None}
    assert "measuring" not in {step for step, _, _ in news}
    assert b"quality" not in manifest.canonical()
    (line,) = (line for line in lines(foreign, manifest) if line.startswith("fit "))
    assert "not measured" in line
    assert "dedup.embedder" in line


def test_a_hub_models_pictures_are_measured_by_a_hub_models_clip(foreign: Path) -> None:
    embedded_by(foreign)

    manifest, _, _ = run(foreign, until="render")

    assert manifest.quality is not None
    assert manifest.quality.clip_score is not None
    assert all(token.clip_score is not None for token in manifest.tokens)
    said = "\n".join(lines(foreign, manifest, seconds=0.123))
    assert f"fit         {manifest.quality.clip_score.mean:.2f} of 2.5" in said
    assert f"6 pictures vary like {manifest.quality.diversity[-1].vendi:.1f} unlike" in said
    assert "speed       0.12 s a picture" in said


def test_a_clip_without_words_still_measures_variety(foreign: Path) -> None:
    embedded_by(foreign, words=False)

    manifest, _, _ = run(foreign, until="render")

    assert manifest.quality is not None
    assert manifest.quality.clip_score is None
    assert manifest.quality.diversity
    said = "\n".join(lines(foreign, manifest))
    assert "fit         not measured: the model of dedup.embedder has no vocabulary" in said
    assert "variety " in said


def test_what_the_embedder_does_not_read_is_named(tiny: Path) -> None:
    edit(tiny, "a white robot, round eyes", "a white robot \N{SNOWMAN}, round eyes")

    manifest, _, _ = run(tiny, until="render")

    assert manifest.quality is not None
    assert manifest.quality.clip_score is not None
    assert manifest.quality.clip_score.unread == (4,)
    assert json.loads(manifest.canonical())["quality"]["clip_score"]["unread"] == [4]
