"""How long painting will take, by counting what a model computes; nothing is loaded."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mint.models.families import FAMILIES, class_name, family_of
from mint.models.generator import generator_config
from mint.models.refiners import remaining
from mint.models.weights import is_generator, shapes
from mint.spec.collection import DETAIL, EMBEDDED, Collection
from mint.spec.painting import ImageSettings
from mint.spec.refiner import refined


class Cost(NamedTuple):
    """TFLOP for each pixel, by FLOP counter, over the share of a CPU's best that they run at."""

    evaluation: float  # of the U-Net, once
    encoding: float
    decoding: float


# Counted at 256 px; so small a network reaches a third of what a large matrix product does.
ATELIER_COST = Cost(*(each / 256**2 * 3 for each in (0.0012, 0.0020, 0.0068)))
# Stable Diffusion 1.5's, counted at 512 px: what anything else is taken for but transformers, whose
# autoencoders are like its own.
HUB_COST = Cost(*(each / 512**2 for each in (0.80, 1.1, 2.5)))
PATCH = 16  # pixels on a side of what most transformers take for one place
GPU_TFLOPS = 40.0  # what a large consumer card of 2023 keeps up in half precision


def painting_time(
    collection: Collection, pictures: int, enlarging: float, folder: Path | None
) -> str:
    """How long so many of the collection's pictures take here and on a GPU, in words.

    `enlarging` is in TFLOP for one picture; `folder` is the model's, if it is on this machine.
    Raises RenderError for weights that cannot be read.
    """
    if not pictures:
        return "nothing: every picture is there"
    image = collection.painting
    guess = ", as if it were Stable Diffusion 1.5" if _is_guess(image.model, folder) else ""
    total = pictures * (_painting(image, folder) + enlarging)
    here = _say(total / _cpu_tflops(image.dtype))
    if image.dtype == "float64":  # what GPUs are not built for: most reach a fraction of a CPU's
        return f"about {here} on this CPU{guess}; few GPUs are quicker in float64"
    there = _say(total / GPU_TFLOPS)
    # Measured: 70 times float32's time for a convolution, for want of kernels.
    least = "over" if image.dtype == "float16" else "about"
    return f"{least} {here} on this CPU, {there} on a large gaming GPU of 2023{guess}"


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
    (pixels, steps), *refiners = _evaluations(image)
    evaluations = steps * (2 if _guides(image.guidance_scale, folder) else 1)
    cost = _cost(image.model)
    evaluation = _transformer(folder) or cost.evaluation
    total = pixels * (evaluations * evaluation + cost.decoding)
    for refiner, (pixels, evaluations) in zip(image.refiners, refiners, strict=True):
        cost = _cost(refiner.model)
        total += pixels * (cost.encoding + evaluations * cost.evaluation + cost.decoding)
    return total


def _transformer(folder: Path | None) -> float:
    """TFLOP for each pixel of one evaluation of the model's transformer; 0 where it has none here.

    Every weight is a multiplication and an addition for each place of the picture.
    """
    files = sorted((folder / "transformer").glob("*.safetensors")) if folder else []
    # By name: some folders have the same weights twice, in half precision too.
    tensors = {name: shape for file in files for name, shape in shapes(file).items()}
    if folder is None or not tensors:
        return 0.0
    patch = max(PATCH, family_of(class_name(folder)).multiple)
    return 2e-12 * sum(map(math.prod, tensors.values())) / patch**2


def _is_guess(model: str, folder: Path | None) -> bool:
    """Whether nothing is known of how large the painting model is."""
    if model in EMBEDDED or (folder is not None and is_generator(folder)):
        return False
    return not _transformer(folder)


def _guides(scale: float, folder: Path | None) -> bool:
    """Whether the network also looks at the picture without words in each step."""
    family = None if folder is None else FAMILIES.get(class_name(folder))
    return scale > 1 if family is None else family.guides(scale)


def _cost(model: str) -> Cost:
    return ATELIER_COST if model == "atelier" or model in DETAIL else HUB_COST


def _evaluations(image: ImageSettings) -> Iterator[tuple[int, int]]:
    """(pixels, evaluations of the network) for one picture, of the painter and each refiner.

    Of the painter as if it were not guided.
    """
    before = image.width, image.height
    yield math.prod(before), image.steps
    for refiner in image.refiners:
        steps, size = refiner.steps or image.steps, refined(before, [refiner])
        # One that paints over a larger picture without `at` counts as if it began anew.
        enlarges = size != before and refiner.at is None
        left = steps if enlarges else remaining(steps, refiner.start)
        guidance = refiner.guidance_scale
        guided = (image.guidance_scale if guidance is None else guidance) > 1
        yield math.prod(size), left * (2 if guided else 1)
        before = size


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
