"""Any model of transformers that looks at pictures; pictures -> unit vectors by such a model."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.errors import RenderError
from mint.models.double import arithmetic_of, dtype_of
from mint.models.embedder import BATCH, Embedder
from mint.models.missing import refuse_missing
from mint.models.runtime import import_torch, set_threads
from mint.models.weights import first_line

if TYPE_CHECKING:
    from PIL.Image import Image

    from mint.models.embedder import Vectors

WANTED = (
    "it must be a folder of transformers' save_pretrained, with config.json, model.safetensors and "
    "preprocessor_config.json"
)


def image_embedder(folder: Path, threads: int | None) -> Embedder:
    """The vision model in `folder` as a function of pictures; raises RenderError.

    A picture's vector is the model's `pooler_output`, or where it has none the first place of its
    last layer: the class token of a vision transformer such as DINOv2 (arXiv 2304.07193). Without a
    number of threads it is computed in float64, and the machine decides nothing.
    """
    dtype, arithmetic = dtype_of(threads), arithmetic_of(threads)
    try:
        with arithmetic():
            model, processor = load_vision_model(folder, threads, "AutoModel", dtype)
    except Exception as error:  # loaders raise whatever their parser raises
        raise RenderError(
            f"the model in {folder} that compares pictures cannot be loaded: {first_line(error)}",
            hint=f"dedup.second must name a model such as facebook/dinov2-small; {WANTED}",
        ) from error

    def embed(files: Sequence[bytes]) -> Vectors:
        pictures = [open_picture(file) for file in files]
        try:
            with arithmetic():
                return _vectors(model, processor, pictures)
        except Exception as error:  # models raise whatever their parts raise
            raise RenderError(
                f"the model in {folder} cannot compare a picture: {first_line(error)}",
                hint="name another model under dedup.second, such as facebook/dinov2-small",
            ) from error

    return embed


def _vectors(model: Any, processor: Any, pictures: list[Image]) -> Vectors:
    """One to BATCH pictures -> (n, d), fp32, length 1."""
    torch = import_torch()
    padded = pictures + pictures[-1:] * (BATCH - len(pictures))
    pixels = processor(padded, return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        output = model(pixel_values=pixels)
    pooled = getattr(output, "pooler_output", None)
    features = output.last_hidden_state[:, 0] if pooled is None else pooled
    rows = features.cpu().numpy().reshape(BATCH, -1)[: len(pictures)]
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and lengths.all()):
        raise ValueError("it gives no direction")
    return np.asarray(rows / lengths, np.float32)


def load_vision_model(
    folder: Path, threads: int | None, kind: str, dtype: str = "float32"
) -> tuple[Any, Any]:
    """The model in `folder`, on the CPU, and what prepares pictures for it.

    `kind` is the name of transformers' class that loads it. Nothing is fetched, and no code from
    the folder runs. Raises whatever transformers does.
    """
    torch = import_torch()
    set_threads(torch, threads)
    import transformers

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    model, report = getattr(transformers, kind).from_pretrained(
        str(folder),
        dtype=getattr(torch, dtype),
        use_safetensors=True,
        output_loading_info=True,
        **local,
    )
    refuse_missing("it", report["missing_keys"])
    # The other backend needs torchvision, and rounds otherwise.
    processor = transformers.AutoImageProcessor.from_pretrained(str(folder), backend="pil", **local)
    return model.eval(), processor


def open_picture(file: bytes) -> Image:
    """A PNG file as PIL has it, in RGB."""
    from PIL import Image

    return Image.open(io.BytesIO(file)).convert("RGB")
