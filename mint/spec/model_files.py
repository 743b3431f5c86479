"""The single files that `image:` of collection.yaml names: checkpoints, LoRA, embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import isfile

from mint.errors import CollectionError
from mint.spec import guide_pictures
from mint.spec.adapters import Embedding, WeightsFile
from mint.spec.collection import Collection, beside
from mint.spec.yaml_source import Location, Source

PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl")
CONFIGS = (
    "stable-diffusion-v1-5/stable-diffusion-v1-5 for Stable Diffusion 1.5, "
    "stabilityai/stable-diffusion-xl-base-1.0 for SDXL, black-forest-labs/FLUX.1-dev for FLUX"
)


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """An error for each file that is not named as it must be, or is not there."""
    image = collection.image
    if not image.is_single_file:
        for key in ("config", "config_revision"):
            if getattr(image, key) is not None:
                what = f"{key} belongs to a single .safetensors file, and {image.model} is none"
                yield source.error(("image", key), what, "remove the line")
    elif image.config is None and isfile(beside(image.model, source.path)):
        yield source.error(
            ("image", "model"),
            f'"{image.model}" has a model\'s weights and not its settings',
            "add `config:` below model, a folder or hub model of the family that the file was "
            f"made from: {CONFIGS}",
        )
    yield from _transformer(collection, source)
    for key, files in (("adapters", image.adapters), ("embeddings", image.embeddings)):
        for i, each in enumerate(files):
            yield from _file(each, ("image", key, i), source)
    yield from _tokens(image.embeddings, source)
    yield from guide_pictures.problems(collection, source)


def _transformer(collection: Collection, source: Source) -> Iterator[CollectionError]:
    image, place = collection.image, ("image", "transformer")
    if image.transformer is None:
        return
    if not image.transformer.endswith(".gguf"):
        what = f'"{image.transformer}" is no .gguf file'
        yield source.error(place, what, "give one, relative to collection.yaml")
    elif not isfile(beside(image.transformer, source.path)):
        what = f'the file "{image.transformer}" does not exist'
        yield source.error(place, what, "give a .gguf file, relative to collection.yaml")
    elif image.is_single_file:
        yield source.error(
            place,
            f"{image.model} has a transformer of its own",
            f"write `model: {image.config or 'org/name'}` with its revision, whose transformer "
            "this one replaces",
        )
    elif image.dtype == "float64":
        what = "a .gguf file has its numbers in a few bits, and float64 repeats them to the last"
        yield source.error(place, what, "write `dtype: bfloat16` or `float32`")


def _file(file: WeightsFile, place: Location, source: Source) -> Iterator[CollectionError]:
    if file.file.endswith(PICKLES):
        yield source.error(
            (*place, "file"),
            f'"{file.file}" is a file that can run any code when it is opened',
            "look for the same as .safetensors",
        )
    elif not file.file.endswith(".safetensors"):
        yield source.error((*place, "file"), f'"{file.file}" is no .safetensors file', "give one")
    elif file.model is None and not isfile(beside(file.file, source.path)):
        yield source.error(
            (*place, "file"),
            f'the file "{file.file}" does not exist',
            "give a .safetensors file, relative to collection.yaml",
        )
    if file.model is not None and file.revision is None:
        yield source.error(
            (*place, "model"),
            f'the hub model "{file.model}" is not pinned',
            f"add `revision:`, with the 40-digit commit from "
            f"https://huggingface.co/{file.model}/commits/main",
        )
    elif file.model is None and file.revision is not None:
        yield source.error((*place, "revision"), "a file has no revision", "remove the line")


def _tokens(embeddings: tuple[Embedding, ...], source: Source) -> Iterator[CollectionError]:
    tokens = [embedding.token for embedding in embeddings]
    for i, token in enumerate(tokens):
        if token in tokens[:i]:
            what = f'two files teach the word "{token}"'
            hint = f'give this one another, such as "{token.rstrip(">")}-{i + 1}>"'
            yield source.error(("image", "embeddings", i, "token"), what, hint)
