"""What is behind a portrait: one colour, its own tints, and now and then a place."""

from __future__ import annotations

import math
from collections.abc import Callable

import skia
from ink import Colour, fill, light, mix, oval, path, star

from second.eyes import heart
from second.press import PAPER, Press, shadow

Setting = Callable[[Press, Colour, Colour, Colour], None]


def setting(p: Press, name: str, pattern: str, base: Colour) -> None:
    """Print the sheet's colour, then the pattern in a lighter and a darker tint of it."""
    p.canvas.drawPaint(fill(base))
    dim = name in ("navy", "teal", "red")
    pale = mix(base, (150, 168, 240) if name == "navy" else PAPER, 0.34 if dim else 0.5)
    deep = shadow(base, 0.2) if name != "navy" else mix(base, (12, 16, 52), 0.45)
    SETTINGS[pattern](p, base, pale, deep)


def plain(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    """Nothing, or one round field to stand before."""
    if p.random.random() < 0.5:
        p.dot(128 + p.u(-14, 14), p.u(112, 136), p.u(86, 104), pale)


def striped(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    width = p.u(20, 30)
    phase = p.u(0, 2 * width)
    with p.placed(128, 128, p.random.choice((-45, 45, 0, 90)) + p.u(-6, 6)):
        for i in range(-6, 6):
            rect = skia.Rect.MakeXYWH(i * 2 * width + phase, -200, width, 400)
            p.canvas.drawRect(rect, fill(pale))


def dotted(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    step = p.u(42, 54)
    x0, y0 = p.u(-step, 0), p.u(-step, 0)
    for row in range(10):
        for column in range(9):
            x = x0 + column * step + (step / 2 if row % 2 else 0)
            p.dot(x, y0 + row * step * 0.8, step * 0.25, pale)


def sunburst(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    count = p.random.choice((8, 9, 11))
    turn, y = p.u(0, 1), p.u(110, 170)
    for i in range(count):
        a, b = (2 * math.pi * (turn + i + half) / count for half in (0, 0.5))
        corners = [(128 + 400 * math.cos(t), y + 400 * math.sin(t)) for t in (a, b)]
        p.flat(path((128, y), *corners), pale)


def checked(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    step = p.u(34, 44)
    with p.placed(128, 128, p.random.choice((0, 45))):
        for row in range(-6, 6):
            for column in range(-6, 6):
                if (row + column) % 2:
                    rect = skia.Rect.MakeXYWH(column * step, row * step, step, step)
                    p.canvas.drawRect(rect, fill(pale))


def wavy(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    step, reach, phase = p.u(40, 48), p.u(9, 13), p.u(0, 60)
    for row in range(-1, 8):
        y = row * step + 8
        band = skia.Path()
        band.moveTo(-70 - phase, y)
        for k in range(8):
            x = -70 - phase + k * 60
            band.quadTo(x + 15, y - reach * 2, x + 30, y)
            band.quadTo(x + 45, y + reach * 2, x + 60, y)
        p.stroke(band, pale, step * 0.4)


def scattered(p: Press, step: float) -> list[tuple[float, float]]:
    x0, y0 = p.u(-step, 0), p.u(-step * 0.5, 0)
    return [
        (x0 + c * step + (step / 2 if r % 2 else 0), y0 + r * step * 0.86)
        for r in range(8)
        for c in range(8)
    ]


def hearts(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    for x, y in scattered(p, p.u(52, 60)):
        p.flat(heart(x, y, 13), pale)


def stars(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    turn = p.u(-20, 20)
    for x, y in scattered(p, p.u(52, 62)):
        with p.placed(x, y, turn):
            p.flat(star(0, 0, 16), pale)


def sunset(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    """A low sun as broad as the head, in two rings, over dark hills."""
    x = 128 + p.u(-34, 34)
    y, r = p.u(112, 132), p.u(84, 100)
    p.dot(x, y, r + 24, mix(base, (255, 214, 140), 0.4))
    p.dot(x, y, r, (255, 196, 92))
    hills(p, deep, 186)


def hills(p: Press, colour: Colour, y: float) -> None:
    a, b = p.u(-16, 16), p.u(-16, 16)
    near = path(
        (-10, y + a), (60, y - 30, 130, y + b), (200, y + 34, 270, y - a), (270, 270), (-10, 270)
    )
    p.flat(near, colour)


def moonlit(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    """A full moon in a dark ring, stars, and hills."""
    side = p.random.choice((-1, 1))
    x, y, r = 128 + side * p.u(58, 80), p.u(44, 66), p.u(32, 42)
    p.dot(x, y, r + p.u(10, 18), deep)
    p.dot(x, y, r, (255, 248, 214))
    for dx, dy, k in ((-0.34, -0.2, 0.2), (0.3, 0.3, 0.26), (0.22, -0.44, 0.13)):
        p.dot(x + dx * r, y + dy * r, r * k, (236, 218, 172))
    for k in range(9):
        p.flat(star(20 + k * 28 + p.u(-10, 10), p.u(10, 150), p.u(4.5, 6.5), 4, 0.36), pale)
    hills(p, shadow(base, 0.36), 196)


def snowy(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    for x, y in scattered(p, p.u(44, 52)):
        p.dot(x + p.u(-9, 9), y + p.u(-9, 9), p.u(4, 7), (255, 253, 250))
    hills(p, (250, 248, 252), 178)


def woods(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    """Two rows of firs in the sheet's darker tints."""
    for tone, foot, height in ((mix(base, deep, 0.5), 170, 100), (shadow(base, 0.42), 214, 130)):
        x = p.u(-30, -10)
        while x < 280:
            h = height * p.u(0.8, 1.15)
            w = h * 0.3
            tree = path((x, foot - h), (x + w * 0.62, foot - h * 0.52),
                        (x + w * 0.34, foot - h * 0.52),
                        (x + w, foot), (x - w, foot), (x - w * 0.34, foot - h * 0.52),
                        (x - w * 0.62, foot - h * 0.52))  # fmt: skip
            p.flat(tree, tone)
            x += w * p.u(1.5, 2.0)
        p.canvas.drawRect(skia.Rect.MakeLTRB(0, foot - 3, 256, 256), fill(tone))


def clouds(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    near = light(pale, 0.5)
    places = ((30, 52, 46), (214, 84, 54), (44, 150, 52), (226, 176, 46))
    for k, (left, top, width) in enumerate(places):
        x, y, w = left + p.u(-16, 16), top + p.u(-14, 14), p.vary(width, 0.12)
        for dx, dy, r in ((-0.55, 0, 0.34), (0, -0.22, 0.5), (0.55, 0, 0.38), (0, 0.1, 0.4)):
            p.flat(oval(x + dx * w, y + dy * w, r * w, r * w), near if k % 2 else pale)


def leafy(p: Press, base: Colour, pale: Colour, deep: Colour) -> None:
    """Big leaves that come in from the edges."""
    for k in range(9):
        a = math.tau * (k + p.u(-0.25, 0.25)) / 9
        x, y = 128 + 158 * math.cos(a), 128 + 158 * math.sin(a)
        tone = deep if k % 2 else shadow(base, 0.36)
        with p.placed(x, y, math.degrees(a) - 90 + p.u(-16, 16)):
            p.flat(path((0, 24), (-44, -20, 0, -p.u(74, 88)), (44, -20, 0, 24)), tone)
            p.stroke(path((0, 20), (0, -62), close=False), base, 3.4)


SETTINGS: dict[str, Setting] = {
    "plain": plain, "striped": striped, "dotted": dotted, "sunburst": sunburst, "checked": checked,
    "wavy": wavy, "hearts": hearts, "stars": stars, "leafy": leafy, "sunset": sunset,
    "moonlit": moonlit, "snowy": snowy, "woods": woods, "clouds": clouds,
}  # fmt: skip
