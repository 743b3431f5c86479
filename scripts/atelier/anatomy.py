"""What all heads share: the colours of a coat, the places of a face, a nose, a blush."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ink import INK, WHITE, Colour, Pen, mirrored, mix, oval, path

BLUSH: Colour = (255, 92, 120)


@dataclass(frozen=True)
class Coat:
    """The colours of one animal."""

    fur: Colour
    cream: Colour
    inner: Colour
    deep: Colour


@dataclass(frozen=True)
class Face:
    """Where eyes, mouth and hats go, and what must be drawn above a hat."""

    head: Any
    eyes: tuple[float, float, float] = (35, -11, 20.5)  # half the distance, height, radius
    mouth: tuple[float, float] = (33, 29)  # height, half width
    hat: tuple[float, float] = (-46, 52)  # height of the brim, half width
    phones: tuple[float, float, float] = (80, 2, -66)  # half the distance, height, top
    screen: bool = False
    front: Callable[[], None] | None = None


def coat(fur: Colour) -> Coat:
    return Coat(
        fur=fur,
        cream=mix((255, 246, 228), fur, 0.06),
        inner=mix((255, 150, 168), fur, 0.12),
        deep=mix(fur, (52, 26, 62), 0.62),
    )


def blush(pen: Pen, x: float, y: float) -> None:
    for side in (-1, 1):
        pen.flat(oval(side * x + pen.turn, y, 13, 8.5), BLUSH, 95)


def nose(pen: Pen, y: float, colour: Colour, size: float = 1) -> None:
    """Draw a soft triangle, its glint, and the fold down to the mouth."""
    w = 12 * size
    shape = mirrored(
        (0, y - w * 0.5),
        (w * 0.9, y - w * 0.7, w, y - w * 0.1),
        (w * 0.5, y + w * 0.7, 0, y + w * 0.8),
    )
    with pen.turned():
        pen.stroke(path((0, y + w * 0.7), (0, 31), close=False), INK, 4)
        pen.flat(shape, colour)
        pen.stroke(shape, INK, 3.6)
        pen.flat(oval(-w * 0.3, y - w * 0.12, w * 0.26, w * 0.16), WHITE, 220)
