"""The sky in flat bands, the sun or moon, and the one thing of note in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import skia
from brush import loop, polygon
from ink import Colour, fill, light, line, mix, oval, path, rounded, star

from second.country import Country
from second.flying import airship, balloon, birds, plane
from second.press import common, joined, without


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
