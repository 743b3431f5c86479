"""A second model as the second sign: exact by blocks, and on painted pictures and their copies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.curate.likeness import likenesses, space
from mint.curate.second_sign import Seen, Signs, signs_by_model
from mint.curate.threshold import SAME, SecondThreshold
from mint.models.weights import fingerprint
from mint.record.manifest import Manifest
from mint.store import Store
from tests import small_models
from tests.builds import painted, run
from tests.conftest import edit


@pytest.mark.parametrize("likeness", [0.1, 0.5])
def test_pairs_are_exact(likeness: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mint.curate.close_pairs.TILE", (7, 12))
    draw = np.random.default_rng(0).normal(size=(60, 6))
    draw[:, 0] += 3  # what all of them share
    vectors = np.asarray(draw / np.linalg.norm(draw, axis=1, keepdims=True), np.float32)
    names = [f"prompt {i}" for i in range(60)]
    placed = space(vectors, names).place(vectors, names)
    left, right = (Seen(vectors[r], placed[r]) for r in (slice(25), slice(25, None)))
    threshold = SecondThreshold(weights="w", likeness=likeness)

    near = (likenesses(placed, placed) >= likeness) | (vectors @ vectors.T >= SAME)
    expected = {(int(i), int(j)) for i, j in zip(*np.nonzero(near), strict=True)}

    whole = Seen(vectors, placed)

    def pairs_of(signs: Signs) -> set[tuple[int, int]]:
        return set(zip(signs.rows.tolist(), signs.columns.tolist(), strict=True))

    among = pairs_of(signs_by_model(whole, whole, threshold, same=True))
    assert among == {(i, j) for i, j in expected if i < j}
    between = pairs_of(signs_by_model(left, right, threshold))
    assert between == {(i, j - 25) for i, j in expected if i < 25 <= j}
    assert between


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    """The finished build in a folder of the test's own, beside a DINOv2 of random weights."""
    file = Path(shutil.copytree(built.parent, tmp_path / "tiny")) / "collection.yaml"
    small_models.dinov2(file.parent / "dinov2")
    return file


def test_copies_of_painted_pictures_are_painted_again(copy: Path) -> None:
    art = copy.parent / "art"
    art.mkdir()
    images = copy.parent / "build" / "tiny" / "images"
    Image.open(images / "2.png").convert("RGB").save(art / "saved-again.jpg", quality=80)
    whole = Image.open(images / "5.png")
    width, height = whole.size
    cut = whole.crop((round(width * 0.02), 0, width, height)).resize(whole.size)
    cut.save(art / "cut.png")  # 2 % of one side
    edit(copy, "one_of_ones:\n", "dedup: {second: ./dinov2, against: [art]}\none_of_ones:\n")

    manifest, news, _ = run(copy, until="render")

    assert {t.token_id for t in manifest.tokens if t.attempt} == {2, 5}
    assert painted(news) == 2
    reasons = [t.attempts[0].reasons[0] for t in manifest.tokens if t.attempt]
    for reason, name in zip(reasons, ("saved-again.jpg", "cut.png"), strict=True):
        assert reason.startswith(f"looks like art: {name}: likeness ")
        assert reason.endswith(" by the second model")


def test_who_the_second_model_is_stands_beside_its_threshold(copy: Path) -> None:
    out = copy.parent / "build" / "tiny" / "manifest.json"
    before = json.loads(out.read_bytes())
    edit(copy, "one_of_ones:\n", "dedup: {second: ./dinov2}\none_of_ones:\n")

    manifest, _, _ = run(copy, until="render")

    assert manifest.duplicates
    assert manifest.duplicates.threshold.second
    digest = fingerprint(copy.parent / "dinov2", Store(copy.parent / ".mint"))
    assert manifest.duplicates.threshold.second.weights == digest
    assert Manifest.parse(manifest.canonical()) == manifest
    assert "second" not in before["duplicates"]["threshold"]
    assert "second" not in before["collection"]["dedup"]
