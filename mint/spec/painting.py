"""`image:`, `dedup:` and `truth:` of collection.yaml: how pictures are painted and chosen."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from mint.document import Number
from mint.spec.forms import Revision, Section, Threshold
from mint.spec.traits import Text

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")  # {Trait} in the prompt


def _empty(part: tuple[str, ...]) -> bool:
    """Left out of the record then, so that older collections keep their digest."""
    return not part


Scheduler = Literal["default", "ddim", "dpm++", "euler", "euler-ancestral", "lcm", "unipc"]


class ImageSettings(Section):
    """How pictures are painted. Every key here decides pixels."""

    model: Annotated[Text, Field(examples=["atelier", "./my-model", "org/name"])] = "atelier"
    """The model that paints: `atelier`, which is inside mint; a folder saved by diffusers'
    save_pretrained, relative to this file; or a model on the Hugging Face hub, with `revision`."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits from its page. Needed with a hub model only, so that
    the same file paints the same pictures next year."""
    prompt: Annotated[Text, Field(examples=["a {Fur} {Species}, {Hat}, plain background"])]
    """The words that the model paints. Each {Trait} is replaced by what the token's value says;
    a clause between commas that `none` leaves empty is dropped. Every trait must stand in it."""
    negative_prompt: Annotated[
        str, Field(max_length=10_000, examples=["text, watermark, signature"])
    ] = ""
    """What the pictures should not show. The same for every token; without it nothing is ruled
    out. Models read it only with a guidance_scale above 1."""
    steps: Annotated[int, Field(ge=1, le=1000)] = 20
    """How many steps the model takes from noise to picture. More takes longer, in proportion;
    beyond 30 to 50 few models become better."""
    guidance_scale: Annotated[Number, Field(ge=0, le=50)] = 3.0
    """How strictly the model follows the prompt. 1 lets it roam and halves the time; 3 to 8 is
    usual; much above 15 burns colours."""
    scheduler: Scheduler = "default"
    """How the model gets from noise to picture. `default` is its own way; `dpm++` and `unipc` need
    few steps; `lcm` is for models that were trained for it."""
    width: Annotated[int, Field(ge=64, le=4096, multiple_of=8)] = 256
    """Pixels from left to right, a multiple of 8. Best is the size that the model was trained on:
    256 for atelier, 512 or 1024 for most others."""
    height: Annotated[int, Field(ge=64, le=4096, multiple_of=8)] = 256
    """Pixels from top to bottom, a multiple of 8."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """The precision of the model's arithmetic. float32 works everywhere; the other two halve the
    memory on a GPU, and float16 is very slow on a CPU."""
    batch: Annotated[int, Field(ge=1, le=256)] = 8
    """How many pictures are painted at once. Lower it if memory runs out; another number may
    change some pixels."""
    variations: Annotated[
        tuple[Text, ...],
        Field(max_length=100, examples=[["seen from the side", "waving"]], exclude_if=_empty),
    ] = ()
    """Words for a token that still looks like another after two other seeds: the third time, the
    first of these is added to its prompt, the fourth time the second, and so on around. Without
    them only the seed changes."""
    upscale: Annotated[Text, Field(examples=["atelier", "x4.safetensors"])] | None = None
    """What enlarges the finished pictures: `atelier` (4 times), or a safetensors file, relative to
    this file. Without it they stay as large as they are painted."""


class Dedup(Section):
    """When two pictures are one, and how often a token is painted again."""

    threshold: Threshold = "auto"
    """When two pictures count as one. `auto` is measured on your own pictures, and two signs must
    agree: how alike the embedder finds them, and how alike their light and shade is. A number from
    0 to 1 is the cosine of the embedder's vectors from which on two pictures are one, and decides
    alone; 1 allows everything but the same picture."""
    attempts: Annotated[int, Field(ge=0, le=20)] = 5
    """How often a picture that looks like another is painted again."""
    exhausted: Literal["stop", "keep"] = "stop"
    """What happens if it still looks like another after that: `stop` ends the build with advice,
    `keep` takes the last picture and lists it in the report."""
    against: Annotated[
        tuple[Text, ...],
        Field(
            examples=[["../first-drop/build/beasts/manifest.json", "protected"]], exclude_if=_empty
        ),
    ] = ()
    """Other pictures that none of these may look like: folders of PNG, JPEG or WebP files, or the
    manifest.json of an earlier build, relative to this file."""
    embedder: Annotated[Text, Field(examples=["atelier", "openai/clip-vit-large-patch14"])] = (
        "atelier"
    )
    """The CLIP model that compares pictures: `atelier`, a folder, or a hub model with its
    `revision`."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits. Needed with a hub model only."""


class Truth(Section):
    """How sure the judge must be that a promised trait is visible."""

    threshold: Threshold = "auto"
    """From which certainty on a trait counts as visible, a share from 0 to 1. This version does not
    check it yet."""
