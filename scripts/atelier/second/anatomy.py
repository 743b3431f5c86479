"""What all heads share: the colours of a coat, the places of a face, noses, blush, cheeks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ink import Colour, light, mirrored, mix, oval, path

from second.press import Press, joined

ROSE: Colour = (240, 104, 128)
PALE: Colour = (246, 232, 214)  # of lines on the darkest coats


@dataclass(frozen=True)
class Coat:
    """The colours of one animal."""

    fur: Colour
    cream: Colour
    inner: Colour
    deep: Colour
    dark: bool


@dataclass(frozen=True)
class Face:
    """Where eyes, mouth and things go, and what must be drawn above a hat."""

    eyes: tuple[float, float, float] = (33, -10, 18.5)  # half the distance, height, radius
    mouth: tuple[float, float, float] = (0, 36, 24)  # middle, height, half width
    hat: tuple[float, float] = (-44, 50)  # height of the brim, half width
    ear: tuple[float, float] = (62, -44)  # where a flower is tucked in
    lobe: tuple[float, float] = (74, 34)  # where an earring hangs
    phones: tuple[float, float] = (80, -68)  # half the distance, top
    screen: bool = False
    mask: bool = False  # the eyes lie on something pale
    muzzle: bool = True  # so does the mouth
    front: Callable[[], None] | None = None


def coat(fur: Colour) -> Coat:
    dark = sum(fur) < 240
    return Coat(
        fur=fur,
        cream=mix((255, 246, 226), fur, 0.05),
        inner=mix((250, 158, 168), fur, 0.14),
        deep=light(fur, 0.22) if dark else mix(fur, (60, 28, 66), 0.55),
        dark=dark,
    )


def nose(p: Press, y: float, colour: Colour, size: float = 1.0, fold: float = 30) -> None:
    """Draw a soft triangle, its glint, and the fold down to the mouth."""
    w = 11.5 * size
    shape = mirrored(
        (0, y - w * 0.6), (w * 0.9, y - w * 0.75, w, y - w * 0.1), (w * 0.55, y + w * 0.7, 0, y + w)
    )
    with p.turned(1.3):
        p.stroke(path((0, y + w * 0.8), (0, fold + 5), close=False), p.ink, p.weight * 0.85)
        p.flat(shape, colour)
        p.outline(shape, 0.8)
        p.gleam(-w * 0.3 * -p.lit, y - w * 0.22, w * 0.28, w * 0.18)


def blush(p: Press, x: float, y: float) -> None:
    for side in (-1, 1):
        p.flat(oval(side * x + p.turn * 0.5, y + p.pitch * 0.5, 11.5, 7.5), (255, 92, 112), 100)


def cheeks(p: Press, coat: Coat, head: Any) -> None:
    """Print the pale cheeks that a nose and a mouth sit on, and the head's line over them."""
    pale = joined(oval(-17, 38, 25, 20), oval(17, 38, 25, 20), oval(0, 48, 25, 17))
    p.within(head, p.aside(pale, 1.2), coat.cream)
    p.outline(head, 1.15)
