"""What people left in a landscape; each stands on (0, 0) and rises about 90 units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import skia
from brush import fading, glow, linear, polygon
from ink import Colour, fill, line, oval, rounded
from scenery import Scene

GLASS: Colour = (255, 222, 120)
ROOFS: tuple[Colour, ...] = ((192, 50, 54), (52, 96, 164), (40, 124, 110))


def tones(scene: Scene, colour: Colour) -> tuple[Colour, Colour]:
    """A made thing's colour in the light and in the shade."""
    return scene.lit_glow(colour), scene.shaded(colour, 0, 0.4)


def solid(scene: Scene, path: Any, colour: Colour) -> None:
    """Fill with light on the sunward side and shade on the other."""
    b, (bright, deep) = path.getBounds(), tones(scene, colour)
    ends = ((b.left(), 0.0), (b.right(), 0.0))
    near, far = ends if scene.sunward < 0 else ends[::-1]
    scene.canvas.drawPath(path, linear(near, far, (bright, bright, deep)))


def window(scene: Scene, x: float, y: float, w: float, h: float) -> None:
    if scene.traits["time"] in ("dusk", "night"):
        glow(scene.canvas, x, y, w * 3.2, GLASS, 0.6)
    scene.canvas.drawPath(rounded(x - w / 2, y - h / 2, x + w / 2, y + h / 2, 1.5), fill(GLASS))


def cabin(scene: Scene) -> None:
    canvas = scene.canvas
    solid(scene, rounded(12, -66, 24, -34, 1), (150, 140, 150))
    solid(scene, rounded(-30, -36, 30, 2, 0), (178, 104, 66))
    board = line(scene.shaded((120, 66, 48), 0, 0.3), 2.6)
    for y in (-24, -11):
        canvas.drawLine(-29, y, 29, y, board)
    roof = (240, 246, 255) if scene.winter else scene.random.choice(ROOFS)
    solid(scene, polygon([(-39, -32), (0, -68), (39, -32)]), roof)
    canvas.drawPath(
        polygon([(-26, -33), (0, -57), (26, -33)]), fill(tones(scene, (160, 90, 58))[1])
    )
    canvas.drawPath(rounded(3, -22, 19, 2, 1), fill(scene.shaded((92, 48, 44), 0, 0.2)))
    window(scene, -15, -17, 15, 14)
    window(scene, 0, -41, 9, 9)


def lighthouse(scene: Scene) -> None:
    canvas, s = scene.canvas, -scene.side
    dim = scene.traits["time"] in ("dusk", "night")
    beam = polygon([(0, -88), (s * 150, -124), (s * 150, -70)])
    canvas.drawPath(beam, fading((0, -88), (s * 120, -96), (255, 240, 170), 190 if dim else 130))
    tower = polygon([(-11, -78), (11, -78), (17, 2), (-17, 2)])
    solid(scene, tower, (250, 246, 238))
    canvas.save()
    canvas.clipPath(tower, False)
    for y in (-66, -34, -2):
        solid(scene, rounded(-20, y - 8, 20, y + 8, 0), (222, 52, 56))
    canvas.restore()
    solid(scene, rounded(-15, -82, 15, -76, 2), (64, 62, 84))
    glow(canvas, 0, -88, 30, GLASS, 0.8)
    canvas.drawPath(rounded(-8, -96, 8, -82, 1), fill((255, 240, 160)))
    solid(scene, polygon([(-12, -95), (0, -108), (12, -95)]), (222, 52, 56))


def tent(scene: Scene) -> None:
    canvas = scene.canvas
    solid(scene, polygon([(-42, 2), (-3, -50), (3, -50), (42, 2)]), (246, 140, 40))
    canvas.drawPath(polygon([(0, -50), (42, 2), (16, 2)]), fill(tones(scene, (208, 96, 34))[1]))
    glow(canvas, 0, -8, 30, GLASS, 0.7)
    canvas.drawPath(polygon([(-15, 2), (0, -38), (15, 2)]), fill((255, 214, 110)))
    flap = polygon([(-15, 2), (0, -38), (-2, 2)])
    canvas.drawPath(flap, fill(tones(scene, (180, 70, 34))[0]))
    canvas.drawLine(0, -50, 0, -58, line(scene.shaded((90, 60, 50)), 3.4))


def windmill(scene: Scene) -> None:
    canvas = scene.canvas
    solid(scene, polygon([(-13, -58), (13, -58), (21, 2), (-21, 2)]), (246, 234, 212))
    canvas.drawPath(rounded(-7, -18, 7, 2, 6), fill(scene.shaded((120, 70, 54), 0, 0.2)))
    window(scene, 0, -34, 10, 11)
    cap = skia.Path()
    cap.moveTo(-17, -56)
    cap.cubicTo(-15, -80, 15, -80, 17, -56)
    cap.close()
    solid(scene, cap, scene.random.choice(ROOFS))
    canvas.save()
    canvas.translate(0, -64)
    canvas.rotate(scene.random.uniform(12, 78))
    wood, cloth = (
        line(scene.shaded((110, 70, 56), 0, 0.2), 3.4),
        fill(tones(scene, (255, 250, 240))[0]),
    )
    for _ in range(4):
        canvas.drawPath(rounded(1, -44, 13, -11, 1), cloth)
        canvas.drawLine(0, 0, 0, -45, wood)
        canvas.rotate(90)
    canvas.restore()
    canvas.drawCircle(0, -64, 5, fill(scene.shaded((110, 70, 56))))


def castle(scene: Scene) -> None:
    canvas, stone = scene.canvas, (206, 196, 204)
    spires = scene.random.choice(((92, 76, 178), (60, 110, 190), (190, 62, 74)))
    solid(scene, rounded(-32, -40, 32, 2, 0), stone)
    for x in (-21, -7, 7, 21):
        solid(scene, rounded(x - 4.5, -47, x + 4.5, -38, 0), stone)
    for x, top, w in ((-32, -60, 10.5), (32, -60, 10.5), (0, -74, 12)):
        solid(scene, rounded(x - w, top, x + w, 2 if x else -36, 0), stone)
        roof = polygon([(x - w - 4, top + 1), (x, top - 28), (x + w + 4, top + 1)])
        solid(scene, roof, spires)
        window(scene, x, top + 16, 6.5, 11)
    gate = rounded(-9, -22, 9, 12, 9)
    canvas.save()
    canvas.clipRect(skia.Rect.MakeLTRB(-10, -30, 10, 2), True)
    canvas.drawPath(gate, fill(scene.shaded((84, 50, 50), 0, 0.3)))
    canvas.restore()


def pagoda(scene: Scene) -> None:
    canvas = scene.canvas
    canvas.drawLine(0, -92, 0, -108, line(tones(scene, (250, 200, 80))[0], 4))
    solid(scene, rounded(-24, -4, 24, 3, 1), (176, 168, 176))
    for base, w in ((-4, 20), (-34, 16), (-62, 12)):
        solid(scene, rounded(-w, base - 22, w, base, 0), (250, 226, 190))
        for s in (-1, 1):
            post = rounded(s * w - 2, base - 22, s * w + 2, base, 0)
            canvas.drawPath(post, fill(tones(scene, (160, 44, 44))[0]))
        window(scene, 0, base - 8, w * 0.62, 11)
        eave, top = w * 1.85, base - 19
        roof = skia.Path()
        roof.moveTo(-eave, top - 5)
        roof.quadTo(-w, top - 4, -w * 0.45, top - 17)
        roof.lineTo(w * 0.45, top - 17)
        roof.quadTo(w, top - 4, eave, top - 5)
        roof.quadTo(w, top + 5, 0, top + 5)
        roof.quadTo(-w, top + 5, -eave, top - 5)
        solid(scene, roof, (206, 52, 56))


def none(scene: Scene) -> None:
    """Nobody was here."""


LANDMARKS: dict[str, Callable[[Scene], None]] = {
    "none": none, "cabin": cabin, "lighthouse": lighthouse, "tent": tent,
    "windmill": windmill, "castle": castle, "pagoda": pagoda,
}  # fmt: skip


def landmark(scene: Scene, x: float, base: float) -> None:
    canvas, name = scene.canvas, scene.traits["landmark"]
    if name == "none":
        return
    canvas.save()
    canvas.translate(x, base)
    size = scene.random.uniform(0.94, 1.14)
    canvas.scale(size, size)
    canvas.drawPath(oval(-scene.sunward * 12, 2, 44, 5), fill(scene.light.shade, 76))
    LANDMARKS[name](scene)
    canvas.restore()
