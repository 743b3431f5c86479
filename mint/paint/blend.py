"""Recipes that mix two others -> a pipeline's arguments: noise by slerp, words by a straight line.

Noise of many dimensions lies near a sphere, and what is halfway between two points of it in a
straight line is too near the middle to be noise: so it is turned, not averaged (Shoemake 1985,
"Animating rotation with quaternion curves"). From there on it is painted as any picture is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mint.errors import RenderError
from mint.models.beginnings import BLENDS
from mint.paint.words import Encode
from mint.plan.recipe import Recipe

if TYPE_CHECKING:
    from torch import Tensor


def mixed(
    pipe: Any, encode: Encode, batch: Sequence[Recipe], generators: Sequence[Any]
) -> dict[str, Any]:
    """Embeddings and latents of recipes with a `blend`, a row each.

    Its own part of the noise comes from the recipe's generator, which goes on from there as it does
    when the class draws. Raises RenderError where the class of `pipe` takes none.
    """
    import torch

    name = type(pipe).__name__
    if name not in BLENDS:
        raise RenderError(
            f"{name.removesuffix('Pipeline')} cannot mix two pictures",
            hint="delete the blend's lines in decisions.yaml, or go back to the earlier model",
        )
    pairs = zip(batch, generators, strict=True)
    rows = [_mixed(torch, pipe, encode, recipe, generator) for recipe, generator in pairs]
    return {key: torch.cat([row[key] for row in rows]) for key in rows[0]}


def _mixed(torch: Any, pipe: Any, encode: Encode, recipe: Recipe, generator: Any) -> dict[str, Any]:
    blend = recipe.blend
    assert blend is not None
    one, other = (
        encode([strand.prompt], [recipe.negative_prompt]) for strand in (blend.first, blend.second)
    )
    words = {key: torch.lerp(one[key], other[key], blend.share) for key in one}
    like = one["prompt_embeds"]
    seeds = blend.first.seed, blend.second.seed
    chances = (*(torch.Generator("cpu").manual_seed(seed) for seed in seeds), generator)
    shape = _shape(pipe, recipe)
    first, second, own = (torch.randn(shape, generator=each, dtype=like.dtype) for each in chances)
    latents = slerp(torch, slerp(torch, first, second, blend.share), own, blend.own)
    return {**words, "latents": latents.to(like)}


def slerp(torch: Any, first: Tensor, second: Tensor, share: float) -> Tensor:
    """The point at `share` of the way from `first` to `second` on the great circle, in float64."""
    one, other = first.double(), second.double()
    cosine = (one * other).sum() / (one.norm() * other.norm())
    angle = torch.arccos(cosine.clamp(-1, 1))
    if angle < 1e-6:  # the same noise, which no division turns
        return torch.lerp(one, other, share)  # type: ignore[no-any-return]  # torch and diffusers give Any here
    turned = torch.sin((1 - share) * angle) * one + torch.sin(share * angle) * other
    return turned / torch.sin(angle)  # type: ignore[no-any-return]  # torch and diffusers give Any here


def _shape(pipe: Any, recipe: Recipe) -> tuple[int, ...]:
    """Of the noise that the class itself draws, before it scales it."""
    net, settings = getattr(pipe, "unet", None) or pipe.transformer, recipe.diffusion
    scale = pipe.vae_scale_factor
    return 1, net.config.in_channels, settings.height // scale, settings.width // scale
