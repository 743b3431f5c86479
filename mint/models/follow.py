"""An IP-Adapter or a ControlNet -> into a pipeline that is in memory."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from inspect import signature
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from mint.errors import RenderError
from mint.models.guides import ADAPTED, CONTROLLED
from mint.models.missing import refuse_missing
from mint.models.runtime import import_torch
from mint.models.weights import Adapted, first_line


def load_reference(pipe: Any, adapted: Adapted, scale: float, dtype: str) -> None:
    """Let the pipeline take an IP-Adapter, and look by its encoder.

    After any LoRA, which else would be added to the adapter's layers. Raises RenderError.
    """
    name = type(pipe).__name__
    if name not in ADAPTED or not hasattr(pipe, "load_ip_adapter"):
        raise RenderError(f"{name} takes no IP-Adapter", hint="remove image.reference")
    try:
        encoder, eye = _encoder(adapted.encoder, ADAPTED[name], dtype)
        pipe.register_modules(image_encoder=encoder, feature_extractor=eye)
        where = str(adapted.weights.parent), adapted.weights.name
        pipe.load_ip_adapter(where[0], subfolder="", weight_name=where[1], local_files_only=True)
        part = getattr(pipe, "unet", None) or pipe.transformer
        refuse_missing("it", [key for key, value in part.state_dict().items() if value.is_meta])
        pipe.set_ip_adapter_scale(scale)
    except Exception as error:  # as loaders do
        sizes = "size mismatch" in str(error) or "shape" in str(error)
        reason = "its layers have other sizes" if sizes else first_line(error)
        raise RenderError(
            f"the IP-Adapter {adapted.weights.name} does not fit the model: {reason}",
            hint="look for one that was trained for the model's family, or remove image.reference",
        ) from error


def _encoder(folder: Path, kind: str, dtype: str) -> tuple[Any, Any]:
    """What looks at the picture, and what prepares the picture for it."""
    import transformers

    encoder, report = getattr(transformers, kind).from_pretrained(
        str(folder),
        dtype=getattr(import_torch(), dtype),
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    refuse_missing("the encoder", report["missing_keys"])
    # The other backend needs torchvision, and rounds otherwise.
    if (folder / "preprocessor_config.json").exists():
        processors = transformers.AutoImageProcessor
        return encoder, processors.from_pretrained(
            str(folder), backend="pil", local_files_only=True, trust_remote_code=False
        )
    side = encoder.config.image_size  # of such a folder diffusers assumes CLIP's own way
    crop = {"height": side, "width": side}
    size = {"shortest_edge": side}
    return encoder, transformers.CLIPImageProcessorPil(size=size, crop_size=crop)


def load_control(pipe: Any, folder: Path, dtype: str) -> Any:
    """A pipeline of the same parts, and a ControlNet, on the same device; raises RenderError."""
    import diffusers
    import torch

    name = type(pipe).__name__
    if name not in CONTROLLED:
        raise RenderError(f"{name} has no ControlNet in diffusers", hint="remove image.control")
    try:
        with catch_warnings():
            simplefilter("ignore")  # of what diffusers itself uses in the old way
            over, kind = (getattr(diffusers, each) for each in CONTROLLED[name])
            net = _control_net(kind, folder, dtype)
        controlled = over(**_parts(pipe, over), controlnet=net.to(pipe.device).eval())
    except torch.OutOfMemoryError:  # which says what it is
        raise
    except Exception as error:  # as loaders do
        raise RenderError(
            f"the ControlNet in {folder} cannot be loaded: {first_line(error)}",
            hint="fetch it again, or look for one that was trained for the model's family",
        ) from error
    controlled.set_progress_bar_config(disable=True)
    return controlled


def _control_net(kind: Any, folder: Path, dtype: str) -> Any:
    net, report = kind.from_pretrained(
        str(folder),
        dtype=getattr(import_torch(), dtype),
        use_safetensors=True,
        local_files_only=True,
        output_loading_info=True,
    )
    refuse_missing("the ControlNet", report["missing_keys"])
    return net


def _parts(pipe: Any, over: Callable[..., Any]) -> dict[str, Any]:
    names = signature(over).parameters
    parts = {name: part for name, part in pipe.components.items() if name in names}
    if "requires_safety_checker" in names:
        parts["requires_safety_checker"] = False
    return parts | {"vae": _certain(pipe.vae)}


def _certain(vae: Any) -> Any:
    """The same autoencoder, encoding without chance.

    Some classes encode the picture that guides by a generator of the process, which has no seed.
    """

    def encode(*args: Any, **kwargs: Any) -> Any:
        output = vae.encode(*args, **kwargs)
        distribution = getattr(output, "latent_dist", None)
        if distribution is not None:
            distribution.sample = lambda generator=None: distribution.mode()
        return output

    view = copy(vae)  # its weights are the same tensors
    view.encode = encode
    return view
