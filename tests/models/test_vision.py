"""Any model of transformers that looks at pictures, as an embedder; here DINOv2 and a ResNet."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.errors import RenderError
from mint.models.embedder import BATCH, Embedder
from mint.models.vision import image_embedder
from tests import small_models


@pytest.fixture(scope="module")
def dinov2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_models.dinov2(tmp_path_factory.mktemp("vision") / "dinov2")


@pytest.fixture(scope="module")
def embed(dinov2: Path) -> Embedder:
    return image_embedder(dinov2, threads=1)


def scene(seed: int, side: int = 64) -> Image.Image:
    """Sixteen fields of random colours with soft edges."""
    fields = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return Image.fromarray(fields).resize((side, side), Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_the_vectors_are_the_models_own_at_length_1(dinov2: Path, embed: Embedder) -> None:
    import torch
    from transformers import BitImageProcessorPil, Dinov2Model

    model = Dinov2Model.from_pretrained(dinov2, local_files_only=True).eval()
    processor = BitImageProcessorPil.from_pretrained(dinov2, local_files_only=True)
    pictures = [scene(seed) for seed in range(3)]
    with torch.inference_mode():
        output = model(**processor(pictures, return_tensors="pt"))
    # DINOv2's pooler takes the class token of the last layer (facebookresearch/dinov2).
    tokens = output.last_hidden_state[:, 0].numpy()

    vectors = embed([saved(picture) for picture in pictures])

    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    own = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
    assert vectors == pytest.approx(own, abs=1e-5)


def test_a_vector_does_not_depend_on_how_many_came_along(embed: Embedder) -> None:
    files = [saved(scene(seed)) for seed in range(BATCH)]

    together, alone = embed(files), [embed([file])[0] for file in files]

    assert (together == np.stack(alone)).all()


def test_copies_come_nearer_than_others(embed: Embedder) -> None:
    pictures = [scene(seed) for seed in range(BATCH)]
    cut = [picture.crop((0, 0, 63, 64)).resize((64, 64)) for picture in pictures]  # 2 % of a side
    originals = embed([saved(picture) for picture in pictures])

    for copies in (
        [saved(picture, "JPEG", quality=75) for picture in pictures],
        [saved(picture) for picture in cut],
    ):
        cosines = originals @ embed(copies).T
        others = cosines[~np.eye(BATCH, dtype=bool)]
        assert np.diag(cosines).min() > others.max()


def test_a_model_without_a_class_token_has_its_pooled_features(tmp_path: Path) -> None:
    folder = small_models.classifier(tmp_path / "resnet", ("cat", "dog"), kind="resnet")

    vectors = image_embedder(folder, 1)([saved(scene(seed)) for seed in range(2)])

    assert vectors.shape == (2, 8)


def test_what_cannot_compare_pictures_is_refused(tmp_path: Path) -> None:
    no_processor = small_models.dinov2(tmp_path / "bare")
    (no_processor / "preprocessor_config.json").unlink()
    half = small_models.dinov2(tmp_path / "half")
    config = json.loads((half / "config.json").read_bytes())
    (half / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))

    for folder in (no_processor, half):
        with pytest.raises(RenderError, match="cannot be loaded") as caught:
            image_embedder(folder, 1)
        assert "dedup.second" in caught.value.hint

    reads_words_too = image_embedder_or_error(small_models.clip(tmp_path / "clip"))
    assert "dedup.second" in reads_words_too.hint


def image_embedder_or_error(folder: Path) -> RenderError:
    with pytest.raises(RenderError) as caught:
        image_embedder(folder, 1)([saved(scene(0))])
    return caught.value
