"""collections/carnival: what its decisions.yaml chose is what this machine paints, to the bit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mint.curate.decisions_file import read_decisions
from mint.curate.drawings import prepared
from mint.curate.edits import recall_masks, with_edits
from mint.curate.studio import Studio
from mint.models.embedder import clip_embedder
from mint.models.find import find_models
from mint.paint.picture import memoised_painter
from mint.paint.render import open_renderer
from mint.plan.tokens import plan
from mint.spec.load import load
from mint.store import Store
from tests.conftest import ROOT

CHOSEN = ROOT / "collections" / "carnival" / "decisions.yaml"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("carnival") / "carnival"
    leftovers = shutil.ignore_patterns(".mint", "build")
    shutil.copytree(CHOSEN.parent, home, ignore=leftovers)
    return home / "collection.yaml"


def test_its_edits_paint_the_pictures_that_were_chosen(file: Path) -> None:
    """A drawing varied, two tokens mixed, a hat painted: from files alone, in float64."""
    collection, source = load(file)
    wishes, store = read_decisions(file), Store(file.parent / ".mint")
    slots, models = plan(collection, source), find_models(collection, source, store, "refuse")
    studio = Studio(collection, store, models, open_renderer, clip_embedder, lambda *news: None)
    studio = prepared(studio, slots, source)
    recall_masks(store, wishes, collection.image.size)
    propose = with_edits(collection, wishes.decisions, studio.propose, slots)
    chosen = {each.token: each for each in wishes.decisions.keep}
    candidates = [propose(slots[i - 1], each.attempt) for i, each in chosen.items()]

    pictures = memoised_painter(store, studio.paint)(candidates)

    assert sorted(chosen) == [1, 2, 12]
    for token_id, each in chosen.items():
        assert each.picture
        assert pictures[token_id].pixels.startswith(each.picture)
