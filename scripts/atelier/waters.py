"""The water in a landscape, lying on the middle ground."""

from __future__ import annotations

from typing import Any

import skia
from brush import linear, loop, polygon
from ink import Point, fill, mix
from scenery import FLOOR, Scene, floor_colour


def waters(scene: Scene, path: Any, top: float, bottom: float) -> None:
    """Fill with the sky's reflection, darker towards us, with the orb's glitter."""
    canvas, sky = scene.canvas, scene.light.sky
    blue = scene.lit((52, 148, 214))
    far, near = mix(sky[-1], blue, 0.45), mix(sky[0], blue, 0.6)
    rim = mix(scene.lit(floor_colour(scene)), scene.light.shade, 0.35)
    canvas.save()
    canvas.translate(0, -2.5)
    canvas.drawPath(path, fill(rim))
    canvas.restore()
    canvas.drawPath(path, linear((0, top), (0, bottom), (far, near)))
    canvas.save()
    canvas.clipPath(path, False)
    gleam = fill(mix(scene.light.orb, (255, 255, 255), 0.3), 190)
    y = top + 7
    while y < bottom - 4:
        x, w = scene.orb[0] + scene.random.uniform(-36, 36), scene.random.uniform(9, 22)
        canvas.drawRoundRect(skia.Rect.MakeLTRB(x - w, y, x + w, y + 3.2), 1.6, 1.6, gleam)
        y += scene.random.uniform(8, 11)
    canvas.restore()


def lake(scene: Scene) -> None:
    u = scene.random.uniform
    x, y = 128 - scene.side * u(24, 40), u(204, 210)
    rx, ry = u(104, 120), u(22, 26)
    shore = []
    for k, (dx, dy) in enumerate(
        ((-1, 0), (-0.6, -0.8), (0, -1), (0.6, -0.8), (1, 0), (0.6, 0.8), (0, 1), (-0.6, 0.8))
    ):
        stretch = 1.15 + (u(-0.1, 0.1) if k % 2 else 0)
        shore.append((x + dx * rx * stretch, y + dy * ry * stretch))
    waters(scene, loop(shore), y - ry, y + ry)


def ribbon(scene: Scene, x0: float, y0: float, x1: float, half: float) -> Any:
    """A winding band from (x0, y0) to the lower edge, widening towards us."""
    u, left, right = scene.random.uniform, list[Point](), list[Point]()
    sway = -scene.side * u(20, 30)
    bends = ((0, 0), (0.14, 0.8), (0.34, 0.5), (0.55, -0.6), (0.78, -0.5), (1.0, 0.3), (1.2, 0.4))
    for t, bend in bends:
        x, y, w = x0 + (x1 - x0) * t + sway * bend, y0 + (262 - y0) * t, 5 + half * t**1.2
        left.append((x - w, y))
        right.append((x + w, y))
    return loop([*left, *reversed(right)])


def river(scene: Scene) -> None:
    u, top = scene.random.uniform, FLOOR + (16 if scene.traits["terrain"] == "coast" else 3)
    x0, x1 = 128 - scene.side * u(0, 24), 128 - scene.side * u(30, 50)
    waters(scene, ribbon(scene, x0, top, x1, u(44, 52)), top, 256)


def waterfall(scene: Scene) -> None:
    """A bluff at the edge, a broad white fall, and the pool it fills."""
    canvas, u, away = scene.canvas, scene.random.uniform, -scene.side
    edge, top, foot = 128 + away * 140, u(108, 118), 206.0
    x, w = 128 + away * u(60, 68), u(13, 15)
    pool = loop(
        [
            (x - 64, foot + 8),
            (x - 40, foot - 10),
            (x + 40, foot - 10),
            (x + 64, foot + 8),
            (x + 34, foot + 30),
            (x - 34, foot + 30),
        ]
    )
    rocks(scene, edge, x, top, foot)
    waters(scene, pool, foot - 8, foot + 30)
    white, cool = scene.lit_glow((255, 255, 255)), scene.lit_glow((150, 204, 240))
    fall = polygon([(x - w, top + 4), (x + w, top + 4), (x + w * 1.25, foot), (x - w * 1.25, foot)])
    canvas.drawPath(fall, linear((0, top), (0, foot), (cool, white, white)))
    for dx in (-0.45, 0.4):
        streak = skia.Rect.MakeXYWH(x + dx * w - 1.7, top + u(14, 30), 3.4, u(34, 48))
        canvas.drawRoundRect(streak, 1.7, 1.7, fill(cool))
    for dx in (-1.2, -0.4, 0.5, 1.3):
        canvas.drawCircle(x + dx * w, foot + u(-2, 3), u(8, 11), fill(white, 242))


def rocks(scene: Scene, edge: float, x: float, top: float, foot: float) -> None:
    canvas, s = scene.canvas, (1 if edge < 128 else -1)
    stone = {"canyon": (206, 100, 60), "desert": (214, 150, 92)}.get(
        scene.traits["terrain"], (122, 116, 136)
    )
    cliff = [
        (edge, foot + 8),
        (edge, top),
        (x + s * 22, top + 3),
        (x + s * 31, top + 26),
        (x + s * 28, top + 52),
        (x + s * 38, foot + 4),
    ]
    bright, deep = scene.lit(stone), scene.shaded(stone, 0, 0.5)
    ends = ((x - s * 20, 0.0), (x + s * 40, 0.0))
    canvas.drawPath(polygon(cliff), linear(*ends, (deep, bright)))
    turf = [
        (edge, top - 8),
        (edge, top + 12),
        (x - s * 20, top + 12),
        (x + s * 26, top + 13),
        (x + s * 36, top + 4),
        (x + s * 18, top - 7),
    ]
    canvas.drawPath(loop(turf), fill(scene.lit(scene.season.ground)))


def no_water(scene: Scene) -> None:
    """Dry land."""
