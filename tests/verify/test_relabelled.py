"""A build whose painter mixes up two colours: its metadata says what is there, and is proved."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.build import Options, build
from mint.cli.summary import summary
from mint.errors import CurateError, VerifyError
from mint.plan.recipe import Recipe
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.verify.plan import check_plan
from mint.verify.verify import prove
from tests import small_models

COLOURS = {"red": (220, 20, 20), "blue": (20, 20, 220)}
FILE = """\
name: Colours
symbol: COL
description: Two colours, mixed up.
supply: 4
seed: 1
image: {prompt: "{Colour}, {Number}", width: 64, height: 64, batch: 2}
traits:
  Colour: [red, blue]
  Number: [one, two]
dedup: {threshold: 1, attempts: 1}
truth: {judge: classifier, model: ./judge, exhausted: relabel}
"""


def colour_judge(folder: Path) -> None:
    """A classifier of random features, whose last layer is set by hand to tell two colours."""
    import torch
    from transformers import AutoModelForImageClassification

    small_models.classifier(folder, tuple(COLOURS))
    model = AutoModelForImageClassification.from_pretrained(folder).eval()
    colours = torch.tensor(list(COLOURS.values())) / 255 * 2 - 1
    with torch.inference_mode():
        plain = colours[:, :, None, None].expand(2, 3, 32, 32)
        features = model.vit(pixel_values=plain).last_hidden_state[:, 0]
    apart = features[0] - features[1]
    weights = 20 * torch.stack([apart, -apart]) / (apart @ apart)
    model.classifier.weight.data = weights.clone()
    model.classifier.bias.data = -(weights @ features.mean(0)).clone()
    model.save_pretrained(folder)


def painter(mixes_up: Sequence[str]) -> Any:
    """An open_renderer: plain colours and a little noise; `mixes_up` are prompts."""

    def paint(batch: Sequence[Recipe]) -> list[Any]:
        pictures = []
        for recipe in batch:
            said = recipe.prompt.split(",")[0]
            other = next(colour for colour in COLOURS if colour != said)
            colour = COLOURS[other if recipe.prompt in mixes_up else said]
            noise = np.random.default_rng(recipe.seed).integers(-9, 10, (64, 64, 3))
            pictures.append((noise + colour).clip(0, 255).astype(np.uint8))
        return pictures

    return lambda model, settings, runtime, sources: paint


def made_by(home: Path, mixes_up: Sequence[str], **options: Any) -> Manifest:
    how = Options(open_renderer=painter(mixes_up), **options)
    return build(home / "collection.yaml", how, lambda *news: None)[0]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("colours")
    (home / "collection.yaml").write_text(FILE)
    colour_judge(home / "judge")
    return home


@pytest.fixture(scope="module")
def manifest(home: Path) -> Manifest:
    return made_by(home, ["red, one", "blue, one"])


def test_the_metadata_says_what_is_seen_and_the_record_what_was_promised(
    manifest: Manifest,
) -> None:
    assert manifest.untrue == ()
    for token in manifest.tokens:
        planned = token.recipe.prompt.split(", ")[0]
        mixed_up = token.traits["Number"] == "one"
        assert (token.traits["Colour"] != planned) == mixed_up
        assert token.relabelled == ({"Colour": planned} if mixed_up else {})
        assert token.judgements["Colour"].verdict == "seen"
        assert token.judgements["Colour"].value == token.traits["Colour"]
    assert sum(bool(token.relabelled) for token in manifest.tokens) == 2


def test_it_is_proved_from_the_file_and_from_the_bare_address(
    home: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert manifest.deployment is not None
    monkeypatch.chdir(home)
    for target in (str(home / "collection.yaml"), manifest.deployment.address):
        said = list(prove(target, sample=0, network=None, environ={}))
        assert any("of 2 the metadata says what is seen instead" in each for each in said)


def test_the_summary_names_them(home: Path, manifest: Manifest) -> None:
    folders = folders_of(home / "collection.yaml", manifest.collection)
    lines = list(summary(manifest, folders, {}, 0, "mint", None))
    ids = ", ".join(f"#{token.token_id}" for token in manifest.tokens if token.relabelled)
    assert f"relabelled  2 tokens, to what is seen: {ids}" in lines


def test_a_second_build_has_the_same_bytes(home: Path, manifest: Manifest) -> None:
    file = folders_of(home / "collection.yaml", manifest.collection).manifest
    before = file.read_bytes()
    made_by(home, [])  # nothing is painted, so this painter is not asked
    assert file.read_bytes() == before


def test_where_counts_would_not_hold_the_build_stops_and_says_why(
    home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home / "judge", tmp_path / "judge")
    (tmp_path / "collection.yaml").write_text(FILE)
    why = r"does not show .* instead: the count of Colour: red would be 1, not 2"
    with pytest.raises(CurateError, match=why):
        made_by(tmp_path, ["red, one"], until="render")
    collection = load(tmp_path / "collection.yaml")[0]
    stopped = read_manifest(folders_of(tmp_path / "collection.yaml", collection).manifest)
    assert len(stopped.untrue) == 1
    assert not any(token.relabelled for token in stopped.tokens)


def forged(manifest: Manifest, place: int, **changes: Any) -> Manifest:
    tokens = list(manifest.tokens)
    tokens[place] = tokens[place].model_copy(update=changes)
    return manifest.model_copy(update={"tokens": tuple(tokens)})


def test_other_traits_than_planned_are_refused(manifest: Manifest) -> None:
    """But for those that the judge saw, where the file says so, with all counts and rules."""
    check_plan(manifest)
    relabelled = [i for i, token in enumerate(manifest.tokens) if token.relabelled]
    place = relabelled[0]
    token = manifest.tokens[place]
    planned = {**token.traits, "Colour": token.relabelled["Colour"]}
    unsure = {k: j.model_copy(update={"verdict": "unsure"}) for k, j in token.judgements.items()}
    lies: list[dict[str, Any]] = [
        {"relabelled": {}},
        {"relabelled": {"Number": "two"}},
        {"judgements": unsure},
        {"judgements": {}},
        {"traits": planned},  # and still said to be relabelled
        {"traits": {**token.traits, "Mood": "wild"}},
    ]
    for lie in lies:
        with pytest.raises(VerifyError, match="traits are not the planned ones"):
            check_plan(forged(manifest, place, **lie))
    honest = next(i for i, each in enumerate(manifest.tokens) if not each.relabelled)
    for traits in ({**manifest.tokens[honest].traits, "Mood": "wild"}, {"One of one": "Me"}):
        with pytest.raises(VerifyError, match="traits are not the planned ones"):
            check_plan(forged(manifest, honest, traits=traits))
    with pytest.raises(VerifyError, match="the count of Colour: "):
        check_plan(forged(manifest, place, traits=planned, relabelled={}))
    truth = manifest.collection.truth.model_copy(update={"exhausted": "keep"})
    strict = manifest.collection.model_copy(update={"truth": truth})
    with pytest.raises(VerifyError, match="traits are not the planned ones"):
        check_plan(manifest.model_copy(update={"collection": strict}))
