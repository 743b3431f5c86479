"""Pictures as vectors by the real CLIP inside mint, and which of them lie too close."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mint.curate.close_pairs import close_blocks
from mint.errors import RenderError
from mint.models.embedder import BATCH, Embedder, clip_embedder
from mint.spec.collection import ATELIER
from mint.store import Store
from tests import small_models

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

CLIP = ATELIER / "clip"


def brute(left: Vectors, right: Vectors, threshold: float, same: bool) -> set[tuple[int, int]]:
    return {
        (i, j)
        for i in range(len(left))
        for j in range(len(right))
        if float(np.dot(left[i], right[j])) >= threshold and (not same or i < j)
    }


# Vectors of small integers: their products are exact in any order of summing.
rows = st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), max_size=24)


def vectors(written: list[list[int]]) -> Vectors:
    return np.asarray(written, np.float32).reshape(-1, 3)


@settings(max_examples=300)
@given(
    left=rows,
    right=rows,
    threshold=st.integers(-4, 20),
    same=st.booleans(),
    tile=st.tuples(st.integers(1, 9), st.integers(1, 9)),
)
def test_close_pairs_are_all_pairs_that_are_close(
    left: list[list[int]], right: list[list[int]], threshold: int, same: bool, tile: tuple[int, int]
) -> None:
    one, other = vectors(left), vectors(left if same else right)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mint.curate.close_pairs.TILE", tile)
        blocks = list(close_blocks(one, other, threshold, same=same))
    pairs = [pair for block in blocks for pair in zip(*block, strict=True)]

    assert sorted((i, j) for i, j, _ in pairs) == sorted(brute(one, other, threshold, same))
    assert all(cosine == np.dot(one[i], other[j]) for i, j, cosine in pairs)


@pytest.fixture(scope="module")
def clip() -> Embedder:
    return clip_embedder(CLIP, threads=1)


def drawing(seed: int, side: int = 128) -> Image.Image:
    """Coloured discs on a plain ground."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    pixels = np.full((side, side, 3), draw.integers(0, 256, 3))
    for _ in range(4):
        a, b = draw.random(2)
        pixels[(x - a) ** 2 + (y - b) ** 2 < 0.04] = draw.integers(0, 256, 3)
    return Image.fromarray(pixels.astype(np.uint8))


def file(image: Image.Image, kind: str = "PNG", **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_vectors_have_length_one(clip: Embedder) -> None:
    embedded = clip([file(drawing(seed)) for seed in range(3)])

    assert embedded.dtype == np.float32
    assert embedded.shape == (3, 128)
    assert np.linalg.norm(embedded, axis=1) == pytest.approx(1, abs=1e-6)


def test_a_saved_again_picture_is_nearer_than_any_other(clip: Embedder) -> None:
    pictures = [drawing(seed) for seed in range(8)]

    plain = clip([file(picture) for picture in pictures])
    saved = clip([file(picture, "JPEG", quality=85) for picture in pictures])

    cosines = plain @ saved.T
    assert np.diag(cosines).min() > np.where(np.eye(8) == 1, -1, cosines).max()
    assert clip([file(pictures[0], compress_level=1)]).tobytes() == plain[:1].tobytes()


@pytest.mark.parametrize("place", [0, 7, BATCH - 1])
@pytest.mark.parametrize("many", [1, 2, 8, BATCH])
def test_company_does_not_change_a_vector(clip: Embedder, many: int, place: int) -> None:
    files = [file(drawing(seed)) for seed in range(many)]
    files[place % many] = file(drawing(99))

    embedded = clip(files)

    assert embedded[place % many].tobytes() == clip([file(drawing(99))])[0].tobytes()


def test_without_threads_on_record_the_machine_does_not_show(
    clip: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [file(drawing(seed)) for seed in range(3)]
    embed = clip_embedder(CLIP, threads=None)
    vectors = embed(files)
    monkeypatch.setattr("mint.models.runtime.cores", lambda: 1)
    alone = clip_embedder(CLIP, threads=None)

    assert vectors.dtype == np.float32
    for each, vector in zip(files, vectors, strict=True):
        assert np.abs(alone([each]) - vector).max() <= np.spacing(np.float32(0.5))
    assert np.abs(vectors - clip(files)).max() < 1e-5


@pytest.mark.parametrize("size", [(64, 64), (300, 300), (200, 160), (160, 200)])
def test_other_sizes_are_cut_to_the_middle_square(clip: Embedder, size: tuple[int, int]) -> None:
    wide = Image.new("RGB", size, "red")
    square = drawing(1, min(size))
    wide.paste(square, ((size[0] - min(size)) // 2, (size[1] - min(size)) // 2))

    embedded = clip([file(wide), file(square), file(drawing(2))])

    assert embedded[0] @ embedded[1] == pytest.approx(1, abs=1e-6)
    assert embedded[0] @ embedded[2] < 0.99


def test_transformers_own_preparation_gives_the_same_vector(clip: Embedder) -> None:
    import torch
    from transformers import CLIPImageProcessorPil, CLIPModel

    picture = drawing(3)
    pixels = CLIPImageProcessorPil.from_pretrained(CLIP)(picture, return_tensors="pt")
    model = CLIPModel.from_pretrained(CLIP, dtype=torch.float32).eval()
    with torch.inference_mode():
        features = model.get_image_features(**pixels).pooler_output[0].numpy()

    expected = features / np.linalg.norm(features)
    assert clip([file(picture)])[0] == pytest.approx(expected, abs=1e-5)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A CLIP folder to spoil."""
    shutil.copytree(CLIP, tmp_path / "clip")
    return tmp_path / "clip"


def test_the_models_own_normalisation_is_used(clip: Embedder, copy: Path) -> None:
    path = copy / "preprocessor_config.json"
    other = json.loads(path.read_bytes()) | {"image_mean": [0, 0, 0], "image_std": [1, 1, 1]}
    picture = [file(drawing(1))]
    path.write_text(json.dumps(other))
    changed = clip_embedder(copy, threads=1)(picture)
    path.unlink()
    openai = clip_embedder(copy, threads=1)(picture)

    embedded = [v.tobytes() for v in (clip(picture), changed, openai)]

    assert len(set(embedded)) == 3


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def lose(path: Path) -> None:
    """Save the weights again, all but one: transformers makes up what is missing."""
    from safetensors.numpy import load_file, save_file

    weights = load_file(path)
    del weights["visual_projection.weight"]
    save_file(weights, path, metadata={"format": "pt"})


SPOILT = [
    ("model.safetensors", lose),
    ("model.safetensors", cut),
    ("model.safetensors", Path.unlink),
    ("config.json", lambda path: path.write_text("{")),
    ("config.json", Path.unlink),
    ("preprocessor_config.json", lambda path: path.write_text("{")),
    ("preprocessor_config.json", lambda path: path.write_text('{"image_mean": [1, 2]}')),
]


@pytest.mark.parametrize(("name", "spoil"), SPOILT)
def test_a_corrupt_model_is_refused(copy: Path, name: str, spoil: object) -> None:
    assert callable(spoil)
    spoil(copy / name)

    with pytest.raises(RenderError) as caught:
        clip_embedder(copy, threads=1)

    assert str(copy) in str(caught.value)
    assert "dedup.embedder" in caught.value.hint


def test_a_folder_without_weights_is_refused_before_hours_of_painting(tmp_path: Path) -> None:
    from mint.models.weights import fingerprint

    folder = small_models.clip(tmp_path / "clip")
    fingerprint(folder, Store(tmp_path / "store"))
    (folder / "model.safetensors").unlink()  # as mint leaves a .bin of the hub's where it is
    with pytest.raises(RenderError, match="has no weights as safetensors"):
        fingerprint(folder, Store(tmp_path / "store"))
