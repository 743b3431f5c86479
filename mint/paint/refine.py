"""Pictures of one model -> those of the next, which enlarges them or paints over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.models.double import quicken
from mint.models.families import Family, class_name
from mint.models.painter import load_pipeline
from mint.models.refiners import ENLARGES, HANDS_OVER, PAINTS_OVER, refining_family, strength
from mint.models.weights import Model
from mint.paint.words import encoder
from mint.plan.recipe import Diffusion, Recipe
from mint.spec.refiner import Refiner, refined

if TYPE_CHECKING:
    import torch

# Pictures of shape (batch, 3, height, width), the recipes, each one's generator, and whether they
# are the painter's noisy latents instead (`handed_over`) -> pictures of the refiner's size.
Refine = Callable[["torch.Tensor", Sequence[Recipe], "list[torch.Generator]", bool], "torch.Tensor"]


class Stage(NamedTuple):
    """A refiner in memory, and its family, which says in what range its pictures come."""

    family: Family
    refine: Refine


def handed_over(model: Model, diffusion: Diffusion) -> dict[str, Any]:
    """What the painter is called with to stop where its first refiner takes its latents over."""
    if not diffusion.refiners or not diffusion.refiners[0].start:
        return {}
    size = diffusion.width, diffusion.height
    if refined(size, diffusion.refiners[:1]) != size:  # made larger between the two, as a picture
        return {}
    if (class_name(model.path), class_name(model.refiners[0].path)) != HANDS_OVER:
        return {}
    return {"denoising_end": diffusion.refiners[0].start, "output_type": "latent"}


def load_refiners(model: Model, diffusion: Diffusion, painter: Any, family: Family) -> list[Stage]:
    """The refiners of `model` in memory, in order, on the device of `painter`, its pipeline.

    `family` is the painter's. Raises RenderError where one cannot be loaded.
    """
    stages: list[Stage] = []
    for i in range(len(model.refiners)):
        stages.append(_load(model, diffusion, i, painter, family))
        family = stages[-1].family
    return stages


def _load(model: Model, diffusion: Diffusion, i: int, painter: Any, before: Family) -> Stage:
    name, refiner = class_name(model.refiners[i].path), diffusion.refiners[i]
    own = diffusion.model_copy(update={"scheduler": "default"})
    pipe = load_pipeline(model.refiners[i], own, PAINTS_OVER.get(name, name)).to(painter.device)
    if diffusion.dtype == "float64":
        quicken(pipe)
    parameters = signature(pipe.__call__).parameters
    family = refining_family(name)
    call = dict(_settings(diffusion, i, family))
    size = call["height"], call["width"]
    settings = {key: value for key, value in call.items() if key in parameters}
    over = {} if name in ENLARGES else {"strength": strength(refiner.start)}
    # DeepFloyd's second stage may come without the text encoder, which is the first one's.
    reader = pipe if _reads(pipe) else painter
    encode = encoder(reader, family, family.guides(_guidance(refiner, diffusion)))

    def refine(
        images: torch.Tensor,
        batch: Sequence[Recipe],
        generators: list[torch.Generator],
        latent: bool,
    ) -> torch.Tensor:
        words = encode([r.prompt for r in batch], [r.negative_prompt for r in batch])
        begin: dict[str, Any] = {"denoising_start": refiner.start} if latent else over
        if not latent:
            images = _ranged(images, before.signed, family.signed)
        if "strength" in begin and images.shape[-2:] != size:
            images = _larger(images, size, family.signed)
        images = pipe(image=images, **begin, **settings, **words, generator=generators).images
        return images

    return Stage(family, refine)


def _ranged(images: torch.Tensor, before: bool, after: bool) -> torch.Tensor:
    """Pictures in -1..1 where they are signed, else in 0..1 -> those of the next model's range."""
    if before == after:
        return images
    return images * 2 - 1 if after else (images / 2 + 0.5).clamp(0, 1)


def _larger(images: torch.Tensor, size: tuple[int, int], signed: bool) -> torch.Tensor:
    """Pictures of (height, width) `size`, by cubic interpolation, in the range that they had."""
    from torch.nn.functional import interpolate

    return interpolate(images, size, mode="bicubic").clamp(-1 if signed else 0, 1)


def _settings(diffusion: Diffusion, i: int, family: Family) -> Iterator[tuple[str, Any]]:
    """What every picture of the collection is called with; the class has no use for some."""
    refiner = diffusion.refiners[i]
    yield family.steps, refiner.steps or diffusion.steps
    if family.guidance is not None:
        yield family.guidance, _guidance(refiner, diffusion)
    size = refined((diffusion.width, diffusion.height), diffusion.refiners[: i + 1])
    yield from zip(("width", "height"), size, strict=True)
    yield "output_type", "pt"
    yield from family.fixed.items()


def _guidance(refiner: Refiner, diffusion: Diffusion) -> float:
    own = refiner.guidance_scale
    return diffusion.guidance_scale if own is None else own


def _reads(pipe: Any) -> bool:
    """Whether the pipeline has a text encoder of its own."""
    return any(getattr(pipe, f"text_encoder{n}", None) is not None for n in ("", "_2", "_3"))
