"""Untrue pictures mended in place, as `mint retouch --fix-untrue` does."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from typer.testing import CliRunner

from mint.build import Options, build
from mint.cli import app
from mint.curate.decisions import Keep
from mint.curate.decisions_file import change, decisions_path, read_decisions
from mint.errors import OutOfMemory
from mint.models.weights import Model
from mint.paint.pixels import Renderer
from mint.paint.png import Pixels
from mint.paint.render import open_renderer
from mint.paint.sources import Sources
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.retouch.mend import mending
from mint.retouch.retouch import Retouched
from mint.spec.load import load
from tests.builds import pixels
from tests.retouch.easels import COLLECTION, Counted

UNTRUE = (1, 3)  # tokens with a crown and with a cap, which that painter first leaves out


def silent(step: str, done: int, total: int) -> None:
    """Nobody listens."""


def hatless(model: Model, size: Diffusion, here: Runtime, sources: Sources) -> Renderer:
    """The real painter, but deaf to the hats of foxes where it begins with noise alone."""
    paint = open_renderer(model, size, here, sources)

    def deaf(recipe: Recipe) -> Recipe:
        words = recipe.prompt
        if recipe.start is None:
            for hat in ("crown", "cap"):
                words = words.replace(f"fox, smile, {hat},", "fox, smile, no hat,")
        return recipe.model_copy(update={"prompt": words})

    def painting(batch: Sequence[Recipe]) -> list[Pixels]:
        return paint([deaf(recipe) for recipe in batch])

    return painting


@pytest.fixture(scope="module")
def untrue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build whose foxes have no hats."""
    file = tmp_path_factory.mktemp("untrue") / "collection.yaml"
    file.write_text(COLLECTION)
    manifest, _ = build(file, Options(until="render", open_renderer=hatless), silent)
    assert manifest.untrue == UNTRUE
    return file


@pytest.fixture
def file(untrue: Path, tmp_path: Path) -> Path:
    home = tmp_path / "it"
    shutil.copytree(untrue.parent, home)
    return home / untrue.name


class Mended(NamedTuple):
    """A mending that was stopped after its first token and then went on, and a build after it.

    `first` is the text of decisions.yaml at the stop; `pictures` how many were painted from there
    on, and `idle` how many when all was done; `earlier` and `manifest` are the builds before and
    after.
    """

    file: Path
    first: str
    results: list[Retouched]
    pictures: int
    idle: int
    earlier: Manifest
    manifest: Manifest


@pytest.fixture(scope="module")
def mended(untrue: Path, tmp_path_factory: pytest.TempPathFactory) -> Mended:
    home = tmp_path_factory.mktemp("mended") / "it"
    shutil.copytree(untrue.parent, home)
    file = home / untrue.name
    earlier = read_manifest(folders_of(file, load(file)[0]).manifest)
    with mending(file, 3, 0.8, silent) as work:
        assert [each.before.candidate.token_id for each in work.changes] == [*UNTRUE]
        assert work.pictures == len(UNTRUE) * (4 + 3)
        results = [next(work.results())]
    first, again, idle = decisions_path(file).read_text(), Counted(), Counted()
    with mending(file, 3, 0.8, silent, open_renderer=again) as work:
        assert [each.before.candidate.token_id for each in work.changes] == [UNTRUE[1]]
        results += work.results()
    with mending(file, 3, 0.8, silent, open_renderer=idle) as work:
        assert not list(work.results())
    manifest, _ = build(file, Options(until="render"), silent)
    return Mended(file, first, results, again.pictures, idle.pictures, earlier, manifest)


def test_what_is_untrue_is_mended_and_nothing_else(mended: Mended) -> None:
    for result in mended.results:
        assert result.before.is_untrue
        assert not result.after.reasons
        assert result.edit.traits == {}
        assert result.places == ("Headwear",)
    assert {each.token for each in read_decisions(mended.file).decisions.keep} == {*UNTRUE}
    assert mended.manifest.untrue == ()
    traits = [[each.traits for each in m.tokens] for m in (mended.manifest, mended.earlier)]
    assert traits[0] == traits[1]


def test_the_mask_is_where_the_hat_belongs(mended: Mended) -> None:
    mask = mended.results[0].edit.mask_file
    rows = pixels(mended.file.parent / (mask or ""))[..., 0]

    assert rows[: rows.shape[0] // 2].mean() > 4 * rows[rows.shape[0] // 2 :].mean()
    assert np.ptp(rows) == 255


def test_stopped_in_the_middle_it_goes_on(mended: Mended) -> None:
    assert mended.pictures == 4 + mended.results[1].tries
    assert mended.first.splitlines()[-1] in decisions_path(mended.file).read_text()
    assert mended.idle == 0


def test_what_cannot_be_mended_is_left_and_named(file: Path) -> None:
    # So little of the picture goes that no hat comes.
    command = ["retouch", str(file), "--fix-untrue", "--tries", "1", "--strength", "0.01"]
    result = CliRunner().invoke(app, command)

    assert result.exit_code == 0, result.output
    assert "2 untrue tokens: at most 10 pictures" in result.stderr
    assert "mended      0 of 2 untrue tokens" in result.stdout
    assert "left        2: #1, #3" in result.stdout
    assert f"mint redraw {file} 1 3" in " ".join(result.stdout.split())
    assert not decisions_path(file).exists()


def test_a_painter_that_fails_is_not_taken_for_one_that_sees_nothing(file: Path) -> None:
    def full(model: Model, size: Diffusion, here: Runtime, sources: Sources) -> Renderer:
        def painting(batch: Sequence[Recipe]) -> list[Pixels]:
            raise OutOfMemory("the memory is full", hint="paint smaller")

        return painting

    with mending(file, 1, 0.8, silent, open_renderer=full) as job, pytest.raises(OutOfMemory):
        list(job.results())


def test_a_picture_that_the_artist_keeps_is_left_alone(file: Path) -> None:
    change(file, lambda earlier: earlier.with_decision(Keep(token=1, attempt=0)))
    with mending(file, 3, 0.8, silent) as work:
        assert work.chosen == (1,)
        assert [each.before.candidate.token_id for each in work.changes] == [3]
