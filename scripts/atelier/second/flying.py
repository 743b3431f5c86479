"""What flies in a view: gulls, a balloon, an airship, a plane."""

from __future__ import annotations

import skia
from brush import polygon
from ink import Colour, line, mix, oval, path, rounded

from second.country import Country
from second.palette import DYES
from second.press import PAPER, common, without


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
