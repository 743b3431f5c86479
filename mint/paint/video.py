"""A token's picture, or its words -> frames, by a video model of diffusers."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

from mint.errors import RenderError
from mint.models.animators import ADAPTER, VIDEOS, Video, video_class
from mint.models.painter import load_pipeline
from mint.models.runtime import (
    device_of,
    fitting,
    import_torch,
    set_deterministic,
    set_threads,
)
from mint.models.weights import Model, first_line
from mint.paint.pixels import arithmetic, refused, to_uint8
from mint.paint.render import refuse_unseeded
from mint.paint.walk import Film
from mint.plan.recipe import Diffusion, Recipe, Runtime
from mint.spec.animate import Animate

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.png import Pixels


def open_video(
    painter: Model, model: Model, diffusion: Diffusion, runtime: Runtime, animate: Animate
) -> Film:
    """The video model in memory; `painter` is what a motion adapter moves.

    All chance comes from one CPU generator, seeded as the token's picture was. Raises RenderError.
    """
    torch = import_torch()
    set_deterministic(torch, runtime.threads)
    name = video_class(model.path)
    video = VIDEOS[name]
    with arithmetic(diffusion), fitting(torch, "the video model"):
        if name == ADAPTER:
            pipe = _adapted(painter, model, diffusion)
        else:
            own = diffusion.model_copy(update={"scheduler": "default"})
            pipe = load_pipeline(model, own, video.opens)
        pipe.to(device_of(runtime))
    parameters = signature(pipe.__call__).parameters
    call = {k: v for k, v in _settings(video, diffusion, animate).items() if k in parameters}

    def paint(recipe: Recipe, still: Pixels) -> Tensor:
        before = torch.random.get_rng_state()
        own = dict(_token(torch, video, recipe, still, animate))
        own = {key: value for key, value in own.items() if key in parameters}
        frames: Tensor = pipe(**call, **own).frames[0]
        refuse_unseeded(pipe, torch.equal(before, torch.random.get_rng_state()))
        return frames

    def film(recipe: Recipe, still: Pixels) -> Iterator[Pixels]:
        set_threads(torch, runtime.threads)
        with arithmetic(diffusion), refused(torch, diffusion, 1), torch.inference_mode():
            frames = to_uint8(torch, paint(recipe, still), diffusion)
        if len(frames) != animate.frames:
            raise RenderError(
                f"the video model makes {len(frames)} frames where {animate.frames} are asked for",
                hint=f"write frames: {len(frames)} under animate:",
            )
        yield from frames

    return film


def _adapted(painter: Model, model: Model, diffusion: Diffusion) -> Any:
    """The painting model with a motion adapter between its layers."""
    from diffusers import AnimateDiffPipeline, MotionAdapter

    pipe = load_pipeline(painter, diffusion.model_copy(update={"refiners": ()}))
    try:
        adapter = MotionAdapter.from_pretrained(
            str(model.path),
            dtype=pipe.unet.dtype,
            use_safetensors=True,
            local_files_only=True,
        )
        moved = AnimateDiffPipeline(
            vae=pipe.vae,
            text_encoder=pipe.text_encoder,
            tokenizer=pipe.tokenizer,
            unet=pipe.unet,
            motion_adapter=adapter,
            scheduler=pipe.scheduler,
        )
    except Exception as error:  # loaders raise whatever their parser raises
        raise RenderError(
            f"the motion adapter in {model.path} does not fit the painting model: "
            f"{first_line(error)}",
            hint="it must be made for the same family, such as Stable Diffusion 1.5",
        ) from error
    moved.set_progress_bar_config(disable=True)
    return moved


def _settings(video: Video, diffusion: Diffusion, animate: Animate) -> dict[str, Any]:
    """What every film of the collection is called with."""
    guidance = animate.guidance_scale
    settings = {
        "num_frames": animate.frames,
        "num_inference_steps": animate.steps or diffusion.steps,
        video.guidance: diffusion.guidance_scale if guidance is None else guidance,
        "width": diffusion.size[0],
        "height": diffusion.size[1],
        "output_type": "pt",
        **video.fixed,
    }
    return settings | ({video.rate: animate.fps} if video.rate else {})


def _token(
    torch: Any, video: Video, recipe: Recipe, still: Pixels, animate: Animate
) -> Iterator[tuple[str, Any]]:
    """What one token's film is called with besides."""
    from PIL import Image

    yield "generator", torch.Generator("cpu").manual_seed(recipe.seed)
    if video.worded:
        words = f"{recipe.prompt}, {animate.words}" if animate.words else recipe.prompt
        yield "prompt", words
        if recipe.negative_prompt:
            yield "negative_prompt", recipe.negative_prompt
    if video.pictured:
        yield "image", Image.fromarray(still)
