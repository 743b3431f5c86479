"""The six terrains, from the horizon to the middle ground."""

from collections.abc import Callable

import skia
from brush import Point, Rgb, linear, loop, mix, paint, pen, polygon
from scenery import (
    CLAY,
    ROCK,
    SAND,
    Scene,
    conifer,
    conifer_path,
    crown_tree,
    land,
    swell,
)  # fmt: skip

FLOOR = 170.0  # where the middle ground begins


def floor_colour(scene: Scene) -> Rgb:
    """The valley floor: the season's grass, except where nothing much grows."""
    bare = {"desert": SAND, "canyon": CLAY, "coast": SAND}.get(scene.traits["terrain"])
    if bare is None:
        return scene.season.ground
    return mix(bare, scene.season.ground, 0.72 if scene.winter else 0.12)


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
        canvas.clipPath(face, True)
        snow = scene.lit((250, 252, 255), depth * 0.3)
        if side != s:
            snow = scene.shaded((222, 230, 250), depth * 0.4, 0.3)
        canvas.drawPath(cap, paint(snow))
        canvas.restore()


def snowline(scene: Scene, x: float, top: float, spread: float, y: float) -> skia.Path:
    points: list[Point] = [(x + spread, top - 4), (x - spread, top - 4)]
    steps = 8
    for i in range(steps + 1):
        dy = (-7 if i % 2 else 8) + scene.random.uniform(-3, 3)
        points.append((x - spread * 0.8 + i * spread * 1.6 / steps, y + dy))
    return polygon(points)


def mountains(scene: Scene) -> None:
    u, side, x = scene.random.uniform, scene.side, scene.orb[0]
    if not scene.light.low:
        x = 128 - side * 6
    land(scene, swell(scene, 150, 10, 2.4), ROCK, 0.72, 0.2)
    peak(scene, x - side * u(62, 80), u(88, 100), u(74, 88), 0.40)
    peak(scene, x + side * u(64, 80), u(62, 76), u(92, 106), 0.26)
    peak(scene, x + side * u(-10, 10), u(118, 128), u(60, 72), 0.12)
    woods(scene, 176, 24, 0.14)


def woods(scene: Scene, y: float, height: float, depth: float) -> None:
    """A dark belt of conifers, drawn as one silhouette."""
    line, needle = swell(scene, y, 5), scene.season.needle
    if scene.winter:
        needle = mix(needle, (226, 236, 248), 0.35)
    land(scene, line, needle, depth, -0.1)
    belt = skia.Path()
    x = -8.0
    while x < 264:
        h = height * scene.random.uniform(0.72, 1.15)
        belt.addPath(conifer_path(x, y + 4, h))
        x += h * scene.random.uniform(0.34, 0.5)
    scene.canvas.drawPath(belt, paint(scene.lit(needle, depth)))


def hills(scene: Scene) -> None:
    """Round hills one behind another, one of them ploughed."""
    u, side, ground = scene.random.uniform, scene.side, scene.season.ground
    cool = mix(ground, (96, 130, 170), 0.5)
    for x, top, r, depth in (
        (128 - side * u(70, 96), u(112, 120), u(110, 130), 0.62),
        (128 + side * u(36, 66), u(104, 114), u(112, 130), 0.46),
        (128 - side * u(20, 44), u(130, 138), u(130, 150), 0.24),
    ):
        dome(scene, x, top, r, mix(ground, cool, depth), depth)
        if depth < 0.3:
            furrows(scene, x, top, r, depth)
    for k in range(3):
        x = 128 - side * (100 - 40 * k) + u(-9, 9)
        crown_tree(scene, x, 166 - 9 * k + u(-2, 2), u(22, 27), 0.2)


def dome(scene: Scene, x: float, top: float, r: float, colour: Rgb, depth: float) -> None:
    path = mound(x, top, r)
    bright, deep = scene.lit(colour, depth), scene.shaded(colour, depth, 0.34)
    s = scene.sunward
    ends = (x + s * r * 0.7, top), (x - s * r * 0.6, top + 70)
    scene.canvas.drawPath(path, linear(*ends, (bright, bright, deep)))


def furrows(scene: Scene, x: float, top: float, r: float, depth: float) -> None:
    canvas = scene.canvas
    row = pen(scene.shaded(scene.season.ground, depth, 0.3), 4.5)
    canvas.save()
    canvas.clipPath(mound(x, top, r), True)
    for k in range(-5, 6):
        path = skia.Path()
        path.moveTo(x + k * 7, top - 4)
        path.quadTo(x + k * 20, top + 26, x + k * 44, top + 96)
        canvas.drawPath(path, row)
    canvas.restore()


def mound(x: float, top: float, r: float) -> skia.Path:
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - r, top, x + r, top + r * 1.3))
    return path


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
    canvas.drawPath(away, paint(scene.shaded(sand, depth, 0.4)))


def dark_sand(sand: Rgb) -> Rgb:
    return mix(sand, (206, 128, 78), 0.35)


def desert(scene: Scene) -> None:
    u, side = scene.random.uniform, scene.side
    land(scene, swell(scene, 146, 9, 1.6), dark_sand(SAND), 0.6, 0.3)
    dune(scene, 128 + side * u(60, 84), u(104, 116), u(70, 84), 0.34)
    dune(scene, 128 - side * u(40, 64), u(118, 128), u(66, 80), 0.18)
    dune(scene, 128 + side * u(10, 30), u(142, 150), u(60, 72), 0.05)


def cactus(scene: Scene, x: float, base: float, height: float) -> None:
    canvas, w = scene.canvas, height * 0.17
    green = (64, 150, 96)
    for grow, offset, thick in ((scene.shaded(green), 0.0, w), (scene.lit(green), 0.22, w * 0.5)):
        stroke = pen(grow, thick)
        dx = scene.sunward * offset * w
        canvas.drawLine(x + dx, base, x + dx, base - height, stroke)
        for s, low, out, rise in ((-1, 0.36, 0.3, 0.3), (1, 0.48, 0.28, 0.26)):
            elbow = [
                (x, base - height * low),
                (x + s * height * out, base - height * low),
                (x + s * height * out, base - height * (low + rise)),
            ]
            arm = skia.Path()
            arm.moveTo(elbow[0][0] + dx, elbow[0][1])
            arm.quadTo(elbow[1][0] + dx, elbow[1][1], elbow[2][0] + dx, elbow[2][1])
            canvas.drawPath(arm, stroke)
    bloom = scene.lit(scene.season.crown)
    canvas.drawCircle(x, base - height - w * 0.3, w * 0.55, paint(bloom))


def coast(scene: Scene) -> None:
    """The open sea under a headland, and the surf along a beach."""
    canvas, u, away = scene.canvas, scene.random.uniform, -scene.side
    light, horizon = scene.light, 132.0
    sea, deep = scene.lit((60, 168, 206), 0.34), scene.lit((22, 112, 176), 0.02)
    rect = skia.Rect.MakeLTRB(0, horizon, 256, 200)
    canvas.drawRect(rect, linear((0, horizon), (0, 196), (sea, deep)))
    gleam = paint(mix(light.orb, sea, 0.25), 0.85)
    for k in range(6):
        y, w = horizon + 5 + k * 8, u(10, 22) + 3 * k
        x = scene.orb[0] + u(-12, 12)
        canvas.drawRoundRect(skia.Rect.MakeLTRB(x - w, y, x + w, y + 3.4), 1.7, 1.7, gleam)
    headland(scene, 128 + away * 140, u(84, 94), away * u(88, 104), 0.3)
    headland(scene, 128 + away * 150, u(104, 114), away * u(74, 88), 0.08)


def headland(scene: Scene, x: float, top: float, reach: float, depth: float) -> None:
    canvas, u = scene.canvas, scene.random.uniform
    face = [
        (x, 178),
        (x, top),
        (x - reach * 0.55, top + u(2, 7)),
        (x - reach * 0.8, top + 16),
        (x - reach * 0.86, top + 40),
        (x - reach, 168),
        (x - reach * 1.06, 178),
    ]
    chalk = mix(ROCK, (236, 214, 190), 0.66)
    cliff = polygon(face)
    bright, deep = scene.lit(chalk, depth), scene.shaded(chalk, depth, 0.5)
    canvas.drawPath(cliff, linear((x - reach, 0), (x - reach * 0.3, 0), (bright, deep)))
    grass = scene.lit(scene.season.ground, depth * 0.7)
    turf = [
        (x, top + 18),
        (x, top - 3),
        (x - reach * 0.55, top + 1),
        (x - reach * 0.86, top + 18),
        (x - reach * 0.6, top + 14),
        (x - reach * 0.3, top + 22),
    ]
    canvas.drawPath(loop([(x, top - 6), *turf]), paint(grass))


def surf(scene: Scene, shore: list[Point]) -> None:
    """The white edge of the sea, just above the beach's skyline."""
    foam = skia.Path()
    foam.moveTo(*shore[0])
    for (x0, y0), (x1, y1) in zip(shore[1:-1], shore[2:], strict=True):
        foam.quadTo(x0, y0, (x0 + x1) / 2, (y0 + y1) / 2)
    scene.canvas.drawPath(foam, pen(scene.lit((255, 255, 255), 0.1), 9))


def forest(scene: Scene) -> None:
    """Rows of trees, hazier the further; broad crowns carry the season between the firs."""
    u, side = scene.random.uniform, scene.side
    woods(scene, 132, 34, 0.66)
    woods(scene, 150, 44, 0.40)
    for k in range(8):
        x = -6 + 38 * k + u(-8, 8)
        plant = crown_tree if (k + (side > 0)) % 2 else conifer
        plant(scene, x, 178 + u(-3, 3), u(58, 74), 0.14)


def canyon(scene: Scene) -> None:
    """Banded buttes and two rock walls that leave the sky open between them."""
    u, side = scene.random.uniform, scene.side
    land(scene, swell(scene, 152, 5, 2.0), CLAY, 0.5, 0.3)
    butte(scene, 128 - side * u(14, 30), u(108, 118), u(24, 32), 0.46)
    butte(scene, 128 + side * u(40, 56), u(92, 102), u(22, 28), 0.38)
    butte(scene, 128 + side * u(112, 124), u(66, 76), u(52, 60), 0.14)
    butte(scene, 128 - side * u(108, 120), u(82, 92), u(50, 60), 0.08)


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
    canvas.clipPath(outline, True)
    for t in (0.24, 0.46, 0.7):
        y = top + h * (t + u(-0.03, 0.03))
        band = paint(scene.shaded((150, 52, 48), depth, 0.15), 0.55)
        canvas.drawRect(skia.Rect.MakeLTRB(x - 120, y, x + 120, y + h * 0.09), band)
    if scene.winter:
        snow = paint(scene.lit((246, 250, 255), depth * 0.5))
        canvas.drawRect(skia.Rect.MakeLTRB(x - 120, top, x + 120, top + 9), snow)
    canvas.restore()


TERRAINS: dict[str, Callable[[Scene], None]] = {
    "mountains": mountains, "hills": hills, "desert": desert,
    "coast": coast, "forest": forest, "canyon": canyon,
}  # fmt: skip


def hedge(scene: Scene, x: float, base: float) -> None:
    """The season's own tree where trees grow, a cactus where they do not."""
    height = scene.random.uniform(58, 70)
    if scene.traits["terrain"] in ("desert", "canyon"):
        cactus(scene, x, base, height * 0.8)
    elif scene.traits["terrain"] == "mountains":
        conifer(scene, x, base, height * 1.1)
    else:
        crown_tree(scene, x, base, height)
