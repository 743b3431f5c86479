"""What a LoRA that `mint tune` taught says of itself: how, from which pictures, by what right.

It stands in the metadata of the safetensors file, hence in the file's SHA-256, hence in the recipe
of every picture that the LoRA helps to paint.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from mint.document import Document, Number
from mint.errors import RenderError
from mint.models.vocabulary import Vocabulary, plain_words, read_vocabulary
from mint.models.weights import Files, first_line
from mint.plan.recipe import Runtime

KEY = "mint.tuning"
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Layers = Literal["attention", "all"]


class Lesson(Document):
    """A picture and its caption: SHA-256 of the raw RGB rows, as large as they were learned."""

    pixels: Digest
    caption: str


class Prior(Document):
    """Pictures that the model painted before it learned, so that it does not forget them.

    `prompts` are its own words, painted with seeds 0, 1, 2, ... in `steps` steps at
    `guidance_scale`. `scheduler` and `dtype` are None where they are `default` and `float32`, and
    in files of versions that did not say them.
    """

    prompts: tuple[str, ...]
    steps: int
    guidance_scale: Number
    scheduler: str | None = None
    dtype: str | None = None


class Tuning(Document):
    """Everything that decides the file; its digest names the checkpoints.

    `rank` and `layers` are the LoRA's size and places, `rate` the peak of the learning rate,
    `batch` and `prior_batch` how many of the artist's pictures and of the model's own a step sees.
    `base` is the pipeline's class, `runtime` what computed. Sizes are in pixels.
    """

    version: Literal[1] = 1
    name: str
    model: str
    base: str
    width: int
    height: int
    steps: int
    rank: int
    layers: Layers
    rate: Number
    batch: int
    prior_batch: int
    seed: int
    half: bool
    lessons: tuple[Lesson, ...]
    prior: Prior
    consent: Digest
    runtime: Runtime


def metadata(file: Path) -> dict[str, str]:
    """The texts in the header of a safetensors file; raises RenderError."""
    from safetensors import safe_open

    try:
        with safe_open(str(file), "np") as archive:
            return dict(archive.metadata() or {})
    except Exception as error:  # the library has errors of its own
        raise RenderError(
            f"{file} is no safetensors file: {first_line(error)}", hint="fetch the file again"
        ) from error


def tuning_of(file: Path) -> Tuning | None:
    """What the file says of itself; None of a LoRA from elsewhere. Raises RenderError."""
    text = metadata(file).get(KEY)
    try:
        return Tuning.parse(text.encode()) if text else None
    except ValidationError:  # by a later version of mint, or forged: as good as absent
        return None


def known_words(folder: Path, files: Files) -> Vocabulary | None:
    """The model's list of words, with those of the captions that its LoRA files learned from.

    Of what they mean the list says nothing, as of any word between phrases.
    """
    vocabulary = read_vocabulary(folder)
    if vocabulary is None or not files.adapters:
        return vocabulary
    tunings = filter(None, (tuning_of(file) for file, _ in files.adapters))
    captions = [lesson.caption for tuning in tunings for lesson in tuning.lessons]
    own_words = {word for theme in vocabulary.themes.values() for word in theme.vocabulary}
    taught = {word for caption in captions for word in plain_words(caption)} - own_words
    return vocabulary.model_copy(update={"between": (*vocabulary.between, *sorted(taught))})
