"""Single files of weights -> a pipeline or a part of one, with the settings of a folder."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from mint.models.checkpoint import DENOISERS, parts_in, parts_of, read_index
from mint.models.families import class_name
from mint.models.weights import shapes

# Parts of which a checkpoint has every number once, so that one left over belongs to another.
_COUNTED = ("UNet2DConditionModel", "FluxTransformer2DModel")
_INNER = "model.diffusion_model."  # what original checkpoints write before the denoiser's tensors


def open_checkpoint(file: Path, folder: Path, dtype: Any, others: dict[str, Any]) -> Any:
    """The pipeline of a checkpoint with the settings in `folder`, without asking the hub.

    `others` are parts that are loaded already. What neither has is taken from the folder. Raises
    whatever diffusers raises.
    """
    import diffusers

    kind = class_name(folder)
    pipeline = getattr(diffusers, kind)
    if not hasattr(pipeline, "from_single_file"):
        raise ValueError(f"{kind} is loaded from no single file, but from a folder only")
    index = read_index(folder)
    absent = parts_of(index).keys() - parts_in(file, index) - others.keys()
    parts = {
        part: getattr(diffusers, parts_of(index)[part]).from_pretrained(
            str(folder),
            subfolder=part,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
        )
        for part in sorted(absent)
    }
    pipe = pipeline.from_single_file(
        str(file), config=str(folder), dtype=dtype, local_files_only=True, **others, **parts
    )
    _refuse_left_over(file, pipe)
    return pipe


def _refuse_left_over(file: Path, pipe: Any) -> None:
    """Raise ValueError for numbers that diffusers left out, of which it would say nothing."""
    tensors = shapes(file)
    inner = {name: shape for name, shape in tensors.items() if name.startswith(_INNER)}
    numbers = sum(math.prod(shape) for shape in (inner or tensors).values())
    for part in DENOISERS:
        model: Any = getattr(pipe, part, None)
        if type(model).__name__ in _COUNTED:
            places = sum(value.numel() for value in model.state_dict().values())
            if numbers > places:
                raise ValueError(f"{numbers - places:,} of its numbers have no place in {part}")


def open_gguf(file: Path, folder: Path, dtype: Any) -> Any:
    """The transformer in a .gguf file with the settings in `folder`; it computes in `dtype`.

    Raises whatever diffusers raises.
    """
    import diffusers

    kind = getattr(diffusers, parts_of(read_index(folder))["transformer"])
    return kind.from_single_file(
        str(file),
        config=str(folder),
        subfolder="transformer",
        quantization_config=diffusers.GGUFQuantizationConfig(compute_dtype=dtype),
        dtype=dtype,
        local_files_only=True,
    )
