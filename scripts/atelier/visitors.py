"""The small guests of a bouquet, drawn at the origin, about 40 units across."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import skia
from brush import linear
from ink import Colour, dark, fill, jitter, light, line, oval

INK: Colour = (46, 28, 52)


def bee(canvas: Any, random: Random) -> None:
    for angle in (-38, 8):
        canvas.save()
        canvas.rotate(angle + random.uniform(-6, 6), 0, -6)
        wing = oval(0, -19, 9, 14)
        canvas.drawPath(wing, fill((236, 246, 255), 240))
        canvas.drawPath(wing, line((110, 130, 170), 2.4))
        canvas.restore()
    body = oval(0, 2, 20, 13.5)
    canvas.drawPath(body, linear((0, -12), (0, 16), ((255, 218, 76), (240, 160, 32))))
    canvas.save()
    canvas.clipPath(body, True)
    for x in (-4, 8):
        canvas.drawRect(skia.Rect.MakeLTRB(x, -14, x + 6, 18), fill(INK))
    canvas.drawCircle(-19, 1, 11, fill(INK))
    canvas.restore()
    canvas.drawPath(body, line(INK, 2.8))
    canvas.drawLine(-16, -8, -23, -16, line(INK, 3))


def butterfly(canvas: Any, random: Random) -> None:
    choices: tuple[Colour, ...] = ((250, 146, 40), (74, 140, 240), (252, 204, 70))
    colour = jitter(random.choice(choices), random, 0.02)
    edge = fill(INK)
    fold = random.uniform(0.82, 1.0)
    for s in (-1, 1):
        for x, y, rx, ry, angle in ((15, -10, 17, 12, -36), (12, 11, 12, 9.5, 34)):
            canvas.save()
            canvas.translate(s * x * fold, y)
            canvas.rotate(s * angle)
            canvas.drawPath(oval(0, 0, rx * fold + 2.6, ry + 2.6), edge)
            wing = oval(0, 0, rx * fold, ry)
            ends = (-s * rx, 0), (s * rx, 0)
            canvas.drawPath(wing, linear(*ends, (light(colour, 0.3), colour, dark(colour, 0.16))))
            canvas.drawCircle(s * rx * 0.42, 0, 3.6, fill((255, 250, 236)))
            canvas.restore()
    canvas.drawLine(0, -12, 0, 16, line(INK, 6))
    for s in (-1, 1):
        canvas.drawLine(0, -13, s * 8, -25, line(INK, 2.6))


def ladybird(canvas: Any, random: Random) -> None:
    canvas.save()
    canvas.clipRect(skia.Rect.MakeLTRB(-40, -40, 40, 8), True)
    canvas.drawCircle(-19, 2, 10, fill(INK))
    red = jitter((232, 44, 44), random, 0.01)
    shell = oval(2, 6, 22, 24)
    canvas.drawPath(shell, linear((-14, -16), (18, 8), (light(red, 0.28), red, dark(red, 0.3))))
    canvas.drawPath(shell, line(INK, 2.6))
    for x, y, r in ((-9, -2, 4.2), (3, -9, 4.2), (14, 0, 4.2), (3, 4, 3.6)):
        canvas.drawCircle(x, y, r, fill(INK))
    canvas.restore()
    canvas.drawLine(-23, -6, -30, -13, line(INK, 2.8))
    canvas.drawCircle(-22, 0, 2.6, fill((255, 255, 255)))
    canvas.drawLine(-26, 8, 22, 8, line(INK, 3))


def snail(canvas: Any, random: Random) -> None:
    skin, shell = (226, 192, 140), jitter((196, 92, 84), random, 0.03)
    foot = skia.Path()
    foot.moveTo(26, 8)
    foot.cubicTo(16, -6, -4, 2, -14, -2)
    foot.cubicTo(-18, -8, -17, -14, -24, -14)
    foot.cubicTo(-34, -14, -33, 8, -18, 8)
    foot.close()
    for x in (-28, -21):
        canvas.drawLine(x + 3, -10, x, -23, line(dark(skin, 0.3), 3))
        canvas.drawCircle(x, -24, 2.8, fill(INK))
    canvas.drawPath(foot, linear((0, -14), (0, 8), (light(skin, 0.2), dark(skin, 0.22))))
    ends = (-10, -24), (20, 4)
    whorl = linear(ends[0], ends[1], (light(shell, 0.35), shell, dark(shell, 0.35)))
    canvas.drawCircle(4, -9, 17.5, whorl)
    coil = skia.Path()
    coil.addArc(skia.Rect.MakeLTRB(-8, -21, 14, 1), 20, 300)
    coil.addArc(skia.Rect.MakeLTRB(-3, -15, 9, -3), 20, 250)
    canvas.drawPath(coil, line((255, 226, 180), 3.2))


def none(canvas: Any, random: Random) -> None:
    """Nobody came."""


VISITORS: dict[str, Callable[[Any, Random], None]] = {
    "none": none, "bee": bee, "butterfly": butterfly, "ladybird": ladybird, "snail": snail,
}  # fmt: skip
FLYING = ("bee", "butterfly")
