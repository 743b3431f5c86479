"""Which judges a collection means: by `truth.judge`, its painter and its comparing model."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.models.find import find_judges, judge_names
from mint.spec.collection import ATELIER
from mint.spec.load import load
from mint.store import Store
from tests import small_models
from tests.conftest import edit


@pytest.mark.parametrize(
    ("truth", "model", "embedder", "judges"),
    [
        ("auto", "atelier", "atelier", ("classifier",)),
        ("auto", "./painter", "atelier", ()),  # whose pictures nothing inside mint has seen
        ("auto", "./painter", "./clip", ("clip",)),
        ("off", "atelier", "./clip", ()),
        ("clip", "atelier", "./clip", ("clip",)),
        ("[classifier, clip]", "atelier", "./clip", ("classifier", "clip")),
    ],
)
def test_judges_are_meant_by_what_they_know(
    tiny: Path, truth: str, model: str, embedder: str, judges: tuple[str, ...]
) -> None:
    for name in ("painter", "clip"):
        (tiny.parent / name).mkdir()
    edit(tiny, "truth: {judge: off}", f"truth: {{judge: {truth}}}")
    edit(tiny, "image:\n", f"dedup: {{embedder: {embedder}}}\nimage:\n  model: {model}\n")
    assert judge_names(load(tiny)[0]) == judges


@pytest.mark.parametrize("words", [True, False])
def test_a_clip_without_words_judges_only_where_it_is_named(tiny: Path, words: bool) -> None:
    small_models.clip(tiny.parent / "clip", words=words)
    (tiny.parent / "painter").mkdir()
    edit(tiny, "image:\n", "dedup: {embedder: ./clip}\nimage:\n  model: ./painter\n")
    for judge, names in (("auto", ["clip"] if words else []), ("clip", ["clip"])):
        edit(tiny, "truth: {judge: off}", f"truth: {{judge: {judge}}}")
        found = find_judges(load(tiny)[0], tiny, Store(tiny.parent / ".mint"))
        assert [each.name for each in found] == names
        edit(tiny, f"truth: {{judge: {judge}}}", "truth: {judge: off}")


def test_the_judge_inside_mint_is_the_classifier_beside_the_painter(tiny: Path) -> None:
    edit(tiny, "truth: {judge: off}", "truth: {judge: auto}")
    (judge,) = find_judges(load(tiny)[0], tiny, Store(tiny.parent / ".mint"))
    assert judge.model.path == ATELIER / "judge"
