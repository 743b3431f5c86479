"""A picture that began with another one, swaying: painted over, lightly, from noise that moves.

What its recipe began with is gone from the noise, so the finished picture is what stays: it is
painted over (SDEdit, arXiv 2108.01073) from the noise of each keyframe, and how far each differs
from the first moves the picture's own latents. So the film begins with the picture to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

from mint.errors import RenderError
from mint.models.families import Family
from mint.models.refiners import MASKABLE, PAINTS_OVER
from mint.paint.latents import encoded
from mint.paint.paint_over import opened, steps, tensor
from mint.plan.recipe import Diffusion, Recipe

if TYPE_CHECKING:
    from torch import Tensor

    from mint.paint.png import Pixels

STRENGTH = 0.5  # how much of the picture is painted anew; more moves the whole token


def refuse_still(name: str) -> None:
    """Raise RenderError where pictures of the class `name` that began with others cannot sway."""
    if PAINTS_OVER.get(name) not in MASKABLE:
        raise RenderError(
            f"{name.removesuffix('Pipeline')} cannot move a picture that began with another one",
            hint="name its token under animate.still, or a video model under animate.model",
        )


class Sway:
    """The painter's parts as what paints over; `paint` gives latents of shape (1, c, h, w)."""

    def __init__(self, torch: Any, pipe: Any, family: Family, diffusion: Diffusion) -> None:
        refuse_still(type(pipe).__name__)
        self.name = PAINTS_OVER[type(pipe).__name__]
        self.torch, self.family, self.diffusion = torch, family, diffusion
        self.over = opened(pipe, self.name)

    def latents(self, still: Pixels) -> Tensor:
        """Those of the finished picture."""
        picture = tensor(self.torch, still, False, self.over)
        return encoded(self.over, self.over.image_processor.preprocess(picture))

    def paint(
        self, recipe: Recipe, still: Pixels, words: dict[str, Any], noise: Sequence[Tensor]
    ) -> list[Tensor]:
        """The picture painted over from each noise."""
        torch, over, clean = self.torch, self.over, self.latents(still)
        rows = torch.cat(list(noise))

        def noised(image: Tensor, time: Tensor, *rest: Any, **more: Any) -> Tensor:
            both = clean.expand_as(rows), rows.to(clean)
            add = getattr(over.scheduler, "add_noise", None)
            if add is None:  # a flow's
                started: Tensor = over.scheduler.scale_noise(both[0], time[:1], both[1])
            else:
                started = add(*both, time)
            return started

        over.prepare_latents = noised  # else the class draws its own
        picture = tensor(torch, still, False, over).expand(len(rows), -1, -1, -1)
        call: dict[str, Any] = {
            "image": picture,
            "strength": STRENGTH,
            self.family.steps: steps(self.name, recipe.diffusion.steps, STRENGTH),
            "width": recipe.diffusion.width,
            "height": recipe.diffusion.height,
            "output_type": "latent",
            **self.family.fixed,
        }
        if self.family.guidance is not None:
            call[self.family.guidance] = self.diffusion.guidance_scale
        parameters = signature(over.__call__).parameters
        call = {name: value for name, value in call.items() if name in parameters} | words
        call["generator"] = [torch.Generator("cpu").manual_seed(recipe.seed) for _ in noise]
        return list(over(**call).images.split(1))
