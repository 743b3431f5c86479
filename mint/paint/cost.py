"""What painting takes, before anything is painted: arithmetic, and how fast it goes here."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from mint.models.refiners import remaining
from mint.spec.painting import ImageSettings
from mint.spec.refiner import refined

# TFLOP of one U-Net evaluation for one picture at the model's own size, by FLOP counter:
# atelier at 256 px, Stable Diffusion 1.5 at 512 px. Anything else is taken for the latter.
ATELIER_TFLOP, HUB_TFLOP = 0.0012 / 256**2, 0.80 / 512**2


def painting_tflop(image: ImageSettings) -> float:
    """TFLOP for one picture, its refiners included."""
    painter, *refiners = evaluations(image)
    own = ATELIER_TFLOP if image.model == "atelier" else HUB_TFLOP
    return math.prod(painter) * own + sum(map(math.prod, refiners)) * HUB_TFLOP


def evaluations(image: ImageSettings) -> Iterator[tuple[int, int]]:
    """(pixels, evaluations of the network) for one picture, of the painter and each refiner."""
    twice = 2 if image.guidance_scale > 1 else 1
    before = image.width, image.height
    yield math.prod(before), image.steps * twice
    for refiner in image.refiners:
        steps, size = refiner.steps or image.steps, refined(before, [refiner])
        left = remaining(steps, refiner.start) if size == before else steps
        yield math.prod(size), left * twice
        before = size


def cpu_tflops() -> float:
    """What numpy's matrix product reaches here, in TFLOP/s; a tenth of a second."""
    import numpy as np

    square = np.ones((768, 768), np.float32)
    square @ square
    start = time.perf_counter()
    for _ in range(8):
        square @ square
    return float(8 * 2 * 768**3 / (time.perf_counter() - start) / 1e12)
