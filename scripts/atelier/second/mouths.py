"""Mouths, each drawn around its middle with the half width `w`."""

from __future__ import annotations

from collections.abc import Callable

from ink import WHITE, Colour, mix, oval, path

from second.anatomy import PALE, Coat, Face
from second.eyes import GLOW
from second.press import Press

LIP: Colour = (120, 24, 48)
TONGUE: Colour = (250, 104, 128)


def mouth(p: Press, face: Face, kind: str, coat: Coat) -> None:
    x, y, width = face.mouth
    line = p.ink if face.muzzle or not coat.dark else PALE
    with p.placed(x + p.turn * 1.25, y + p.pitch * 1.1, p.u(-3, 3)):
        MOUTHS[kind](p, p.vary(max(width, 21), 0.1), GLOW if face.screen else line)


def smile(p: Press, w: float, line: Colour) -> None:
    lift = p.u(-2.5, 2.5)
    curve = path((-w, -lift), (-w * 0.5, w * 0.9, w * 0.5, w * 0.9, w, lift), close=False)
    p.stroke(curve, line, p.weight * 1.3)


def frown(p: Press, w: float, line: Colour) -> None:
    curve = path(
        (-w * 0.8, 15), (-w * 0.4, -w * 0.25, w * 0.4, -w * 0.25, w * 0.8, 15), close=False
    )
    p.stroke(curve, line, p.weight * 1.4)


def serious(p: Press, w: float, line: Colour) -> None:
    slope = p.u(-2, 2)
    p.stroke(path((-w * 0.8, 8 + slope), (w * 0.8, 8 - slope), close=False), line, p.weight * 1.5)


def grin(p: Press, w: float, line: Colour) -> None:
    w *= 1.14
    lips = path((-w, -2), (0, 6, w, -2), (w, w * 0.76, w * 0.5, w * 0.94, 0, w * 0.94),
                (-w * 0.5, w * 0.94, -w, w * 0.76, -w, -2))  # fmt: skip
    p.flat(lips, WHITE)
    for x in (-0.5, 0, 0.5):
        tooth = path((x * w - 1.4, 0), (x * w + 1.4, 0), (x * w + 1.4, w), (x * w - 1.4, w))
        p.within(lips, tooth, (168, 156, 184))
    p.stroke(lips, line, p.weight)


def opened(p: Press, w: float, line: Colour) -> None:
    lips = oval(0, w * 0.42, w * 0.66, w * p.u(0.56, 0.72))
    p.flat(lips, LIP)
    p.within(lips, oval(0, w * 0.98, w * 0.56, w * 0.46), TONGUE)
    p.stroke(lips, line, p.weight)


def tongue(p: Press, w: float, line: Colour) -> None:
    half, end, x = w * 0.5, w * 1.36, p.u(-0.2, 0.2) * w
    shape = path((x - half, w * 0.32), (x + half, w * 0.32),
                 (x + half * 1.3, end, x + half * 0.5, end, x, end),
                 (x - half * 0.5, end, x - half * 1.3, end, x - half, w * 0.32))  # fmt: skip
    p.flat(shape, TONGUE)
    p.stroke(path((x, w * 0.5), (x, w * 0.94), close=False), mix(TONGUE, LIP, 0.5), 3)
    p.stroke(shape, p.ink, p.weight)
    smile(p, w, line)


def fangs(p: Press, w: float, line: Colour) -> None:
    w = max(w * 1.15, 23)
    for s in (-1, 1):
        tooth = path((s * w * 0.8, w * 0.24), (s * w * 0.26, w * 0.52), (s * w * 0.52, w * 1.2))
        p.flat(tooth, WHITE)
        p.stroke(tooth, p.ink, p.weight * 0.7)
    smile(p, w, line)


def bubble(p: Press, w: float, line: Colour) -> None:
    r = w * p.u(0.72, 0.86)
    p.solid(oval(0, r * 0.62, r, r), (255, 150, 196), 1, 0.7)
    p.gleam(p.lit * r * 0.4, r * 0.22, r * 0.2, r * 0.26)


MOUTHS: dict[str, Callable[[Press, float, Colour], None]] = {
    "smile": smile, "grin": grin, "open": opened, "tongue": tongue, "serious": serious,
    "frown": frown, "fangs": fangs, "bubble": bubble,
}  # fmt: skip
