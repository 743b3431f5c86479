"""What grows in a landscape, in the colours of its season, in light and shade."""

from __future__ import annotations

from typing import Any

import skia
from brush import loop, polygon
from ink import Colour, line, mix, oval, path

from second.country import SNOW, Country
from second.press import joined

WOOD: Colour = (112, 74, 62)


def trunk(c: Country, x: float, base: float, height: float, width: float) -> None:
    shape = polygon([(x - width / 2, base), (x - width / 3, base - height),
                     (x + width / 3, base - height), (x + width / 2, base)])  # fmt: skip
    c.flat(shape, c.shaded(WOOD, 0, 0.3))


def broadleaf(c: Country, x: float, base: float, height: float, depth: float = 0.0) -> None:
    """A round-crowned tree of three lobes in one outline."""
    r = height * 0.3
    trunk(c, x, base, height * 0.5, height * 0.12)
    top, w = base - height + r, [c.u(-0.1, 0.1) for _ in range(3)]
    crown = joined(
        oval(x + w[0] * r, top + r * 0.1, r, r),
        oval(x - r * 0.7, top + r * 0.62, r * (0.78 + w[1]), r * 0.74),
        oval(x + r * 0.7, top + r * 0.62, r * (0.78 + w[2]), r * 0.74),
        oval(x, top + r * 0.9, r * 0.9, r * 0.6),
    )
    c.solid(crown, c.season.crown, depth, 0.3)


def fir_shape(x: float, base: float, height: float, width: float = 0.3) -> Any:
    w, points = height * width, []
    for low, out, inner in ((0.62, 0.56, 0.3), (0.34, 0.8, 0.46), (0.0, 1.0, 0.0)):
        points += [(out * w, base - height * low), (inner * w, base - height * low)]
    right = [(x, base - height), *((x + dx, y) for dx, y in points)]
    return polygon([*right, *((2 * x - px, py) for px, py in reversed(right[1:]))])


def fir(c: Country, x: float, base: float, height: float, depth: float = 0.0) -> None:
    s = c.sunward
    trunk(c, x, base + height * 0.08, height * 0.2, height * 0.1)
    shape = fir_shape(x, base, height)
    c.flat(shape, c.shaded(c.season.needle, depth, 0.3))
    half = oval(x + s * height * 0.42, base - height * 0.5, height * 0.42, height)
    c.within(shape, half, c.lit(SNOW if c.winter else c.season.needle, depth))


def woods(c: Country, y: float, height: float, depth: float) -> None:
    """A belt of firs as one silhouette with its ground."""
    needle = mix(c.season.needle, SNOW, 0.3) if c.winter else c.season.needle
    belt, x = skia.Path(), -20.0
    while x < 276:
        h = height * c.u(0.7, 1.15)
        belt.addPath(fir_shape(x, y + 6, h, 0.27))
        x += h * c.u(0.32, 0.46)
    belt.addRect(skia.Rect.MakeLTRB(-60, y + 4, 320, y + 60))
    belt.setFillType(skia.PathFillType.kWinding)
    c.flat(belt, c.lit(needle, depth))


def bush(c: Country, x: float, base: float, r: float, shade: float = 0.2) -> None:
    shape = joined(
        oval(x - r * 0.8, base, r * 0.72, r * 0.72), oval(x + r * 0.8, base, r * 0.7, r * 0.7),
        oval(x, base - r * 0.36, r * 0.95, r * 0.95),
    )  # fmt: skip
    c.solid(shape, mix(c.season.crown, c.light.shade, shade * 0.5), 0, 0.3)


def cactus(c: Country, x: float, base: float, height: float) -> None:
    w = height * 0.18
    green: Colour = (66, 150, 100)
    for tone, shift, thick in ((c.shaded(green), 0.0, w), (c.lit(green), 0.2, w * 0.5)):
        dx, stroke = c.sunward * shift * w, line(tone, thick)
        c.canvas.drawLine(x + dx, base, x + dx, base - height, stroke)
        for s, low in ((-1, 0.34), (1, 0.5)):
            reach = x + s * height * 0.3
            arm = path((x + dx, base - height * low),
                       (reach + dx, base - height * low, reach + dx, base - height * (low + 0.3)),
                       close=False)  # fmt: skip
            c.canvas.drawPath(arm, stroke)
    if c.winter:
        c.canvas.drawLine(
            x - w * 0.3, base - height, x + w * 0.3, base - height, line(c.lit(SNOW), w * 0.6)
        )
    else:
        c.dot(x, base - height - w * 0.36, w * 0.5, c.lit(c.season.crown))


def palm(c: Country, x: float, base: float, height: float) -> None:
    lean = c.random.choice((-1, 1)) * height * c.u(0.1, 0.26)
    top = (x + lean, base - height)
    stem = path((x, base), (x + lean * 0.1, base - height * 0.6, *top), close=False)
    c.canvas.drawPath(stem, line(c.shaded((150, 106, 76), 0, 0.2), height * 0.08))
    leaf = mix((52, 140, 92), c.season.crown, 0.2)
    for k, (dx, dy) in enumerate(
        ((-0.52, 0.16), (0.52, 0.16), (-0.46, -0.12), (0.46, -0.12), (0.0, -0.3))
    ):
        end = (top[0] + dx * height, top[1] + dy * height)
        mid = ((top[0] + end[0]) / 2, min(top[1], end[1]) - height * 0.16)
        under = ((top[0] + end[0]) / 2, min(top[1], end[1]) + height * 0.03)
        frond = path(top, (*mid, *end), (*under, *top))
        c.flat(frond, c.lit(leaf) if (dx * c.sunward > 0) or k == 4 else c.shaded(leaf))
    for dx in (-0.03, 0.04):
        c.dot(top[0] + dx * height, top[1] + height * 0.03, height * 0.045, c.shaded((120, 70, 44)))


def acacia(c: Country, x: float, base: float, height: float, depth: float = 0.0) -> None:
    """A flat-topped tree on a forked trunk."""
    wood = line(c.shaded(WOOD, depth, 0.3), height * 0.07)
    for dx in (-0.3, 0.06, 0.34):
        limb = path(
            (x, base), (x, base - height * 0.4, x + dx * height, base - height * 0.74), close=False
        )
        c.canvas.drawPath(limb, wood)
    for dx, dy, w in ((-0.22, 0.72, 0.42), (0.24, 0.78, 0.44), (0.02, 0.92, 0.4)):
        crown = loop([
            (x + (dx - w) * height, base - dy * height + height * 0.05),
            (x + (dx - w * 0.6) * height, base - (dy + 0.13) * height),
            (x + (dx + w * 0.6) * height, base - (dy + 0.13) * height),
            (x + (dx + w) * height, base - dy * height + height * 0.05),
        ])  # fmt: skip
        c.solid(crown, mix(c.season.crown, (120, 140, 70), 0.2), depth, 0.3)


def own_tree(c: Country, x: float, base: float, height: float, depth: float = 0.0) -> None:
    """The tree of this terrain."""
    terrain = c.traits["terrain"]
    if terrain in ("desert", "canyon"):
        cactus(c, x, base, height * 0.8)
    elif terrain == "savanna":
        acacia(c, x, base, height, depth)
    elif terrain == "island":
        palm(c, x, base, height)
    elif terrain in ("mountains", "volcano"):
        fir(c, x, base, height * 1.1, depth)
    elif terrain == "forest" and c.random.random() < 0.5:
        fir(c, x, base, height * 1.15, depth)
    else:
        broadleaf(c, x, base, height, depth)


def flowers(c: Country) -> None:
    """Spring's: on the ground close to us, in two colours."""
    for k in range(26):
        tone: Colour = ((255, 170, 205), (255, 250, 240), (255, 220, 110))[k % 3]
        c.dot(c.u(0, 256), c.u(c.floor + 22, 252), c.u(2.0, 3.4), c.bright(tone))


def tuft(c: Country, x: float, base: float, r: float, colour: Colour) -> None:
    for lean in (-0.7, 0.0, 0.7):
        blade = path((x - r * 0.2, base),
                     (x + lean * r * 0.4, base - r, x + lean * r, base - r * 1.5),
                     (x + lean * r * 0.6, base - r * 0.6, x + r * 0.2, base))  # fmt: skip
        c.flat(blade, colour)
