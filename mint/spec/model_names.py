"""What collection.yaml calls its models: `atelier`, a folder, or a hub model with its commit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from os.path import isfile
from pathlib import Path

from mint.errors import CollectionError
from mint.spec.animate import WALK
from mint.spec.collection import (
    DETAIL,
    EMBEDDED,
    LOCAL,
    UPSCALERS,
    Collection,
    beside,
    model_folder,
    upscaler_file,
)
from mint.spec.painting import Dedup
from mint.spec.safety import Safety
from mint.spec.yaml_source import Location, Source, nearest

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+\Z", re.ASCII)
_HUB_URL = re.compile(
    r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/(?:models/)?([\w.-]+/[\w.-]+)"
    r"(?:/(?:tree|blob|resolve|commit|raw)/([^/?#]+))?.*",
    re.ASCII,
)
_LETTERS = 26  # as many answers has a question to vlm: A to Z
_ONE_FILE = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """An error for each model that is not named as it must be, or is not there."""
    image, dedup, truth = collection.image, collection.dedup, collection.truth
    if image.upscale and not isfile(upscaler_file(image.upscale, source.path)):
        yield source.error(
            ("image", "upscale"),
            f'the upscaler "{image.upscale}" does not exist',
            _upscaler_instead(image.upscale),
        )
    yield from _painter(collection, source)
    for i, refiner in enumerate(image.refiners):
        place = ("image", "refiners", i)
        yield from _model(place, "model", refiner.model, refiner.revision, source)
    yield from _guides(collection, source)
    yield from _model(("dedup",), "embedder", dedup.embedder, dedup.revision, source)
    yield from _second(dedup, source)
    if "vlm" in truth.judge and truth.model is None:
        yield source.error(
            ("truth", "judge"),
            "the judge vlm has no model",
            "name one below it: `model: HuggingFaceTB/SmolVLM2-500M-Video-Instruct`",
        )
    if truth.model is not None:
        yield from _model(("truth",), "model", truth.model, truth.revision, source)
    yield from _classifier(collection.safety, source)
    if (animate := collection.animate) and animate.model != WALK:
        address = animate.model, animate.revision
        yield from _model(("animate",), "model", *address, source, instead=WALK)
    for trait in collection.traits if "vlm" in truth.judge else ():
        if len(trait.values) > _LETTERS:
            yield source.error(
                ("traits", trait.name),
                f"{trait.name} has {len(trait.values)} values, and the judge vlm is asked with "
                f"{_LETTERS} answers at most",
                f"make two traits of {trait.name}, or write truth.judge: clip, which compares "
                "with any number of values",
            )


def _upscaler_instead(name: str) -> str:
    if name in ("none", "off", "no"):
        return "delete the line: without it nothing is enlarged"
    names = [*UPSCALERS]
    if (hint := nearest(name, names)).startswith("did you mean"):
        return hint
    return f"give a safetensors file, or one of: {', '.join(names)}"


def _painter(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """A folder, a hub model, or a single file whose settings are in one of these."""
    image = collection.image
    if not image.is_single_file or not isfile(beside(image.model, source.path)):
        yield from _model(("image",), "model", image.model, image.revision, source)
        return
    if image.revision is not None:
        yield source.error(("image", "revision"), "a file has no revision", "remove the line")
    if image.config is not None:
        address = image.config, image.config_revision
        yield from _model(("image",), "config", *address, source, pin="config_revision")


def _guides(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """What leads pictures by another picture; none is inside mint."""
    reference, control = collection.image.reference, collection.image.control
    for key, guide, what in (
        ("reference", reference, "IP-Adapter"),
        ("control", control, "ControlNet"),
    ):
        place = ("image", key)
        if guide and guide.model in EMBEDDED:
            hint = f"name a folder or a hub model that has one for {collection.image.model}"
            yield source.error((*place, "model"), f"{guide.model} is a painter, no {what}", hint)
        elif guide:
            address = guide.model, guide.revision, source
            yield from _model(place, "model", *address, instead=f"./my-{what.lower()}")
    if reference and (reference.encoder_revision or reference.encoder.startswith(LOCAL)):
        encoder = reference.encoder, reference.encoder_revision, source
        yield from _model(("image", "reference"), "encoder", *encoder, "./clip", "encoder_revision")


def _second(dedup: Dedup, source: Source) -> Iterator[CollectionError]:
    place, revision = ("dedup", "second"), dedup.second_revision
    if dedup.second == "hash":
        if revision is not None:
            what = "there is no hub model under `second`, and hash has no revision"
            yield source.error(("dedup", "second_revision"), what, "remove the line")
    elif dedup.second == "atelier":
        hint = "write hash, or a model that only looks, such as facebook/dinov2-small"
        yield source.error(place, "atelier is a painter, and compares no pictures", hint)
    elif dedup.threshold != "auto":
        what = f"`threshold: {dedup.threshold}` decides alone, and nothing asks a second model"
        yield source.error(place, what, "write `threshold: auto`, or remove this line")
    else:
        yield from _model(
            place[:1], place[1], dedup.second, revision, source, "hash", "second_revision"
        )


def _classifier(safety: Safety, source: Source) -> Iterator[CollectionError]:
    if safety.model == "atelier":
        yield source.error(
            ("safety", "model"),
            "atelier is a painter, and knows no unsafe pictures",
            "write off, or an image-classification model such as Falconsai/nsfw_image_detection",
        )
    elif safety.classifier is not None:
        address = safety.classifier, safety.revision
        yield from _model(("safety",), "model", *address, source, instead="off")
    elif safety.revision is not None:
        what = f"{safety.model} is no hub model, and has no revision"
        yield source.error(("safety", "revision"), what, "remove the line")


def _model(
    section: Location,
    key: str,
    model: str,
    revision: str | None,
    source: Source,
    instead: str = "atelier",
    pin: str = "revision",
) -> Iterator[CollectionError]:
    """`instead` is what needs no folder and no hub, `pin` the key of the commit."""
    place = (*section, key)
    if fault := _misnamed(model, source.path, instead, pin):
        yield source.error(place, *fault)
        return
    folder = model_folder(model, source.path)
    if folder is None and revision is None:
        yield source.error(
            place,
            f'the hub model "{model}" is not pinned',
            f"add `{pin}:` below {key}, with the 40-digit commit from "
            f"https://huggingface.co/{model}/commits/main; "
            "a branch name may paint other pictures tomorrow",
        )
    elif folder is not None and not folder.is_dir():
        yield source.error(
            place,
            f'the model folder "{model}" does not exist',
            f"give a folder, `{instead}`, or a hub id such as org/name",
        )
    elif folder is not None and revision is not None:
        yield source.error((*section, pin), "a folder has no revision", "remove the line")


def _misnamed(model: str, file: Path, instead: str, pin: str) -> tuple[str, str] | None:
    """What is wrong with a name that is neither a folder nor a hub id, and what to write."""
    if url := _HUB_URL.fullmatch(model):
        commit = url[2] if url[2] and re.fullmatch("[0-9a-f]{40}", url[2]) else None
        addition = f", and `{pin}: {commit}` below it" if commit else ""
        return f'"{model}" is a web address', f"write {url[1]}{addition}"
    if "://" in model:
        hint = "download the model and name its folder, or use a hub id such as org/name"
        return f'"{model}" is a web address, and no model of huggingface.co', hint
    if model.endswith(_ONE_FILE):
        return _single_file(model, file, painter=pin == "revision" and instead == "atelier")
    if model in EMBEDDED | DETAIL or model.startswith(LOCAL):
        return None
    if beside(model, file).is_dir():
        return f'"{model}" is a folder, and reads like a hub model', f"write ./{model}"
    if not HUB_ID.match(model):
        hint = f"use `{instead}`, ./a-folder, or a hub id such as org/name"
        if (guess := nearest(model, EMBEDDED | DETAIL)).startswith("did you mean"):
            hint = f"{guess} Or {hint}"
        return f'"{model}" is no model', hint
    return None


def _single_file(model: str, file: Path, *, painter: bool) -> tuple[str, str]:
    """A file where a folder is wanted, or one that no painter is loaded from."""
    if not isfile(beside(model, file)):
        return f'the model "{model}" does not exist', "give a folder that save_pretrained wrote"
    if not painter:
        return f'"{model}" is a file, and a folder is wanted', "give the folder that it is in"
    if model.endswith(".gguf"):
        return (
            f'"{model}" has a transformer alone, and no whole model',
            f"write `transformer: {model}`, and under model the one whose transformer it replaces",
        )
    return (
        f'"{model}" is a single file that can run any code when it is opened',
        "look for the same model as .safetensors, or as a folder with model_index.json",
    )
