"""A build in a style: what is painted, what proves it, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.check import preflight
from mint.errors import CollectionError, VerifyError
from mint.record.folders import folders_of, read_manifest
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.verify.plan import check_plan
from tests.builds import painted, run
from tests.conftest import copy_collection, edit

STYLE = "{preset: loose, steps: 2, before: portrait of, chaos: 60, jitter: [avatar], stylize: 0}"
PLACE = "traits:\n"


@pytest.fixture(scope="module")
def loose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """collections/tiny in a style, painted."""
    file = copy_collection("tiny", tmp_path_factory.mktemp("loose"))
    edit(file, PLACE, f"style: {STYLE}\n{PLACE}")
    run(file, until="render")
    return file


def test_the_pictures_are_painted_in_the_style_and_the_plan_proves_it(loose: Path) -> None:
    manifest = read_manifest(folders_of(loose, load(loose)[0]).manifest)

    recipes = [token.recipe for token in manifest.tokens]
    assert {recipe.diffusion.guidance_scale for recipe in recipes} == {2}  # 1 + 0.5 x 2
    assert all(recipe.prompt.startswith("portrait of a ") for recipe in recipes)
    assert {recipe.prompt.endswith(", avatar") for recipe in recipes} == {True, False}
    stranger = Collection.parse(manifest.collection.canonical())
    assert check_plan(manifest.model_copy(update={"collection": stranger}))


@pytest.mark.parametrize(
    "lie", [{"chaos": 0}, {"before": "picture of"}, {"stylize": 100}, {"jitter": ("picture",)}]
)
def test_a_style_that_did_not_paint_them_is_refused(loose: Path, lie: dict[str, object]) -> None:
    manifest = read_manifest(folders_of(loose, load(loose)[0]).manifest)
    assert manifest.collection.style is not None
    style = manifest.collection.style.model_copy(update=lie)
    collection = manifest.collection.model_copy(update={"style": style})

    with pytest.raises(VerifyError, match="its recipe is not what the collection and its seed"):
        check_plan(manifest.model_copy(update={"collection": collection}))


def test_the_second_build_paints_nothing_and_the_page_names_the_style(loose: Path) -> None:
    from mint.report.write import write_report
    from mint.store import Store

    manifest, progress, _ = run(loose, until="render")
    folders = folders_of(loose, manifest.collection)
    write_report(folders, Store(folders.state), lambda *news: None)

    assert not painted(progress)
    page = folders.report.read_text(encoding="utf-8")
    assert "loose: &#34;portrait of ...&#34;, guidance scale 2, stylize 0, chaos 60" in page
    assert "2 steps, guidance scale 2, scheduler dpm++" in page


def test_check_says_what_the_style_does_and_what_the_model_never_learned(tiny: Path) -> None:
    edit(tiny, PLACE, f"style: {{before: etching of, chaos: 5, jitter: [avatar]}}\n{PLACE}")

    lines = list(preflight(tiny))

    assert 'style       your own: "etching of ...", chaos 5' in lines
    assert [line for line in lines if ':15:17: the model has never seen "etching"' in line]


def test_words_that_the_model_would_cut_are_the_styles_fault(tiny: Path) -> None:
    edit(tiny, PLACE, f"style: {{after: {'wink ' * 30}}}\n{PLACE}")

    with pytest.raises(CollectionError, match=r"yaml:15:8: .* the words of the style") as caught:
        list(preflight(tiny))
    assert caught.value.hint == "shorten them, or the prompt"


# What is painted with, and the style that it cannot be painted in; where, why, and what to do.
UNHEARD = {
    "a preset's guidance": ("{preset: loose}", "15:17", "takes no steps", "another preset"),
    "stylize": ("{steps: 3, stylize: 50}", "15:", "steps", "leave it out"),
    "a scheduler": ("{scheduler: euler}", "15:20", "takes no scheduler", "leave it out"),
}


@pytest.mark.parametrize("case", UNHEARD)
def test_a_gan_takes_none_of_it(tiny: Path, case: str) -> None:
    style, place, message, remedy = UNHEARD[case]
    for key in ("steps: 2", "guidance_scale: 1", "scheduler: dpm++"):
        edit(tiny, f"  {key}\n", "")
    edit(tiny, "image:\n", "image:\n  model: atelier-gan\n")
    for side in ("width", "height"):
        edit(tiny, f"  {side}: 64\n", f"  {side}: 256\n")
    lines = tiny.read_text(encoding="utf-8").split(PLACE)[0].count("\n") + 1
    edit(tiny, PLACE, f"style: {style}\n{PLACE}")

    with pytest.raises(CollectionError) as caught:
        list(preflight(tiny))

    assert f":{place.replace('15:', f'{lines}:')}" in str(caught.value)
    assert message in str(caught.value)
    assert remedy in caught.value.hint
