"""A picture and a recipe -> another picture: all of it painted over, or what a mask leaves free.

SDEdit (arXiv 2108.01073): noise is added up to some step, and painting goes on from there. Outside
a mask the noisy original takes the place of what the model painted, after each step (RePaint,
arXiv 2201.09865, without its going back and forth), and the finished picture is the original's to
the bit. So no model needs to have learned masks, and latents may have any number of channels. Of
models whose latents are a row of patches, diffusers' inpainting classes do the same.

Where refiners go on with the painter's pictures, they do so here, too: the picture is first reduced
to the painter's size, and a mask lets the refined one through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from inspect import signature
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.models.families import Family
from mint.models.refiners import overpainting_class
from mint.paint.guides import reference_call
from mint.paint.latents import encoded
from mint.paint.pixels import to_uint8
from mint.paint.refine import Stage
from mint.paint.sources import Sources
from mint.paint.words import Encode
from mint.plan.recipe import Diffusion, Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.png import Pixels

# A recipe with a start -> its picture.
PaintOver = Callable[[Recipe], "Pixels"]
# Classes that are told how many steps they take, and not how many a whole way has.
COUNTS_ITS_OWN = {"LatentConsistencyModelImg2ImgPipeline"}
MOST_STEPS = 1000  # that diffusers' schedulers were trained with


def over_painter(
    pipe: Any,
    family: Family,
    diffusion: Diffusion,
    encode: Encode,
    sources: Sources,
    refiners: Sequence[Stage] = (),
) -> PaintOver:
    """What paints over pictures with the parts of `pipe`, a painter in memory.

    It raises RenderError where no class of diffusers does that with such a model.
    """
    import torch

    size = diffusion.width, diffusion.height
    last = refiners[-1].family if refiners else family
    look = reference_call(pipe, diffusion, sources)

    @cache
    def over_class(name: str) -> Any:
        return opened(pipe, name)

    def paint(recipe: Recipe) -> Pixels:
        start = recipe.start
        assert start is not None
        name = overpainting_class(type(pipe).__name__, masked=start.mask is not None)
        over = over_class(name)
        original = sources.picture(start, diffusion.size)
        mask = None if start.mask is None else sources.drawn(start.mask, diffusion.size)
        begin = smaller(original, size)
        call: dict[str, Any] = {
            "image": tensor(torch, begin, family.signed, over),
            "strength": start.strength,
            family.steps: steps(name, recipe.diffusion.steps, start.strength),
            "width": size[0],
            "height": size[1],
            "output_type": "pt",
            **family.fixed,
            **look,
        }
        if family.guidance is not None:
            call[family.guidance] = diffusion.guidance_scale
        parameters = signature(over.__call__).parameters
        if mask is not None and "mask_image" in parameters:
            call["mask_image"] = tensor(torch, smaller(mask, size), False, over)[:, :1]
        elif mask is not None:
            call |= _masked(torch, over, begin, mask, recipe.seed)
        call = {name: value for name, value in call.items() if name in parameters}
        call |= encode([recipe.prompt], [recipe.negative_prompt])
        call["generator"] = [torch.Generator("cpu").manual_seed(recipe.seed)]
        images = over(**call).images
        for stage in refiners:
            images = stage.refine(images, [recipe], call["generator"], False)
        images = images / 2 + 0.5 if last.signed else images
        (pixels,) = to_uint8(torch, images, diffusion)
        return pixels if mask is None else composed(original, pixels, mask)

    return paint


def smaller(picture: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture in `size`, width and height: each pixel the mean of those that it replaces."""
    from PIL import Image

    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def opened(pipe: Any, name: str) -> Any:
    """diffusers' class `name` with the parts of `pipe`."""
    import diffusers

    kind = getattr(diffusers, name)
    names = signature(kind.__init__).parameters
    parts = {part: value for part, value in pipe.components.items() if part in names}
    if "requires_safety_checker" in names:
        parts["requires_safety_checker"] = False
    over = kind(**parts)
    over.set_progress_bar_config(disable=True)
    return over


def steps(kind: str, number: int, strength: float) -> int:
    """How many steps a whole way has of which `strength` takes `number`, as long as painting."""
    return number if kind in COUNTS_ITS_OWN else min(ceil(number / strength), MOST_STEPS)


def composed(original: Pixels, overlay: Pixels, mask: Pixels) -> Pixels:
    """`overlay` where the mask is white, `original` to the bit where it is black."""
    share = mask[..., :1].astype(np.uint16)
    mixed = (overlay * share + original * (255 - share) + 127) // 255
    return mixed.astype(np.uint8)


def tensor(torch: Any, pixels: Pixels, signed: bool, pipe: Any) -> Tensor:
    """(1, 3, height, width), in the range that the class expects, on its device."""
    picture = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].to(pipe._execution_device)
    shares: Tensor = picture / 127.5 - 1 if signed else picture / 255
    return shares


def _masked(torch: Any, pipe: Any, original: Pixels, mask: Pixels, seed: int) -> dict[str, Any]:
    """The argument by which a pipeline puts the noisy original outside the mask at each step."""
    generator = torch.Generator("cpu").manual_seed(seed ^ 1)
    image = pipe.image_processor.preprocess(tensor(torch, original, False, pipe))
    clean = encoded(pipe, image)
    noise = torch.randn(clean.shape, generator=generator, dtype=torch.float32).to(clean)
    scheduler = pipe.scheduler
    area = torch.from_numpy(mask[..., 0].copy())[None, None].to(clean) / 255
    area = torch.nn.functional.adaptive_max_pool2d(area, clean.shape[2:])

    def keep_outside(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        times = pipe.scheduler.timesteps
        after = step + 1 + len(times) - pipe.num_timesteps
        outside = clean
        if after < len(times):
            when = times[after : after + 1]
            if hasattr(scheduler, "add_noise"):
                outside = scheduler.add_noise(clean, noise, when)
            else:  # a flow's
                outside = scheduler.scale_noise(clean, when, noise)
        values["latents"] = area * values["latents"] + (1 - area) * outside
        return values

    return {
        "callback_on_step_end": keep_outside,
        "callback_on_step_end_tensor_inputs": ["latents"],
    }
