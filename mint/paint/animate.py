"""What moves pictures: the painting model itself, or a video model, by the class of its folder."""

from __future__ import annotations

from mint.models.weights import Model
from mint.paint.video import open_video
from mint.paint.walk import Film, open_walk
from mint.plan.recipe import Diffusion, Runtime
from mint.spec.animate import WALK, Animate


def open_film(
    painter: Model, video: Model | None, diffusion: Diffusion, runtime: Runtime, animate: Animate
) -> Film:
    """The model in memory, as a function from a recipe and its picture to frames.

    `painter` is what painted the pictures, `video` what `animate.model` names besides. `runtime` is
    of whichever paints the frames. Raises RenderError.
    """
    if animate.model == WALK:
        return open_walk(painter, diffusion, runtime, animate)
    assert video is not None  # found where it is named
    return open_video(painter, video, diffusion, runtime, animate)
