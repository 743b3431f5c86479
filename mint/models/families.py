"""What diffusers' text-to-image classes call a collection's settings, and which they cannot honour.

The facts are those of diffusers 0.42; each class's own `__call__` and `encode_prompt` say them.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mint.document import plain
from mint.errors import RenderError
from mint.models.generator import generator_config, unheard
from mint.models.weights import is_generator
from mint.spec.collection import Collection
from mint.spec.painting import ImageSettings
from mint.spec.style_faults import setting_place
from mint.spec.yaml_source import Source

WORDS = ("prompt_embeds", "negative_prompt_embeds")
POOLED = (*WORDS, "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
MASKED = (
    "prompt_embeds", "prompt_attention_mask",
    "negative_prompt_embeds", "negative_prompt_attention_mask",
)  # fmt: skip
EXACT = {"use_resolution_binning": False}  # else it paints another size than asked, and resizes
VERBATIM = {"clean_caption": False}  # else it rewrites the prompt where bs4 and ftfy are installed
UNSAID = {"negative_prompt": None}  # it is "" else, and may not come together with embeddings


class Family(NamedTuple):
    """A pipeline class. Keys of collection.yaml are called `guidance` and `steps` there.

    None is a key that it has no use for. `embeddings` are the `__call__` arguments to which the
    outputs of `encode_prompt` belong, in order; without them it is called with words. `padded` is
    the length to which a class pads embeddings that would else be as long as the longest in the
    batch. Sizes are multiples of `multiple` pixels. `schedulers` are those that it can use.
    `signed` pictures come in -1..1, not in 0..1. Up to the guidance scale `neutral` no
    negative prompt is read. What is painted `alone` is so because its neighbours' words change it,
    or because no test here has shown that they do not. What is `doubled` draws noise for the
    negative prompts, too. Of several text encoders the one of the tokenizer `reader` reads a prompt
    whole, up to `reads` places; None is as many as its tokenizer says. Where a class puts a
    question or an instruction around the prompt, that is less than it names.
    """

    guidance: str | None = "guidance_scale"
    negative: bool = True
    steps: str = "num_inference_steps"
    fixed: Mapping[str, Any] = {}
    embeddings: tuple[str, ...] = ()
    padded: int | None = None
    multiple: int = 8
    schedulers: tuple[str, ...] | None = None
    signed: bool = False
    neutral: float = 1.0
    alone: bool = False
    doubled: bool = False
    reader: str = "tokenizer"
    reads: int | None = None

    def guides(self, scale: float) -> bool:
        """Whether pictures of such a guidance scale are steered away from the negative prompt."""
        return self.guidance is not None and self.negative and scale > self.neutral


FLOW = ("default",)  # learned to follow straight lines, which the others do not

FAMILIES: dict[str, Family] = {
    "StableDiffusionPipeline": Family(embeddings=WORDS),
    "StableDiffusionXLPipeline": Family(embeddings=POOLED),
    "StableDiffusion3Pipeline": Family(
        embeddings=POOLED, multiple=16, schedulers=FLOW, reader="tokenizer_3", reads=256
    ),
    # Of FLUX there are kinds that take guidance as a number to condition on, and kinds without it.
    "FluxPipeline": Family(
        negative=False,
        embeddings=("prompt_embeds", "pooled_prompt_embeds", ""),
        multiple=16,
        schedulers=FLOW,
        reader="tokenizer_2",  # CLIP's gives a sum of the prompt alone
        reads=512,
    ),
    "Flux2Pipeline": Family(negative=False, multiple=16, schedulers=FLOW, alone=True, reads=470),
    "Flux2KleinPipeline": Family(
        negative=False, multiple=16, schedulers=FLOW, alone=True, reads=496
    ),
    "ChromaPipeline": Family(multiple=16, schedulers=FLOW, alone=True, reads=512),
    "QwenImagePipeline": Family(
        guidance="true_cfg_scale",
        embeddings=("prompt_embeds", "prompt_embeds_mask"),
        padded=256,
        multiple=16,
        schedulers=FLOW,
        reads=250,  # of those 256 the end of the question around a prompt takes some
    ),
    "QwenImage21Pipeline": Family(
        guidance="true_cfg_scale", multiple=16, schedulers=FLOW, alone=True
    ),
    "ZImagePipeline": Family(
        embeddings=WORDS, multiple=16, schedulers=FLOW, neutral=0.0, reads=496
    ),
    "SanaPipeline": Family(
        embeddings=MASKED,
        multiple=32,
        fixed=EXACT | UNSAID,
        schedulers=("default", "dpm++", "unipc"),  # of which there are flow forms
        reads=300,
    ),
    "SanaSprintPipeline": Family(
        negative=False, multiple=32, fixed=EXACT, schedulers=FLOW, alone=True, reads=300
    ),
    "PixArtAlphaPipeline": Family(
        embeddings=MASKED, multiple=16, fixed=EXACT | VERBATIM | UNSAID, reads=120
    ),
    "PixArtSigmaPipeline": Family(
        embeddings=MASKED, multiple=16, fixed=EXACT | VERBATIM | UNSAID, reads=300
    ),
    "HunyuanDiTPipeline": Family(multiple=16, fixed=EXACT, alone=True),
    "PRXPipeline": Family(multiple=16, fixed=EXACT, schedulers=FLOW, alone=True),
    "Lumina2Pipeline": Family(multiple=16, schedulers=FLOW, alone=True, reads=216),
    "AuraFlowPipeline": Family(multiple=16, schedulers=FLOW, alone=True, reads=256),
    "CogView4Pipeline": Family(multiple=16, schedulers=FLOW, alone=True, reads=1024),
    "LatentConsistencyModelPipeline": Family(
        negative=False, embeddings=("prompt_embeds", ""), schedulers=("default", "lcm")
    ),
    "KandinskyV22CombinedPipeline": Family(
        fixed={"callback_steps": None},  # else it warns of what it hands to its own decoder
        multiple=64,
        schedulers=FLOW,
        signed=True,
        doubled=True,
    ),
    "StableCascadeCombinedPipeline": Family(
        guidance="prior_guidance_scale",
        steps="prior_num_inference_steps",
        multiple=128,
        schedulers=FLOW,
    ),
    "IFPipeline": Family(
        embeddings=WORDS,
        signed=True,
        fixed=VERBATIM,
        schedulers=("default", "dpm++"),  # which know that it also tells how sure it is
    ),
}


def class_name(folder: Path) -> str:
    """The pipeline class that the folder was saved from; raises RenderError."""
    try:
        return str(plain((folder / "model_index.json").read_bytes())["_class_name"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise RenderError(
            f"{folder} does not say of what class its model is",
            hint="name a folder that diffusers' save_pretrained wrote, with model_index.json",
        ) from error


def family_of(name: str, parameters: Container[str] = ()) -> Family:
    """The family of a class; of one that is not listed, by the parameters of its `__call__`."""
    if name in FAMILIES:
        return FAMILIES[name]
    return Family(
        guidance="guidance_scale" if "guidance_scale" in parameters else None,
        negative="negative_prompt" in parameters,
        fixed={k: value for k, value in (EXACT | VERBATIM).items() if k in parameters},
        alone=True,
    )


def paints_alone(folder: Path) -> bool:
    """Whether the model in `folder` is to paint one picture at a time; raises RenderError."""
    return not is_generator(folder) and family_of(class_name(folder)).alone


def refuse_unheard(collection: Collection, source: Source, folder: Path) -> None:
    """Raise CollectionError for a key, written in the file, that this model would not honour."""
    image = collection.painting
    if is_generator(folder):
        faults = unheard(image, generator_config(folder))
    elif (name := class_name(folder)) in FAMILIES:
        faults = _unheard(image, name, folder)
    else:
        return
    for key, message, hint in faults:
        place = setting_place(collection.style, source, key)
        if place == ("style", "preset"):
            hint = f"take another preset; or, in place of this one, write its keys without {key}"
        raise source.error(place, message, hint)


def _unheard(image: ImageSettings, name: str, folder: Path) -> Iterator[tuple[str, str, str]]:
    """(key, what is wrong, what to do) of each setting that would change nothing."""
    family, model = FAMILIES[name], name.removesuffix("Pipeline")
    if image.negative_prompt and not family.negative:
        yield (
            "negative_prompt",
            f"{model} reads no negative prompt",
            "leave it out, and say in the prompt what is there instead; "
            f"models that read one: {_who(lambda f: f.negative)}",
        )
    if "guidance_scale" in image.model_fields_set and not _guided(family, name, folder):
        yield (
            "guidance_scale",
            f"{model} in {folder.name} was distilled to need no guidance, and takes none",
            "leave it out",
        )
    if family.schedulers and image.scheduler not in family.schedulers:
        choices = " or ".join(family.schedulers)
        yield "scheduler", f"{model} cannot use {image.scheduler}", f"write {choices}"
    for key in ("width", "height"):
        if getattr(image, key) % family.multiple:
            down = getattr(image, key) // family.multiple * family.multiple
            fit = [str(size) for size in (down, down + family.multiple) if size]
            yield (
                key,
                f"{model} paints sizes that are multiples of {family.multiple} pixels",
                f"write {' or '.join(fit)}",
            )


def _guided(family: Family, name: str, folder: Path) -> bool:
    if family.guidance is None:
        return False
    if name != "FluxPipeline":
        return True
    try:
        config = json.loads((folder / "transformer" / "config.json").read_bytes())
    except (OSError, ValueError):
        return True
    return bool(config.get("guidance_embeds", False))


def _who(honours: Any) -> str:
    names = [name.removesuffix("Pipeline") for name, family in FAMILIES.items() if honours(family)]
    return ", ".join(names[:6]) + ", ..."
