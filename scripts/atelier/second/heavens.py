"""The sky in flat bands, the sun or moon, and the one thing of note in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import skia
from brush import loop, polygon
from ink import Colour, fill, light, line, mix, oval, path, rounded, star

from second.country import Country
from second.palette import DYES
from second.press import PAPER, common, joined, without


def backdrop(c: Country) -> None:
    """Five inks from the zenith to the horizon, their edges waved or round about the orb."""
    sky, (x, y) = c.light.sky, c.orb
    c.canvas.drawPaint(fill(sky[0]))
    if c.random.random() < 0.4 and c.traits["sky"] not in ("storm", "aurora"):
        for k, r in enumerate((190.0, 142.0, 96.0, 58.0)):
            c.dot(x, y, r * c.u(0.97, 1.03), sky[k + 1])
    else:
        a, steps = c.u(0, 6.3), (0.26, 0.5, 0.72, 0.9)
        for k, share in enumerate(steps):
            top = c.horizon * share
            edge = [(px, top + 5 * math.sin(px / 52 + a + k)) for px in range(-32, 305, 24)]
            c.flat(loop([(-60, 300), (-60, top), *edge, (320, top), (320, 300)]), sky[k + 1])
    if c.night:
        for k in range(20):
            px, py, r = (k * 97 + c.u(-18, 18)) % 256, c.u(6, c.horizon - 30), c.u(1.3, 2.4)
            c.dot(px, py, r, (255, 246, 214))
    orb(c)


def orb(c: Country) -> None:
    (x, y), tone = c.orb, c.light.orb
    r = c.u(26, 36) if c.light.low else c.u(19, 25)
    ring = mix(tone, c.light.sky[1 if c.night else 4], 0.55)
    c.dot(x, y, r * 1.42, ring, 210)
    moon = oval(x, y, r, r)
    if c.night and c.random.random() < 0.6:
        moon = without(moon, oval(x + c.side * r * 0.5, y - r * 0.22, r * 0.86, r * 0.86))
        c.dot(x, y, r, mix(ring, c.light.sky[1], 0.5))
    c.flat(moon, tone)
    if c.night:
        for dx, dy, k in ((-0.5, 0.3, 0.16), (-0.2, 0.62, 0.12)):
            spot = oval(x + c.side * dx * r, y + dy * r, r * k, r * k)
            c.within(moon, spot, (232, 216, 176))


def cloud(c: Country, x: float, y: float, w: float, top: Colour, foot: Colour) -> None:
    """A flat-bottomed heap of lobes, its foot in shade."""
    lobes = [oval(x + dx * w, y - w * 0.12, r * w, r * w)
             for dx, r in ((-0.5, c.u(0.24, 0.32)), (0.02, c.u(0.38, 0.46)),
                           (0.5, c.u(0.22, 0.3)))]  # fmt: skip
    heap = joined(*lobes, rounded(x - w, y - w * 0.2, x + w, y + w * 0.14, w * 0.17))
    heap = common(heap, rounded(x - w * 1.2, y - w, x + w * 1.2, y + w * 0.14, w * 0.14))
    c.flat(heap, top)
    rim = without(heap, joined(*(oval(x + dx * w + c.sunward * w * 0.1, y - w * 0.24, r * w, r * w)
                                 for dx, r in ((-0.5, 0.34), (0.02, 0.5),
                                               (0.5, 0.34)))))  # fmt: skip
    c.flat(rim, foot)


def clouds(c: Country) -> None:
    away = -c.side
    top = (172, 190, 226) if c.night else mix((255, 255, 255), c.light.sky[-1], 0.3)
    foot = mix(top, c.light.sky[1], 0.4)
    cloud(c, 128 + away * c.u(36, 74), c.u(62, 80), c.u(48, 60), top, foot)
    cloud(c, 128 - away * c.u(66, 100), c.u(78, 100), c.u(34, 44), top, foot)
    cloud(c, 128 + away * c.u(-40, 6), c.u(26, 40), c.u(30, 42), top, foot)


def storm(c: Country) -> None:
    """A ceiling of dark cloud and one bold bolt out of it."""
    away = -c.side
    gloom = mix((66, 66, 98), c.light.shade, 0.3)
    pale = mix(gloom, (170, 172, 204), 0.3 if c.night else 0.46)
    # Clear of a bluff, and of what stands in the middle.
    off = c.u(6, 22) if c.traits["water"] == "waterfall" else c.u(32, 78)
    x, y = 128 + away * off, c.u(50, 60)
    zig = [(10, -8), (-16, 36), (0, 34), (-14, 76), (24, 22), (8, 24), (26, -8)]
    bolt = polygon([(x + dx, y + dy) for dx, dy in zig])
    c.canvas.drawPath(bolt, line(gloom, 6))
    c.flat(bolt, (255, 234, 104))
    c.canvas.drawRect(skia.Rect.MakeWH(256, 26), fill(gloom))
    for k in (0, 2, 4, 1, 3):
        cloud(c, -4 + 66 * k + c.u(-10, 10), 34 + 8 * (k % 2), c.u(48, 60), pale, gloom)
    cloud(c, x + c.u(-6, 6), y + 4, c.u(46, 54), pale, gloom)


def gull(c: Country, x: float, y: float, w: float, face: int, tone: Colour, shade: Colour) -> None:
    """A bird in flight: body, head and beak, a fanned tail, two bent wings."""
    up, back = c.u(0.7, 1.05), c.u(0.5, 0.95)
    c.canvas.save()
    c.canvas.translate(x, y)
    c.canvas.rotate(face * c.u(-12, 6))
    c.canvas.scale(w * face, w)
    far = path((0.24, -0.08), (0.36, -0.5 * up, 0.66, -0.98 * up), (0.2, -0.74 * up, -0.1, -0.04))
    c.flat(far, shade)
    body = path((0.56, -0.08), (0.36, -0.26, 0.06, -0.14), (-0.26, -0.06, -0.62, -0.1),
                (-0.5, 0.02),
                (-0.6, 0.13), (-0.2, 0.2, 0.14, 0.12), (0.4, 0.08, 0.56, -0.08))  # fmt: skip
    c.flat(body, tone)
    c.flat(polygon([(0.5, -0.14), (0.76, -0.05), (0.5, 0.0)]), (246, 168, 60))
    near = path((0.26, -0.06), (0.3, -0.62 * up, -0.2 * back, -0.86 * up),
                (-0.5 * back, -1.02 * up, -0.95 * back, -1.0 * up),
                (-0.46 * back, -0.6 * up, -0.24, 0.0))  # fmt: skip
    c.flat(near, tone)
    tip = path((-0.3 * back, -1.2), (-1.2, -1.2), (-1.2, -0.5), (-0.52 * back, -0.62 * up))
    c.within(near, tip, shade)
    c.canvas.restore()


def birds(c: Country) -> None:
    away, face = -c.side, c.random.choice((-1, 1))
    dark = c.traits["time"] in ("day", "dawn") and c.random.random() < 0.5
    tone: Colour = (58, 50, 92) if dark else (254, 250, 240)
    shade: Colour = (38, 34, 70) if dark else mix((120, 126, 170), c.light.shade, 0.2)
    x, y = 128 + away * c.u(30, 52), c.u(46, 62)
    places = c.random.choice((
        ((0, 0, 27), (-46, 22, 20), (40, 30, 17)),
        ((0, 0, 25), (-40, 20, 20), (38, 22, 19), (-4, 46, 15)),
        ((0, 4, 23), (-36, 26, 19), (-70, 6, 16), (40, -14, 16), (34, 36, 14)),
    ))  # fmt: skip
    for dx, dy, w in places:
        gull(
            c,
            x - away * dx + c.u(-4, 4),
            y + dy + c.u(-5, 5),
            w * c.u(0.94, 1.1),
            face,
            tone,
            shade,
        )


def silk(c: Country) -> Colour:
    name = c.traits.get("sky colour", "none")
    other = c.random.choice(tuple(DYES))
    return c.bright(DYES[other if name == "none" else name])


def stripe(tone: Colour, c: Country) -> Colour:
    """What stands out beside a silk: paper, or a grey beside white."""
    return c.bright(PAPER) if sum(tone) < 600 else mix(tone, (120, 120, 160), 0.45)


def balloon(c: Country) -> None:
    high = c.traits["water"] == "waterfall"  # its basket stays clear of the bluff
    x, r = 128 - c.side * (c.u(-8, 16) if high else c.u(28, 70)), c.u(26, 33)
    y = c.u(40, 52)
    tone = silk(c)
    body = path((x - r * 0.22, y + r * 1.32),
                (x - r * 0.7, y + r * 0.84, x - r, y + r * 0.5, x - r, y),
                (x - r, y - r * 1.34, x + r, y - r * 1.34, x + r, y),
                (x + r, y + r * 0.5, x + r * 0.7, y + r * 0.84, x + r * 0.22,
                 y + r * 1.32))  # fmt: skip
    c.flat(body, tone)
    c.within(body, oval(x, y + r * 0.1, r * 0.62, r * 1.5), stripe(tone, c))
    c.within(body, oval(x, y + r * 0.1, r * 0.26, r * 1.5), tone)
    shade = without(body, oval(x + c.sunward * r * 0.5, y - r * 0.1, r * 1.24, r * 1.6))
    c.flat(shade, c.light.shade, 90)
    rope = line(c.shaded((112, 66, 48), 0, 0.2), 2.2)
    for s in (-1, 1):
        c.canvas.drawLine(x + s * r * 0.22, y + r * 1.32, x + s * r * 0.18, y + r * 1.62, rope)
    c.flat(rounded(x - r * 0.25, y + r * 1.58, x + r * 0.25, y + r * 1.96, 3), c.lit((150, 96, 56)))


def airship(c: Country) -> None:
    face = c.random.choice((-1, 1))
    x, y, w = 128 - c.side * c.u(16, 46), c.u(46, 66), c.u(50, 62)
    fin, hull = silk(c), c.bright((250, 238, 212))
    h, tail = w * 0.34, x - face * w
    for s in (-1, 1):
        c.flat(polygon([(tail - face * 7, y + s * h * 1.1),
                        (tail + face * w * 0.16, y + s * h * 0.96),
                        (tail + face * w * 0.5, y + s * h * 0.3), (tail + face * 6, y)]),
                        fin)  # fmt: skip
    cabin = rounded(x - w * 0.3, y + h * 0.7, x + w * 0.28, y + h * 1.5, 5)
    c.flat(cabin, c.shaded((130, 84, 66), 0, 0.2))
    for k in (-1, 0, 1):
        c.dot(x + k * w * 0.16, y + h * 1.2, 2.6, (255, 232, 150))
    body = path((x - face * w, y),
                (x - face * w * 0.6, y - h * 1.24, x + face * w * 0.6, y - h * 1.24, x + face * w,
                 y),
                (x + face * w * 0.6, y + h * 1.24, x - face * w * 0.6, y + h * 1.24, x - face * w,
                 y))  # fmt: skip
    c.flat(body, hull)
    band = skia.Rect.MakeLTRB(x - w, y - h * 0.2, x + w, y + h * 0.24)
    strip = skia.Path()
    strip.addRect(band)
    c.within(body, strip, fin)
    c.flat(without(body, oval(x, y - h * 0.5, w * 1.1, h * 1.2)), c.light.shade, 90)


def plane(c: Country) -> None:
    """A biplane from the side, its propeller a blur of paper."""
    face, x, y, w = c.random.choice((-1, 1)), 128 - c.side * c.u(20, 50), c.u(50, 70), c.u(40, 48)
    tone = silk(c)
    c.canvas.save()
    c.canvas.translate(x, y)
    c.canvas.rotate(-face * c.u(2, 12))
    c.canvas.scale(face, 1)
    dark = mix(tone, c.light.shade, 0.4)
    body = path((w, -4), (w * 0.9, -w * 0.22, w * 0.3, -w * 0.22),
                (-w * 0.2, -w * 0.18, -w, -w * 0.1), (-w, 2),
                (-w * 0.2, w * 0.2, w * 0.4, w * 0.16), (w * 0.9, w * 0.16, w, -4))  # fmt: skip
    c.flat(
        polygon([(-w * 0.74, -3), (-w * 1.1, -w * 0.42), (-w * 0.84, -w * 0.42), (-w * 0.5, -4)]),
        dark,
    )
    c.flat(body, tone)
    c.flat(common(body, oval(0, w * 0.26, w * 1.2, w * 0.24)), dark)
    strut = line(c.shaded((90, 70, 70)), 2.4)
    for dx in (w * 0.06, w * 0.44):
        c.canvas.drawLine(dx, -w * 0.48, dx, w * 0.12, strut)
    for top in (-w * 0.52, w * 0.1):
        c.flat(rounded(-w * 0.16, top - 3.4, w * 0.68, top + 3.4, 3.4), stripe(tone, c))
    c.dot(w * 0.3, w * 0.36, 5, c.shaded((60, 54, 70)))
    c.dot(-w * 0.08, -w * 0.24, 5.2, c.bright((226, 176, 140)))
    c.flat(oval(w * 1.04, -4, 3, w * 0.34), PAPER, 190)
    c.canvas.restore()


def rainbow(c: Country) -> None:
    x, y, r = 128 - c.side * c.u(0, 34), c.horizon + c.u(10, 22), c.u(104, 126)
    bands = (
        (232, 78, 84),
        (248, 156, 74),
        (255, 220, 100),
        (104, 196, 126),
        (84, 144, 226),
        (150, 100, 204),
    )
    for k, colour in enumerate(bands):
        c.canvas.drawCircle(x, y, r - 6.4 * k, line(mix(colour, c.light.haze, 0.16), 6.8))


def planet(c: Country) -> None:
    x, y, r = 128 - c.side * c.u(46, 72), c.u(46, 62), c.u(24, 31)
    body, belt = c.bright((228, 120, 140)), c.bright((255, 210, 166))
    c.canvas.save()
    c.canvas.translate(x, y)
    c.canvas.rotate(c.side * c.u(10, 28))
    ring, globe = oval(0, 0, r * 1.8, r * 0.46), oval(0, 0, r, r)
    c.canvas.drawPath(ring, line(belt, 5.6))
    c.flat(globe, body)
    for top, h in ((-0.62, 0.2), (0.36, 0.24)):
        c.within(globe, rounded(-r * 2, r * top, r * 2, r * (top + h), 2), light(body, 0.22))
    c.flat(
        without(globe, oval(c.sunward * r * 0.4, -r * 0.3, r * 1.1, r * 1.1)), c.light.shade, 110
    )
    front = skia.Path()
    front.addRect(skia.Rect.MakeLTRB(-2 * r, 0, 2 * r, r))
    c.canvas.save()
    c.canvas.clipPath(front, True)
    c.canvas.drawPath(ring, line(belt, 5.6))
    c.canvas.restore()
    c.canvas.restore()


def aurora(c: Country) -> None:
    """Three curtains of light that hang from the top."""
    greens: tuple[Colour, ...] = ((96, 226, 170), (70, 196, 210), (170, 120, 226))
    a = c.u(0, 6.3)
    for k, tone in enumerate(greens):
        x, y = 44 + 80 * k + c.u(-16, 16), c.u(78, 104)
        wave = [(x + dx, y - 20 * math.sin(dx / 26 + a + k)) for dx in range(-60, 61, 12)]
        top = [(px + 26, -20) for px, _ in reversed(wave)]
        curtain = loop([*wave, *top])
        c.flat(curtain, mix(tone, c.light.sky[1], 0.25), 150)
        hem = loop([*wave, *((px, py - 15) for px, py in reversed(wave))])
        c.flat(hem, light(tone, 0.3), 220)


def comet(c: Country) -> None:
    s = c.random.choice((-1, 1))
    x, y, w = 128 - c.side * c.u(26, 62), c.u(56, 80), c.u(70, 92)
    c.canvas.save()
    c.canvas.translate(x, y)
    c.canvas.rotate(-s * c.u(16, 34))
    for spread, tone in ((13, mix((255, 240, 190), c.light.sky[1], 0.45)), (6.5, (255, 244, 206))):
        c.flat(
            path(
                (0, -spread),
                (s * w * 0.5, -spread * 0.7, s * w, 0),
                (s * w * 0.5, spread * 0.7, 0, spread),
            ),
            tone,
        )
    c.flat(star(0, 0, 17), (255, 232, 130))
    c.canvas.restore()


def clear(c: Country) -> None:
    """Nothing but the sky."""


SKIES: dict[str, Callable[[Country], Any]] = {
    "clear": clear, "clouds": clouds, "birds": birds, "balloon": balloon, "airship": airship,
    "rainbow": rainbow, "planet": planet, "storm": storm, "aurora": aurora, "comet": comet,
    "plane": plane,
}  # fmt: skip
# What flies or strikes goes in front of the far peaks; the rest is behind them.
ALOFT = ("birds", "balloon", "airship", "storm", "plane")
