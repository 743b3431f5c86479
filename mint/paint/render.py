"""Recipes -> pixels, by a diffusers pipeline or a generator; no neighbour changes a token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

from mint.errors import RenderError
from mint.models.double import quicken
from mint.models.families import Family, family_of
from mint.models.painter import load_pipeline
from mint.models.runtime import (
    device_of,
    fitting,
    import_torch,
    set_deterministic,
    set_threads,
)
from mint.models.weights import GENERATOR, Model
from mint.paint.blend import mixed
from mint.paint.guides import guided
from mint.paint.one_pass import one_pass_renderer
from mint.paint.paint_over import PaintOver, over_painter
from mint.paint.pixels import Renderer, arithmetic, refused, to_uint8
from mint.paint.refine import handed_over, load_refiners
from mint.paint.sources import NOTHING, Sources
from mint.paint.unclip import decoder
from mint.paint.words import encoder
from mint.plan.recipe import Diffusion, Recipe, Runtime

if TYPE_CHECKING:
    import torch

    from mint.paint.png import Pixels


def diffusers_renderer(
    model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources = NOTHING
) -> Renderer:
    """The pipeline of `model`, as a function from a batch to pictures.

    In float64 a picture depends on its recipe alone; else on the size of the batch, too. What
    recipes begin with comes from `sources`; such a recipe is a batch of its own. Raises
    RenderError when the model cannot be loaded: corrupt or missing parts, or a pipeline that wants
    code from elsewhere. The function raises it where the pipeline cannot paint.
    """
    torch = import_torch()
    set_deterministic(torch, runtime.threads)
    with arithmetic(diffusion), fitting(torch, "the model"):
        pipe = load_pipeline(model, diffusion).to(device_of(runtime))
        family = family_of(type(pipe).__name__, signature(pipe.__call__).parameters)
        refiners = load_refiners(model, diffusion, pipe, family)
        if diffusion.dtype == "float64":
            quicken(pipe)
        artist, guides = guided(pipe, model.files.guides, diffusion, sources)
    parameters = signature(artist.__call__).parameters
    last = refiners[-1].family if refiners else family
    settings = {k: v for k, v in pipeline_settings(diffusion, family).items() if k in parameters}
    handed = handed_over(model, diffusion)
    settings |= handed | guides
    encode = encoder(pipe, family, family.guides(diffusion.guidance_scale))

    @cache
    def over() -> PaintOver:
        return over_painter(pipe, family, diffusion, encode, sources, refiners)

    @cache
    def seen() -> PaintOver:
        return decoder(pipe, family, diffusion, encode, sources)

    def paint(batch: Sequence[Recipe]) -> list[Pixels]:
        set_threads(torch, runtime.threads)  # an upscaler may have set its own since
        with arithmetic(diffusion), refused(torch, diffusion, len(batch)), torch.inference_mode():
            before = torch.random.get_rng_state()
            if start := batch[0].start:
                begin = seen if start.embedding else over
                pictures = [begin()(recipe) for recipe in batch]
                refuse_unseeded(pipe, torch.equal(before, torch.random.get_rng_state()))
                return pictures
            if batch[0].blend:
                generators = _generators(torch, batch, False)
                words = mixed(pipe, encode, batch, generators)
            else:
                words = encode([r.prompt for r in batch], [r.negative_prompt for r in batch])
                doubled = family.doubled and "negative_prompt" in words
                generators = _generators(torch, batch, doubled)
            call = settings | words | {"generator": generators}
            if family.steps in settings:  # fewer while a batch is tried (mint.curate.batch)
                call[family.steps] = batch[0].diffusion.steps
            images = artist(**call).images
            for i, stage in enumerate(refiners):
                latent = bool(handed) and i == 0
                images = stage.refine(images, batch, generators[: len(batch)], latent)
            refuse_unseeded(pipe, torch.equal(before, torch.random.get_rng_state()))
            return to_uint8(torch, images / 2 + 0.5 if last.signed else images, diffusion)

    return paint


def _generators(torch: Any, batch: Sequence[Recipe], doubled: bool) -> list[torch.Generator]:
    """Each token's own noise; of a `doubled` class a second time, for the negative prompts."""
    seeds = [recipe.seed for recipe in batch] * (2 if doubled else 1)
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def pipeline_settings(diffusion: Diffusion, family: Family) -> dict[str, Any]:
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


def refuse_unseeded(pipe: Any, untouched: bool) -> None:
    """Raise RenderError where noise was drawn by the process' own generator, which has no seed."""
    if not untouched:
        raise RenderError(
            f"{type(pipe.scheduler).__name__} draws noise that no token's seed decides, so no "
            "picture could be painted again",
            hint="set image.scheduler to one that mint names, such as dpm++ or euler-ancestral",
        )


# A file of a model's folder -> what paints by such a folder.
RENDERERS: dict[str, Callable[[Model, Diffusion, Runtime, Sources], Renderer]] = {
    "model_index.json": diffusers_renderer,
    GENERATOR[0]: one_pass_renderer,
}


def open_renderer(
    model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources = NOTHING
) -> Renderer:
    """`model`, whatever it is, as a function from a batch to pictures; raises RenderError."""
    kinds = (kind for name, kind in RENDERERS.items() if (model.path / name).exists())
    return next(kinds, diffusers_renderer)(model, diffusion, runtime, sources)
