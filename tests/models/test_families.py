"""A key that a model would not honour is refused with its place, before anything is painted."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path

import pytest

from mint.errors import CollectionError, RenderError
from mint.models.families import FAMILIES, class_name, family_of, refuse_unheard
from mint.models.locate_painter import refuse_no_pipeline
from mint.models.misfits import refuse_misfits
from mint.models.weights import Files
from mint.spec.load import load
from tests.conftest import edit

DPM, FLOW = "scheduler: dpm++", "scheduler: default"
NEGATIVE = ("  batch: 2", "  batch: 2\n  negative_prompt: text")

PLAIN = [(DPM, FLOW), ("  guidance_scale: 1\n", "")]


def styled(style: str) -> tuple[str, str]:
    return "traits:\n", f"style: {style}\ntraits:\n"


def folder_of(kind: str, folder: Path, **transformer: object) -> Path:
    """As much of a model's folder as says what it is."""
    (folder / "transformer").mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    (folder / "transformer" / "config.json").write_text(json.dumps(transformer))
    return folder


# Class, edits of collections/tiny, where the mistake is, what is said, what to do.
REFUSED: dict[str, tuple[str, list[tuple[str, str]], str, str, str]] = {
    "a negative prompt": (
        "FluxPipeline", [(DPM, FLOW), ("  guidance_scale: 1\n", ""), NEGATIVE], "14:20",
        "Flux reads no negative prompt", "models that read one: StableDiffusion",
    ),
    "guidance of a distilled model": (
        "FluxPipeline", [(DPM, FLOW)], "10:19", "distilled to need no guidance", "leave it out",
    ),
    "a preset's guidance": (
        "FluxPipeline", [*PLAIN, styled("{preset: crisp}")], "14:17",
        "distilled to need no guidance", "take another preset",
    ),
    "a style's guidance": (
        "FluxPipeline", [*PLAIN, styled("{preset: ink, guidance_scale: 4}")], "14:38",
        "distilled to need no guidance", "leave it out",
    ),
    "stylize": (
        "FluxPipeline", [*PLAIN, styled("{preset: ink, stylize: 4}")], "14:31",
        "distilled to need no guidance", "leave it out",
    ),
    "a style's scheduler": (
        "StableDiffusion3Pipeline", [(DPM, FLOW), styled("{scheduler: dpm++}")], "15:20",
        "cannot use dpm++", "write default",
    ),
    "a scheduler": (
        "StableDiffusion3Pipeline", [], "11:14", "cannot use dpm++", "write default",
    ),
    "one of two": (
        "LatentConsistencyModelPipeline", [], "11:14", "cannot use dpm++", "default or lcm",
    ),
    "a size": (
        "StableCascadeCombinedPipeline", [(DPM, FLOW)], "12:10", "multiples of 128 pixels",
        "write 128",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_change_nothing_is_refused(tiny: Path, case: str) -> None:
    kind, edits, place, message, remedy = REFUSED[case]
    for old, new in edits:
        edit(tiny, old, new)
    collection, source = load(tiny)

    with pytest.raises(CollectionError) as caught:
        refuse_unheard(collection, source, folder_of(kind, tiny.parent / "model"))
    assert f":{place}: " in str(caught.value)
    assert message in str(caught.value)
    assert remedy in caught.value.hint


def test_guidance_is_for_those_that_were_trained_with_it(tiny: Path) -> None:
    edit(tiny, DPM, FLOW)
    folder = folder_of("FluxPipeline", tiny.parent / "model", guidance_embeds=True)
    collection, source = load(tiny)

    refuse_unheard(collection, source, folder)  # raises nothing


def test_a_class_that_is_not_listed_is_known_by_its_call_and_painted_alone() -> None:
    family = family_of("NewPipeline", ("prompt", "guidance_scale", "use_resolution_binning"))

    assert (family.guidance, family.negative, family.alone) == ("guidance_scale", False, True)
    assert family.fixed == {"use_resolution_binning": False}


def test_every_class_that_is_listed_is_one_of_diffusers_and_takes_what_is_said() -> None:
    import inspect

    import diffusers

    for name, family in FAMILIES.items():
        parameters = inspect.signature(getattr(diffusers, name).__call__).parameters
        named = {family.guidance, family.steps, *family.fixed, *family.embeddings} - {None, ""}
        assert named <= set(parameters), name
        if family.negative:
            assert {"negative_prompt", "negative_prompt_embeds"} & set(parameters), name


def test_a_folder_without_its_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("[]")

    with pytest.raises(RenderError, match="does not say of what class"):
        class_name(tmp_path)


def test_no_family_reads_more_than_its_class_says() -> None:
    import diffusers

    for name, family in FAMILIES.items():
        parameters = signature(getattr(diffusers, name).__call__).parameters
        most = parameters.get("max_sequence_length")
        if most is not None:
            assert family.reads is not None, name
            assert family.reads <= (family.padded or most.default), name


def test_words_that_another_library_reads_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of("PixArtAlphaPipeline", tmp_path / "pixart")
    (folder / "tokenizer").mkdir()
    (folder / "tokenizer" / "spiece.model").touch()
    monkeypatch.setattr("mint.models.misfits.find_spec", lambda name: None)

    with pytest.raises(RenderError, match="loaded by sentencepiece, which is not inst") as caught:
        refuse_misfits(folder, Files())
    assert caught.value.hint == "run pip install sentencepiece protobuf"
    (folder / "tokenizer" / "tokenizer.json").touch()
    refuse_misfits(folder, Files())


def test_half_of_a_model_is_named_before_it_is_loaded(tmp_path: Path) -> None:
    folder = folder_of("KandinskyV22PriorPipeline", tmp_path / "prior")

    with pytest.raises(RenderError, match=r"one half of a model \(KandinskyV22PriorPipeline\)"):
        refuse_no_pipeline(folder, "image.model")
