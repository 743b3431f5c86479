"""What collection.yaml calls a model -> the folder or file that holds it."""

from __future__ import annotations

import os
from pathlib import Path

from mint.errors import RenderError
from mint.models.hub import from_hub
from mint.models.weights import GENERATOR
from mint.spec.collection import ATELIER, UPSCALERS, model_folder, upscaler_file
from mint.spec.model_files import PICKLES
from mint.spec.safety import Safety

MARKS = "model_index.json", "config.json", GENERATOR[0]  # one of them is in every model's folder


def locate(
    model: str,
    revision: str | None,
    collection_file: Path,
    *,
    fetch: bool = True,
    key: str = "image.model",
    instead: str = "atelier",
) -> Path:
    """The folder of a model; a hub model is taken from the cache, or fetched, at its revision.

    With `fetch=False` the network is left alone; `key` is where collection.yaml names the model,
    and `instead` what it may say that needs no network.
    Only safetensors, JSON and text files are ever fetched. Raises RenderError with the command
    that would bring a missing model.
    """
    folder = model_folder(model, collection_file)
    if folder is None:
        return from_hub(model, str(revision), fetch, f"{key}: {instead}")
    if not any((folder / name).exists() for name in MARKS):
        raise RenderError(
            f"{folder} holds no model: neither {', '.join(MARKS[:-1])} nor {MARKS[-1]} is in it",
            hint=f"{key} must name a folder saved by save_pretrained",
        )
    return folder


def locate_embedder(model: str, revision: str | None, collection_file: Path) -> Path:
    """The folder of the CLIP model; `atelier` is the one in this package."""
    if model == "atelier":
        return ATELIER / "clip"
    return locate(model, revision, collection_file, key="dedup.embedder")


def locate_second(model: str, revision: str | None, collection_file: Path) -> Path | None:
    """The folder of the model that must agree with the embedder; None for `hash`."""
    if model == "hash":
        return None
    return locate(model, revision, collection_file, key="dedup.second", instead="hash")


def locate_judge(model: str | None, revision: str | None, collection_file: Path) -> Path:
    """The folder of the judge's model; None and `atelier` are the classifier in this package."""
    if model is None or model == "atelier":
        return ATELIER / "judge"
    return locate(model, revision, collection_file, key="truth.model")


def locate_classifier(safety: Safety, collection_file: Path, *, fetch: bool = True) -> Path | None:
    """The folder of the image-classification model that looks for unsafe pictures, if any."""
    if safety.classifier is None:
        return None
    address = safety.classifier, safety.revision, collection_file
    return locate(*address, fetch=fetch, key="safety.model", instead="off")


def locate_upscaler(upscale: str, collection_file: Path) -> Path:
    """The safetensors file of an upscaler; raises RenderError where it is absent or a pickle."""
    file = upscaler_file(upscale, collection_file)
    if file.suffix in PICKLES:
        raise RenderError(
            f"{file} is a pickle, which can run any code when it is opened",
            hint="convert it to safetensors, which holds numbers only; the README says how",
        )
    if file.suffix != ".safetensors" or not os.path.isfile(file):
        raise RenderError(
            f"the upscaler {file} is no safetensors file on this machine",
            hint=f"image.upscale must name a safetensors file, or be one of {', '.join(UPSCALERS)}",
        )
    return file
