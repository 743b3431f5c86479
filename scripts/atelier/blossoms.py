"""The seven flowers, each drawn at the origin facing us or standing upright, with radius `r`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import skia
from brush import linear, loop, petal, radial, turn
from ink import Colour, dark, fill, light, line, mix, oval

BROWN: Colour = (92, 50, 36)


@dataclass(frozen=True)
class Bloom:
    """A flower in the making: where, by whose dice, how large and in which tones."""

    canvas: Any
    random: Random
    r: float
    base: Colour
    deep: Colour
    bright: Colour

    def spread(self, path: Any, paint: Any, count: int, start: float) -> None:
        """Lay a petal around the heart, each shape turned from the one before."""
        for k in range(count):
            self.canvas.save()
            self.canvas.rotate(start + 360 * k / count + self.random.uniform(-2.5, 2.5))
            self.canvas.drawPath(path, paint)
            self.canvas.restore()


PETALS: dict[str, Colour] = {
    "red": (226, 46, 58), "pink": (250, 138, 178), "yellow": (255, 210, 58),
    "white": (250, 247, 242), "blue": (70, 122, 232), "purple": (150, 86, 212),
    "orange": (250, 134, 40),
}  # fmt: skip
# The shade of each petal colour keeps its name: it leans to a warmer or cooler neighbour.
DEEPS: dict[str, Colour] = {
    "red": (140, 14, 52), "pink": (216, 66, 128), "yellow": (238, 158, 28),
    "white": (184, 182, 220), "blue": (34, 52, 158), "purple": (84, 34, 150),
    "orange": (208, 70, 18),
}  # fmt: skip


def bloom(canvas: Any, random: Random, r: float, petals: str, base: Colour) -> Bloom:
    return Bloom(canvas, random, r, base, DEEPS[petals], light(base, 0.3))


def rose(b: Bloom) -> None:
    """Whorls of round petals, each with a lit edge, around a spiral."""
    edge = light(b.base, 0.16)
    turned = b.random.uniform(0, 72)
    for count, reach, size, start, shade in (
        (5, 0.50, 0.54, 0, 0.0), (5, 0.32, 0.44, 36, 0.12), (4, 0.17, 0.33, 20, 0.24),
    ):  # fmt: skip
        for k in range(count):
            x, y = turn(0, 0, b.r * reach, turned + start + 360 * k / count)
            s = b.r * size
            b.canvas.drawCircle(x, y, s + b.r * 0.045, fill(b.deep))
            near, far = mix(b.base, b.deep, 0.75), mix(edge, b.deep, shade)
            b.canvas.drawCircle(x, y, s, radial((x * 0.4, y * 0.4), s * 1.5, (near, b.base, far)))
    b.canvas.drawCircle(0, 0, b.r * 0.24, fill(mix(b.base, b.deep, 0.35)))
    curl = skia.Path()
    curl.addArc(skia.Rect.MakeLTRB(-b.r * 0.2, -b.r * 0.2, b.r * 0.2, b.r * 0.2), turned, 290)
    curl.addArc(skia.Rect.MakeLTRB(-b.r * 0.1, -b.r * 0.06, b.r * 0.08, b.r * 0.12), turned, 200)
    b.canvas.drawPath(curl, line(b.deep, max(2.4, b.r * 0.075)))


def tulip(b: Bloom) -> None:
    """A closed cup from the side: two petals behind, one to each side, one in front."""
    r, canvas = b.r, b.canvas
    open_ = b.random.uniform(0.94, 1.1)
    for s in (-1, 1):
        back = skia.Path()
        back.moveTo(0, r * 0.7)
        back.quadTo(s * r * 0.72, -r * 0.2, s * r * 0.26 * open_, -r * 1.02)
        back.quadTo(-s * r * 0.3, -r * 0.5, 0, r * 0.7)
        canvas.drawPath(back, fill(mix(b.base, b.deep, 0.8)))
    for s in (-1, 1):
        side = skia.Path()
        side.moveTo(0, r * 0.92)
        side.cubicTo(s * r * 0.7, r * 0.94, s * r * 0.95, r * 0.2, s * r * 0.74 * open_, -r * 0.94)
        side.cubicTo(s * r * 0.5, -r * 0.72, s * r * 0.1, -r * 0.3, 0, r * 0.92)
        tone = mix(b.base, b.deep, 0.2 if s < 0 else 0.5)
        canvas.drawPath(side, linear((0, -r), (0, r), (tone, mix(tone, b.deep, 0.35))))
    front = skia.Path()
    front.moveTo(0, r * 0.94)
    front.cubicTo(-r * 0.66, r * 0.8, -r * 0.56, -r * 0.2, 0, -r * 0.8)
    front.cubicTo(r * 0.56, -r * 0.2, r * 0.66, r * 0.8, 0, r * 0.94)
    canvas.drawPath(front, linear((-r * 0.2, -r * 0.8), (0, r), (b.bright, b.base, b.deep)))


def sunflower(b: Bloom) -> None:
    """Pointed petals in two rows around a broad dark disc."""
    start, path = b.random.uniform(0, 25), petal(b.r, b.r * 0.34, 0.06)
    b.spread(path, linear((0, 0), (0, -b.r), (b.deep, mix(b.base, b.deep, 0.5))), 14, start)
    front = petal(b.r * 0.92, b.r * 0.32, 0.06)
    b.spread(front, linear((0, -b.r * 0.4), (0, -b.r), (b.base, b.bright)), 14, start + 12.9)
    b.canvas.drawCircle(0, 0, b.r * 0.5, fill((60, 32, 32)))
    glossy = (mix(BROWN, (200, 120, 60), 0.45), BROWN, BROWN)
    b.canvas.drawCircle(0, 0, b.r * 0.44, radial((-b.r * 0.12, -b.r * 0.14), b.r * 0.5, glossy))
    b.canvas.drawCircle(0, 0, b.r * 0.22, fill((66, 36, 32)))


def daisy(b: Bloom) -> None:
    """Long round-tipped petals, apart from each other, around a small golden button."""
    count = b.random.choice((10, 11, 12))
    path = petal(b.r, b.r * 0.31, 0.95)
    tones = mix(b.base, b.deep, 0.75), b.base, b.bright
    b.spread(path, linear((0, -b.r * 0.2), (0, -b.r), tones), count, b.random.uniform(0, 30))
    warm = b.base[0] > 240 and b.base[1] > 120 and b.base[2] < 90
    gold = (150, 78, 34) if warm else (250, 192, 44)
    b.canvas.drawCircle(0, 0, b.r * 0.29, fill(dark(gold, 0.35)))
    b.canvas.drawCircle(0, 0, b.r * 0.25, radial((-4, -4), b.r * 0.34, (light(gold, 0.4), gold)))


def poppy(b: Bloom) -> None:
    """Four broad crumpled petals, a black blotch on each, and a pale green crown."""
    r, start = b.r, b.random.uniform(-45, 45)
    for k, (size, tone) in enumerate(((1.0, 0.4), (1.0, 0.4), (0.92, 0.0), (0.92, 0.0))):
        b.canvas.save()
        b.canvas.rotate(start + (0, 180, 90, 270)[k])
        b.canvas.scale(r * size, r * size)
        w = [b.random.uniform(-0.05, 0.05) for _ in range(3)]
        shape = loop([(0, 0.14), (-0.62, -0.16), (-0.8, -0.72), (-0.42, -1.06 + w[0]),
                      (-0.1, -0.9 + w[1]), (0.16, -1.1 + w[2]), (0.62, -0.98), (0.84, -0.6),
                      (0.6, -0.14)])  # fmt: skip
        edge = mix(b.bright, b.deep, tone)
        b.canvas.drawPath(
            shape, linear((0, -0.1), (0, -1), (b.deep, mix(b.base, b.deep, tone), edge))
        )
        b.canvas.drawPath(oval(0, -0.24, 0.24, 0.22), fill((44, 22, 44)))
        b.canvas.restore()
    b.canvas.drawCircle(0, 0, r * 0.27, fill((44, 22, 44)))
    for k in range(7):
        x, y = turn(0, 0, r * 0.33, start + 51 * k)
        b.canvas.drawCircle(x, y, max(1.9, r * 0.055), fill((250, 220, 130)))
    b.canvas.drawCircle(0, 0, r * 0.17, fill((176, 206, 120)))


def lily(b: Bloom) -> None:
    """A six-pointed star with a pale rib along each petal and long stamens."""
    start = b.random.uniform(0, 60)
    for size, turned, tone in ((1.04, start, 0.4), (1.0, start + 60, 0.0)):
        path = petal(b.r * size, b.r * 0.66, 0.02)
        edge = mix(b.base, b.deep, tone)
        paint = linear((0, 0), (0, -b.r), (mix(b.deep, edge, 0.2), edge, mix(b.bright, edge, tone)))
        b.spread(path, paint, 3, turned) if tone else None
        for k in range(0 if tone else 3):
            b.canvas.save()
            b.canvas.rotate(turned + 120 * k)
            b.canvas.drawPath(path, paint)
            b.canvas.drawPath(petal(b.r * 0.86, b.r * 0.14, 0.1), fill(light(b.base, 0.55)))
            b.canvas.restore()
    for k in range(6):
        x, y = turn(0, 0, b.r * 0.42, start + 30 + 60 * k)
        b.canvas.drawLine(0, 0, x, y, line((232, 240, 170), max(2.0, b.r * 0.05)))
        b.canvas.drawCircle(x, y, max(2.0, b.r * 0.075), fill((150, 66, 30)))
    b.canvas.drawCircle(0, 0, b.r * 0.1, fill((196, 220, 120)))


def hyacinth(b: Bloom) -> None:
    """An upright spike of florets, rounder at the foot and pointed at the top."""
    rows = ((0.86, 3, 0.30), (0.5, 3, 0.31), (0.14, 3, 0.30), (-0.22, 3, 0.27), (-0.56, 2, 0.26),
            (-0.88, 2, 0.21), (-1.16, 1, 0.2))  # fmt: skip
    for y, count, size in rows:
        for k in range(count):
            x = (k - (count - 1) / 2) * size * 1.45
            tone = mix(b.bright, b.deep, 0.12 + 0.5 * (x + 0.5) + b.random.uniform(-0.1, 0.1))
            floret(b, x * b.r, (y + 0.06 * (k % 2)) * b.r, size * b.r, tone)


def floret(b: Bloom, x: float, y: float, size: float, tone: Colour) -> None:
    star = skia.Path()
    for k in range(5):
        star.addCircle(*turn(x, y, size * 0.56, 72 * k), size * 0.48)
    star.setFillType(skia.PathFillType.kWinding)
    b.canvas.drawPath(star, line(mix(tone, b.deep, 0.85), max(1.6, size * 0.2)))
    b.canvas.drawPath(star, fill(tone))
    b.canvas.drawCircle(x, y, size * 0.28, fill(mix(tone, b.deep, 0.8)))


FLOWERS: dict[str, Callable[[Bloom], None]] = {
    "rose": rose, "tulip": tulip, "sunflower": sunflower, "daisy": daisy, "poppy": poppy,
    "lily": lily, "hyacinth": hyacinth,
}  # fmt: skip
UPRIGHT = ("tulip", "hyacinth")
# Flowers that are mostly gaps or points look small beside a rose of the same radius.
REACH = {"sunflower": 1.14, "daisy": 1.1, "lily": 1.2, "tulip": 1.06}
