"""What `image:` of collection.yaml names -> the painter's folder and the files beside it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from mint.errors import RenderError
from mint.models.checkpoint import parts_in
from mint.models.families import class_name
from mint.models.hub import file_from_hub, from_hub
from mint.models.locate import locate
from mint.models.locate_guides import guides_by_name, guides_on_hub, locate_guides
from mint.models.weights import Files, is_generator, refuse_pickle
from mint.spec.adapters import WeightsFile
from mint.spec.collection import beside, model_folder
from mint.spec.painting import ImageSettings

# Models that the hub has as two folders.
HALVES = (
    "KandinskyV22Pipeline", "KandinskyV22PriorPipeline", "StableCascadeDecoderPipeline",
    "StableCascadePriorPipeline",
)  # fmt: skip


def locate_painter(
    image: ImageSettings, collection_file: Path, *, fetch: bool = True
) -> tuple[Path, Files]:
    """The folder of the model that paints, and the single files that it is loaded from besides.

    With `fetch=False` the network is left alone. Raises RenderError for what is not on this
    machine, is a pickle, or is no pipeline.
    """
    files = Files(
        checkpoint=_local(image.model, collection_file) if image.is_single_file else None,
        transformer=_local(image.transformer, collection_file) if image.transformer else None,
        adapters=tuple((_file(a, collection_file, fetch), a.scale) for a in image.adapters),
        embeddings=tuple((_file(e, collection_file, fetch), e.token) for e in image.embeddings),
        guides=locate_guides(image, collection_file, fetch),
        consents=tuple(adapter.consent for adapter in image.adapters),
    )
    if files.checkpoint is None:
        address, key, instead = (image.model, image.revision), "image.model", "atelier"
    else:
        address = image.config or "", image.config_revision
        key, instead = "image.config", "a folder with the model's settings"
    if model_folder(address[0], collection_file) is not None:
        folder = locate(*address, collection_file, key=key)
    else:
        hub = address[0], str(address[1]), fetch, f"{key}: {instead}"
        folder = from_hub(*hub, replaced=lambda index: replaced(index, files))
    refuse_no_pipeline(folder, key)
    return folder, files


def on_hub(image: ImageSettings, collection_file: Path) -> bool:
    """Whether something that the model is loaded from is on the hub, or was."""
    model = image.config or "" if image.is_single_file else image.model
    files = [*image.adapters, *image.embeddings]
    others = any(each.model for each in files) or guides_on_hub(image, collection_file)
    return others or model_folder(model, collection_file) is None


def replaced(index: Mapping[str, Any], files: Files) -> frozenset[str]:
    """The parts of a model_index.json whose weights come from `files`; raises RenderError."""
    if files.checkpoint is not None:
        return parts_in(files.checkpoint, index)
    return frozenset({"transformer"} if files.transformer else ())


def refuse_no_pipeline(folder: Path, key: str) -> None:
    """Raise RenderError for a folder that has one part of a model, and not the whole."""
    if is_generator(folder):
        return
    if (folder / "model_index.json").exists():
        if (half := class_name(folder)) in HALVES:
            raise RenderError(
                f"{folder} is one half of a model ({half}): a prior reads the words, and a decoder "
                "paints",
                hint=f"save both as one folder and give that as {key}: docs/models.md says how",
            )
        return
    config = json.loads((folder / "config.json").read_bytes())
    kind = config.get("_class_name") or (config.get("architectures") or ["part"])[0]
    raise RenderError(
        f"{folder} is one part of a model ({kind}), and not the whole",
        hint=f"{key} must name the folder with model_index.json, in which the parts are folders",
    )


def _local(name: str, collection_file: Path) -> Path:
    return refuse_pickle(beside(name, collection_file))


def _file(weights: WeightsFile, collection_file: Path, fetch: bool) -> Path:
    if weights.model is None:
        return _local(weights.file, collection_file)
    return refuse_pickle(file_from_hub(weights.model, weights.file, str(weights.revision), fetch))


def files_by_name(image: ImageSettings, files: Files) -> Collection[tuple[str, Path]]:
    """Each of `files` by its name in collection.yaml."""
    entries = [*image.adapters, *image.embeddings]
    paths = [path for path, _ in (*files.adapters, *files.embeddings)]
    single = [(image.model, files.checkpoint), (image.transformer or "", files.transformer)]
    return [
        *((name, path) for name, path in single if path is not None),
        *((each.name, path) for each, path in zip(entries, paths, strict=True)),
        *guides_by_name(image, files.guides),
    ]
