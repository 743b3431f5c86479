"""What paints and enlarges: this machine, unless an engine names others."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mint.models.runtime import LIBRARIES, runtime
from mint.models.upscaler import Upscaler, upscaler_runtime
from mint.models.variations import variations
from mint.models.weights import Model
from mint.plan.recipe import Runtime
from mint.spec.painting import ImageSettings


class Machines(NamedTuple):
    """What paints by a model, and what enlarges by an upscaler with this digest.

    Each is called with what did so before, or its number of threads, and takes its numbers. Both
    raise RenderError.
    """

    painting: Callable[[ImageSettings, Model, Runtime | None], Runtime]
    enlarging: Callable[[Upscaler, str, int | None, ImageSettings], Runtime]


def painting_runtime(image: ImageSettings, model: Model, before: Runtime | None) -> Runtime:
    """What paints here, with the threads and the batch of `before` where the file names none.

    Its batch is None while nobody has tried which is the quickest (mint.curate.batch).
    """
    batch = before.batch if before else None
    return runtime(
        model.digest,
        threads=before.threads if before else None,
        batch=batch if image.batch == "auto" else image.batch,
        dtype=image.dtype,
        libraries=(*LIBRARIES, *(("peft",) if model.files.adapters else ())),
        variations=variations(model.path),
        files=model.digests,
    )


def enlarging_runtime(
    upscaler: Upscaler, digest: str, threads: int | None, image: ImageSettings
) -> Runtime:
    """What enlarges here; `digest` is that of the upscaler's file."""
    return upscaler_runtime(upscaler, digest, threads=threads, dtype=image.dtype)


HERE = Machines(painting_runtime, enlarging_runtime)
