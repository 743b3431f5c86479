"""A flower in the making, and the colours that petals have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ink import Colour, light

from second.press import Press

PETALS: dict[str, Colour] = {
    "red": (222, 48, 58),
    "pink": (248, 140, 178),
    "yellow": (252, 208, 66),
    "white": (252, 248, 240),
    "blue": (76, 124, 224),
    "purple": (150, 92, 206),
    "orange": (246, 134, 48),
}
# The shade of each petal colour keeps its name: it leans to a warmer or cooler neighbour.
DEEPS: dict[str, Colour] = {
    "red": (140, 18, 56),
    "pink": (212, 70, 130),
    "yellow": (226, 146, 30),
    "white": (186, 182, 216),
    "blue": (36, 56, 156),
    "purple": (88, 38, 150),
    "orange": (200, 74, 24),
}
GOLDEN: Colour = (252, 194, 52)
BROWN: Colour = (96, 54, 40)
DARK: Colour = (48, 28, 52)


@dataclass(frozen=True)
class Bloom:
    """A flower at (0, 0): by whose hand, how large and in which inks."""

    p: Press
    r: float
    name: str
    base: Colour
    deep: Colour

    @property
    def pale(self) -> Colour:
        return light(self.base, 0.38)

    @property
    def heart(self) -> Colour:
        """A golden heart, but a brown one where the petals are golden themselves."""
        return (150, 84, 40) if self.name in ("yellow", "orange") else GOLDEN

    @contextmanager
    def turned(self, degrees: float) -> Iterator[None]:
        with self.p.placed(0, 0, degrees):
            yield

    def petal(self, shape: Any, colour: Colour, width: float = 0.05) -> None:
        """Print a petal and its line in the deep ink."""
        self.p.flat(shape, colour)
        self.p.stroke(shape, self.deep, max(1.5, self.r * width))

    def ring(self, shape: Any, colour: Colour, count: int, start: float) -> None:
        """Lay a petal around the heart, each a little otherwise than the one before."""
        for k in range(count):
            with self.turned(start + 360 * k / count + self.p.u(-2.5, 2.5)):
                self.petal(shape, colour)
