"""Pictures and texts -> unit vectors in one space, by transformers' CLIPModel.

Without a number of threads, all is computed in float64: so is what the machine shall not decide.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mint.errors import RenderError
from mint.models.double import arithmetic_of
from mint.models.missing import refuse_missing
from mint.models.painter import VOCABULARIES
from mint.models.runtime import import_torch, set_threads
from mint.models.weights import INDEX

Vectors = npt.NDArray[np.float32]  # of shape (n, d)


# PNG files -> vectors of shape (n, d), fp32, length 1.
Embedder = Callable[[Sequence[bytes]], "Vectors"]
# Any number of texts -> vectors of shape (n, d), fp32, length 1: comparable with those of pictures.
TextEmbedder = Callable[[Sequence[str]], "Vectors"]

BATCH = 16  # fixed and padded, so that a vector does not depend on how many came along
# What a CLIPModel folder that does not say it was trained on (OpenAI's ViT-B/32).
CLIP_WINDOW = 77
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def clip_embedder(folder: Path, threads: int | None) -> Embedder:
    """The CLIPModel in `folder` as a function; raises RenderError when it cannot be loaded."""
    torch, model, arithmetic = import_torch(), _load(folder, threads), arithmetic_of(threads)
    with _refusal(folder):
        mean, std = _normalisation(folder)
    side: int = model.config.vision_config.image_size

    def embed(files: Sequence[bytes]) -> Vectors:
        rows = [_prepare(file, side) for file in files]
        rows += rows[-1:] * (BATCH - len(rows))
        pixels = (np.stack(rows) - mean) / std
        with torch.inference_mode(), arithmetic():
            features = model.get_image_features(
                pixel_values=torch.from_numpy(pixels.transpose(0, 3, 1, 2))
            )
        return _unit(getattr(features, "pooler_output", features).numpy()[: len(files)])

    return embed


def clip_text_embedder(folder: Path, threads: int | None) -> TextEmbedder:
    """The text half of the CLIPModel in `folder` as a function, with the tokenizer beside it.

    What stands beyond the model's window is not read; see `unread`. Raises RenderError when the
    model cannot be loaded or has no vocabulary.
    """
    torch, model, arithmetic = import_torch(), _load(folder, threads), arithmetic_of(threads)
    with _refusal(folder):
        tokenizer, window = _tokenizer(folder), _window(folder)
    del model.vision_model  # the larger half

    def embed(texts: Sequence[str]) -> Vectors:
        rows = [batch(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
        return np.concatenate([*rows, np.zeros((0, model.projection_dim), np.float32)])

    def batch(texts: Sequence[str]) -> Vectors:
        padded = [*texts, *[texts[-1]] * (BATCH - len(texts))]
        # Always the whole window: shorter rows would be summed in another order. Attention looks
        # back only, so what fills a row up changes nothing before it.
        ids = tokenizer(padded, padding="max_length", truncation=True, max_length=window)
        with torch.inference_mode(), arithmetic():
            features = model.get_text_features(input_ids=torch.tensor(ids["input_ids"]))
        return _unit(getattr(features, "pooler_output", features).numpy()[: len(texts)])

    return embed


def unread(folder: Path, texts: Sequence[str]) -> list[int]:
    """Which of the texts the CLIPModel in `folder` does not read to their end.

    They are longer than its window, or hold a character that its vocabulary lacks and writes as
    the end mark. Raises RenderError when there is no vocabulary.
    """
    with _refusal(folder):
        tokenizer, window = _tokenizer(folder), _window(folder)
    rows = tokenizer(list(texts))["input_ids"] if texts else []
    end = tokenizer.eos_token_id
    return [i for i, row in enumerate(rows) if len(row) > window or end in row[:-1]]


def has_vocabulary(folder: Path) -> bool:
    """Whether texts can be embedded there: comparing pictures needs no tokenizer."""
    names = {path.name for path in folder.glob("*")}
    return any(files <= names for files in VOCABULARIES)


def logit_scale(folder: Path) -> float:
    """What a cosine is multiplied by before a softmax over texts, as this CLIPModel learned it.

    exp of its `logit_scale` (arXiv 2103.00020, section 2.3). Raises RenderError.
    """
    from safetensors import safe_open

    with _refusal(folder):
        index = folder / f"model{INDEX}"
        files = json.loads(index.read_bytes())["weight_map"] if index.exists() else {}
        file = folder / files.get("logit_scale", "model.safetensors")
        with safe_open(file, framework="np") as tensors:
            narrow = tensors.get_slice("logit_scale").get_dtype() == "BF16"
        # NumPy has no bfloat16; torch takes a second to import.
        with safe_open(file, framework="pt" if narrow else "np") as tensors:
            return math.exp(float(tensors.get_tensor("logit_scale")))


def _load(folder: Path, threads: int | None) -> Any:
    """The CLIPModel in `folder`, on the CPU, in float32 or float64."""
    torch = import_torch()
    set_threads(torch, threads)
    from transformers import CLIPModel

    with _refusal(folder), arithmetic_of(threads)():
        model, report = CLIPModel.from_pretrained(
            str(folder),
            dtype=torch.get_default_dtype(),
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
        refuse_missing("it", report["missing_keys"])
    return model


@contextmanager
def _refusal(folder: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # loaders raise whatever their parser raises
        raise RenderError(
            f"the CLIP model in {folder} cannot be loaded: {error}",
            hint="dedup.embedder must name a CLIPModel saved as safetensors",
        ) from error


def _tokenizer(folder: Path) -> Any:
    """The tokenizer in `folder`; raises OSError where transformers would make one without words."""
    from transformers import AutoTokenizer

    if not has_vocabulary(folder):
        raise OSError("it has no vocabulary (tokenizer.json)")
    return AutoTokenizer.from_pretrained(
        str(folder), local_files_only=True, trust_remote_code=False
    )


def _window(folder: Path) -> int:
    """How many places a text may take, its two marks among them."""
    config = json.loads((folder / "config.json").read_bytes())
    return int(config.get("text_config", {}).get("max_position_embeddings", CLIP_WINDOW))


def _normalisation(folder: Path) -> tuple[Vectors, Vectors]:
    path = folder / "preprocessor_config.json"
    config = json.loads(path.read_bytes()) if path.exists() else {}
    mean, std = config.get("image_mean", CLIP_MEAN), config.get("image_std", CLIP_STD)
    return np.asarray(mean, np.float32).reshape(3), np.asarray(std, np.float32).reshape(3)


def _prepare(file: bytes, side: int) -> Vectors:
    """CLIP's preparation: bicubic to the shorter side, centre crop; (side, side, 3) in 0..1."""
    from PIL import Image, ImageOps

    image = Image.open(io.BytesIO(file)).convert("RGB")
    if image.size != (side, side):
        image = ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32) / np.float32(255)


def _unit(vectors: Any) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
