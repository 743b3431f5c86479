"""Any image-classification model of transformers, opened from a folder without torchvision."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.errors import RenderError
from mint.models.classifier import Classifier, image_classifier
from mint.models.embedder import BATCH
from tests import small_models

LABELS = ("drawing", "neutral", "porn")


@pytest.fixture(scope="module", params=["vit", "resnet"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("classifier") / request.param
    return small_models.classifier(home, LABELS, kind=request.param)


@pytest.fixture
def vit(tmp_path: Path) -> Path:
    """A folder to spoil."""
    return small_models.classifier(tmp_path / "vit", LABELS)


@pytest.fixture(scope="module")
def classify(folder: Path) -> Classifier:
    return image_classifier(folder, threads=1)


def noise(seed: int, side: int = 48) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8))


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_row_for_each_picture_and_a_column_for_each_label(classify: Classifier) -> None:
    logits = classify([png(noise(seed)) for seed in range(3)])

    assert classify.labels == LABELS
    assert logits.shape == (3, 3)
    assert logits.dtype == np.float32
    assert len(np.unique(logits, axis=0)) == 3
    assert classify([]).shape == (0, 3)


def test_the_logits_are_the_models_own(folder: Path, classify: Classifier) -> None:
    import torch
    from transformers import AutoModelForImageClassification

    # What preprocessor_config.json of small_models says, by hand.
    small = np.asarray(noise(1).resize((32, 32), Image.Resampling.BILINEAR), np.float32)
    pixels = torch.from_numpy((small / 255 - 0.5) / 0.5).permute(2, 0, 1)[None]
    model = AutoModelForImageClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        expected = model(pixel_values=pixels).logits[0].numpy()

    assert classify([png(noise(1))])[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("many", [1, 5, BATCH, BATCH + 1])
def test_company_does_not_change_a_row(classify: Classifier, many: int) -> None:
    files = [png(noise(seed)) for seed in range(many)]

    together = classify(files)

    assert together[-1].tobytes() == classify(files[-1:])[0].tobytes()


def test_transparent_and_gray_pictures_are_read_as_rgb(classify: Classifier) -> None:
    gray = noise(1).convert("L")

    rows = classify([png(gray), png(gray.convert("RGBA")), png(gray.convert("RGB"))])

    assert len(np.unique(rows, axis=0)) == 1


def test_probabilities_of_labels_that_exclude_each_other_add_up(classify: Classifier) -> None:
    files = [png(noise(seed)) for seed in range(4)]

    chances = classify.probabilities(files)

    assert chances.sum(axis=1) == pytest.approx(1)
    assert (chances.argmax(axis=1) == classify(files).argmax(axis=1)).all()
    logits = classify(files)[0].astype(float)
    assert chances[0, 0] / chances[0, 1] == pytest.approx(np.exp(logits[0] - logits[1]), rel=1e-4)


def test_labels_that_do_not_exclude_each_other_have_probabilities_of_their_own(vit: Path) -> None:
    path = vit / "config.json"
    config = json.loads(path.read_bytes()) | {"problem_type": "multi_label_classification"}
    path.write_text(json.dumps(config))
    classify = image_classifier(vit, threads=1)
    files = [png(noise(1))]

    chances = classify.probabilities(files)

    assert chances[0] == pytest.approx(1 / (1 + np.exp(-classify(files)[0].astype(float))))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def lose(path: Path) -> None:
    """Save the weights again, all but the last layer: transformers makes up what is missing."""
    from safetensors.numpy import load_file, save_file

    weights = load_file(path)
    del weights["classifier.weight"]
    save_file(weights, path, metadata={"format": "pt"})


def pickle_instead(path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    torch.save(load_file(path), path.parent / "pytorch_model.bin")
    path.unlink()


SPOILT = [
    ("model.safetensors", cut),
    ("model.safetensors", lose),
    ("model.safetensors", pickle_instead),
    ("model.safetensors", Path.unlink),
    ("config.json", lambda path: path.write_text("{")),
    ("config.json", lambda path: path.write_text('{"model_type": "bert"}')),
    ("preprocessor_config.json", lambda path: path.write_text("{")),
    ("preprocessor_config.json", Path.unlink),
]


@pytest.mark.parametrize(("name", "spoil"), SPOILT)
def test_a_folder_that_is_no_whole_classifier_is_refused(
    vit: Path, name: str, spoil: object
) -> None:
    assert callable(spoil)
    spoil(vit / name)

    with pytest.raises(RenderError, match="cannot be loaded") as caught:
        image_classifier(vit, threads=1)

    assert str(vit) in str(caught.value)
    assert "preprocessor_config.json" in caught.value.hint


def test_pictures_of_a_size_that_the_model_does_not_read_are_refused(vit: Path) -> None:
    path = vit / "preprocessor_config.json"
    config = json.loads(path.read_bytes()) | {"size": {"height": 48, "width": 48}}
    path.write_text(json.dumps(config))
    classify = image_classifier(vit, threads=1)

    with pytest.raises(RenderError, match="cannot classify a picture") as caught:
        classify([png(noise(1))])

    assert str(vit) in str(caught.value)
