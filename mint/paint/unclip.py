"""What CLIP sees in a picture -> another picture of it, as DALL-E 2 varies and mixes its own.

A prior turns words into the embedding that CLIP would have of a picture, and a decoder paints that
(unCLIP, arXiv 2204.06125). So a decoder also paints from the embedding of a picture that is there:
with other noise, another picture of the same. Between two embeddings it is turned, as in section
3.2: all pictures' embeddings are about as long, and halfway along a straight line, on which
diffusers' `interpolate` goes, is shorter than any picture that the decoder has learned from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from inspect import signature
from typing import TYPE_CHECKING, Any

from mint.errors import RenderError
from mint.models.beginnings import DECODES, names
from mint.models.families import Family
from mint.paint.blend import slerp
from mint.paint.paint_over import PaintOver
from mint.paint.pixels import to_uint8
from mint.paint.sources import Sources
from mint.paint.words import Encode
from mint.plan.recipe import Diffusion, Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.png import Pixels

KNOWN = 32  # pictures whose embeddings stay in memory: siblings have the same parents


def decoder(
    pipe: Any, family: Family, diffusion: Diffusion, encode: Encode, sources: Sources
) -> PaintOver:
    """What paints recipes whose start is an embedding, with the parts of `pipe`.

    Raises RenderError where its class has no decoder of embeddings.
    """
    import torch

    name = type(pipe).__name__
    if name not in DECODES:
        raise RenderError(
            f"{name.removesuffix('Pipeline')} does not paint from what it sees in a picture",
            hint="delete the edits with `embedding` in decisions.yaml, or go back to the earlier "
            f"model; models that do are those of {names(DECODES)}",
        )
    if diffusion.refiners:
        raise RenderError(
            "a picture that others go on with (image.refiners) cannot come from an embedding",
            hint="leave out image.refiners, or the edits with `embedding` in decisions.yaml",
        )
    prior, decode = pipe.prior_pipe, pipe.decoder_pipe
    look, parameters = _eye(prior), signature(decode.__call__).parameters
    settings = {
        "width": diffusion.width,
        "height": diffusion.height,
        "output_type": "pt",
        "guidance_scale": diffusion.guidance_scale,
        **family.fixed,
    }
    settings = {name: value for name, value in settings.items() if name in parameters}

    @lru_cache(KNOWN)
    def embedding(recipe: Recipe) -> Tensor:
        return look(sources.painted(recipe))

    def paint(recipe: Recipe) -> Pixels:
        start = recipe.start
        assert start is not None
        assert start.recipe is not None
        vector = embedding(start.recipe)
        if start.second:
            vector = slerp(torch, vector, embedding(start.second.recipe), start.second.share)
        words = encode([recipe.prompt], [recipe.negative_prompt])
        doubled = family.doubled and "negative_prompt" in words
        seeds = [recipe.seed] * (2 if doubled else 1)
        generators = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        negative = prior.get_zero_embed(1)
        if start.strength or doubled:  # as the class itself begins, by the same generators
            prediction, negative = prior(
                **words, **_prior_settings(pipe), generator=generators
            ).to_tuple()
            vector = slerp(torch, vector, prediction, start.strength) if start.strength else vector
        images = decode(
            image_embeds=vector.to(negative),
            negative_image_embeds=negative,
            num_inference_steps=recipe.diffusion.steps,
            generator=generators,
            **settings,
        ).images
        images = images / 2 + 0.5 if family.signed else images
        return to_uint8(torch, images, recipe.diffusion)[0]

    return paint


def _eye(prior: Any) -> Callable[[Pixels], Tensor]:
    """A picture -> its embedding, by the model's own encoder."""
    import torch
    from PIL import Image
    from transformers import CLIPImageProcessorPil

    if prior.image_encoder is None or prior.image_processor is None:
        raise RenderError(
            "the model sees no picture: it lacks its image encoder or image processor",
            hint="fetch the model again, with prior_image_encoder and prior_image_processor",
        )
    # The other backend needs torchvision, and rounds otherwise.
    prepare = CLIPImageProcessorPil.from_dict(prior.image_processor.to_dict())
    encoder = prior.image_encoder

    def look(pixels: Pixels) -> Tensor:
        (rows,) = prepare(Image.fromarray(pixels), return_tensors="np").pixel_values
        picture = torch.from_numpy(rows)[None].to(encoder.device, encoder.dtype)
        vector: Tensor = encoder(picture).image_embeds
        return vector

    return look


def _prior_settings(pipe: Any) -> dict[str, Any]:
    """What the class itself asks of its prior."""
    own = signature(pipe.__call__).parameters
    names = ("num_inference_steps", "guidance_scale")
    return {name: own[f"prior_{name}"].default for name in names}
