"""Flowers that face us: each drawn at (0, 0) with radius r, around a heart that reads from afar."""

from __future__ import annotations

import math
from typing import Any

from brush import petal, turn
from ink import Point, light, mix, oval, path

from second.bloom import BROWN, DARK, GOLDEN, Bloom
from second.press import joined, shadow


def scalloped(r: float, lobes: int, depth: float, start: float = 0.0) -> Any:
    """A disc whose edge has so many round lobes."""
    points: list[Point] = []
    for k in range(lobes):
        for step, reach in ((0.0, r * (1 - depth)), (0.5, r * (1 + depth))):
            a = math.tau * (k + step) / lobes + start
            points.append((reach * math.cos(a), reach * math.sin(a)))
    first, *rest = points
    around = [*rest, first]
    return path(first, *([*around[i], *around[i + 1]] for i in range(0, len(around), 2)))


def rose(b: Bloom) -> None:
    """Whorls of round petals, paler outwards, about a bold spiral."""
    r, start = b.r, b.p.u(0, 72)
    for reach, size, step, tone in (
        (0.56, 0.5, 0, light(b.base, 0.12)), (0.4, 0.42, 36, b.base),
        (0.24, 0.34, 10, mix(b.base, b.deep, 0.22)),
    ):  # fmt: skip
        for k in range(5):
            x, y = turn(0, 0, r * reach, start + step + 72 * k)
            b.petal(oval(x, y, r * size, r * size), tone, 0.055)
    b.petal(oval(0, 0, r * 0.3, r * 0.3), mix(b.base, b.deep, 0.4), 0.055)
    curl = []
    for k in range(15):
        a, reach = math.radians(start) + k * 0.55, r * (0.2 - 0.0125 * k)
        curl.append((reach * math.cos(a), reach * math.sin(a)))
    b.p.stroke(path(curl[0], *curl[1:], close=False), b.deep, max(1.8, r * 0.06))


def sunflower(b: Bloom) -> None:
    start = b.p.u(0, 25)
    b.ring(petal(b.r, b.r * 0.36, 0.04), mix(b.base, b.deep, 0.45), 12, start)
    b.ring(petal(b.r * 0.92, b.r * 0.36, 0.04), b.base, 12, start + 15)
    b.p.dot(0, 0, b.r * 0.5, DARK)
    b.p.dot(0, 0, b.r * 0.45, BROWN)
    b.p.dot(0, 0, b.r * 0.27, mix(BROWN, (196, 122, 60), 0.55))
    b.p.dot(0, 0, b.r * 0.17, BROWN)


def daisy(b: Bloom) -> None:
    count = b.p.random.choice((9, 10, 11))
    shape = petal(b.r, b.r * (0.35 if count < 11 else 0.31), 0.95)
    start = b.p.u(0, 40)
    b.ring(shape, b.base, count, start)
    crease = path((0, -b.r * 0.34), (0, -b.r * 0.62), close=False)
    for k in range(count):
        with b.turned(start + 360 * k / count):
            b.p.stroke(crease, mix(b.base, b.deep, 0.6), max(1.5, b.r * 0.045))
    b.p.dot(0, 0, b.r * 0.31, shadow(b.heart, 0.36))
    b.p.dot(0, 0, b.r * 0.26, b.heart)
    b.p.dot(b.p.lit * b.r * 0.08, -b.r * 0.08, b.r * 0.1, light(b.heart, 0.5))


def poppy(b: Bloom) -> None:
    """Four broad petals with dark blotches, a dark fringe and a pale green button."""
    r, start = b.r, b.p.u(0, 90)
    for k in (0, 2, 1, 3):
        with b.turned(start + 90 * k):
            shape = path((0, r * 0.1),
                         (-r * 0.86, -r * 0.06, -r * 0.92, -r * 0.86, -r * 0.38, -r * 0.96),
                         (-r * 0.16, -r * 0.84, 0, -r), (r * 0.2, -r * 0.86, r * 0.42, -r * 0.94),
                         (r * 0.94, -r * 0.82, r * 0.84, -r * 0.04, 0, r * 0.1))  # fmt: skip
            b.petal(shape, b.base if k % 2 else mix(b.base, b.deep, 0.2), 0.055)
            for dx in (-0.3, 0.3):
                crease = path((dx * r * 0.7, -r * 0.42), (dx * r * 1.2, -r * 0.7), close=False)
                b.p.stroke(crease, mix(b.base, b.deep, 0.55), max(1.5, r * 0.045))
            b.p.flat(oval(0, -r * 0.27, r * 0.22, r * 0.2), DARK)
    b.p.flat(scalloped(r * 0.33, 9, 0.12, start), DARK)
    b.p.dot(0, 0, r * 0.19, (186, 214, 128))
    for k in range(3):
        with b.turned(start + 60 * k):
            spoke = path((-r * 0.13, 0), (r * 0.13, 0), close=False)
            b.p.stroke(spoke, (92, 124, 70), max(1.4, r * 0.04))


def lily(b: Bloom) -> None:
    """A six-pointed star, a pale rib along each petal and long stamens."""
    r, start = b.r, b.p.u(0, 60)
    shape, rib = petal(r * 1.04, r * 0.64, 0.02), petal(r * 0.84, r * 0.14, 0.1)
    for step, tone in ((60, mix(b.base, b.deep, 0.26)), (0, b.base)):
        for k in range(3):
            with b.turned(start + step + 120 * k):
                b.petal(shape, tone)
                b.p.flat(rib, b.pale if b.name != "white" else (214, 228, 170))
    for k in range(6):
        x, y = turn(0, 0, r * 0.44, start + 30 + 60 * k)
        b.p.stroke(path((0, 0), (x, y), close=False), (222, 234, 160), max(2.0, r * 0.055))
        b.p.flat(oval(x, y, r * 0.085, r * 0.085), (150, 66, 30))
    b.p.dot(0, 0, r * 0.12, (176, 206, 110))


def daffodil(b: Bloom) -> None:
    """Six petals behind a frilled trumpet of another colour."""
    r, start = b.r, b.p.u(0, 60)
    b.ring(petal(r, r * 0.58, 0.12), b.base, 6, start)
    cup = (246, 134, 44) if b.name in ("yellow", "white", "red", "pink") else GOLDEN
    if b.name == "red":
        cup = GOLDEN
    b.p.flat(scalloped(r * 0.46, 9, 0.09, start), shadow(cup, 0.4))
    b.p.flat(scalloped(r * 0.4, 9, 0.09, start), cup)
    b.p.dot(0, r * 0.02, r * 0.24, shadow(cup, 0.34))
    for k in range(3):
        x, y = turn(0, 0, r * 0.08, start + 120 * k)
        b.p.dot(x, y, r * 0.06, (255, 236, 150))


def dahlia(b: Bloom) -> None:
    """Rings of pointed petals, each smaller and deeper than the one before."""
    r, start = b.r, b.p.u(0, 30)
    for k, (size, count, tone) in enumerate(
        ((1.0, 12, 0.0), (0.78, 12, 0.14), (0.56, 10, 0.3), (0.34, 8, 0.5))
    ):
        colour = mix(light(b.base, 0.14), b.deep, tone)
        b.ring(
            petal(r * size, r * (0.36 if k < 2 else 0.26) * (1 - 0.1 * k), 0.1),
            colour,
            count,
            start + 15 * k,
        )
    b.p.dot(0, 0, r * 0.13, mix(b.base, b.deep, 0.85))


def hydrangea(b: Bloom) -> None:
    """A ball of florets of four petals, dark between them."""
    r = b.r
    b.p.flat(oval(0, 0, r * 0.95, r * 0.88), mix(b.deep, DARK, 0.16))
    few = r < 34  # the same few strokes to a blossom, large or small
    size = r * (0.36 if few else 0.25)
    places = [(0.0, 0.0)]
    if few:
        places += [turn(0, 0, r * 0.62, 51.4 * k + 10) for k in range(7)]
    else:
        places += [turn(0, 0, r * 0.46, 60 * k + 10) for k in range(6)]
        places += [turn(0, 0, r * 0.78, 36 * k) for k in range(10)]
    for k, (x, y) in enumerate(reversed(places)):
        with b.p.placed(x, y * 0.94, b.p.u(0, 90)):
            cross = joined(*(oval(dx * size * 0.58, dy * size * 0.58, size * 0.56, size * 0.56)
                             for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))))  # fmt: skip
            tone = light(b.base, 0.24) if (x * b.p.lit - y) > 0.2 * r else mix(b.base, b.deep, 0.12)
            b.petal(cross, tone if k % 3 else light(tone, 0.16), 0.04)
            b.p.dot(0, 0, size * 0.26, b.heart if b.name != "white" else (206, 220, 130))
