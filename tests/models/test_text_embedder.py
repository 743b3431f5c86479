"""Texts as vectors by the real CLIP inside mint, and by one of random weights as hubs have them."""

from __future__ import annotations

import math
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from mint.errors import RenderError
from mint.models.embedder import (
    BATCH,
    TextEmbedder,
    clip_embedder,
    clip_text_embedder,
    has_vocabulary,
    logit_scale,
    unread,
)
from mint.spec.collection import ATELIER
from tests import exhibit, small_models

CLIP = ATELIER / "clip"
TEXTS = ["a fox with a crown", "a bear", "a canyon at night", "three tulips in a vase, a bee"]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_models.clip(tmp_path_factory.mktemp("hub") / "clip", shards=True)


@pytest.fixture(scope="module", params=["atelier", "hub"])
def folder(request: pytest.FixtureRequest, hub: Path) -> Path:
    return CLIP if request.param == "atelier" else hub


@pytest.fixture(scope="module")
def embed(folder: Path) -> TextEmbedder:
    return clip_text_embedder(folder, threads=1)


def test_vectors_have_length_one_and_the_pictures_dimensions(
    folder: Path, embed: TextEmbedder
) -> None:
    embedded = embed(TEXTS)

    assert embedded.dtype == np.float32
    assert np.linalg.norm(embedded, axis=1) == pytest.approx(1, abs=1e-6)
    assert embedded.shape[1] == clip_embedder(folder, threads=1)([exhibit.png(1)]).shape[1]
    assert embed([]).shape == (0, embedded.shape[1])


def test_transformers_own_preparation_gives_the_same_vectors(
    folder: Path, embed: TextEmbedder
) -> None:
    import torch
    from transformers import CLIPModel, CLIPTokenizer

    model = CLIPModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokens = CLIPTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        features = model.get_text_features(**tokens).pooler_output.numpy()

    expected = features / np.linalg.norm(features, axis=1, keepdims=True)
    assert embed(TEXTS) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("many", [1, 2, BATCH, BATCH + 1, 3 * BATCH - 1])
def test_company_does_not_change_a_vector(embed: TextEmbedder, many: int) -> None:
    texts = [f"a {'very ' * (i % 5)}red fox {i}" for i in range(many)]
    place = random.Random(many).randrange(many)
    texts[place] = TEXTS[0]

    assert embed(texts)[place].tobytes() == embed([TEXTS[0]])[0].tobytes()


def test_the_atelier_reads_what_it_was_taught() -> None:
    embed = clip_text_embedder(CLIP, threads=1)

    fox, again, bear = embed(["a fox, red body", "red body,  A FOX", "a bear, blue body"])

    assert fox @ again > 0.8 > fox @ bear


def test_texts_that_are_not_read_to_their_end_are_named(hub: Path) -> None:
    window = 32  # "a" is one piece, and a mark stands at either end
    texts = ["", "a " * (window - 2), "a " * (window - 1), "a fox", "a \N{SNOWMAN} fox"]

    assert unread(CLIP, texts) == [2, 4]
    assert unread(hub, texts) == [4]
    assert unread(hub, ["a " * 75, "a " * 76]) == [1]
    assert unread(CLIP, []) == []


def test_what_is_not_read_changes_nothing(embed: TextEmbedder) -> None:
    beginning = "a " * 75

    one, other, third = embed([beginning + "fox", beginning + "bear", "a bear"])

    assert one.tobytes() == other.tobytes() != third.tobytes()


def test_logit_scale_is_the_models_own(folder: Path) -> None:
    from transformers import CLIPModel

    scale = CLIPModel.from_pretrained(folder).logit_scale.item()

    assert logit_scale(folder) == pytest.approx(math.exp(scale), rel=1e-3)


def test_a_model_without_words_is_refused(tmp_path: Path) -> None:
    folder = small_models.clip(tmp_path / "clip", words=False)
    assert clip_embedder(folder, threads=1)([exhibit.png(1)]).shape == (1, 16)
    assert not has_vocabulary(folder)
    assert has_vocabulary(CLIP)

    for attempt in (lambda: clip_text_embedder(folder, threads=1), lambda: unread(folder, ["a"])):
        with pytest.raises(RenderError, match="has no vocabulary"):
            attempt()


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "model.safetensors"])
def test_a_corrupt_model_is_refused(tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(CLIP, tmp_path / "clip")
    (folder / name).write_bytes((folder / name).read_bytes()[:200])

    with pytest.raises(RenderError) as caught:
        clip_text_embedder(folder, threads=1)

    assert str(folder) in str(caught.value)
    assert "dedup.embedder" in caught.value.hint
    if name == "model.safetensors":
        with pytest.raises(RenderError):
            logit_scale(folder)
