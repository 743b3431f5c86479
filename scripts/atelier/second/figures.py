"""Who is in a landscape: one figure close to us, standing on y = 0, about 40 units high."""

from __future__ import annotations

from collections.abc import Callable

from brush import polygon
from ink import Colour, line, mix, oval, path, rounded

from second.country import Country
from second.press import PAPER, joined


def legs(c: Country, places: tuple[float, ...], top: float, width: float, colour: Colour) -> None:
    for k, x in enumerate(places):
        tone = c.bright(colour) if k % 2 else mix(c.bright(colour), c.light.shade, 0.36)
        c.flat(
            polygon(
                [(x - width, top), (x + width, top), (x + width * 0.6, 1), (x - width * 0.6, 1)]
            ),
            tone,
        )


def deer(c: Country) -> None:
    fur: Colour = (176, 112, 66)
    legs(c, (-16, -11, 9, 14), -20, 2.6, fur)
    horn = line(c.shaded((120, 84, 58), 0, 0.2), 2.4)
    for dx, lean in ((17, -5), (21, 6)):
        branch = path((dx, -45), (dx + lean * 0.3, -56, dx + lean * 1.6, -66), close=False)
        c.canvas.drawPath(branch, horn)
        c.canvas.drawLine(dx + lean * 0.5, -56, dx + lean * 1.9 + 3, -59, horn)
    body = joined(
        oval(-2, -24, 18, 9.5), path((6, -28), (14, -42), (23, -42), (20, -24), (12, -16))
    )
    c.solid(body, mix(fur, PAPER, 0.08), 0, 0.26)
    c.solid(
        path((14, -46), (20, -50, 25, -46), (35, -39), (33, -35), (21, -36, 14, -40)), fur, 0, 0.2
    )
    c.flat(path((15, -45), (6, -50), (10, -42)), c.bright(fur))
    c.flat(oval(-20, -28, 3.4, 4), c.bright(PAPER))
    c.dot(25, -43, 1.5, c.shaded((30, 20, 30)))
    c.dot(34, -37.5, 1.9, c.shaded((30, 20, 30)))


def sheep(c: Country) -> None:
    face: Colour = (66, 56, 70)
    legs(c, (-14, -9, 7, 12), -12, 2.6, face)
    wool = joined(*(oval(x, y, r, r) for x, y, r in (
        (-15, -22, 9), (-6, -29, 9), (5, -29, 9), (13, -22, 9), (5, -15, 9), (-8, -15, 9),
        (-1, -22, 11))))  # fmt: skip
    c.solid(wool, (252, 248, 238), 0, 0.22)
    c.flat(
        path((14, -33), (23, -37, 29, -29), (30, -19, 23, -17), (15, -20, 14, -33)), c.bright(face)
    )
    c.flat(path((16, -33), (8, -34), (13, -28)), c.bright(face))
    c.dot(24, -28, 1.7, c.bright(PAPER))
    c.flat(oval(19, -35, 6, 3.6), c.bright((252, 248, 238)))


def horse(c: Country) -> None:
    coat, mane = (134, 78, 54), (60, 40, 48)
    legs(c, (-17, -11, 9, 15), -20, 3.0, coat)
    c.flat(path((-20, -30), (-34, -24, -29, -4), (-24, -14, -18, -24)), c.bright(mane))
    body = joined(oval(-2, -26, 20, 11), path((6, -32), (18, -52), (28, -48), (22, -24), (12, -18)))
    c.solid(body, coat, 0, 0.26)
    c.solid(
        path((16, -54), (24, -58, 29, -52), (39, -41), (36, -35), (26, -39, 18, -44)), coat, 0, 0.2
    )
    c.flat(path((18, -56), (21, -63), (25, -56)), c.bright(coat))
    c.flat(path((20, -57), (8, -50, 4, -32), (12, -36, 20, -50)), c.bright(mane))
    c.dot(28, -49, 1.7, c.shaded((30, 20, 30)))


def hiker(c: Country) -> None:
    coat, trousers, skin = (232, 84, 66), (60, 66, 110), (236, 186, 150)
    for x0, x1 in ((-3, -9), (2, 8)):
        leg = line(c.bright(trousers), 6)
        c.canvas.drawLine(x0, -19, x1, -3, leg)
        c.flat(rounded(x1 - 3.6, -4, x1 + 5.4, 1.4, 2), c.shaded((86, 56, 50)))
    c.solid(rounded(-18, -42, -6, -20, 4), (96, 140, 84), 0, 0.3)
    c.solid(rounded(-8, -43, 8, -17, 6), coat, 0, 0.26)
    c.canvas.drawLine(4, -36, 16, -28, line(mix(c.bright(coat), c.light.shade, 0.2), 5))
    c.canvas.drawLine(18, -42, 15, 1, line(c.shaded((120, 84, 60)), 2.6))
    c.dot(17, -28, 2.8, c.bright(skin))
    c.dot(1, -50, 7, c.bright(skin))
    c.flat(
        path((-9, -51), (-7, -61, 8, -61), (10, -53), (15, -50), (-9, -50)),
        c.bright((250, 204, 90)),
    )


def nobody(c: Country) -> None:
    """The place is empty."""


FIGURES: dict[str, Callable[[Country], None]] = {
    "none": nobody, "deer": deer, "sheep": sheep, "horse": horse, "hiker": hiker,
}  # fmt: skip
