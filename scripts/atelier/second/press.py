"""The second edition's hand: flat inks, one hard shadow, one line, as in a screen-print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import skia
from ink import WHITE, Colour, fill, light, line, mix, moved, oval

INKS: tuple[Colour, ...] = ((34, 22, 48), (24, 28, 58), (48, 22, 34))
PAPER: Colour = (255, 248, 234)
SHADE: Colour = (66, 24, 104)
DIFFERENCE, INTERSECT, UNION = (
    skia.PathOp.kDifference_PathOp,
    skia.PathOp.kIntersect_PathOp,
    skia.PathOp.kUnion_PathOp,
)


def shadow(colour: Colour, share: float = 0.3) -> Colour:
    """Return the colour's second ink: the same hue turned towards violet."""
    return mix(colour, SHADE, share)


def joined(*shapes: Any) -> Any:
    """Return one shape of several that overlap."""
    whole = shapes[0]
    for shape in shapes[1:]:
        whole = skia.Op(whole, shape, UNION) or whole
    return whole


def common(shape: Any, other: Any) -> Any:
    return skia.Op(shape, other, INTERSECT) or skia.Path()


def without(shape: Any, other: Any) -> Any:
    return skia.Op(shape, other, DIFFERENCE) or skia.Path()


class Press:
    """A canvas, a seed, and what they settle for the whole picture: light, ink, weight of line."""

    def __init__(self, canvas: Any, random: Random) -> None:
        self.canvas = canvas
        self.random = random
        self.u = random.uniform
        self.lit = random.choice((-1, 1))  # the side that the light comes from
        self.ink = random.choice(INKS)
        self.weight = random.uniform(3.4, 4.8)
        self.turn = 0.0  # how far the face looks aside, in units
        self.pitch = 0.0  # how far it looks down

    @contextmanager
    def placed(self, x: float, y: float, degrees: float = 0, scale: float = 1) -> Iterator[None]:
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.rotate(degrees)
        self.canvas.scale(scale, scale)
        yield
        self.canvas.restore()

    @contextmanager
    def turned(self, depth: float = 1.0) -> Iterator[None]:
        """Move what stands out from the head by `depth` of the face's turn."""
        with self.placed(self.turn * depth, self.pitch * depth):
            yield

    def aside(self, shape: Any, depth: float = 1.0) -> Any:
        """Return the shape where the face's turn takes it."""
        return moved(shape, self.turn * depth, self.pitch * depth)

    def vary(self, value: float, share: float) -> float:
        return value * (1 + self.u(-share, share))

    def flat(self, shape: Any, colour: Colour, alpha: float = 255) -> None:
        self.canvas.drawPath(shape, fill(colour, alpha))

    def dot(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 255) -> None:
        self.canvas.drawCircle(x, y, radius, fill(colour, alpha))

    def stroke(self, shape: Any, colour: Colour, width: float, alpha: float = 255) -> None:
        self.canvas.drawPath(shape, line(colour, width, alpha))

    def within(self, shape: Any, detail: Any, colour: Colour, alpha: float = 255) -> None:
        """Print what of a detail lies on a shape: one cut is smoother than a clip, and cheaper."""
        self.flat(common(shape, detail), colour, alpha)

    def outline(self, shape: Any, width: float = 1.0) -> None:
        self.stroke(shape, self.ink, self.weight * width)

    def shade(self, shape: Any, colour: Colour, depth: float = 1.0) -> None:
        """Print a colour, its shadow away from the light and its edge towards it."""
        box = shape.getBounds()
        step = min(11.0, 1.5 + 0.075 * max(box.width(), box.height())) * depth
        self.flat(shape, colour)
        # Chalky colours take less of the second ink; in the darkest only the light is seen.
        edge = light(colour, 0.34 if sum(colour) > 240 else 0.2)
        self.flat(without(shape, moved(shape, -self.lit * step * 0.55, step * 0.5)), edge)
        self.flat(without(shape, moved(shape, self.lit * step, -step * 0.9)), shadow(colour))

    def solid(self, shape: Any, colour: Colour, width: float = 1.0, depth: float = 1.0) -> None:
        self.shade(shape, colour, depth)
        self.outline(shape, width)

    def gleam(self, x: float, y: float, rx: float, ry: float, alpha: float = 200) -> None:
        self.flat(oval(x, y, rx, ry), WHITE, alpha)
