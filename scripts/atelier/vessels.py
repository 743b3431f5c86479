"""What holds the flowers: each stands on y = 0 at x = 0, and its mouth is at y = -MOUTH."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import skia
from brush import linear
from ink import Colour, dark, fill, jitter, light, line, mix, oval, rounded

MOUTH = 66.0
HALF = 30.0  # half the widest mouth


def revolved(profile: list[tuple[float, ...]], start: tuple[float, float]) -> Any:
    """A vessel from its right profile of cubics, mirrored at the axis."""
    path = skia.Path()
    path.moveTo(*start)
    points = [start]
    for segment in profile:
        path.cubicTo(*segment)
        points.append((segment[4], segment[5]))
    path.lineTo(-points[-1][0], points[-1][1])
    for segment, end in zip(reversed(profile), reversed(points[:-1]), strict=True):
        path.cubicTo(-segment[2], segment[3], -segment[0], segment[1], -end[0], end[1])
    path.close()
    return path


def body(canvas: Any, path: Any, colour: Colour, half: float) -> None:
    """Glazed: lit on the left, a soft core, shaded on the right."""
    tones = light(colour, 0.3), colour, mix(colour, dark(colour, 0.5), 0.75)
    canvas.drawPath(path, linear((-half, 0), (half, 0), tones))


def vase(canvas: Any, random: Random) -> None:
    colour, belly = jitter((42, 140, 158), random, 0.03), random.uniform(36, 43)
    path = revolved([(18, -54, belly, -48, belly, -28), (belly, -8, 26, -2, 20, 0)], (21, -MOUTH))
    body(canvas, path, colour, belly)
    canvas.save()
    canvas.clipPath(path, False)
    band = skia.Path()
    band.moveTo(-60, -34)
    band.quadTo(0, -24, 60, -34)
    canvas.drawPath(band, line((250, 240, 216), 5, 242))
    canvas.restore()
    canvas.drawPath(rounded(-23, -MOUTH - 4, 23, -MOUTH + 2, 3), fill(light(colour, 0.22)))


def jar(canvas: Any, random: Random) -> None:
    """Clear glass, so the stems show through; the water line and a gleam make it glass."""
    glass = rounded(-31, -58, 31, 0, 10)
    canvas.drawPath(glass, fill((226, 244, 250), 87))
    water = rounded(-28, -random.uniform(36, 42), 28, -3, 8)
    canvas.drawPath(water, fill((120, 200, 230), 115))
    canvas.drawPath(glass, line((236, 248, 252), 3.2, 242))
    canvas.drawLine(-22, -46, -22, -16, line((255, 255, 255), 4.5, 230))
    canvas.drawPath(rounded(-27, -MOUTH - 3, 27, -MOUTH + 8, 4), fill((206, 232, 242)))
    canvas.drawLine(-27, -MOUTH + 8, 27, -MOUTH + 8, line((120, 156, 184), 2.6))


def pot(canvas: Any, random: Random) -> None:
    clay = jitter((204, 98, 58), random, 0.012)
    taper = random.uniform(21, 25)
    path = skia.Path()
    path.addPoly([skia.Point(-31, -50), skia.Point(31, -50), skia.Point(taper, 0),
                  skia.Point(-taper, 0)], True)  # fmt: skip
    body(canvas, path, clay, 31)
    canvas.save()
    canvas.clipPath(path, False)
    canvas.drawRect(skia.Rect.MakeLTRB(-40, -50, 40, -44), fill(dark(clay, 0.5), 128))
    canvas.restore()
    body(canvas, rounded(-37, -MOUTH - 2, 37, -47, 4), light(clay, 0.08), 37)


def jug(canvas: Any, random: Random) -> None:
    enamel, s = (250, 246, 238), random.choice((-1, 1))
    glaze = random.choice(((44, 72, 160), (44, 72, 160), (186, 52, 60), (34, 116, 104)))
    canvas.drawPath(oval(s * 34, -36, 15, 19), line(mix(enamel, (120, 120, 170), 0.4), 7))
    path = revolved([(22, -52, 38, -40, 36, -20), (35, -8, 32, 0, 26, 0)], (22, -MOUTH))
    body(canvas, path, enamel, 44)
    canvas.save()
    canvas.clipPath(path, False)
    for y in (-32, -20):
        canvas.drawRect(skia.Rect.MakeLTRB(-50, y, 50, y + 6), fill(glaze))
    canvas.restore()
    lip = skia.Path()
    lip.moveTo(s * 24, -MOUTH + 3)
    lip.lineTo(s * 24, -MOUTH - 3)
    lip.lineTo(-s * 36, -MOUTH - 7)
    lip.quadTo(-s * 30, -MOUTH + 3, -s * 20, -MOUTH + 8)
    lip.close()
    canvas.drawPath(lip, fill(glaze))


def basket(canvas: Any, random: Random) -> None:
    wicker = jitter((196, 138, 74), random)
    path = revolved([(46, -50, 40, -8, 34, 0)], (46, -MOUTH + 10))
    body(canvas, path, wicker, 46)
    canvas.save()
    canvas.clipPath(path, False)
    weave = fill(dark(wicker, 0.55), 158)
    for row in range(4):
        for k in range(-4, 5):
            x, y = k * 17 + (8.5 if row % 2 else 0), -46 + row * 13
            canvas.drawPath(rounded(x - 5.5, y - 3, x + 5.5, y + 3, 3), weave)
    canvas.restore()
    body(canvas, rounded(-50, -MOUTH + 3, 50, -MOUTH + 14, 5.5), light(wicker, 0.16), 50)


def ribbon(canvas: Any, random: Random) -> None:
    """A bow around the stems, which splay out below it."""
    silk = jitter((206, 36, 70), random, 0.01)
    deep = dark(silk, 0.45)
    for s in (-1, 1):
        tail = skia.Path()
        sway = random.uniform(20, 32)
        tail.addPoly([skia.Point(0, -44), skia.Point(s * sway, -4), skia.Point(s * (sway - 9), -9),
                      skia.Point(s * (sway - 16), 0)], True)  # fmt: skip
        canvas.drawPath(tail, fill(deep))
        wing = skia.Path()
        wing.moveTo(0, -44)
        wing.cubicTo(s * 16, -66, s * 40, -66, s * 40, -48)
        wing.cubicTo(s * 40, -30, s * 16, -32, 0, -44)
        canvas.drawPath(wing, linear((s * 6, 0), (s * 40, 0), (deep, silk, light(silk, 0.2))))
    canvas.drawPath(rounded(-10, -54, 10, -34, 6), fill(light(silk, 0.14)))


VESSELS: dict[str, Callable[[Any, Random], None]] = {
    "ribbon": ribbon, "vase": vase, "jar": jar, "pot": pot, "jug": jug, "basket": basket,
}  # fmt: skip
