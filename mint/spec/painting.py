"""`image:`, `dedup:`, `truth:`, `c2pa:` of collection.yaml: how pictures come to be."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from mint.document import Number
from mint.spec.adapters import Adapters, Embeddings
from mint.spec.canvas import Wallpapers
from mint.spec.forms import Revision, Section, Threshold, shaped
from mint.spec.guides import Controlled, Referred
from mint.spec.init import MaybeInit
from mint.spec.refiner import Refiners, refined
from mint.spec.traits import Name, Text, as_tuple

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")  # {Trait} in the prompt


def _empty(part: tuple[object, ...]) -> bool:
    """Left out of the record then, so that older collections keep their digest."""
    return not part


Scheduler = Literal["default", "ddim", "dpm++", "euler", "euler-ancestral", "lcm", "unipc"]
_SIZES = shaped(lambda value: "write auto, or a whole number from 1 to 256", object)
Batch = Annotated[Annotated[int, Field(ge=1, le=256)] | Literal["auto"], _SIZES]
_BATCH_SCHEMA = {
    "anyOf": [{"enum": ["auto"]}, {"type": "integer", "minimum": 1, "maximum": 256}],
    "examples": ["auto", 4],
}


class ImageSettings(Section):
    """How pictures are painted. Every key here decides pixels."""

    model: Annotated[
        Text, Field(examples=["atelier", "./my-model", "org/name", "./dreamshaper.safetensors"])
    ] = "atelier"
    """The model that paints: `atelier`, which is inside mint, as are `atelier-gan` and
    `atelier-vae`, quicker ones of characters alone, less varied and softer; a folder saved by
    diffusers' save_pretrained, relative to this file; a model on the Hugging Face hub, with
    `revision`; or a single .safetensors file as model exchanges offer them, with `config`."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits from its page. Needed with a hub model only, so that
    the same file paints the same pictures next year."""
    config: (
        Annotated[Text, Field(examples=["stable-diffusion-v1-5/stable-diffusion-v1-5"])] | None
    ) = None
    """Needed with a single .safetensors file only, which has a model's weights and not its
    settings: a folder, or a hub model with its `config_revision`, of the family that it was made
    from. What the file lacks, such as text encoders, is taken from there, too."""
    config_revision: Revision | None = None
    """The commit of the hub model under `config`, 40 digits. Needed with a hub model only."""
    transformer: Annotated[Text, Field(examples=["./flux1-dev-Q4_0.gguf"])] | None = None
    """A .gguf file, relative to this file, that is used in place of the model's transformer: the
    same one in fewer bits, so that it fits into less memory. It needs
    `pip install "gguf>=0.17"`."""
    adapters: Adapters = ()
    """LoRA files that change how the model paints, one after the other. They need
    `pip install "peft>=0.21,<0.22"`."""
    embeddings: Embeddings = ()
    """Textual inversions: words that the model is taught, each by a file."""
    reference: Referred = None
    """A picture whose look all tokens take, by an IP-Adapter for the model."""
    control: Controlled = None
    """A picture whose outlines or pose all tokens follow, by a ControlNet for the model."""
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
    dtype: Literal["float64", "float32", "bfloat16", "float16"] = "float32"
    """The precision of the model's arithmetic. In `float64` the same file paints the same pictures
    on every machine, to the last bit, which anybody can check; it takes two to three times as
    long, on most GPUs far longer. In float32 two machines may differ in a few pixels by the
    least step that there is. The other two halve the memory on a GPU; float16 is very slow on a
    CPU."""
    batch: Annotated[Batch, WithJsonSchema(_BATCH_SCHEMA)] = "auto"
    """How many pictures are painted at once. `auto` tries 1, 2, 4 and 8 once, takes the quickest
    that memory allows, and stays with it. A number is for you to lower if memory runs out. In
    float64 it changes no pixel; otherwise another number may change some."""
    variations: Annotated[
        tuple[Text, ...],
        Field(max_length=100, examples=[["seen from the side", "waving"]], exclude_if=_empty),
    ] = ()
    """Words for a token that still looks like another after two other seeds: the third time, the
    first of these is added to its prompt, the fourth time the second, and so on around. Without
    them only the seed changes."""
    init: MaybeInit = None
    """A drawing of your own that every picture begins with, in place of noise alone."""
    refiners: Refiners = ()
    """Further models, each of which goes on with the picture of the one before it: DeepFloyd's
    second stage, SDXL's refiner, an upscaler that reads the prompt. Without them the picture is
    finished when `model` has painted it."""
    upscale: Annotated[Text, Field(examples=["atelier", "inks", "x4.safetensors"])] | None = None
    """What enlarges the finished pictures: `atelier` (4 times), `atelier-x2` (twice), `inks` (4
    times, and then redraws them in up to 32 flat colours with clean edges, as a screen print), or a
    safetensors file, relative to this file. Without it they stay as large as they are painted."""
    canvas: Wallpapers | None = None
    """A wallpaper beside tokens' pictures. Without it there is none."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height as painted: after the refiners, and not yet enlarged."""
        return refined((self.width, self.height), self.refiners)

    @property
    def is_single_file(self) -> bool:
        """Whether the model is one file with the weights of most of its parts."""
        return self.model.endswith(".safetensors")


class Dedup(Section):
    """When two pictures are one, and how often a token is painted again."""

    threshold: Threshold = "auto"
    """When two pictures count as one. `auto` is measured on your own pictures, and two signs must
    agree: how alike the embedder finds them, and what `second` says. A number from 0 to 1 is the
    cosine of the embedder's vectors from which on two pictures are one, and decides alone; 1
    allows everything but the same picture."""
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
    """The CLIP model that compares pictures, and measures how well they fit their prompts and how
    varied they are: `atelier`, which knows no pictures but its own model's; a folder; or a hub
    model with its `revision`, which is what pictures of other models need."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits. Needed with a hub model only."""
    # What is the default is left out of the record, so that older collections keep their digest.
    second: Annotated[
        Text,
        Field(
            exclude_if=lambda name: name == "hash",
            examples=["hash", "facebook/dinov2-small", "./my-dinov2"],
        ),
    ] = "hash"
    """What must agree with the embedder before two pictures are one. `hash` compares their light
    and shade; it knows copies, also cut or mirrored, and needs no model. A model that looks at
    pictures, such as DINOv2, compares what it sees in them, and from when on two are one is
    measured on your own pictures, too: a folder, or a hub model with its `second_revision`. We
    tried this without DINOv2's own weights: look at the report's pairs before you rely on it."""
    second_revision: Annotated[
        Revision | None, Field(exclude_if=lambda revision: revision is None)
    ] = None
    """The commit of the hub model under `second`, 40 digits. Needed with a hub model only."""


JudgeName = Literal["auto", "off", "classifier", "clip", "vlm"]
_JUDGE_SCHEMA = {
    "anyOf": [
        {"enum": [*get_args(JudgeName)]},
        {"type": "array", "minItems": 1, "items": {"enum": [*get_args(JudgeName)]}},
    ],
    "examples": ["clip", ["classifier", "vlm"]],
}
_ASK_SCHEMA = {
    "type": "object",
    "additionalProperties": {
        "type": "string",
        "minLength": 1,
        "description": "The question about this trait, to which its values are the answers.",
    },
    "examples": [{"Hat": "What does it wear?"}],
}


def _sequence(value: Any) -> Any:
    """`clip` and `[clip]` mean the same."""
    return (value,) if isinstance(value, str) else as_tuple(value)


class Truth(Section):
    """Whether a picture shows what its metadata says, and what happens where it does not."""

    # What is the default is left out of the record, so that older collections keep their digest.
    judge: Annotated[
        tuple[JudgeName, ...],
        BeforeValidator(_sequence),
        Field(min_length=1, exclude_if=lambda judge: judge == ("auto",)),
        WithJsonSchema(_JUDGE_SCHEMA),
    ] = ("auto",)
    """Who looks at the pictures. `classifier` knows the traits of the model inside mint; `clip`
    compares a picture with each value's words, by the model of `dedup.embedder`; `vlm` asks a
    model that reads pictures and answers questions, named under `model`. In a list the next is
    asked where the one before cannot say. `off` looks at nothing. `auto` is `classifier` for
    pictures by atelier, else `clip` if `dedup.embedder` is not atelier's, else `off`."""
    model: Annotated[
        Text | None,
        Field(
            exclude_if=lambda model: model is None,
            examples=["HuggingFaceTB/SmolVLM2-500M-Video-Instruct", "./my-judge"],
        ),
    ] = None
    """The judge's model, for `vlm`: a folder, or a hub model with its `revision`. For `classifier`
    a folder of your own whose labels are values; without it, atelier's."""
    revision: Annotated[Revision | None, Field(exclude_if=lambda revision: revision is None)] = None
    """The commit of a hub model, 40 digits. Needed with a hub model only."""
    threshold: Threshold = "auto"
    """How sure the judge must be. From this share on a trait counts as seen; where the picture is
    as surely another value's, it counts as contradicted, and the token is painted again. `auto`
    is 0.8."""
    exhausted: Annotated[
        Literal["stop", "keep", "relabel"], Field(exclude_if=lambda name: name == "stop")
    ] = "stop"
    """What happens if the last attempt still shows something else: `stop` ends the build with
    advice, `keep` takes the best attempt and lists it in the report, `relabel` lets the metadata
    say what is there if all counts and rules still hold, and stops where they do not."""
    ask: Annotated[dict[Name, Text], WithJsonSchema(_ASK_SCHEMA)] = Field(
        default_factory=dict, exclude_if=lambda questions: not questions
    )
    """For `vlm`: the question about a trait, in your own words. Without it, one is made from the
    trait's name."""

    @property
    def certainty(self) -> float:
        """The threshold as a number."""
        return 0.8 if self.threshold == "auto" else self.threshold
