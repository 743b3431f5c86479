"""What grows in a landscape, in the colours of its season."""

from __future__ import annotations

from typing import Any

import skia
from brush import polygon
from ink import fill, line, mix
from scenery import Scene, land, swell


def trunk(scene: Scene, x: float, base: float, height: float, width: float) -> None:
    points = [(x - width / 2, base), (x - width / 3, base - height), (x + width / 3, base - height)]
    brown = scene.shaded((120, 78, 60), 0, 0.35)
    scene.canvas.drawPath(polygon([*points, (x + width / 2, base)]), fill(brown))


def crown_tree(scene: Scene, x: float, base: float, height: float, depth: float = 0.0) -> None:
    """A broad-leaved tree of the season: a shaded mass with lit lobes towards the light."""
    canvas, r, s = scene.canvas, height * 0.3, scene.sunward
    trunk(scene, x, base, height * 0.5, height * 0.13)
    colour, top = scene.season.crown, base - height + r
    deep, bright = scene.shaded(colour, depth, 0.34), scene.lit(colour, depth)
    lobes = ((-0.72, 0.62, 0.78), (0.72, 0.62, 0.78), (0.0, 0.1, 1.0), (0.0, 0.9, 0.8))
    wobble = [scene.random.uniform(-0.12, 0.12) for _ in lobes]
    for (dx, dy, k), w in zip(lobes, wobble, strict=True):
        canvas.drawCircle(x + (dx + w) * r, top + dy * r, k * r, fill(deep))
    for (dx, dy, k), w in zip(lobes[:3], wobble, strict=False):
        spot = (x + (dx + w + 0.16 * s) * r, top + (dy - 0.16) * r)
        canvas.drawCircle(*spot, k * r * 0.78, fill(bright))


def conifer_path(x: float, base: float, height: float) -> Any:
    w, points = height * 0.27, []
    for low, out, inner in ((0.62, 0.56, 0.28), (0.34, 0.8, 0.44), (0.05, 1.0, 0.2)):
        points += [(out * w, base - height * low), (inner * w, base - height * low)]
    right = [(x, base - height), *((x + dx, y) for dx, y in points)]
    return polygon([*right, *((2 * x - px, py) for px, py in reversed(right[1:]))])


def conifer(scene: Scene, x: float, base: float, height: float, depth: float = 0.0) -> None:
    canvas, needle, s = scene.canvas, scene.season.needle, scene.sunward
    trunk(scene, x, base + height * 0.06, height * 0.14, height * 0.09)
    path = conifer_path(x, base, height)
    canvas.drawPath(path, fill(scene.shaded(needle, depth)))
    canvas.save()
    canvas.clipPath(path, False)
    half = (x, x + s * height)
    lit = scene.lit((240, 246, 255) if scene.winter else needle, depth)
    canvas.drawRect(skia.Rect.MakeLTRB(min(half), 0, max(half), 256), fill(lit))
    canvas.restore()


def bush(scene: Scene, x: float, base: float, r: float, shade: float = 0.3) -> None:
    canvas, colour, s = scene.canvas, scene.season.crown, scene.sunward
    lobes = ((-0.8, 0.0, 0.72), (0.8, 0.05, 0.7), (0.0, -0.35, 0.95))
    for dx, dy, k in lobes:
        canvas.drawCircle(x + dx * r, base + dy * r, k * r, fill(scene.shaded(colour, 0, shade)))
    for dx, dy, k in lobes:
        spot = (x + (dx + 0.14 * s) * r, base + (dy - 0.14) * r)
        canvas.drawCircle(*spot, k * r * 0.74, fill(scene.shaded(colour, 0, shade * 0.3)))


def woods(scene: Scene, y: float, height: float, depth: float) -> None:
    """A dark belt of conifers, drawn as one silhouette."""
    skyline, needle = swell(scene, y, 5), scene.season.needle
    if scene.winter:
        needle = mix(needle, (226, 236, 248), 0.35)
    land(scene, skyline, needle, depth, -0.1)
    belt = skia.Path()
    x = -20.0
    while x < 276:
        h = height * scene.random.uniform(0.72, 1.15)
        belt.addPath(conifer_path(x, y + 4, h))
        x += h * scene.random.uniform(0.34, 0.5)
    scene.canvas.drawPath(belt, fill(scene.lit(needle, depth)))


def cactus(scene: Scene, x: float, base: float, height: float) -> None:
    canvas, w = scene.canvas, height * 0.17
    green = (64, 150, 96)
    for grow, offset, thick in ((scene.shaded(green), 0.0, w), (scene.lit(green), 0.22, w * 0.5)):
        stroke = line(grow, thick)
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
    canvas.drawCircle(x, base - height - w * 0.3, w * 0.55, fill(bloom))


def hedge(scene: Scene, x: float, base: float) -> None:
    """The season's own tree where trees grow, a cactus where they do not."""
    height = scene.random.uniform(52, 76)
    if scene.traits["terrain"] in ("desert", "canyon"):
        cactus(scene, x, base, height * 0.8)
    elif scene.traits["terrain"] == "mountains":
        conifer(scene, x, base, height * 1.1)
    else:
        crown_tree(scene, x, base, height)
