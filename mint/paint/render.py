"""A full batch of Recipes -> pictures, by diffusers; and the fingerprint of what painted them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mint.errors import RenderError
from mint.models.painter import load_pipeline
from mint.models.runtime import import_torch, set_deterministic
from mint.models.weights import Model
from mint.plan.recipe import Diffusion, Recipe, Runtime

if TYPE_CHECKING:
    import torch

    from mint.paint.png import Pixels

# One entry per slot of the batch -> arrays of shape (height, width, 3), RGB, uint8.
Renderer = Callable[[Sequence[Recipe]], "list[Pixels]"]


def diffusers_renderer(model: Model, diffusion: Diffusion, runtime: Runtime) -> Renderer:
    """The pipeline of `model`, as a function from a full batch to pictures.

    Raises RenderError when the model cannot be loaded: corrupt or missing parts, or a pipeline
    that wants code from elsewhere.
    """
    torch = import_torch()
    set_deterministic(torch, runtime.threads)
    pipe = load_pipeline(model, diffusion).to(runtime.device.split()[0])
    parameters = inspect.signature(pipe.__call__).parameters

    def paint(batch: Sequence[Recipe]) -> list[Pixels]:
        torch.set_num_threads(runtime.threads)  # an upscaler may have set its own since
        call: dict[str, Any] = {
            "prompt": [recipe.prompt for recipe in batch],
            "negative_prompt": [recipe.negative_prompt for recipe in batch],
            "num_inference_steps": diffusion.steps,
            "guidance_scale": diffusion.guidance_scale,
            "width": diffusion.width,
            "height": diffusion.height,
            "generator": [torch.Generator("cpu").manual_seed(r.seed) for r in batch],
            "output_type": "pt",
        }
        if hasattr(pipe, "unet"):
            call["latents"] = _latents(pipe, diffusion, call["generator"])
        try:
            with torch.inference_mode():
                images = pipe(**{k: v for k, v in call.items() if k in parameters}).images
        except torch.OutOfMemoryError as error:
            raise RenderError(
                f"out of memory painting {len(batch)} pictures of "
                f"{diffusion.width}x{diffusion.height} at once",
                hint="lower image.batch (it repaints the collection), or use dtype bfloat16",
            ) from error
        return _to_uint8(torch, images)

    return paint


def _latents(pipe: Any, diffusion: Diffusion, generators: list[torch.Generator]) -> torch.Tensor:
    """Starting noise, drawn on the CPU in fp32 by each token's own generator.

    Then it does not depend on the device, the dtype or the neighbours in the batch.
    """
    import torch

    scale = pipe.vae_scale_factor
    shape = (pipe.unet.config.in_channels, diffusion.height // scale, diffusion.width // scale)
    noise = torch.stack([torch.randn(shape, generator=g, dtype=torch.float32) for g in generators])
    return noise.to(pipe.device, pipe.unet.dtype)


def _to_uint8(torch: Any, images: torch.Tensor) -> list[Pixels]:
    if not torch.isfinite(images).all():
        raise RenderError(
            "the model painted NaN, which shows as a black picture",
            hint="use image.dtype: float32 or bfloat16; float16 overflows in some models",
        )
    rows = images.float().clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1)
    return list(rows.contiguous().cpu().numpy())
