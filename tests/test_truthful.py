"""A build whose metadata the model cannot keep: real pictures by atelier, judged by its judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mint.audition import audition, report
from mint.build import Options, build
from mint.curate.token import Judgement
from mint.curate.trial import Look
from mint.curate.truth import tally
from mint.document import plain
from mint.errors import CurateError, VerifyError
from mint.plan.tokens import plan
from mint.record.folders import folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load
from mint.verify.unchecked import Unchecked
from mint.verify.verify import prove
from tests.conftest import edit

# `none` says nothing to the model, which then paints a hat in most pictures.
YAML = """\
name: Truthful
symbol: VERA
description: Beasts that promise to wear nothing.
supply: 6
seed: 20261122
image: {prompt: "a {Body} {Species}, round eyes, smile, {Headwear}", steps: 8, scheduler: dpm++}
traits:
  Species: {fox: 1, cat: 1, panda: 1}
  Body: {orange: 1, blue: 1}
  Headwear: {none: 2, crown: 1}
dedup: {attempts: 1}
truth: {exhausted: keep}
"""


@pytest.fixture(scope="module")
def truthful(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    file = tmp_path_factory.mktemp("truthful") / "collection.yaml"
    file.write_text(YAML)
    return file, build(file, Options(until="publish"), lambda *news: None)[0]


def test_what_the_picture_does_not_show_is_painted_again_and_listed(
    truthful: tuple[Path, Manifest],
) -> None:
    _, manifest = truthful
    bare = [token for token in manifest.tokens if "Headwear" not in token.traits]
    assert len(bare) == 4
    again = [token for token in manifest.tokens if token.attempts]
    reasons = [reason for token in again for each in token.attempts for reason in each.reasons]
    assert any(reason.startswith("Headwear: none is promised, and ") for reason in reasons)
    contradicted = [
        token.token_id
        for token in manifest.tokens
        if any(said.verdict == "contradicted" for said in token.judgements.values())
    ]
    assert list(manifest.untrue) == contradicted


def test_what_the_model_cannot_paint_is_listed_and_not_painted_again(
    truthful: tuple[Path, Manifest],
) -> None:
    _, manifest = truthful
    pandas = [token for token in manifest.tokens if token.traits["Species"] == "panda"]
    assert pandas
    for token in pandas:
        said = token.judgements["Species"]
        assert (said.probability, said.verdict) == (0, "contradicted")
        assert said.value != "panda"
        assert token.token_id in manifest.untrue
        reasons = [reason for each in token.attempts for reason in each.reasons]
        assert not [reason for reason in reasons if reason.startswith("Species")]
    others = [token for token in manifest.tokens if token.traits["Species"] != "panda"]
    assert all(token.judgements["Species"].verdict == "seen" for token in others)
    assert "panda" not in manifest.judging[0].thresholds["Species"]
    assert tally(manifest.collection, manifest.tokens).unjudged == 0


def test_another_build_judges_nothing_again_and_says_the_same(
    truthful: tuple[Path, Manifest],
) -> None:
    file, manifest = truthful
    steps = []
    again, _ = build(file, Options(until="render"), lambda *news: steps.append(news))
    assert again.tokens == manifest.tokens
    assert steps.count(("judging", 0, 6)) == 1  # announced, and remembered: no model is loaded
    assert ("loading", 0, 1) not in steps[steps.index(("judging", 0, 6)) :]
    assert again.judging == manifest.judging


def test_to_stop_ends_the_build_after_the_report_is_written(
    truthful: tuple[Path, Manifest],
) -> None:
    file, manifest = truthful
    edit(file, "exhausted: keep", "exhausted: stop")
    try:
        with pytest.raises(CurateError, match="does not show what the metadata says") as refusal:
            build(file, Options(until="publish"), lambda *news: None)
        assert "truth.exhausted: keep" in str(refusal.value.hint)
        folders = folders_of(file, load(file)[0])
        assert read_manifest(folders.manifest).untrue == manifest.untrue
        assert "Contradicts its metadata" in folders.report.read_text()
    finally:
        edit(file, "exhausted: stop", "exhausted: keep")
        build(file, Options(until="publish"), lambda *news: None)


def test_verify_judges_published_pictures_again(truthful: tuple[Path, Manifest]) -> None:
    file, manifest = truthful
    sentences = list(prove(str(file), sample=3, network=None, environ={}))
    counts = tally(manifest.collection, manifest.tokens)
    judged = counts.promised - counts.unjudged
    said = f"{counts.seen} of {judged} promised traits are seen"
    (record,) = (s for s in sentences if s.startswith("by the judgements on record"))
    assert said in record
    (again,) = (s for s in sentences if "published pictures judged again" in s)
    assert again.startswith("3 ")
    assert not isinstance(again, Unchecked)


def test_verify_finds_a_judgement_that_nobody_made(truthful: tuple[Path, Manifest]) -> None:
    file, _ = truthful
    path = folders_of(file, load(file)[0]).manifest
    before = path.read_bytes()
    forged = plain(before)
    forged["tokens"][0]["judgements"]["Body"] |= {"probability": 0.5, "verdict": "unsure"}
    path.write_text(json.dumps(forged))
    try:
        with pytest.raises(VerifyError, match="Body is judged"):
            list(prove(str(file), sample=6, network=None, environ={}))
    finally:
        path.write_bytes(before)


def test_a_few_tokens_are_tried_before_all(truthful: tuple[Path, Manifest]) -> None:
    file, _ = truthful
    lines = list(audition(file, 2, lambda *news: None))
    assert any(line.startswith("not seen    Headwear: none in ") for line in lines)
    assert any(line.startswith("not seen    Species: panda in ") for line in lines)
    assert any(line.startswith("redraws     about ") for line in lines)


def test_one_of_ones_alone_are_not_tried(tmp_path: Path) -> None:
    file = tmp_path / "collection.yaml"
    file.write_text(
        "name: One\nsymbol: ONE\ndescription: One.\nsupply: 1\nseed: 1\n"
        "image: {prompt: 'a {Species}'}\ntraits: {Species: [fox]}\n"
        "one_of_ones: [{name: The One, prompt: 'a gray fox, crown'}]\n"
    )
    (line,) = audition(file, 2, lambda *news: None)
    assert line.startswith("try         nothing is painted: all tokens are one-of-ones")


def test_what_no_attempt_helps_is_counted_and_not_painted_again(
    truthful: tuple[Path, Manifest],
) -> None:
    collection, source = load(truthful[0])
    slots = plan(collection, source)[:4]
    lie = Judgement(value="fox", probability=0, verdict="contradicted")
    hopeless, hopeful = Look({"Species": lie}), Look({"Species": lie}, ("Species: no",))
    truth = Look({"Species": Judgement(value="fox", probability=1, verdict="seen")})

    lines = list(report(collection, slots, [hopeless, hopeful, truth, truth], 120.0))

    assert lines[0].endswith("2 of 4 judged traits are seen, 2 tokens show something else")
    # One in four is painted again once (dedup.attempts), a quarter and a sixteenth stay untrue.
    assert lines[-2] == "redraws     about 2 for 6 tokens, about 15 min in all"
    assert lines[-1].startswith("warning: about 2 of 6 tokens would not show")
