"""A token that sways: its own noise moved round a small circle, and painted by the same recipe.

Nearby noise gives nearby pictures (latent interpolation: DDIM, arXiv 2010.02502, section 5.3). The
circle goes through the token's own noise, so the film begins with the token's picture and ends just
before it. What is between two keyframes is blended in latents, where a frame costs a decoding.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.errors import RenderError
from mint.models.animators import rooted
from mint.models.double import quicken
from mint.models.families import family_of
from mint.models.painter import load_pipeline
from mint.models.runtime import (
    device_of,
    fitting,
    import_torch,
    set_deterministic,
    set_threads,
)
from mint.models.weights import Model
from mint.paint.blend import mixed
from mint.paint.latents import decoded
from mint.paint.pixels import arithmetic, refused, to_uint8
from mint.paint.render import pipeline_settings, refuse_unseeded
from mint.paint.sway import Sway
from mint.paint.words import Encode, encoder
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.spec.animate import Animate

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.png import Pixels

# A token's recipe and its picture as painted, of shape (height, width, 3) -> the frames, in order.
Film = Callable[[Recipe, "Pixels"], "Iterator[Pixels]"]

TOGETHER = 4  # keyframes that are painted at once where no batch is on record
APART = 3.0  # mean difference of 255 up to which rounding explains that a picture is not the same


def open_walk(model: Model, diffusion: Diffusion, runtime: Runtime, animate: Animate) -> Film:
    """The painting model as what moves its pictures; raises RenderError where it cannot."""
    if fault := rooted(model.path):
        raise RenderError(fault[0], hint=fault[1])
    torch = import_torch()
    set_deterministic(torch, runtime.threads)
    with arithmetic(diffusion), fitting(torch, "the model"):
        pipe = load_pipeline(model, diffusion).to(device_of(runtime))
    if diffusion.dtype == "float64":
        quicken(pipe)
    parameters = signature(pipe.__call__).parameters
    family = family_of(type(pipe).__name__, parameters)
    call = {k: v for k, v in pipeline_settings(diffusion, family).items() if k in parameters}
    call["output_type"] = "latent"
    encode = encoder(pipe, family, family.guides(diffusion.guidance_scale))
    batch = runtime.batch or TOGETHER

    @cache
    def sway() -> Sway:
        return Sway(torch, pipe, family, diffusion)

    def paint(recipe: Recipe, still: Pixels, noise: Sequence[Tensor]) -> list[Tensor]:
        number = len(noise)
        if recipe.blend:
            own = [torch.Generator("cpu").manual_seed(recipe.seed) for _ in noise]
            words = mixed(pipe, encode, [recipe] * number, own)
            del words["latents"]
        else:
            words = encode([recipe.prompt] * number, [recipe.negative_prompt] * number)
            own = [_generator(torch, pipe, recipe, diffusion)[0] for _ in noise]
        if recipe.start:
            return sway().paint(recipe, still, words, noise)
        before = torch.random.get_rng_state()
        latents = pipe(**call, **words, latents=torch.cat(list(noise)), generator=own).images
        refuse_unseeded(pipe, torch.equal(before, torch.random.get_rng_state()))
        return list(latents.split(1))

    def film(recipe: Recipe, still: Pixels) -> Iterator[Pixels]:
        set_threads(torch, runtime.threads)  # an upscaler may have set its own since
        with arithmetic(diffusion), refused(torch, diffusion, batch), torch.inference_mode():
            start = _start(torch, pipe, encode, recipe, diffusion)
            noise = _circle(torch, pipe, start, recipe, diffusion, animate)
            parts = (noise[i : i + batch] for i in range(0, len(noise), batch))
            latents = [row for part in parts for row in paint(recipe, still, part)]
            if recipe.start:  # the picture's own latents, moved as those painted over it move
                finished = sway().latents(still)
                latents = [finished + row - latents[0] for row in latents]
            rest = _rest(torch, pipe, still, latents[0]) if recipe.start else 0
        for i in range(animate.frames):
            set_threads(torch, runtime.threads)
            with arithmetic(diffusion), refused(torch, diffusion, 1), torch.inference_mode():
                row = between(latents, i * len(latents) / animate.frames)
                (pixels,) = to_uint8(torch, decoded(pipe, row) / 2 + 0.5 + rest, diffusion)
            if i == 0:
                refuse_other_picture(still, pixels, exact=diffusion.dtype == "float64")
            yield pixels if i else still

    return film


def refuse_other_picture(still: Pixels, again: Pixels, *, exact: bool) -> None:
    """Raise RenderError where the token's picture is not what its own noise gives."""
    apart = float(np.abs(still.astype(np.int16) - again).mean())
    if apart > (0 if exact else APART):
        raise RenderError(
            f"a token's picture is not what its recipe paints, but {apart:.1f} of 255 apart",
            hint="paint it again: mint redraw; or name a video model under animate.model",
        )


def _generator(torch: Any, pipe: Any, recipe: Recipe, diffusion: Diffusion) -> tuple[Any, Tensor]:
    """The token's own generator after it drew the starting noise, and that noise."""
    generator = torch.Generator("cpu").manual_seed(recipe.seed)
    return generator, _noise(torch, pipe, generator, diffusion)


def _noise(torch: Any, pipe: Any, generator: Any, diffusion: Diffusion) -> Tensor:
    """As diffusers draws it: below float32 the numbers are those of float32, rounded."""
    part = pipe.unet if hasattr(pipe, "unet") else pipe.transformer
    sides = (side // pipe.vae_scale_factor for side in (diffusion.height, diffusion.width))
    exact = torch.float64 if diffusion.dtype == "float64" else torch.float32
    shape = 1, part.config.in_channels, *sides
    noise: Tensor = torch.randn(shape, generator=generator, dtype=exact)
    return noise


def _rest(torch: Any, pipe: Any, still: Pixels, latents: Tensor) -> Tensor:
    """What the autoencoder loses of the picture, of shape (1, 3, height, width), 0 to 1."""
    whole = torch.from_numpy(still.copy()).permute(2, 0, 1)[None].to(latents) / 255
    rest: Tensor = whole - (decoded(pipe, latents) / 2 + 0.5)
    return rest


def _start(torch: Any, pipe: Any, encode: Encode, recipe: Recipe, diffusion: Diffusion) -> Tensor:
    """The token's own noise; that of a mixture where its picture is one."""
    if not recipe.blend:
        return _generator(torch, pipe, recipe, diffusion)[1]
    generator = torch.Generator("cpu").manual_seed(recipe.seed)
    latents: Tensor = mixed(pipe, encode, [recipe], [generator])["latents"]
    return latents.cpu()


def _circle(
    torch: Any, pipe: Any, own: Tensor, recipe: Recipe, diffusion: Diffusion, animate: Animate
) -> list[Tensor]:
    """Noise for each keyframe, the first one the token's own."""
    seeds = (walking_seed(recipe.seed, axis) for axis in (1, 2))
    generators = (torch.Generator("cpu").manual_seed(seed) for seed in seeds)
    one, other = (_noise(torch, pipe, each, diffusion) for each in generators)
    dtype = getattr(torch, diffusion.dtype)
    return [
        (a * own + b * one + c * other).to(pipe.device, dtype)
        for a, b, c in weights(animate.painted, animate.motion)
    ]


def walking_seed(seed: int, axis: int) -> int:
    """The 53-bit seed of one of the two directions in which a token's noise moves."""
    text = f"{seed}/walk/{axis}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 11


def weights(keyframes: int, motion: float) -> Iterator[tuple[float, float, float]]:
    """Shares of the own noise and of two others, whose squares add up to 1: so it stays noise.

    The points lie on a circle through the own noise, at most `motion` (radians) away from it.
    """
    for k in range(keyframes):
        turn = 2 * math.pi * k / keyframes
        x, y = (1 - math.cos(turn)) / 2 * motion, math.sin(turn) / 2 * motion
        angle = math.hypot(x, y)
        if k == 0 or angle == 0:
            yield 1.0, 0.0, 0.0
        else:
            yield math.cos(angle), math.sin(angle) * x / angle, math.sin(angle) * y / angle


def between(latents: Sequence[Tensor], at: float) -> Tensor:
    """The latents at a place of the loop, by Catmull and Rom's cubic through all of them."""
    k, t = int(at), at - int(at)
    if t == 0:
        return latents[k]
    a, b, c, d = (latents[(k + i) % len(latents)] for i in (-1, 0, 1, 2))
    cubic = (2 * b, c - a, 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d)
    return 0.5 * (cubic[0] + t * (cubic[1] + t * (cubic[2] + t * cubic[3])))
