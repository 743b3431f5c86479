"""What tests of retouching share: a collection, painters that count, masks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from mint.models.weights import Model
from mint.paint.pixels import Renderer
from mint.paint.png import Pixels
from mint.paint.render import open_renderer
from mint.paint.sources import Sources
from mint.plan.recipe import Diffusion, Recipe, Runtime

SIDE = 256
# Three steps: quick, and some pictures show something else than they promise.
COLLECTION = f"""\
name: Sitters
symbol: SIT
description: They sit still.
supply: 7
seed: 4
image:
  prompt: "a {{Body}} {{Species}}, smile, {{Headwear}}, no accessory, blue plain background"
  steps: 3
  scheduler: dpm++
  width: {SIDE}
  height: {SIDE}
traits:
  Species: {{fox: 2, cat: 1}}
  Body: [orange, gray]
  Headwear: {{none: {{weight: 2, prompt: no hat}}, cap: 1, crown: {{count: 1}}}}
rules:
  - never: {{Species: cat, Headwear: crown}}
one_of_ones:
  - {{name: The Robot, prompt: "a white robot, round eyes", token_id: 7}}
dedup: {{attempts: 0, exhausted: keep}}
truth: {{exhausted: keep}}
"""


class Counted:
    """Opens the real painter and counts its pictures."""

    def __init__(self) -> None:
        self.pictures = 0

    def __call__(
        self, model: Model, diffusion: Diffusion, runtime: Runtime, sources: Sources
    ) -> Renderer:
        paint = open_renderer(model, diffusion, runtime, sources)

        def counting(batch: Sequence[Recipe]) -> list[Pixels]:
            self.pictures += len(batch)
            return paint(batch)

        return counting


def upper_half(path: Path, side: int = 40) -> Path:
    """A mask of another size than the painting, white in its upper half."""
    rows = np.zeros((side, side), np.uint8)
    rows[: side // 2] = 255
    path.write_bytes(png(rows))
    return path


def png(rows: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rows).save(file, "PNG")
    return file.getvalue()
