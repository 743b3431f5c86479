"""Recipes -> pixels, by a diffusers pipeline, in which no neighbour changes a token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from inspect import signature
from typing import TYPE_CHECKING, Any

from mint.errors import OutOfMemory, RenderError
from mint.models.double import in_float64, quicken
from mint.models.families import Family, family_of
from mint.models.painter import load_pipeline
from mint.models.runtime import device_of, import_torch, set_deterministic, set_threads
from mint.models.weights import Model, first_line
from mint.paint.words import encoder
from mint.plan.recipe import Diffusion, Recipe, Runtime

if TYPE_CHECKING:
    import torch

    from mint.paint.png import Pixels

# One entry per slot of the batch -> arrays of shape (height, width, 3), RGB, uint8.
Renderer = Callable[[Sequence[Recipe]], "list[Pixels]"]


def diffusers_renderer(model: Model, diffusion: Diffusion, runtime: Runtime) -> Renderer:
    """The pipeline of `model`, as a function from a batch to pictures.

    In float64 a picture depends on its recipe alone; else on the size of the batch, too. Raises
    RenderError when the model cannot be loaded: corrupt or missing parts, or a pipeline that wants
    code from elsewhere. The function raises it where the pipeline cannot paint.
    """
    torch = import_torch()
    set_deterministic(torch, runtime.threads)
    with _arithmetic(diffusion):
        pipe = load_pipeline(model, diffusion).to(device_of(runtime))
    if diffusion.dtype == "float64":
        quicken(pipe)
    parameters = signature(pipe.__call__).parameters
    family = family_of(type(pipe).__name__, parameters)
    settings = {k: v for k, v in _settings(diffusion, family).items() if k in parameters}
    encode = encoder(pipe, family, family.guides(diffusion.guidance_scale))

    def paint(batch: Sequence[Recipe]) -> list[Pixels]:
        set_threads(torch, runtime.threads)  # an upscaler may have set its own since
        with _arithmetic(diffusion), _refused(torch, diffusion, len(batch)), torch.inference_mode():
            before = torch.random.get_rng_state()
            words = encode([r.prompt for r in batch], [r.negative_prompt for r in batch])
            generators = _generators(torch, batch, family.doubled and "negative_prompt" in words)
            images = pipe(**settings, **words, generator=generators).images
            _refuse_unseeded(pipe, torch.equal(before, torch.random.get_rng_state()))
            return _to_uint8(torch, images / 2 + 0.5 if family.signed else images, diffusion)

    return paint


def _generators(torch: Any, batch: Sequence[Recipe], doubled: bool) -> list[torch.Generator]:
    """Each token's own noise; of a `doubled` class a second time, for the negative prompts."""
    seeds = [recipe.seed for recipe in batch] * (2 if doubled else 1)
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def _arithmetic(diffusion: Diffusion) -> AbstractContextManager[None]:
    return in_float64() if diffusion.dtype == "float64" else nullcontext()


def _settings(diffusion: Diffusion, family: Family) -> dict[str, Any]:
    """What every picture of the collection is called with, as the class names it."""
    settings = {
        family.steps: diffusion.steps,
        "width": diffusion.width,
        "height": diffusion.height,
        "output_type": "pt",
        **family.fixed,
    }
    if family.guidance is not None:
        settings[family.guidance] = diffusion.guidance_scale
    return settings


@contextmanager
def _refused(torch: Any, diffusion: Diffusion, batch: int) -> Iterator[None]:
    """Turn what a pipeline raises into a RenderError with a remedy."""
    size = f"{diffusion.width}x{diffusion.height}"
    try:
        yield
    except RenderError:
        raise
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(
            f"out of memory painting {batch} pictures of {size} at once",
            hint="lower image.batch, or use dtype bfloat16",
        ) from error
    except Exception as error:  # pipelines raise whatever their parts raise
        raise RenderError(
            f"the model cannot paint this: {first_line(error)}",
            hint=f"it was called with {size} pixels, {diffusion.steps} steps and the scheduler "
            f"{diffusion.scheduler}; its page says what it is made for",
        ) from error


def _refuse_unseeded(pipe: Any, untouched: bool) -> None:
    """Raise RenderError where noise was drawn by the process' own generator, which has no seed."""
    if not untouched:
        raise RenderError(
            f"{type(pipe.scheduler).__name__} draws noise that no token's seed decides, so no "
            "picture could be painted again",
            hint="set image.scheduler to one that mint names, such as dpm++ or euler-ancestral",
        )


def _to_uint8(torch: Any, images: torch.Tensor, diffusion: Diffusion) -> list[Pixels]:
    if not torch.isfinite(images).all():
        raise RenderError(
            "the model painted NaN, which shows as a black picture",
            hint="use image.dtype: float32 or bfloat16; float16 overflows in some models",
        )
    size = (diffusion.height, diffusion.width)
    if images.ndim != 4 or tuple(images.shape[2:]) != size:
        raise RenderError(
            f"the model painted {'x'.join(map(str, reversed(images.shape[2:])))} pixels, "
            f"not {diffusion.width}x{diffusion.height}",
            hint="set image.width and image.height to a size that it was trained for",
        )
    wide = images if images.dtype == torch.float64 else images.float()
    rows = wide.clamp(0, 1).mul(255).round().to(torch.uint8).permute(0, 2, 3, 1)
    return list(rows.contiguous().cpu().numpy())
