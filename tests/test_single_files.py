"""A checkpoint with a LoRA and a textual inversion, through the whole product."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mint.check import preflight
from mint.document import sha256
from mint.errors import MintError
from mint.spec.load import load
from mint.verify.verify import prove
from tests.builds import run
from tests.conftest import edit
from tests.single_files import checkpoint, inversion, lora
from tests.spec.jargon import JARGON


@pytest.fixture
def home(family: Callable[[str], Path], tmp_path: Path) -> Path:
    """collection.yaml beside a checkpoint, its settings and two files that change it."""
    folder = family("sd")
    checkpoint(folder, tmp_path / "dream.safetensors")
    ignored = shutil.ignore_patterns("*.safetensors")
    shutil.copytree(folder, tmp_path / "config", ignore=ignored)
    lora(folder, tmp_path / "ink.safetensors")
    inversion(tmp_path / "style.safetensors", 16)
    text = {
        "name": "Files", "symbol": "ANY", "description": "Some foxes.", "supply": 2, "seed": 1,
        "image": {
            "model": "./dream.safetensors", "config": "./config", "prompt": "a {Body} fox, <style>",
            "steps": 1, "width": 64, "height": 64, "dtype": "float64",
            "adapters": [{"file": "ink.safetensors", "scale": 0.5}],
            "embeddings": [{"file": "style.safetensors", "token": "<style>"}],
        },
        "traits": {"Body": {"red": 1, "blue": 1}},
        "dedup": {"threshold": 1}, "truth": {"judge": "off"},
    }  # fmt: skip
    file = tmp_path / "collection.yaml"
    file.write_text(yaml.safe_dump(text))
    return file


def test_it_is_built_on_record_and_verified(home: Path, family: Callable[[str], Path]) -> None:
    manifest, _, _ = run(home, until="publish")

    (runtime,) = manifest.runtimes.values()
    names = ("dream.safetensors", "ink.safetensors", "style.safetensors")
    digests = {name: sha256((home.parent / name).read_bytes()) for name in names}
    assert runtime.files == {f"./{names[0]}": digests[names[0]]} | {
        n: digests[n] for n in names[1:]
    }
    recipe = manifest.tokens[0].recipe
    assert [(each.file, each.scale) for each in recipe.diffusion.adapters] == [(names[1], 0.5)]
    sentences = list(prove(str(home), sample=2, network=None, environ={}))
    assert sum("every pixel is equal" in sentence for sentence in sentences) == 2
    page = (home.parent / "build" / "files" / "report" / "index.html").read_text()
    assert "dream.safetensors + ink.safetensors \u00d7 0.5 + style.safetensors" in page
    assert digests["ink.safetensors"] in page

    lora(family("sd"), home.parent / "ink.safetensors", seed=2)
    with pytest.raises(MintError, match=r"ink\.safetensors .*is not the file that painted"):
        list(prove(str(home), sample=1, network=None, environ={}))


def test_check_counts_the_words_of_the_config(home: Path) -> None:
    said = "\n".join(preflight(home))
    assert "the longest prompt possible has 8 of 32 places" in said  # two of them for <style>
    assert "warning" not in said


def test_without_such_files_the_record_is_as_before(tiny: Path) -> None:
    record = load(tiny)[0].canonical()
    assert not any(key in record for key in (b"adapters", b"embeddings", b"config", b"transformer"))


# what to write instead of what, where the error is, what it says, what to do
MISTAKES = {
    "no config": ("config: ./config", "config:", "model's weights and not its settings", "add"),
    "a config of a folder": (
        "model: ./dream.safetensors", "model: atelier", "belongs to a single", "remove",
    ),
    "a config that is not there": ("./config", "./conf", "does not exist", "give a folder"),
    "a pickle": ("ink.safetensors", "ink.pt", "can run any code", "as .safetensors"),
    "no file": ("ink.safetensors", "pen.safetensors", "does not exist", "relative to"),
    "too strong": ("scale: 0.5", "scale: 40", '"scale" is 40', "4"),
    "an unpinned hub file": (
        "file: ink.safetensors", "file: ink.safetensors\n    model: org/ink", "is not pinned",
        "`revision:`",
    ),
    "two words": ("token: <style>", "token: my style", "my style", "<my-style>"),
    "a transformer that is none": (
        "steps: 1", "steps: 1\n  transformer: ink.safetensors", "no .gguf file", "give one",
    ),
    "a LoRA for a model": ("./dream.safetensors", "./ink.safetensors", "is a LoRA", "whole model"),
    "a whole model for a LoRA": (
        "file: ink.safetensors", "file: dream.safetensors", "is a whole model", "a LoRA here",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_with_its_place(home: Path, case: str) -> None:
    old, new, says, hint = MISTAKES[case]
    edit(home, old, new)

    with pytest.raises(MintError) as caught:
        list(preflight(home))

    text = f"{caught.value} {caught.value.hint}"
    assert str(caught.value).startswith(f"{home}:")
    assert says in text
    assert hint in text
    assert not JARGON.search(text)


def test_a_taught_word_that_no_prompt_has_is_warned_of(home: Path) -> None:
    edit(home, "fox, <style>", "fox, <stile>")
    assert any("warning" in line and '"<style>"' in line for line in preflight(home))
