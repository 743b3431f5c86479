"""What the model paints while it learns, with the same seeds each time: a sheet and a page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from mint.models.runtime import import_torch
from mint.paint.pixels import to_uint8
from mint.paint.png import Pixels, encode
from mint.paint.tune.page import SIDE, Row, page
from mint.paint.tune.pictures import Example
from mint.paint.tune.student import Student
from mint.plan.recipe import Diffusion
from mint.store import content, write

LOOKS = 4  # times that samples are painted, after those before the first step
TAUGHT, OWN = 4, 2  # samples in the words of captions, and in the model's own
MARGIN = 4


class SampleSheet:
    """Paints samples at some steps, once each, and shows them beside the LoRA file.

    `folder` keeps them, so that a run that goes on need not paint them again, and could not: the
    LoRA of that step is gone.
    """

    def __init__(
        self,
        student: Student,
        diffusion: Diffusion,
        pictures: Sequence[Example],
        folder: Path,
        target: Path,
    ) -> None:
        self.student, self.diffusion, self.pictures = student, diffusion, pictures
        self.prompts = sample_prompts(pictures, student.tuning.prior.prompts)
        self.folder, self.target = folder, target
        self.rows: list[Row] = []

    def show(self, step: int, losses: Sequence[float]) -> None:
        """Paint if it is time to, and write the sheet and the page anew."""
        looks = look_steps(self.student.tuning.steps)
        if step not in looks and self.rows:
            return
        past = [look for look in looks if look < step and self._has(look)]
        due = [step] if step in looks else []
        self.rows = [self._row(look) for look in (*past, *due)]
        if self.rows:
            write(self.target.with_suffix(".png"), sheet(self.rows), durable=False)
            text = page(self.student.tuning, self.rows, self.prompts, losses, self.pictures)
            write(self.target.with_suffix(".html"), text, durable=False)

    def _files(self, step: int) -> list[Path]:
        return [self.folder / f"sample-{step}-{i}.png" for i in range(len(self.prompts))]

    def _has(self, step: int) -> bool:
        return all(file.exists() for file in self._files(step))

    def _row(self, step: int) -> Row:
        """The samples of a step, painted now unless they were before."""
        pictures = []
        for i, file in enumerate(self._files(step)):
            png = content(file)
            if png is None:
                png = encode(self._picture(i))
                write(file, png)
            pictures.append(png)
        return Row(step, tuple(pictures))

    def _picture(self, i: int) -> Pixels:
        torch, how = import_torch(), self.diffusion
        with torch.no_grad():
            images = self.student.pipe(
                self.prompts[i],
                num_inference_steps=how.steps,
                guidance_scale=how.guidance_scale,
                width=how.width,
                height=how.height,
                generator=torch.Generator("cpu").manual_seed(i),
                output_type="pt",
            ).images
        return to_uint8(torch, images, how)[0]


def sample_prompts(pictures: Sequence[Example], own: Sequence[str]) -> list[str]:
    """Captions from all over the folder, and prompts that are to stay as they are."""
    every = max(1, len(pictures) // TAUGHT)
    return [
        *(each.lesson.caption for each in pictures[::every][:TAUGHT]),
        *own[:OWN],
    ]


def look_steps(steps: int) -> list[int]:
    """The steps after which samples are painted, the first being none at all."""
    return sorted({steps * i // LOOKS for i in range(LOOKS + 1)})


def sheet(rows: Sequence[Row]) -> bytes:
    """All samples as one PNG, a row for each look."""
    from PIL import Image, ImageOps

    step = SIDE + MARGIN
    columns = max(len(row.pictures) for row in rows)
    whole = Image.new("RGB", (columns * step + MARGIN, len(rows) * step + MARGIN), "white")
    for y, row in enumerate(rows):
        for x, png in enumerate(row.pictures):
            picture = ImageOps.contain(Image.open(io.BytesIO(png)).convert("RGB"), (SIDE, SIDE))
            left, top = (SIDE - picture.width) // 2, (SIDE - picture.height) // 2
            whole.paste(picture, (MARGIN + x * step + left, MARGIN + y * step + top))
    file = io.BytesIO()
    whole.save(file, "PNG")
    return file.getvalue()
