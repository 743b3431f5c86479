"""What a safetensors file is, by the names in its header: a checkpoint, a LoRA, an embedding.

Nothing is loaded, so `mint check` can say it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

from mint.errors import RenderError
from mint.models.weights import Files, shapes, unreadable

Kind = Literal["checkpoint", "LoRA", "LyCORIS", "DoRA", "embedding", "encoder"]
Shapes = Mapping[str, tuple[int, ...]]

# What checkpoints of the original code and of ComfyUI call the parts of a pipeline.
# https://github.com/huggingface/diffusers/blob/main/src/diffusers/loaders/single_file_utils.py
_PREFIXES: dict[tuple[str, str], tuple[str, ...]] = {
    ("text_encoder", "CLIP"): (
        "cond_stage_model.", "conditioner.embedders.0.", "text_encoders.clip_l.",
    ),
    ("text_encoder_2", "CLIP"): ("conditioner.embedders.1.", "text_encoders.clip_g."),
    ("text_encoder_2", "T5En"): ("text_encoders.t5xxl.",),
    ("text_encoder_3", "T5En"): ("text_encoders.t5xxl.",),
    ("vae", "Auto"): ("first_stage_model.", "vae."),
}  # fmt: skip
DENOISERS = ("unet", "transformer")
_WEIGHTLESS = ("tokenizer", "scheduler", "feature_extractor", "image_processor", "safety_checker")
_LYCORIS = ("hada_", "lokr_", "oft_", "boft_", ".on_input", "glora_")


def kind_of(tensors: Shapes) -> Kind:
    """What a file with these tensors is."""
    if any("dora_scale" in name for name in tensors):
        return "DoRA"
    if any("lora" in name for name in tensors):
        return "LoRA"
    if any(part in name for name in tensors for part in _LYCORIS):
        return "LyCORIS"
    if len(tensors) <= 2 and all(len(shape) <= 2 for shape in tensors.values()):
        return "embedding"
    prefixes = tuple(prefix for each in _PREFIXES.values() for prefix in each)
    bare = ("text_model.", "encoder.", "decoder.", "quant_conv.", "post_quant_conv.", "shared.")
    rest = [name for name in tensors if not name.startswith((*prefixes, *bare, "logit_scale"))]
    return "checkpoint" if rest else "encoder"


def parts_of(index: Mapping[str, Any]) -> dict[str, str]:
    """The parts in a model_index.json that have weights: name -> class."""
    return {
        name: str(kind[1])
        for name, kind in index.items()
        if isinstance(kind, list) and len(kind) == 2 and None not in kind
        if not name.startswith(_WEIGHTLESS)
    }


def parts_in(file: Path, index: Mapping[str, Any]) -> frozenset[str]:
    """The parts of a model_index.json whose weights a checkpoint has; raises RenderError."""
    names = shapes(file)
    return frozenset(
        part
        for part, kind in parts_of(index).items()
        if part in DENOISERS
        or any(name.startswith(_PREFIXES.get((part, kind[:4]), ())) for name in names)
    )


def read_index(folder: Path) -> dict[str, Any]:
    """model_index.json of a pipeline's folder; raises RenderError."""
    file = folder / "model_index.json"
    try:
        index: dict[str, Any] = json.loads(file.read_bytes())
    except OSError as error:
        raise unreadable(error, file) from error
    except ValueError as error:
        raise RenderError(f"{file} is no JSON: {error}", hint="fetch the model again") from error
    return index


def has_weights(folder: Path, parts: Collection[str]) -> frozenset[str]:
    """Those of `parts` that have a safetensors file in a pipeline's folder."""
    return frozenset(part for part in parts if any((folder / part).glob("*.safetensors")))


def encoder_of(tensors: Collection[str]) -> dict[str, str]:
    """A textual inversion's tensors, each with the text encoder that reads its vectors.

    Files for SDXL call them `clip_l` and `clip_g`; others have one tensor, whatever its name.
    """
    if "clip_g" in tensors:
        parts = {"clip_l": "text_encoder", "clip_g": "text_encoder_2"}
        return {name: parts[name] for name in tensors if name in parts}
    return {name: "text_encoder" for name in list(tensors)[:1]}


def taught_words(files: Files) -> dict[str, int]:
    """How many places of the prompt each token of a textual inversion takes: one for a vector.

    Raises RenderError for a file that cannot be read.
    """
    words = {}
    for file, token in files.embeddings:
        tensors = shapes(file)
        rows = [tensors[name] for name in encoder_of(tensors)]
        words[token] = max((s[0] if len(s) > 1 else 1 for s in rows), default=1)
    return words
