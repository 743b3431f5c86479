"""Prompts are counted as the model's own tokenizer counts them, and never cut in silence."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mint.errors import CollectionError, RenderError
from mint.paint.prompt_length import WordCounter, refuse_long_prompts, word_counter
from mint.plan.prompts import phrase_table, phrases, prompt
from mint.plan.tokens import plan
from mint.spec.collection import ATELIER
from mint.spec.load import load
from mint.spec.painting import PLACEHOLDER
from tests.conftest import ROOT, edit
from tests.plan.problems import keeps

PIPELINE = ATELIER / "pipeline"
MODEL: dict[str, Any] = json.loads((PIPELINE / "tokenizer" / "tokenizer.json").read_bytes())[
    "model"
]
WORDS = [word.removesuffix("</w>") for word in MODEL["vocab"] if not word.startswith("<|")]
WINDOW = 32


def pipeline(folder: Path) -> Path:
    """A model folder with atelier's tokenizer and nothing else."""
    shutil.copytree(PIPELINE / "tokenizer", folder / "tokenizer")
    return folder


def older(folder: Path) -> Path:
    """The same vocabulary in two files, as Stable Diffusion 1.5 and SDXL have it."""
    part = pipeline(folder) / "tokenizer"
    (part / "tokenizer.json").unlink()
    (part / "vocab.json").write_text(json.dumps(MODEL["vocab"]))
    merges = "\n".join(map(" ".join, MODEL["merges"]))
    (part / "merges.txt").write_text(f"#version: 0.2\n{merges}\n")
    return folder


FORMS = {"tokenizer.json": pipeline, "vocab.json and merges.txt": older}


@pytest.fixture(scope="module", params=FORMS)
def counter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> WordCounter:
    found = word_counter(FORMS[request.param](tmp_path_factory.mktemp("model")))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def transformers_count() -> Any:
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(PIPELINE / "tokenizer")
    return lambda text: len(tokenizer(text, truncation=False).input_ids)


@pytest.mark.parametrize(("kind", "part", "most"), [
    ("FluxPipeline", "tokenizer_2", 512),
    ("StableDiffusion3Pipeline", "tokenizer_3", 256),
    ("StableDiffusionXLPipeline", "tokenizer_2", WINDOW),  # both of its are CLIP's
])  # fmt: skip
def test_a_class_is_asked_how_much_it_reads(
    tmp_path: Path, kind: str, part: str, most: int
) -> None:
    folder = pipeline(tmp_path)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    shutil.copytree(folder / "tokenizer", folder / part)
    config = folder / part / "tokenizer_config.json"
    config.write_text(config.read_text().replace(f": {WINDOW}", ": 1000000"))
    counter = word_counter(folder)
    assert counter is not None
    assert counter.window == most
    shutil.rmtree(folder / part)  # Stable Diffusion 3 may come without
    counter = word_counter(folder)
    assert counter is not None
    assert counter.window == WINDOW


odd = st.sampled_from(
    ["'s", "'", "-", "12", "3", "É", "naïve", "🦊", "日本", "  ", "\n", "!?", "_", "(", ":1.2)"]
)
words = st.one_of(st.sampled_from(WORDS), odd, st.text(max_size=4))
prompts = st.lists(words, max_size=30).flatmap(
    lambda parts: st.sampled_from([" ", ", ", ""]).map(lambda glue: glue.join(parts))
)


@settings(max_examples=400)
@example("a fox's hat, it'll, he'd, we've, you're, I'm, can't")
@example("Ame\u0301lie \u1e9b\u0323 x\u00a0y\u3000z")
@given(prompts)
def test_counts_are_those_of_transformers(
    counter: WordCounter, transformers_count: Any, prompt: str
) -> None:
    assert counter.count(prompt) == transformers_count(prompt)


def test_the_window_is_the_models(counter: WordCounter) -> None:
    assert counter.window == WINDOW
    assert counter.count("") == 2


def test_truncation_saved_in_the_file_does_not_hide_long_prompts(tmp_path: Path) -> None:
    """As save_pretrained leaves it after a call with padding and truncation."""
    path = pipeline(tmp_path) / "tokenizer" / "tokenizer.json"
    saved = json.loads(path.read_bytes())
    saved["truncation"] = {
        "direction": "Right", "max_length": 10, "strategy": "LongestFirst", "stride": 0,
    }  # fmt: skip
    saved["padding"] = {
        "strategy": {"Fixed": 10}, "direction": "Right", "pad_to_multiple_of": None,
        "pad_id": 272, "pad_type_id": 0, "pad_token": "<|endoftext|>",
    }  # fmt: skip
    path.write_text(json.dumps(saved))

    counter = word_counter(tmp_path)

    assert counter is not None
    assert [counter.count(text) for text in ("", "fox", "fox " * 30)] == [2, 3, 32]


@pytest.mark.parametrize(
    "files", [[], ["tokenizer_config.json"], ["spiece.model"], ["tokenizer.model"]]
)
def test_other_vocabularies_are_not_counted(tmp_path: Path, files: list[str]) -> None:
    (tmp_path / "tokenizer").mkdir()
    for name in files:
        (tmp_path / "tokenizer" / name).write_text("{}")

    assert word_counter(tmp_path) is None
    assert word_counter(tmp_path / "tokenizer") is None


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_a_corrupt_vocabulary_is_refused(tmp_path: Path, name: str) -> None:
    (pipeline(tmp_path) / "tokenizer" / name).write_text("{")

    with pytest.raises(RenderError, match="cannot be read") as caught:
        word_counter(tmp_path)

    assert "fetch the model again" in caught.value.hint


def too_long(file: Path, counter: WordCounter) -> CollectionError:
    collection, source = load(file)
    with pytest.raises(CollectionError) as caught:
        refuse_long_prompts(collection, source, plan(collection, source), counter)
    return caught.value


def test_the_longest_prompt_is_told(tiny: Path, counter: WordCounter) -> None:
    collection, source = load(tiny)
    slots = plan(collection, source)

    longest = refuse_long_prompts(collection, source, slots, counter)

    assert longest == max(counter.count(slot.prompt) for slot in slots) <= WINDOW


def foxes(number: int) -> str:
    return " ".join(["fox"] * number)


# Each word, comma and end mark takes a place; bodies are three words long, species two.
@pytest.mark.parametrize(
    ("prompt", "trait"),
    [
        (f"{foxes(WINDOW - 5)}, {{Body}} {{Species}} {{Headwear}}", "Body"),
        (f"{foxes(WINDOW - 6)}, {{Body}} {{Species}} {{Headwear}}", "Species"),
        (f"{foxes(WINDOW - 6)} {{Body}}, {{Species}} {{Headwear}}", "Species"),
        (f"{{Species}} {{Body}} {foxes(WINDOW - 8)}, {{Headwear}}", "Headwear"),
        (f"{{Species}} {{Body}} {{Headwear}}{', fox' * 18}", None),
    ],
)
def test_the_first_trait_that_falls_off_is_named(
    tiny: Path, counter: WordCounter, prompt: str, trait: str | None
) -> None:
    edit(tiny, "a {Body} {Species}, {Headwear}", prompt)
    edit(tiny, "{orange: 2, blue: {count: 2}}", "{fox fox fox: 2, bear bear bear: {count: 2}}")
    edit(tiny, "{fox: 1, cat: 1, bear: 1}", "{fox fox: 1, cat cat: 1, bear bear: 1}")
    edit(tiny, "crown: {count: 1}, cap: 1", "crown: {count: 1, prompt: golden  crown}")
    edit(
        tiny,
        "- never: {Species: bear, Headwear: crown}",
        "- never: {Species: bear bear, Headwear: crown}",
    )

    error = too_long(tiny, counter)

    assert str(error).startswith(f"{tiny}:8:11: the prompt of token ")
    collection, source = load(tiny)
    token = plan(collection, source)[int(str(error).split("token ")[1].split()[0]) - 1]
    assert counter.count(token.prompt) > WINDOW
    assert f"{counter.count(token.prompt)} places, the model reads {WINDOW}" in str(error)
    said = (
        f'the trait "{trait}" ("{dict(phrases(collection, token.traits))[trait]}")'
        if trait
        else "its end"
    )
    assert said in str(error)
    assert "falls off" in str(error)
    assert "shorten" in error.hint


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_answer_does_not_depend_on_the_seed(
    tiny: Path, counter: WordCounter, seed: int
) -> None:
    """One token of six is a bear, one wears the crown: few seeds draw a bear with a crown."""
    edit(tiny, "bear: 1", f"bear: {{count: 1, prompt: {foxes(14)}}}")
    edit(tiny, "crown: {count: 1}", f"crown: {{count: 1, prompt: {foxes(14)}}}")
    edit(tiny, "rules:\n  - never: {Species: bear, Headwear: crown}\n", "")
    edit(tiny, "seed: 1\n", f"seed: {seed}\n")

    error = too_long(tiny, counter)

    assert str(error).startswith(f"{tiny}:8:11: ")
    assert f"has {WINDOW + 1} places" in str(error) or (
        "Species: bear, Headwear: crown could need 33 places for its prompt" in str(error)
    )
    assert 'the trait "Headwear"' in str(error)


def test_a_long_prompt_that_a_rule_forbids_is_not_refused(tiny: Path, counter: WordCounter) -> None:
    edit(tiny, "bear: 1", f"bear: {{count: 1, prompt: {foxes(12)}}}")
    edit(tiny, "crown: {count: 1}", f"crown: {{count: 1, prompt: {foxes(14)}}}")
    collection, source = load(tiny)

    longest = refuse_long_prompts(collection, source, plan(collection, source), counter)

    # start, "a", a body, a fox, a comma, fourteen for the crown, end: a bear never has it.
    assert longest == max(1 + 1 + 1 + 1 + 1 + 14 + 1, 1 + 1 + 1 + 12 + 1 + 1 + 1)


@pytest.mark.parametrize("name", ["menagerie", "postcards", "florilegium"])
def test_the_longest_prompt_is_the_longest_of_all_combinations(
    name: str, counter: WordCounter
) -> None:
    collection, source = load(ROOT / "collections" / name / "collection.yaml")
    table = phrase_table(collection)
    named = list(dict.fromkeys(PLACEHOLDER.findall(collection.image.prompt)))
    few = {t: sorted(v, key=lambda value: -counter.count(v[value]))[:3] for t, v in table.items()}

    longest = refuse_long_prompts(collection, source, plan(collection, source), counter)

    # Three values each are enough here: no rule forbids all combinations of them.
    assert longest == max(
        counter.count(prompt(collection.image.prompt, table, dict(zip(named, row, strict=True))))
        for row in itertools.product(*(few[trait] for trait in named))
        if all(keeps(dict(zip(named, row, strict=True)), rule) for rule in collection.rules)
    )


def test_a_prompt_that_just_fits_is_not_refused(tiny: Path, counter: WordCounter) -> None:
    edit(tiny, '"a white robot, round eyes"', f'"{foxes(WINDOW - 2)}"')
    collection, source = load(tiny)

    assert refuse_long_prompts(collection, source, plan(collection, source), counter) == WINDOW


def test_a_one_of_one_that_is_too_long_is_pointed_at(tiny: Path, counter: WordCounter) -> None:
    edit(tiny, '"a white robot, round eyes"', f'"{foxes(WINDOW - 1)}"')

    error = too_long(tiny, counter)

    assert str(error).startswith(f"{tiny}:22:36: the prompt of token 4 has {WINDOW + 1} places")
    assert 'its end ("...' in str(error)
