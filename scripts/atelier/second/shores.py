"""The terrains by the sea: cliffs, an island, and the water's edge."""

from __future__ import annotations

import math

import skia
from brush import loop, polygon
from ink import Colour, Point, mix, path

from second.country import ROCK, SAND, SNOW, Country, land
from second.flora import palm


def sea(c: Country) -> None:
    """Open water up to the horizon in three bands, with the orb's path on it."""
    y = c.horizon - 8
    blue: Colour = (40, 140, 196)
    for k, depth in enumerate((0.5, 0.3, 0.1)):
        top = y + (0, 14, 34)[k]
        c.canvas.drawRect(skia.Rect.MakeLTRB(-60, top, 320, 340), skia.Paint(
            AntiAlias=True, Color=_packed(c.lit(mix(blue, (20, 96, 160), k * 0.3),
                                                depth))))  # fmt: skip
    gleam = mix(c.light.orb, c.light.haze, 0.2)
    for k in range(5):
        w, top = c.u(9, 16) + 5 * k, y + 5 + k * 10
        lens(c, c.orb[0] + c.u(-9, 9), top, w, 2.0 + 0.3 * k, gleam)


def _packed(colour: Colour) -> int:
    r, g, b = (int(max(0, min(255, v))) for v in colour)
    return int(skia.Color(r, g, b, 255))


def lens(c: Country, x: float, y: float, w: float, h: float, colour: Colour) -> None:
    """A glint on water, pointed at both ends."""
    c.flat(path((x - w, y), (x, y - h * 1.6, x + w, y), (x, y + h * 1.6, x - w, y)), colour)


def coast(c: Country) -> None:
    sea(c)
    away = -c.side
    for reach, top, depth in ((c.u(96, 116), c.horizon - c.u(40, 52), 0.3),
                              (c.u(70, 90), c.horizon - c.u(20, 34), 0.06)):  # fmt: skip
        edge, foot = 128 + away * 150, c.horizon + 26 * (1 - depth)
        chalk = mix(ROCK, (240, 218, 190), 0.7)
        body = polygon([(edge, top), (edge - away * reach * 0.6, top + c.u(2, 8)),
                        (edge - away * reach * 0.84, top + 14),
                        (edge - away * reach * 0.86, top + 34),
                        (edge - away * reach, foot - 8), (edge - away * reach * 1.06, foot + 4),
                        (edge, foot + 4)])  # fmt: skip
        c.flat(body, c.lit(chalk, depth))
        for k in (0.3, 0.58, 0.84):
            cleft = polygon([(edge - away * reach * k, top), (edge - away * reach * (k + 0.07),
                    foot + 9),
                             (edge - away * reach * (k - 0.09), foot + 9)])  # fmt: skip
            c.within(body, cleft, c.shaded(chalk, depth, 0.3))
        turf = loop([(edge, top - 8), (edge - away * reach * 0.6, top - 4),
                     (edge - away * reach * 0.96, top + 12),
                     (edge - away * reach * 0.5, top + 15), (edge, top + 16)])  # fmt: skip
        c.flat(turf, c.lit(c.season.ground, depth * 0.7))


def island(c: Country) -> None:
    """An island with palms out at sea, before a beach."""
    sea(c)
    x, y, w = 128 - c.side * c.u(6, 40), c.horizon + 9, c.u(66, 84)
    hill = path(
        (x - w * 0.7, y), (x - w * 0.3, y - c.u(36, 56), x + w * 0.2, y - 36, x + w * 0.74, y)
    )
    c.solid(hill, mix(c.season.ground, (60, 130, 90), 0.3), 0.2, 0.3)
    c.flat(path((x - w, y + 5), (x - w * 0.6, y - 7, x, y - 6), (x + w * 0.6, y - 6, x + w, y + 5),
                (x, y + 12, x - w, y + 5)), c.lit(SAND, 0.1))  # fmt: skip
    for dx in (-0.56, 0.4, 0.6):
        palm(c, x + dx * w, y - 2, c.u(34, 48))


def surf(c: Country, shore: list[Point]) -> None:
    """The white edge of the sea, just above a beach's skyline."""
    for lift, tone in ((8.0, (150, 206, 224)), (3.5, SNOW)):
        land(c, [(x, y - lift + 1.6 * math.sin(x / 17)) for x, y in shore], tone, 0.12)
