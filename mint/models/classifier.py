"""Pictures -> a number for each label, by any image-classification model of transformers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mint.document import plain
from mint.errors import RenderError
from mint.models.double import dtype_of, in_float64
from mint.models.embedder import BATCH
from mint.models.runtime import import_torch
from mint.models.vision import WANTED, load_vision_model, open_picture
from mint.models.weights import first_line

if TYPE_CHECKING:
    from PIL.Image import Image

Rows = npt.NDArray[np.float32]  # of shape (n, k): a row for each picture, a column for each label

UNNAMED = {"0": "LABEL_0", "1": "LABEL_1"}  # what transformers calls labels that have no names


@dataclass(frozen=True)
class Classifier:
    """A model in memory. It is called with pictures, and gives their logits.

    `labels` are the model's own, in the order of the columns. With `exclusive` a picture has one of
    them, else each on its own may fit.
    """

    labels: tuple[str, ...]
    exclusive: bool
    folder: Path
    _model: Any = field(repr=False)
    _processor: Any = field(repr=False)

    def __call__(self, files: Sequence[bytes]) -> Rows:
        """PNG files -> logits of shape (n, k), fp32; raises RenderError.

        A picture's row depends on that picture and the model alone.
        """
        logits = np.zeros((len(files), len(self.labels)), np.float32)
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            logits[start : start + len(batch)] = self._batch([open_picture(file) for file in batch])
        return logits

    def probabilities(self, files: Sequence[bytes]) -> Rows:
        """PNG files -> probabilities of shape (n, k), fp32: softmax over the labels, or sigmoid of
        each where they do not exclude each other.
        """
        logits = self(files).astype(np.float64)
        if not self.exclusive:
            return np.asarray(0.5 + 0.5 * np.tanh(logits / 2), np.float32)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)

    def _batch(self, pictures: list[Image]) -> Rows:
        torch = import_torch()
        padded = pictures + pictures[-1:] * (BATCH - len(pictures))
        try:
            inputs = self._processor(padded, return_tensors="pt")
            pixels = inputs["pixel_values"].to(self._model.dtype)
            double = in_float64() if pixels.dtype == torch.float64 else nullcontext()
            with torch.inference_mode(), double:
                outputs = self._model(pixel_values=pixels).logits
            logits: Rows = outputs.float().numpy()
            if logits.shape != (BATCH, len(self.labels)):
                raise ValueError(f"its logits have the shape {logits.shape}")
        except Exception as error:  # models raise whatever their parts raise
            raise RenderError(
                f"the model in {self.folder} cannot classify a picture: {first_line(error)}",
                hint="name another image-classification model",
            ) from error
        return logits[: len(pictures)]


def image_classifier(folder: Path, threads: int | None, dtype: str | None = None) -> Classifier:
    """The image-classification model in `folder`, on the CPU; raises RenderError.

    In float64 its logits are the same on every machine, rounded to float32. That is what it is
    loaded in where no number of threads is on record.

    It must be saved as safetensors, with preprocessor_config.json, which says how pictures were
    prepared when it was trained. Nothing is fetched, and no code from the folder runs.
    """
    dtype = dtype or dtype_of(threads)
    try:
        with in_float64() if dtype == "float64" else nullcontext():
            kind = "AutoModelForImageClassification"
            model, processor = load_vision_model(folder, threads, kind, dtype)
    except Exception as error:  # loaders raise whatever their parser raises
        raise RenderError(
            f"the image-classification model in {folder} cannot be loaded: {first_line(error)}",
            hint=WANTED,
        ) from error
    names: dict[int, str] = model.config.id2label
    labels = tuple(str(names[i]) for i in sorted(names))
    exclusive = model.config.problem_type != "multi_label_classification"
    return Classifier(labels, exclusive, folder, model, processor)


def labels_of(folder: Path) -> tuple[str, ...]:
    """The labels of the model in `folder` by its config.json, of which no weight is loaded.

    Raises RenderError where it is no image-classification model.
    """
    try:
        config = plain((folder / "config.json").read_bytes())
        kinds = ", ".join(map(str, config.get("architectures") or ["no model that it names"]))
        if not kinds.endswith("ForImageClassification"):
            raise ValueError(f"it holds {kinds}")
        names = {int(i): str(label) for i, label in config.get("id2label", UNNAMED).items()}
        return tuple(names[i] for i in sorted(names))
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise RenderError(
            f"{folder} is no image-classification model: {first_line(error)}",
            hint=WANTED,
        ) from error
