"""The page beside a LoRA file: samples step by step, the loss, what was learned from."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mint.models.tuning import Tuning
from mint.paint.png import encode
from mint.paint.tune.pictures import Example

SIDE = 192  # pixels of a sample on the sheet and the page


class Row(NamedTuple):
    """Samples after so many steps, as PNG files."""

    step: int
    pictures: tuple[bytes, ...]


def page(
    tuning: Tuning,
    rows: Sequence[Row],
    prompts: Sequence[str],
    losses: Sequence[float],
    pictures: Sequence[Example],
) -> bytes:
    """An HTML page that needs no other file."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    text = environment.get_template("page.html").render(
        tuning=tuning,
        rows=[(row.step, [_uri(png) for png in row.pictures]) for row in rows],
        prompts=prompts,
        curve=_curve(losses),
        last=losses[-1] if losses else None,
        pictures=[(_uri(encode(p.pixels)), p.lesson.caption) for p in pictures],
    )
    return text.encode()


def _uri(png: bytes) -> str:
    from PIL import Image

    picture, file = Image.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    picture.thumbnail((SIDE, SIDE))
    picture.save(file, "WEBP", quality=85)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def _curve(losses: Sequence[float]) -> str:
    """The losses as points of a line, 600 wide and 100 high."""
    if len(losses) < 2:
        return ""
    low, high = min(losses), max(losses)
    across, down = 600 / (len(losses) - 1), 100 / max(high - low, 1e-12)
    return " ".join(f"{i * across:.1f},{(high - x) * down:.1f}" for i, x in enumerate(losses))
