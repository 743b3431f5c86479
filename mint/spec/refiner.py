"""`image.refiners` of collection.yaml: further models, each going on with the picture before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from mint.document import Number
from mint.spec.forms import Revision, Section
from mint.spec.traits import Text

LAST = 0.8  # of the way from noise to picture: where SDXL's refiner was trained to take over
Side = Annotated[int, Field(ge=64, le=4096, multiple_of=8)]


class Refiner(Section):
    """A model that goes on with the picture of the one before it, by the same words."""

    model: Annotated[
        Text,
        Field(
            examples=[
                "atelier-detail",
                "./if-stage-2",
                "stabilityai/stable-diffusion-xl-refiner-1.0",
            ]
        ),
    ]
    """`atelier-detail`, for pictures of `atelier` at 512 x 512; a folder, relative to this file; or
    a hub model with its `revision`. It either enlarges, as
    DeepFloyd's second stage and Stable Diffusion's x4 upscaler do, or paints over, as SDXL's
    refiner and most models that paint from words can."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits. Needed with a hub model only."""
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many steps it would take from noise to picture. Without it, as many as `image.steps`."""
    guidance_scale: Annotated[Number, Field(ge=0, le=50)] | None = None
    """How strictly it follows the prompt. Without it, as strictly as `image.guidance_scale`."""
    width: Side | None = None
    """Pixels from left to right, needed by a model that enlarges. For one that paints over, the
    picture is made larger first, and then gets the detail that it has no room for."""
    height: Side | None = None
    """Pixels from top to bottom; as `width`."""
    at: Annotated[Number, Field(ge=0, lt=1, examples=[0.8])] | None = None
    """For a model that paints over: how far the picture has come when it takes over. 0 is noise
    alone, 0.8 leaves it the last fifth of its steps, and is what is meant without it."""

    @property
    def start(self) -> float:
        """Where it takes over, on the way from 0, noise, to 1."""
        return LAST if self.at is None else self.at


# Left out of the record where there are none, so that other collections keep their digest.
Refiners = Annotated[
    tuple[Refiner, ...],
    Field(
        max_length=8,
        examples=[[{"model": "./sdxl-refiner"}]],
        exclude_if=lambda models: not models,
    ),
]


def refined(size: tuple[int, int], refiners: Sequence[Refiner]) -> tuple[int, int]:
    """Width and height of pictures that were painted at `size`, after the last refiner."""
    for refiner in refiners:
        size = refiner.width or size[0], refiner.height or size[1]
    return size
