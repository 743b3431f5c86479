"""The two terrains where little grows: desert and canyon."""

from __future__ import annotations

import skia
from brush import linear, polygon
from ink import Colour, fill, mix
from scenery import CLAY, SAND, Scene, floor_colour, land, swell


def dune(scene: Scene, x: float, top: float, spread: float, depth: float) -> None:
    """A crescent dune: a lit face, a shaded one, and the sharp S of the crest between."""
    canvas, s, base = scene.canvas, scene.sunward, 196.0
    sand = floor_colour(scene)
    body = skia.Path()
    body.moveTo(x - spread * 1.5, base)
    body.cubicTo(x - spread * 0.8, base - 8, x - spread * 0.45, top, x, top)
    body.cubicTo(x + spread * 0.45, top, x + spread * 0.8, base - 8, x + spread * 1.5, base)
    body.close()
    canvas.drawPath(
        body,
        linear((0, top), (0, base), (scene.lit(sand, depth), scene.lit(dark_sand(sand), depth))),
    )
    away = skia.Path()
    away.moveTo(x, top)
    away.cubicTo(
        x - s * spread * 0.42, top + 4, x - s * spread * 0.8, base - 8, x - s * spread * 1.5, base
    )
    away.lineTo(x + s * spread * 0.24, base)
    away.cubicTo(x + s * spread * 0.34, base - 24, x - s * spread * 0.34, top + 26, x, top)
    canvas.drawPath(away, fill(scene.shaded(sand, depth, 0.4)))


def dark_sand(sand: Colour) -> Colour:
    return mix(sand, (206, 128, 78), 0.35)


def desert(scene: Scene) -> None:
    u, side = scene.random.uniform, scene.side
    land(scene, swell(scene, 146, 9, 1.6), dark_sand(SAND), 0.6, 0.3)
    dune(scene, 128 + side * u(48, 92), u(98, 118), u(64, 90), 0.34)
    dune(scene, 128 - side * u(30, 74), u(112, 130), u(60, 86), 0.18)
    dune(scene, 128 + side * u(10, 30), u(142, 150), u(60, 72), 0.05)


def canyon(scene: Scene) -> None:
    """Banded buttes and two rock walls that leave the sky open between them."""
    u, side = scene.random.uniform, scene.side
    land(scene, swell(scene, 152, 5, 2.0), CLAY, 0.5, 0.3)
    butte(scene, 128 - side * u(14, 30), u(102, 122), u(20, 34), 0.46)
    butte(scene, 128 + side * u(34, 60), u(86, 106), u(19, 30), 0.38)
    butte(scene, 128 + side * u(108, 128), u(58, 82), u(48, 62), 0.14)
    butte(scene, 128 - side * u(104, 124), u(74, 96), u(46, 62), 0.08)


def butte(scene: Scene, x: float, top: float, half: float, depth: float) -> None:
    canvas, u, s, base = scene.canvas, scene.random.uniform, scene.sunward, 186.0
    h, low = base - top, base - (base - top) * 0.3
    outline = polygon(
        [
            (x - half * 0.92, top),
            (x + half * 0.92, top),
            (x + half, low),
            (x + half * 1.5, base),
            (x - half * 1.5, base),
            (x - half, low),
        ]
    )
    rock = mix(CLAY, (236, 150, 86), u(0, 0.4))
    bright, deep = scene.lit(rock, depth), scene.shaded(rock, depth, 0.46)
    ends = (x + s * half, 0), (x - s * half, 0)
    canvas.drawPath(outline, linear(*ends, (bright, bright, deep)))
    canvas.save()
    canvas.clipPath(outline, False)
    for t in (0.24, 0.46, 0.7):
        y = top + h * (t + u(-0.03, 0.03))
        band = fill(scene.shaded((150, 52, 48), depth, 0.15), 140)
        canvas.drawRect(skia.Rect.MakeLTRB(x - 120, y, x + 120, y + h * 0.09), band)
    if scene.winter:
        snow = fill(scene.lit((246, 250, 255), depth * 0.5))
        canvas.drawRect(skia.Rect.MakeLTRB(x - 120, top, x + 120, top + 9), snow)
    canvas.restore()
