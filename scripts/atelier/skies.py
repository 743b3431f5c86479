"""The sky behind a landscape and the one thing of note in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import skia
from brush import glow, linear, polygon
from ink import Colour, fill, line, mix, oval, rounded
from scenery import Scene

SILKS: tuple[Colour, ...] = ((232, 60, 66), (44, 130, 200), (240, 128, 40), (30, 150, 140))


def backdrop(scene: Scene) -> None:
    canvas, light, (x, y) = scene.canvas, scene.light, scene.orb
    canvas.drawRect(skia.Rect.MakeWH(256, 200), linear((0, 0), (0, 168), light.sky))
    night = scene.traits["time"] == "night"
    if night:
        stars(scene)
    r = scene.random.uniform(23, 32) if light.low else scene.random.uniform(18, 24)
    glow(canvas, x, y, r * (3.6 if light.low else 2.8), light.orb, 0.5 if night else 0.75)
    if night:
        r *= 0.9
        canvas.drawPath(crescent(x, y, r, scene.side), fill(light.orb))
    else:
        canvas.drawCircle(x, y, r, fill(light.orb))


def crescent(x: float, y: float, r: float, side: int) -> Any:
    bite = oval(x + side * r * 0.52, y - r * 0.26, r * 0.86, r * 0.86)
    cut = skia.Op(oval(x, y, r, r), bite, skia.PathOp.kDifference_PathOp)
    return cut if cut is not None else oval(x, y, r, r)


def stars(scene: Scene) -> None:
    u, bright = scene.random.uniform, fill((255, 246, 214))
    for k in range(14):
        x, y = 10 + (k * 97 + u(-18, 18)) % 240, u(8, 112)
        scene.canvas.drawCircle(x, y, u(1.5, 2.2), bright)


def cloud(scene: Scene, x: float, y: float, w: float, top: Colour, foot: Colour) -> None:
    """A flat-bottomed heap of lobes under one gradient."""
    u, path = scene.random.uniform, skia.Path()
    path.addPath(rounded(x - w, y - w * 0.2, x + w, y + w * 0.12, w * 0.16))
    for dx, r in ((-0.46, u(0.26, 0.34)), (0.08, u(0.40, 0.48)), (0.54, u(0.22, 0.30))):
        path.addCircle(x + dx * w, y - w * 0.16, r * w)
    path.setFillType(skia.PathFillType.kWinding)
    clip = skia.Rect.MakeLTRB(x - 2 * w, y - w, x + 2 * w, y + w * 0.12)
    scene.canvas.save()
    scene.canvas.clipRect(clip, True)
    ends = (0, y - w * 0.5), (0, y + w * 0.12)
    scene.canvas.drawPath(path, linear(*ends, (top, foot)))
    scene.canvas.restore()


def clouds(scene: Scene) -> None:
    u, light, away = scene.random.uniform, scene.light, -scene.side
    top = mix((255, 255, 255), light.sky[-1], 0.12)
    if scene.traits["time"] == "night":
        top = (150, 170, 214)
    foot = mix(top, light.sky[-2], 0.6)
    cloud(scene, 128 + away * u(40, 70), u(56, 66), u(46, 54), top, foot)
    cloud(scene, 128 - away * u(70, 96), u(72, 88), u(32, 40), top, foot)
    cloud(scene, 128 + away * u(-34, 0), u(22, 32), u(28, 36), top, foot)


def storm(scene: Scene) -> None:
    """A dark ceiling of cloud and one bold bolt."""
    canvas, u, away = scene.canvas, scene.random.uniform, -scene.side
    gloom = mix((62, 62, 96), scene.light.shade, 0.4)
    rim = mix(gloom, (196, 196, 220), 0.30 if scene.traits["time"] == "night" else 0.42)
    clear_of_bluff = scene.traits["water"] == "waterfall"
    x = 128 + away * (u(12, 30) if clear_of_bluff else u(48, 80))
    y = u(54, 60)
    glow(canvas, x, y + 34, 60, (255, 246, 200), 0.6)
    zig = [(8, -8), (-14, 34), (-1, 32), (-12, 68), (20, 20), (6, 22), (22, -8)]
    bolt = polygon([(x + dx, y + dy) for dx, dy in zig])
    canvas.drawPath(bolt, line(gloom, 7))  # or a pale sky would swallow it
    canvas.drawPath(bolt, fill((255, 236, 100)))
    canvas.drawRect(skia.Rect.MakeWH(256, 30), linear((0, 0), (0, 30), (gloom, rim)))
    for k in (0, 2, 4, 1, 3):
        cloud(scene, -4 + 66 * k + u(-10, 10), 36 + 7 * (k % 2), u(48, 58), rim, gloom)
    cloud(scene, x + u(-6, 6), y + 4, u(46, 52), rim, gloom)


def birds(scene: Scene) -> None:
    u, away = scene.random.uniform, -scene.side
    dim = scene.light.sky[0]
    ink = (250, 246, 236) if sum(dim) < 330 else (52, 44, 84)
    x, y = 128 + away * u(26, 44), u(44, 56)
    for dx, dy, span in ((0, 0, 21), (-36, 17, 16), (33, 20, 15), (4, 34, 14), (-62, 38, 12)):
        px, py, w = x - away * dx + u(-4, 4), y + dy + u(-4, 4), span * u(0.92, 1.1)
        lift = w * u(0.5, 0.75)
        wing = [
            (px - w, py - lift),
            (px - w * 0.4, py - lift * 0.9),
            (px, py + w * 0.1),
            (px + w * 0.4, py - lift * 0.9),
            (px + w, py - lift),
        ]
        path = skia.Path()
        path.moveTo(*wing[0])
        path.quadTo(*wing[1], *wing[2])
        path.quadTo(*wing[3], *wing[4])
        path.quadTo(px + w * 0.3, py - lift * 0.3, px, py + w * 0.42)
        path.quadTo(px - w * 0.3, py - lift * 0.3, *wing[0])
        scene.canvas.drawPath(path, fill(ink))


def balloon(scene: Scene) -> None:
    canvas, u = scene.canvas, scene.random.uniform
    x, y, r = 128 - scene.side * u(34, 58), u(46, 58), u(25, 29)
    silk = scene.random.choice(SILKS)
    red, cream = scene.lit_glow(silk), scene.lit_glow((255, 232, 190))
    body = skia.Path()
    body.moveTo(x - r * 0.2, y + r * 1.3)
    body.cubicTo(x - r * 0.7, y + r * 0.8, x - r, y + r * 0.5, x - r, y)
    body.arcTo(skia.Rect.MakeLTRB(x - r, y - r, x + r, y + r), 180, 180, False)
    body.cubicTo(x + r, y + r * 0.5, x + r * 0.7, y + r * 0.8, x + r * 0.2, y + r * 1.3)
    body.close()
    canvas.drawPath(body, fill(red))
    canvas.save()
    canvas.clipPath(body, False)
    canvas.drawPath(oval(x, y + r * 0.12, r * 0.62, r * 1.3), fill(cream))
    canvas.drawPath(oval(x, y + r * 0.12, r * 0.24, r * 1.3), fill(red))
    s = -scene.sunward
    glow(canvas, x + s * r * 1.2, y + r * 0.4, r * 1.5, scene.light.shade, 0.55)
    canvas.restore()
    ink = scene.shaded((112, 66, 48), 0, 0.2)
    for s in (-1, 1):
        canvas.drawLine(x + s * r * 0.2, y + r * 1.3, x + s * r * 0.15, y + r * 1.6, line(ink, 2.4))
    canvas.drawPath(rounded(x - r * 0.23, y + r * 1.55, x + r * 0.23, y + r * 1.92, 3), fill(ink))


def airship(scene: Scene) -> None:
    canvas, u, face = scene.canvas, scene.random.uniform, scene.side
    x, y, w = 128 - scene.side * u(30, 46), u(46, 60), u(45, 52)
    silk = scene.random.choice(SILKS)
    hull, fin = scene.lit_glow((250, 236, 206)), scene.lit_glow(silk)
    h, tail = w * 0.36, x - face * w
    for s in (-1, 1):
        fins = [
            (tail - face * 6, y + s * h * 1.05),
            (tail + face * w * 0.16, y + s * h * 0.9),
            (tail + face * w * 0.5, y + s * h * 0.3),
            (tail + face * 6, y),
        ]
        canvas.drawPath(polygon(fins), fill(fin))
    cabin = rounded(x - w * 0.28, y + h * 0.7, x + w * 0.28, y + h * 1.42, 5)
    canvas.drawPath(cabin, fill(scene.shaded((120, 74, 60), 0, 0.2)))
    for k in (-1, 0, 1):
        canvas.drawCircle(x + k * w * 0.15, y + h * 1.14, 2.4, fill((255, 232, 150)))
    body = oval(x, y, w, h)
    deep = mix(hull, scene.light.shade, 0.55)
    canvas.drawPath(body, linear((0, y - h), (0, y + h), (hull, hull, deep)))
    canvas.save()
    canvas.clipPath(body, False)
    canvas.drawRect(skia.Rect.MakeLTRB(x - w, y - h * 0.16, x + w, y + h * 0.26), fill(fin))
    canvas.restore()


def rainbow(scene: Scene) -> None:
    u = scene.random.uniform
    x, y, r = 128 - scene.side * u(6, 26), u(150, 158), u(112, 120)
    bands = (
        (236, 72, 76),
        (250, 152, 60),
        (255, 222, 90),
        (92, 200, 120),
        (74, 140, 230),
        (150, 92, 208),
    )
    fade = 200 if scene.traits["time"] == "night" else 230
    for k, colour in enumerate(bands):
        scene.canvas.drawCircle(x, y, r - 6.4 * k, line(colour, 6.8, fade))


def planet(scene: Scene) -> None:
    canvas, u = scene.canvas, scene.random.uniform
    x, y, r = 128 - scene.side * u(38, 54), u(46, 58), u(24, 28)
    body, belt = scene.lit_glow((226, 112, 134)), scene.lit_glow((255, 206, 160))
    canvas.save()
    canvas.translate(x, y)
    canvas.rotate(scene.side * u(14, 24))
    ring = oval(0, 0, r * 1.8, r * 0.44)
    canvas.drawPath(ring, line(belt, 6))
    globe = oval(0, 0, r, r)
    deep = mix(body, scene.light.shade, 0.6)
    s = scene.sunward
    canvas.drawPath(globe, linear((s * r, -r), (-s * r, r), (mix(body, belt, 0.4), body, deep)))
    canvas.save()
    canvas.clipPath(globe, False)
    canvas.drawRect(skia.Rect.MakeLTRB(-r, -r * 0.5, r, -r * 0.26), fill(belt, 102))
    canvas.restore()
    canvas.clipRect(skia.Rect.MakeLTRB(-2 * r, 0, 2 * r, r), True)
    canvas.drawPath(ring, line(belt, 6))
    canvas.restore()


def clear(scene: Scene) -> None:
    """Nothing but the sky."""


SKIES: dict[str, Callable[[Scene], None]] = {
    "clear": clear, "clouds": clouds, "birds": birds, "balloon": balloon, "airship": airship,
    "rainbow": rainbow, "planet": planet, "storm": storm,
}  # fmt: skip
# What flies or strikes goes in front of the far peaks; the rest is behind them.
ALOFT = ("birds", "balloon", "airship", "storm")
