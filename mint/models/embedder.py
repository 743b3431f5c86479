"""Pictures -> unit vectors, by transformers' CLIPModel."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mint.errors import RenderError
from mint.models.painter import refuse_missing
from mint.models.runtime import import_torch

Vectors = npt.NDArray[np.float32]  # of shape (n, d)


# PNG files -> vectors of shape (n, d), fp32, length 1.
Embedder = Callable[[Sequence[bytes]], "Vectors"]

BATCH = 16  # fixed and padded, so that a picture's vector does not depend on how many came along
# What a CLIPModel folder without preprocessor_config.json was trained on (OpenAI's ViT-B/32).
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def clip_embedder(folder: Path, threads: int) -> Embedder:
    """The CLIPModel in `folder` as a function; raises RenderError when it cannot be loaded."""
    torch = import_torch()
    torch.set_num_threads(threads)
    from transformers import CLIPModel

    try:
        model, report = CLIPModel.from_pretrained(
            str(folder),
            dtype=torch.float32,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
        refuse_missing("it", report["missing_keys"])
        mean, std = _normalisation(folder)
    except Exception as error:  # loaders raise whatever their parser raises
        raise RenderError(
            f"the CLIP model in {folder} cannot be loaded: {error}",
            hint="dedup.embedder must name a CLIPModel saved as safetensors",
        ) from error
    side: int = model.config.vision_config.image_size

    def embed(files: Sequence[bytes]) -> Vectors:
        rows = [_prepare(file, side) for file in files]
        rows += rows[-1:] * (BATCH - len(rows))
        pixels = (np.stack(rows) - mean) / std
        with torch.inference_mode():
            features = model.get_image_features(
                pixel_values=torch.from_numpy(pixels.transpose(0, 3, 1, 2))
            )
        return _unit(getattr(features, "pooler_output", features).numpy()[: len(files)])

    return embed


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
