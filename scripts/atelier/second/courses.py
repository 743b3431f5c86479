"""Water on the middle ground of a landscape: a lake, a river in its bends, a waterfall."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from brush import loop, polygon
from ink import Colour, Point, mix, moved, oval, path

from second.country import ROCK, SNOW, Country, ground_colours
from second.press import common, joined, without
from second.shores import lens


def tones(c: Country) -> tuple[Colour, Colour, Colour]:
    """Water's middle tone, its darker one at the banks, and its gleam."""
    blue = c.bright((62, 150, 212))
    mid = mix(c.light.sky[2], blue, 0.76)
    deep = mix(mix(c.light.sky[0], c.light.shade, 0.2), blue, 0.4)
    return mid, deep, mix(c.light.orb, (240, 248, 255), 0.5)


def water(c: Country, shape: Any) -> None:
    """Print a sheet of water in its bank: a pale shore, the sheet, a darker far edge."""
    mid, deep, _ = tones(c)
    c.flat(moved(shape, 0, -2.6), c.shaded(ground_colours(c)[0], 0, 0.36))
    c.flat(shape, mid)
    c.flat(without(shape, moved(shape, 0, 4.4)), deep)


def lake(c: Country) -> None:
    x, y = 128 - c.side * c.u(16, 44), c.floor + (256 - c.floor) * c.u(0.36, 0.46)
    rx, ry = c.u(88, 116), c.u(19, 25)
    shore: list[Point] = []
    for k in range(12):
        a = math.tau * k / 12
        reach = 1.12 + c.u(-0.12, 0.12)
        shore.append((x + rx * reach * math.cos(a), y + ry * reach * math.sin(a)))
    shape = loop(shore)
    water(c, shape)
    mid, deep, gleam = tones(c)
    away = x - c.side * rx * 0.3
    c.within(
        shape, oval(away, y - ry * 0.7, rx * 0.5, ry * 0.6), mix(mid, deep, 0.4)
    )  # a far shore's image
    for k, dy in enumerate((-0.3, 0.16, 0.56)):
        dx, w = c.u(-0.3, 0.3) * rx, rx * (0.3 - 0.05 * k)
        c.flat(common(shape, path((x + dx - w, y + dy * ry),
                                  (x + dx, y + dy * ry - 4, x + dx + w, y + dy * ry),
                                  (x + dx, y + dy * ry + 4, x + dx - w, y + dy * ry))),
                                  gleam)  # fmt: skip


def bend(c: Country) -> Callable[[float], tuple[float, float, float]]:
    """A river's course: t from 0 far off to 1 at our feet -> x, y and half the width."""
    top = c.floor + (13 if c.traits["terrain"] in ("coast", "island") else 1)
    x0, x1 = 128 - c.side * c.u(0, 34), 128 - c.side * c.u(48, 78)
    sway, phase, turns = c.random.choice((-1, 1)) * c.u(0.8, 1.15), c.u(-0.4, 0.4), c.u(1.15, 1.5)

    def at(t: float) -> tuple[float, float, float]:
        swing = math.sin(math.tau * turns * t**0.62 + phase) - math.sin(phase)
        return (
            x0 + (x1 - x0) * t + sway * (9 + 30 * t) * swing,
            top + (264 - top) * t,
            3.5 + 40 * t**1.25,
        )

    return at


def river(c: Country) -> None:
    """An S that narrows to the distance, with light lying along its course."""
    at, steps = bend(c), [k / 28 for k in range(31)]
    left = [(x - w, y) for x, y, w in map(at, steps)]
    right = [(x + w, y) for x, y, w in map(at, steps)]
    shape = loop([*left, *reversed(right)])
    mid, deep, gleam = tones(c)
    bank = c.shaded(ground_colours(c)[0], 0, 0.34)
    c.flat(moved(shape, 0, -2.2), bank)
    c.flat(moved(shape, -c.sunward * 3, 0), bank)
    c.flat(shape, mid)
    c.flat(without(shape, moved(shape, -c.sunward * 5, 2)), deep)
    for first, last, side in ((0.16, 0.42, 0.2), (0.36, 0.66, -0.3), (0.6, 0.94, 0.24)):
        course = [at(first + (last - first) * k / 8) for k in range(9)]
        upper, lower = [], []
        for k, (x, y, w) in enumerate(course):
            swell = w * 0.14 * math.sin(math.pi * k / 8)
            upper.append((x + side * w - swell, y))
            lower.append((x + side * w + swell, y))
        c.flat(common(shape, polygon([*upper, *reversed(lower)])), gleam)


def waterfall(c: Country) -> None:
    """A bluff at the edge, a broad white fall in strands, and its pool."""
    away = -c.side
    edge, top, foot = 128 + away * 148, c.horizon - c.u(16, 34), c.floor + 34
    x, w = 128 + away * c.u(58, 70), c.u(14, 18)
    stone = {"canyon": (208, 106, 66), "desert": (216, 156, 96), "volcano": (96, 80, 92)}.get(
        c.traits["terrain"], mix(ROCK, (130, 110, 120), 0.4)
    )
    inner = x - away * (w + 16)
    body = polygon([(edge, foot + 12), (edge, top), (inner + away * 6, top), (inner, top + 18),
                    (inner + away * 5, top + 40), (inner - away * 8, foot - 8),
                    (inner - away * 10, foot + 4)])  # fmt: skip
    c.flat(body, c.lit(stone))
    for k in (0.1, 0.46, 0.8):
        at = inner + (edge - inner) * k
        cleft = polygon([(at, top), (at + away * 9, top + 50), (at + away * 2, foot + 12),
                         (at + away * 16, foot + 12),
                         (at + away * 20, top + 40), (at + away * 12, top)])  # fmt: skip
        c.within(body, cleft, c.shaded(stone, 0, 0.3))
    pool = loop([(x - 62, foot + 8), (x - 40, foot - 9), (x + 40, foot - 9), (x + 62, foot + 8),
                 (x + 36, foot + 27),
                 (x - 36, foot + 27)])  # fmt: skip
    water(c, pool)
    _, deep, _ = tones(c)
    white, cool = c.bright(SNOW), c.bright(mix((140, 200, 236), deep, 0.2))
    c.flat(path((x - w, top + 2), (x - w * 1.1, (top + foot) / 2, x - w * 1.3, foot),
                (x + w * 1.3, foot),
                (x + w * 1.1, (top + foot) / 2, x + w, top + 2)), white)  # fmt: skip
    for dx, first, last in ((-0.5, 0.08, 0.6), (0.05, 0.3, 0.86), (0.55, 0.1, 0.66)):
        y0, y1 = top + (foot - top) * first, top + (foot - top) * last
        strand = path((x + dx * w, y0), (x + dx * w * 1.1 + 4, (y0 + y1) / 2, x + dx * w * 1.2, y1),
                      (x + dx * w * 1.1 - 4, (y0 + y1) / 2, x + dx * w, y0))  # fmt: skip
        c.flat(strand, cool)
    c.flat(
        joined(
            *(oval(x + dx * w, foot + c.u(-1, 3), c.u(8, 11), 7) for dx in (-1.2, -0.4, 0.4, 1.2))
        ),
        white,
    )
    for k in (0, 1):
        lens(c, x + c.u(-12, 12), foot + 12 + 7 * k, 24 - 8 * k, 1.8, white)
    turf = loop([(edge, top - 9), (edge, top + 7), (x + away * 30, top + 11), (x + away * (w + 4),
            top + 5),
                 (x + away * (w + 2), top - 3)])  # fmt: skip
    c.flat(turf, c.lit(c.season.ground))
    lip = loop([(inner - away * 4, top - 2), (x - away * (w - 2), top - 4), (x - away * (w - 2),
            top + 6),
                (inner, top + 9)])  # fmt: skip
    c.flat(lip, c.lit(c.season.ground))


def no_water(c: Country) -> None:
    """Dry land."""


WATERS: dict[str, Callable[[Country], Any]] = {
    "none": no_water, "lake": lake, "river": river, "waterfall": waterfall,
}  # fmt: skip
