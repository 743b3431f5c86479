"""How long painting will take, by counting what a model computes; nothing is loaded."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mint.models.generator import generator_config
from mint.models.refiners import remaining
from mint.models.weights import is_generator
from mint.spec.collection import DETAIL, Collection
from mint.spec.painting import ImageSettings
from mint.spec.refiner import refined


class Cost(NamedTuple):
    """TFLOP for each pixel, by FLOP counter, over the share of a CPU's best that they run at."""

    evaluation: float  # of the U-Net, once
    encoding: float
    decoding: float


# Counted at 256 px; so small a network reaches a third of what a large matrix product does.
ATELIER_COST = Cost(*(each / 256**2 * 3 for each in (0.0012, 0.0020, 0.0068)))
# Stable Diffusion 1.5's, counted at 512 px: what anything else is taken for.
HUB_COST = Cost(*(each / 512**2 for each in (0.80, 1.1, 2.5)))
GPU_TFLOPS = 40.0  # what a large consumer card of 2023 keeps up in half precision


def painting_time(
    collection: Collection, pictures: int, enlarging: float, folder: Path | None
) -> str:
    """How long so many of the collection's pictures take here and on a GPU, in words.

    `enlarging` is in TFLOP for one picture; `folder` is the model's, if it is on this machine.
    """
    if not pictures:
        return "nothing: every picture is there"
    image = collection.painting
    total = pictures * (_painting(image, folder) + enlarging)
    here = _say(total / _cpu_tflops(image.dtype))
    if image.dtype == "float64":  # what GPUs are not built for: most reach a fraction of a CPU's
        return f"about {here} on this CPU; few GPUs are quicker in float64"
    there = _say(total / GPU_TFLOPS)
    # Measured: 70 times float32's time for a convolution, for want of kernels.
    least = "over" if image.dtype == "float16" else "about"
    return f"{least} {here} on this CPU, {there} on a large gaming GPU of 2023"


def seconds_for_picture(image: ImageSettings, folder: Path, device: str) -> float:
    """About how long one takes on `device`, where nobody has measured it."""
    speed = _cpu_tflops(image.dtype) if device == "cpu" else GPU_TFLOPS
    return _painting(image, folder) / speed


def film_time(collection: Collection, films: int, enlarging: float, folder: Path | None) -> str:
    """How long so many films by `walk` take here, in words.

    The other arguments are painting_time's.
    """
    image, animate = collection.painting, collection.animate
    assert animate is not None
    each = animate.painted * _painting(image, folder)
    blended = animate.frames - animate.painted
    each += blended * math.prod(image.size) * _cost(image.model).decoding
    if image.upscale and animate.enlarge:
        each += animate.frames * enlarging
    return f"about {_say(films * each / _cpu_tflops(image.dtype))} on this CPU"


def wallpaper_time(
    collection: Collection, paintings: tuple[int, int], enlarging: float, folder: Path | None
) -> str:
    """How long so many wallpapers of so many `paintings` each take here, in words.

    `enlarging` is in TFLOP for one wallpaper.
    """
    (number, each), image = paintings, collection.painting
    total = number * (each * _painting(image, folder) + enlarging)
    return f"about {_say(total / _cpu_tflops(image.dtype))} on this CPU"


def _painting(image: ImageSettings, folder: Path | None) -> float:
    """TFLOP of one picture."""
    if folder is not None and is_generator(folder):
        return generator_config(folder).tflop
    painter, *refiners = _evaluations(image)
    total = _network(image.model, *painter)
    for refiner, (pixels, evaluations) in zip(image.refiners, refiners, strict=True):
        total += pixels * _cost(refiner.model).encoding
        total += _network(refiner.model, pixels, evaluations)
    return total


def _network(model: str, pixels: int, evaluations: int) -> float:
    """TFLOP of painting so many pixels and of decoding them."""
    cost = _cost(model)
    return pixels * (evaluations * cost.evaluation + cost.decoding)


def _cost(model: str) -> Cost:
    return ATELIER_COST if model == "atelier" or model in DETAIL else HUB_COST


def _evaluations(image: ImageSettings) -> Iterator[tuple[int, int]]:
    """(pixels, evaluations of the network) for one picture, of the painter and each refiner."""
    before = image.width, image.height
    yield math.prod(before), image.steps * _passes(image.guidance_scale)
    for refiner in image.refiners:
        steps, size = refiner.steps or image.steps, refined(before, [refiner])
        # One that paints over a larger picture without `at` counts as if it began anew.
        enlarges = size != before and refiner.at is None
        left = steps if enlarges else remaining(steps, refiner.start)
        guidance = refiner.guidance_scale
        passes = _passes(image.guidance_scale if guidance is None else guidance)
        yield math.prod(size), left * passes
        before = size


def _passes(guidance: float) -> int:
    """How often the network looks at a picture in each step: with guidance also without words."""
    return 2 if guidance > 1 else 1


def _cpu_tflops(dtype: str) -> float:
    """What numpy's matrix product reaches here, in TFLOP/s; a tenth of a second.

    In float64 if that is the dtype, else in float32.
    """
    import numpy as np

    square = np.ones((768, 768), np.float64 if dtype == "float64" else np.float32)
    square @ square
    start = time.perf_counter()
    for _ in range(8):
        square @ square
    return float(8 * 2 * 768**3 / (time.perf_counter() - start) / 1e12)


def _say(seconds: float) -> str:
    for unit, size in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(2.0, seconds):.0f} seconds"
