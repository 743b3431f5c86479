"""The six terrains, from the horizon to the middle ground."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import skia
from brush import curve, linear, polygon
from drylands import canyon, desert
from ink import Colour, Point, fill, line, mix
from scenery import ROCK, Scene, land, swell
from trees import conifer, crown_tree, woods


def peak(scene: Scene, x: float, top: float, spread: float, depth: float) -> None:
    """A mountain of two faces, one lit, under a zigzag cap of snow."""
    canvas, u = scene.canvas, scene.random.uniform
    base, s = 190.0, scene.sunward
    h = base - top
    ridge = [(x, top)]
    for t in (0.2, 0.42, 0.66, 1.0):
        ridge.append((x - s * spread * t * u(-0.05, 0.3) * (1 if t < 0.9 else 1.6), top + h * t))
    edges = {}
    for side in (-1, 1):
        shoulder = u(0.36, 0.46), u(0.44, 0.54)
        inner = (x + side * spread * shoulder[0], top + h * shoulder[1])
        edges[side] = [inner, (x + side * spread * 0.62, top + h * 0.60), (x + side * spread, base)]
    deep = 0.62 if scene.winter else 0.36
    cap = snowline(scene, x, top, spread, top + h * deep)
    for side in (s, -s):
        face = polygon([*ridge, *reversed(edges[side])])
        rock = scene.lit(ROCK, depth) if side == s else scene.shaded(ROCK, depth, 0.5)
        foot = mix(rock, scene.light.haze, 0.5)
        canvas.drawPath(face, linear((0, top), (0, base), (rock, rock, foot)))
        canvas.save()
        canvas.clipPath(face, False)
        snow = scene.lit((250, 252, 255), depth * 0.3)
        if side != s:
            snow = scene.shaded((222, 230, 250), depth * 0.4, 0.3)
        canvas.drawPath(cap, fill(snow))
        canvas.restore()


def snowline(scene: Scene, x: float, top: float, spread: float, y: float) -> Any:
    points: list[Point] = [(x + spread, top - 4), (x - spread, top - 4)]
    steps, tooth = 8, min(1.0, (190 - top) / 100)
    for i in range(steps + 1):
        dy = tooth * ((-7 if i % 2 else 8) + scene.random.uniform(-3, 3))
        points.append((x - spread * 0.8 + i * spread * 1.6 / steps, y + dy))
    return polygon(points)


def mountains(scene: Scene) -> None:
    u, side, x = scene.random.uniform, scene.side, scene.orb[0]
    if not scene.light.low:
        x = 128 - side * 6
    land(scene, swell(scene, 150, 10, 2.4), ROCK, 0.72, 0.2)
    peak(scene, x - side * u(56, 84), u(80, 108), u(66, 92), 0.40)
    peak(scene, x + side * u(58, 84), u(54, 80), u(84, 112), 0.26)
    peak(scene, x + side * u(-20, 26), u(114, 132), u(50, 76), 0.12)
    woods(scene, 176, 24, 0.14)


def hills(scene: Scene) -> None:
    """Round hills one behind another, one of them ploughed."""
    u, side, ground = scene.random.uniform, scene.side, scene.season.ground
    cool = mix(ground, (96, 130, 170), 0.5)
    for x, top, r, depth in (
        (128 - side * u(60, 104), u(106, 122), u(100, 136), 0.62),
        (128 + side * u(26, 76), u(98, 118), u(104, 136), 0.46),
        (128 - side * u(20, 44), u(130, 138), u(130, 150), 0.24),
    ):
        dome(scene, x, top, r, mix(ground, cool, depth), depth)
        if depth < 0.3:
            furrows(scene, x, top, r, depth)
    for k in range(3):
        x = 128 - side * (100 - 40 * k) + u(-9, 9)
        crown_tree(scene, x, 166 - 9 * k + u(-2, 2), u(22, 27), 0.2)


def dome(scene: Scene, x: float, top: float, r: float, colour: Colour, depth: float) -> None:
    path = mound(x, top, r)
    bright, deep = scene.lit(colour, depth), scene.shaded(colour, depth, 0.34)
    s = scene.sunward
    ends = (x + s * r * 0.7, top), (x - s * r * 0.6, top + 70)
    scene.canvas.drawPath(path, linear(*ends, (bright, bright, deep)))


def furrows(scene: Scene, x: float, top: float, r: float, depth: float) -> None:
    canvas = scene.canvas
    row = line(scene.shaded(scene.season.ground, depth, 0.3), 4.5)
    canvas.save()
    canvas.clipPath(mound(x, top, r), False)
    for k in range(-5, 6):
        path = skia.Path()
        path.moveTo(x + k * 7, top - 4)
        path.quadTo(x + k * 20, top + 26, x + k * 44, top + 96)
        canvas.drawPath(path, row)
    canvas.restore()


def mound(x: float, top: float, r: float) -> Any:
    """Return the upper part of an oval; the ground covers the rest."""
    path = skia.Path()
    path.addArc(skia.Rect.MakeLTRB(x - r, top, x + r, top + r * 1.3), 170, 200)
    path.close()
    return path


def coast(scene: Scene) -> None:
    """The open sea under a headland, and the surf along a beach."""
    canvas, u, away = scene.canvas, scene.random.uniform, -scene.side
    light, horizon = scene.light, 132.0
    sea, deep = scene.lit((60, 168, 206), 0.34), scene.lit((22, 112, 176), 0.02)
    rect = skia.Rect.MakeLTRB(-20, horizon, 276, 200)
    canvas.drawRect(rect, linear((0, horizon), (0, 196), (sea, deep)))
    gleam = fill(mix(light.orb, sea, 0.25), 217)
    for k in range(6):
        y, w = horizon + 5 + k * 8, u(10, 22) + 3 * k
        x = scene.orb[0] + u(-12, 12)
        canvas.drawRoundRect(skia.Rect.MakeLTRB(x - w, y, x + w, y + 3.4), 1.7, 1.7, gleam)
    headland(scene, 128 + away * 140, u(84, 94), away * u(88, 104), 0.3)
    headland(scene, 128 + away * 150, u(104, 114), away * u(74, 88), 0.08)


def headland(scene: Scene, x: float, top: float, reach: float, depth: float) -> None:
    """A chalk cliff that steps down to the sea, under a brow of grass."""
    canvas, u = scene.canvas, scene.random.uniform
    brow = [(x, top), (x - reach * 0.5, top + u(2, 8)), (x - reach * 0.82, top + u(14, 20))]
    foot = [(x - reach * 0.86, top + 42), (x - reach, 170), (x - reach * 1.06, 180), (x, 180)]
    chalk = mix(ROCK, (236, 214, 190), 0.66)
    bright, deep = scene.lit(chalk, depth), scene.shaded(chalk, depth, 0.5)
    ends = (x - reach, 0), (x - reach * 0.3, 0)
    canvas.drawPath(polygon([*brow, *foot]), linear(*ends, (bright, deep)))
    lip = [(px + reach * 0.06, y + 11) for px, y in reversed(brow[1:])]
    drip = [(x - reach * 0.62, top + 24), (x - reach * 0.3, top + 15), (x, top + 24)]
    turf = polygon([*brow, (x - reach * 0.9, top + 22), lip[0], *drip])
    canvas.drawPath(turf, fill(scene.lit(scene.season.ground, depth * 0.6)))


def surf(scene: Scene, shore: list[Point]) -> None:
    """The white edge of the sea, just above the beach's skyline."""
    scene.canvas.drawPath(curve(shore), line(scene.lit((255, 255, 255), 0.1), 9))


def forest(scene: Scene) -> None:
    """Rows of trees, hazier the further; broad crowns carry the season between the firs."""
    u, side = scene.random.uniform, scene.side
    woods(scene, 132, 34, 0.66)
    woods(scene, 150, 44, 0.40)
    for k in range(8):
        x = -6 + 38 * k + u(-8, 8)
        plant = crown_tree if (k + (side > 0)) % 2 else conifer
        plant(scene, x, 178 + u(-3, 3), u(58, 74), 0.14)


TERRAINS: dict[str, Callable[[Scene], None]] = {
    "mountains": mountains, "hills": hills, "desert": desert,
    "coast": coast, "forest": forest, "canyon": canyon,
}  # fmt: skip
