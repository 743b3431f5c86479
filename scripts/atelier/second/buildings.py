"""What people built, standing on y = 0 at x = 0, lit from one side, with lamps in its windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from brush import glow, polygon
from ink import Colour, Point, line, mix, oval, path, rounded

from second.country import LAMP, SNOW, Country
from second.palette import DYES
from second.press import without

STONE: Colour = (212, 202, 204)
DOOR: Colour = (96, 60, 56)
PLASTER: Colour = (250, 240, 220)


def box(c: Country, left: float, top: float, right: float, bottom: float, colour: Colour) -> Any:
    """A wall with its shaded side a third of it wide."""
    wall = rounded(left, top, right, bottom, 0)
    c.flat(wall, c.bright(colour))
    third = (right - left) * 0.34
    side = rounded(right - third, top, right, bottom, 0) if c.sunward < 0 else rounded(
        left, top, left + third, bottom, 0)  # fmt: skip
    c.flat(side, mix(c.bright(colour), c.light.shade, 0.26))
    return wall


def roof(c: Country, points: list[Point], colour: Colour) -> None:
    """A roof in light and shade; in winter its upper part lies under snow."""
    shape = polygon(points)
    c.flat(shape, c.bright(colour))
    mid = sum(x for x, _ in points) / len(points)
    half = polygon(
        [(mid, -300), (mid, 60), (mid - c.sunward * 300, 60), (mid - c.sunward * 300, -300)]
    )
    c.within(shape, half, mix(c.bright(colour), c.light.shade, 0.3))
    if c.winter:
        top, low = min(y for _, y in points), max(y for _, y in points)
        snow = polygon([(-200, top - 2), (200, top - 2), (200, top + (low - top) * 0.5),
                        (mid + 9, top + (low - top) * 0.4), (mid, top + (low - top) * 0.56),
                        (mid - 11, top + (low - top) * 0.4),
                        (-200, top + (low - top) * 0.54)])  # fmt: skip
        c.within(shape, snow, c.bright(SNOW))


def window(c: Country, x: float, y: float, w: float, h: float) -> None:
    """A lit window; by night it shines on what is around it."""
    lit = c.traits["time"] in ("night", "dusk")
    if lit:
        glow(c.canvas, x, y, 2.2 * max(w, h), LAMP, 0.5)
    c.flat(
        rounded(x - w / 2 - 1.6, y - h / 2 - 1.6, x + w / 2 + 1.6, y + h / 2 + 1.6, 1.4),
        c.shaded(DOOR, 0, 0.2),
    )
    c.flat(
        rounded(x - w / 2, y - h / 2, x + w / 2, y + h / 2, 1),
        LAMP if lit else c.lit((150, 206, 232)),
    )


def door(c: Country, x: float, w: float, h: float) -> None:
    c.flat(path((x - w / 2, 2), (x - w / 2, -h * 0.6), (x - w / 2, -h, x, -h),
                (x + w / 2, -h, x + w / 2, -h * 0.6),
                (x + w / 2, 2)), c.shaded(DOOR, 0, 0.24))  # fmt: skip


def cabin(c: Country, dye: Colour) -> None:
    logs: Colour = (164, 106, 66)
    c.flat(rounded(15, -68, 25, -40, 1), c.shaded((150, 120, 116), 0, 0.2))
    box(c, -30, -34, 30, 2, logs)
    for y in (-23, -11):
        c.canvas.drawLine(-30, y, 30, y, line(c.shaded((112, 70, 48), 0, 0.3), 2.4))
    c.flat(polygon([(-31, -31), (0, -59), (31, -31)]), c.shaded(logs, 0, 0.12))
    roof(c, [(-39, -30), (0, -67), (39, -30), (31, -30), (0, -57), (-31, -30)], dye)
    c.flat(rounded(3, -23, 18, 2, 1), c.shaded(DOOR, 0, 0.3))
    window(c, -15, -17, 14, 13)
    window(c, 0, -41, 8, 8)


def lighthouse(c: Country, dye: Colour) -> None:
    s = -c.side
    if c.traits["time"] in ("dusk", "night"):
        for spread in (27, 13):
            beam = polygon([(0, -92), (s * 190, -104 - spread), (s * 190, -104 + spread)])
            c.flat(beam, (255, 238, 160), 80)
    tower = polygon([(-11, -80), (11, -80), (17, 2), (-17, 2)])
    c.flat(tower, c.bright(PLASTER if dye != DYES["white"] else (138, 152, 186)))
    for y in (-66, -36, -6):
        c.within(
            tower, polygon([(-30, y - 8), (30, y - 8), (30, y + 8), (-30, y + 8)]), c.bright(dye)
        )
    c.flat(without(tower, polygon([(c.sunward * -4, -90), (c.sunward * 60, -90),
                                   (c.sunward * 60, 10),
                                   (c.sunward * -6, 10)])), c.light.shade, 76)  # fmt: skip
    c.flat(rounded(-16, -84, 16, -77, 2), c.shaded((70, 66, 86)))
    glow(c.canvas, 0, -91, 26, LAMP, 0.7)
    c.flat(rounded(-9, -98, 9, -84, 1), (255, 240, 160))
    roof(c, [(-13, -97), (0, -112), (13, -97)], dye)
    door(c, 0, 9, 18)


def tent(c: Country, dye: Colour) -> None:
    c.canvas.drawLine(0, -50, 0, -58, line(c.shaded((90, 60, 50)), 3.4))
    c.flat(polygon([(-42, 2), (0, -52), (42, 2)]), c.bright(dye))
    side = (
        polygon([(0, -52), (42, 2), (15, 2)])
        if c.sunward < 0
        else polygon([(0, -52), (-42, 2), (-15, 2)])
    )
    c.flat(side, mix(c.bright(dye), c.light.shade, 0.3))
    if c.traits["time"] in ("night", "dusk"):
        glow(c.canvas, 0, -10, 34, LAMP, 0.6)
    c.flat(
        polygon([(-14, 2), (0, -36), (14, 2)]),
        (255, 218, 120) if c.night else c.shaded((130, 80, 60)),
    )
    c.flat(polygon([(-14, 2), (0, -36), (-5, 2)]), mix(c.bright(dye), (255, 255, 255), 0.3))


def windmill(c: Country, dye: Colour) -> None:
    """A tower with four broad sails, each one closed shape."""
    tower = polygon([(-12, -56), (12, -56), (20, 2), (-20, 2)])
    c.flat(tower, c.bright(PLASTER))
    c.flat(without(tower, polygon([(c.sunward * -3, -70), (c.sunward * 60, -70),
                                   (c.sunward * 60, 10),
                                   (c.sunward * -5, 10)])), c.light.shade, 70)  # fmt: skip
    door(c, 0, 12, 20)
    window(c, 0, -34, 8, 9)
    roof(c, [(-17, -54), (-10, -72), (0, -77), (10, -72), (17, -54)], dye)
    c.canvas.save()
    c.canvas.translate(0, -62)
    c.canvas.rotate(c.u(15, 75))
    wood, cloth = c.shaded((112, 72, 58), 0, 0.2), c.bright((255, 250, 236))
    for _ in range(4):
        c.flat(polygon([(-1.8, 0), (1.8, 0), (1.8, -48), (-1.8, -48)]), wood)
        c.flat(polygon([(1.8, -13), (14, -13), (14, -47), (1.8, -47)]), wood)
        c.flat(polygon([(3, -15), (12, -15), (12, -45), (3, -45)]), cloth)
        c.canvas.rotate(90)
    c.canvas.restore()
    c.dot(0, -62, 5, wood)


def castle(c: Country, dye: Colour) -> None:
    box(c, -32, -40, 32, 2, STONE)
    for x in (-22, -9, 9, 22):
        c.flat(rounded(x - 4.5, -48, x + 4.5, -39, 0), c.bright(STONE))
    for x, top, w in ((-33, -62, 11.0), (33, -62, 11.0), (0, -78, 13.0)):
        box(c, x - w, top, x + w, 2 if x else -36, STONE)
        roof(c, [(x - w - 4, top + 1), (x, top - 28), (x + w + 4, top + 1)], dye)
        window(c, x, top + 15, 6, 10)
    c.canvas.drawLine(0, -106, 0, -120, line(c.shaded(DOOR), 2.4))
    c.flat(polygon([(1, -120), (17, -115), (1, -110)]), c.bright(dye))
    door(c, 0, 19, 24)


def pagoda(c: Country, dye: Colour) -> None:
    c.canvas.drawLine(0, -92, 0, -108, line(c.bright((250, 204, 90)), 4))
    c.flat(rounded(-25, -4, 25, 3, 1), c.shaded((180, 172, 178)))
    for base, w in ((-4, 20), (-34, 16), (-62, 12)):
        box(c, -w, base - 22, w, base, (252, 230, 196))
        for s in (-1, 1):
            c.flat(
                rounded(s * w - 2, base - 22, s * w + 2, base, 0),
                mix(c.bright(dye), c.light.shade, 0.4),
            )
        window(c, 0, base - 8, w * 0.6, 10)
        eave, top = w * 1.85, base - 19
        shape = path((-eave, top - 6), (-w, top - 4, -w * 0.45, top - 17), (w * 0.45, top - 17),
                     (w, top - 4, eave, top - 6), (w, top + 5, 0, top + 5),
                     (-w, top + 5, -eave, top - 6))  # fmt: skip
        c.flat(shape, c.bright(dye))
        c.flat(
            without(
                shape, polygon([(-90, top - 60), (90, top - 60), (90, top - 1), (-90, top - 1)])
            ),
            c.light.shade,
            80,
        )
        if c.winter:
            c.flat(path((-w * 0.9, top - 8), (-w * 0.6, top - 12, -w * 0.45, top - 19),
                        (w * 0.45, top - 19),
                        (w * 0.6, top - 12, w * 0.9, top - 8), (0, top - 13, -w * 0.9, top - 8)),
                        c.bright(SNOW))  # fmt: skip


def church(c: Country, dye: Colour) -> None:
    s = c.side
    box(c, -30, -34, 30, 2, PLASTER)
    roof(c, [(-35, -32), (-26, -56), (26, -56), (35, -32)], dye)
    box(c, s * 22 - 13, -70, s * 22 + 13, 2, PLASTER)
    roof(c, [(s * 22 - 17, -69), (s * 22, -112), (s * 22 + 17, -69)], dye)
    c.canvas.drawLine(s * 22, -110, s * 22, -124, line(c.bright((250, 204, 90)), 2.6))
    c.canvas.drawLine(s * 22 - 5, -119, s * 22 + 5, -119, line(c.bright((250, 204, 90)), 2.6))
    window(c, s * 22, -54, 8, 12)
    for x in (-16, 0):
        window(c, -s * 2 + x * s, -16, 8, 15)
    c.canvas.save()
    c.canvas.translate(s * 22, 0)
    door(c, 0, 13, 23)
    c.canvas.restore()


def barn(c: Country, dye: Colour) -> None:
    """A gambrel barn: the dye is its walls', with paper trim."""
    front = polygon([(-30, 2), (-30, -30), (-22, -48), (0, -58), (22, -48), (30, -30), (30, 2)])
    c.flat(front, c.bright(dye))
    c.flat(without(front, polygon([(c.sunward * -8, -90), (c.sunward * 90, -90),
                                   (c.sunward * 90, 20),
                                   (c.sunward * -8, 20)])), c.light.shade, 60)  # fmt: skip
    edge = SNOW if c.winter else (250, 240, 226)
    trim = line(c.bright(edge), 6 if c.winter else 4)
    c.canvas.drawPath(
        path((-34, -27), (-24, -50), (0, -61), (24, -50), (34, -27), close=False), trim
    )
    c.flat(rounded(-14, -25, 14, 2, 0), c.bright((250, 240, 226)))
    c.flat(rounded(-11.5, -22.5, 11.5, 2, 0), mix(c.bright(dye), c.light.shade, 0.4))
    for s in (-1, 1):
        c.canvas.drawLine(s * 11, -22, -s * 11, 1, line(c.bright((250, 240, 226)), 2.6))
    window(c, 0, -40, 10, 9)


def temple(c: Country, dye: Colour) -> None:
    """A temple of columns on three steps."""
    marble: Colour = (246, 236, 220)
    for k, w in enumerate((42, 38, 34)):
        c.flat(
            rounded(-w, -4 * k - 3, w, 3 - 4 * k, 0),
            mix(c.bright(marble), c.light.shade, 0.16 * (k % 2)),
        )
    c.flat(rounded(-30, -46, 30, -10, 0), mix(c.lit((170, 150, 150)), c.light.shade, 0.4))
    for x in (-28, -14, 0, 14, 28):
        column = rounded(x - 4, -47, x + 4, -10, 1)
        c.flat(column, c.bright(marble))
        c.flat(
            rounded(
                x - 4 if c.sunward > 0 else x + 1, -47, x - 1 if c.sunward > 0 else x + 4, -10, 0
            ),
            c.light.shade,
            70,
        )
    c.flat(rounded(-36, -54, 36, -46, 0), c.bright(marble))
    roof(c, [(-39, -54), (0, -74), (39, -54)], marble)


def nothing(c: Country, dye: Colour) -> None:
    """Nobody was here."""


LANDMARKS: dict[str, Callable[[Country, Colour], None]] = {
    "none": nothing, "cabin": cabin, "lighthouse": lighthouse, "tent": tent, "windmill": windmill,
    "castle": castle, "pagoda": pagoda, "church": church, "barn": barn, "temple": temple,
}  # fmt: skip


def landmark(c: Country, x: float, base: float, size: float) -> None:
    name = c.traits["landmark"]
    if name == "none":
        return
    colour, other = c.traits.get("landmark colour", "none"), c.random.choice(tuple(DYES))
    c.canvas.save()
    c.canvas.translate(x, base)
    c.canvas.scale(size, size)
    c.flat(oval(-c.sunward * 12, 2, 44, 5), c.light.shade, 80)
    LANDMARKS[name](c, DYES[other if colour == "none" else colour])
    c.canvas.restore()
