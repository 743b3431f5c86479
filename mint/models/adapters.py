"""LoRA files and textual inversions -> into a pipeline that is in memory."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mint.errors import RenderError
from mint.models.checkpoint import encoder_of
from mint.models.weights import first_line

_DOWN = ("lora_A.", "lora.down.", "lora_linear_layer.down.", "lora_down.")  # one in each layer


def fuse_adapters(pipe: Any, adapters: Sequence[tuple[Path, float]]) -> None:
    """Add LoRA files with their scales to the weights, so that painting costs nothing more.

    The sums are those of the pipeline's dtype. Raises RenderError for a file that does not fit.
    """
    if not adapters:
        return
    if not hasattr(pipe, "load_lora_weights"):
        raise RenderError(f"{type(pipe).__name__} takes no LoRA", hint="remove image.adapters")
    names = [f"adapter_{i}" for i in range(len(adapters))]
    for name, (file, _) in zip(names, adapters, strict=True):
        _load(pipe, file, name)
    pipe.set_adapters(names, [scale for _, scale in adapters])
    parts = [part for part in pipe._lora_loadable_modules if getattr(pipe, part, None) is not None]
    pipe.fuse_lora(components=parts)
    pipe.unload_lora_weights()


def _load(pipe: Any, file: Path, name: str) -> None:
    """One LoRA, whole: diffusers leaves out layers that it has no place for, and only warns."""
    where = {"weight_name": file.name, "local_files_only": True, "use_safetensors": True}
    blocks = {"unet_config": pipe.unet.config} if hasattr(pipe, "unet") else {}
    try:
        tensors = pipe.lora_state_dict(str(file.parent), **where, **blocks)
        with warnings.catch_warnings():  # of a second adapter beside the first
            warnings.simplefilter("ignore", UserWarning)
            pipe.load_lora_weights(str(file.parent), adapter_name=name, **where)
    except Exception as error:  # as loaders do
        sizes = "size mismatch" in str(error)
        reason = "its layers have other sizes" if sizes else first_line(error)
        raise _unfit(file, reason) from error
    state = tensors[0] if isinstance(tensors, tuple) else tensors
    layers = [key for key in state if any(part in key for part in _DOWN)]
    places = _places(pipe, name)
    if len(places) < len(layers):
        stray = [key for key in layers if not any(f".{place}." in f".{key}" for place in places)]
        message = f"{len(layers) - len(places)} of its {len(layers)} layers have no place in it"
        raise _unfit(file, message + (f", such as {stray[0]}" if stray else ""))


def _places(pipe: Any, adapter: str) -> list[str]:
    """The layers of the pipeline that an adapter changes."""
    return [
        layer
        for part in pipe.components.values()
        if hasattr(part, "named_modules")
        for layer, module in part.named_modules()
        if adapter in getattr(module, "lora_A", ())
    ]


def _unfit(file: Path, reason: str) -> RenderError:
    return RenderError(
        f"the LoRA {file.name} does not fit the model: {reason}",
        hint="look for one that was trained for the model's family, or remove it",
    )


def teach(pipe: Any, embeddings: Sequence[tuple[Path, str]]) -> None:
    """Add the words of textual inversions; raises RenderError for one that does not fit."""
    from safetensors.torch import load_file

    for file, token in embeddings:
        tensors = load_file(file)
        try:
            for name, part in encoder_of(tensors).items():
                pipe.load_textual_inversion(
                    {token: tensors[name]},
                    token=token,
                    text_encoder=getattr(pipe, part),
                    tokenizer=getattr(pipe, part.replace("text_encoder", "tokenizer")),
                )
        except Exception as error:  # as loaders do
            raise RenderError(
                f"the textual inversion {file.name} does not fit the model: {first_line(error)}",
                hint="look for one that was trained for the model's family, or give it another "
                "token",
            ) from error
