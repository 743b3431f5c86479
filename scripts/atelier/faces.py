"""Eyes, mouths and glasses, drawn large: the smallest thing a small model must learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anatomy import Face
from ink import GOLD, INK, WHITE, Colour, Pen, dark, mix, oval, path, star

GLOW: Colour = (132, 255, 236)
SCREEN: Colour = (36, 38, 66)
LIP: Colour = (112, 20, 44)
LENS = 1.42  # a lens over the eye it frames
TONGUE: Colour = (255, 96, 128)
IRISES: tuple[Colour, ...] = ((58, 150, 84), (52, 122, 222), (170, 96, 36), (132, 78, 196))


def eyes(pen: Pen, face: Face, kind: str, fur: Colour, scale: float = 1) -> None:
    apart, y, radius = face.eyes
    apart, radius = pen.vary(apart, 0.03), pen.vary(radius, 0.05) * scale
    gaze = (pen.random.uniform(-0.2, 0.2) * radius, pen.random.uniform(-0.1, 0.16) * radius)
    iris = pen.random.choice(IRISES)
    for side in (-1, 1):
        x = side * apart
        if kind == "happy" or (kind == "wink" and side == 1):
            _arch(pen, x, y, radius, face.screen)
        elif kind == "starry":
            _starry(pen, x, y, radius)
        else:
            lid = None if kind in ("round", "wink") else _lid(kind, x, y, radius, side)
            _ball(pen, (x, y, radius), gaze, iris, lid, dark(fur, 0.2), face.screen)
            if kind == "angry":
                _brow(pen, x, y, radius, side, face.screen)


def _lid(kind: str, x: float, y: float, r: float, side: int) -> Any:
    """Return the half plane that the lid covers: level when sleepy, falling inwards when angry."""
    inner, outer = (0.08, 0.08) if kind == "sleepy" else (0.1, -0.86)
    far = side * r * 1.4
    return path(
        (x - far, y + r * inner),
        (x + far, y + r * outer),
        (x + far, y - 2 * r),
        (x - far, y - 2 * r),
    )


def _ball(
    pen: Pen,
    at: tuple[float, float, float],
    gaze: tuple[float, float],
    iris: Colour,
    lid: Any,
    lid_colour: Colour,
    screen: bool,
) -> None:
    x, y, r = at
    white = oval(x, y, r * 0.95, r * 1.06)
    pen.flat(white, GLOW if screen else WHITE)
    gx, gy = x + gaze[0], y + gaze[1] + (r * 0.22 if lid is not None else 0)
    with pen.inside(white):
        if not screen:
            pen.dot(gx, gy, r * 0.72, dark(iris, 0.25))
            pen.dot(gx, gy + r * 0.1, r * 0.58, iris)
        pen.dot(gx, gy, r * (0.56 if screen else 0.44), (22, 12, 30))
        pen.dot(gx - r * 0.26, gy - r * 0.28, r * 0.27, WHITE)
        pen.dot(gx + r * 0.24, gy + r * 0.26, r * 0.14, WHITE, 210)
        if lid is not None:
            pen.flat(lid, SCREEN if screen else lid_colour)
            pen.stroke(lid, GLOW if screen else INK, 6.4)
    pen.stroke(white, SCREEN if screen else INK, 4.4)
    if lid is None and not screen:  # the lash line weighs more than the rest of the eye
        lash = path(
            (x - r * 0.93, y - r * 0.3),
            (x - r * 0.6, y - r * 1.2, x + r * 0.6, y - r * 1.2, x + r * 0.93, y - r * 0.3),
            close=False,
        )
        pen.stroke(lash, INK, 6.4)


def _brow(pen: Pen, x: float, y: float, r: float, side: int, screen: bool) -> None:
    brow = path((x - side * r * 1.12, y - r * 0.02), (x + side * r * 1.2, y - r * 1.0), close=False)
    if not screen:
        pen.stroke(brow, INK, 9)
    else:
        pen.stroke(brow, GLOW, 8)


def _arch(pen: Pen, x: float, y: float, r: float, screen: bool) -> None:
    arch = path(
        (x - r, y + r * 0.42),
        (x - r * 0.6, y - r * 0.95, x + r * 0.6, y - r * 0.95, x + r, y + r * 0.42),
        close=False,
    )
    pen.stroke(arch, GLOW if screen else INK, 8)


def _starry(pen: Pen, x: float, y: float, r: float) -> None:
    shape = star(x, y + r * 0.06, r * 1.34)
    pen.stroke(shape, INK, 9)
    pen.flat(shape, GOLD)
    pen.flat(star(x - r * 0.08, y - r * 0.04, r * 0.66), (255, 244, 176))


def mouth(pen: Pen, face: Face, kind: str) -> None:
    y, width = face.mouth
    MOUTHS[kind](pen, y, pen.vary(width, 0.06), GLOW if face.screen else INK)


def _smile(pen: Pen, y: float, w: float, colour: Colour) -> None:
    curve = path(
        (-w, y - 3), (-w * 0.5, y + w * 0.82, w * 0.5, y + w * 0.82, w, y - 3), close=False
    )
    pen.stroke(curve, colour, 6.2)


def _serious(pen: Pen, y: float, w: float, colour: Colour) -> None:
    slope = pen.random.uniform(-1.5, 1.5)
    pen.stroke(path((-w * 0.84, y + 8 + slope), (w * 0.84, y + 8 - slope), close=False), colour, 7)


def _grin(pen: Pen, y: float, w: float, colour: Colour) -> None:
    deep = y + w * 0.98
    lips = path(
        (-w * 1.1, y - 4),
        (0, y + 3, w * 1.1, y - 4),
        (w * 1.1, deep * 0.8 + y * 0.2, w * 0.5, deep, 0, deep),
        (-w * 0.5, deep, -w * 1.1, deep * 0.8 + y * 0.2, -w * 1.1, y - 4),
    )
    pen.flat(lips, WHITE)
    with pen.inside(lips):
        for x in (-0.52, 0, 0.52):
            pen.stroke(path((x * w, y - 8), (x * w, deep + 4), close=False), (140, 124, 156), 3.2)
    pen.stroke(lips, colour, 5)


def _open(pen: Pen, y: float, w: float, colour: Colour) -> None:
    lips = oval(0, y + w * 0.42, w * 0.7, w * 0.68)
    pen.flat(lips, LIP)
    with pen.inside(lips):
        pen.flat(oval(0, y + w * 1.02, w * 0.56, w * 0.5), TONGUE)
    pen.stroke(lips, colour, 5)


def _tongue(pen: Pen, y: float, w: float, colour: Colour) -> None:
    half, end = w * 0.54, y + w * 1.42
    shape = path(
        (-half, y + 8),
        (half, y + 8),
        (half * 1.25, end, half * 0.5, end, 0, end),
        (-half * 0.5, end, -half * 1.25, end, -half, y + 8),
    )
    pen.flat(shape, TONGUE)
    pen.stroke(path((0, y + 14), (0, y + w * 0.82), close=False), mix(TONGUE, LIP, 0.5), 3.4)
    pen.stroke(shape, INK, 4.6)
    _smile(pen, y, w, colour)


MOUTHS: dict[str, Callable[[Pen, float, float, Colour], None]] = {
    "smile": _smile,
    "grin": _grin,
    "open": _open,
    "tongue": _tongue,
    "serious": _serious,
}


def lenses(pen: Pen, face: Face) -> None:
    """Draw the glass under the eyes: pale, so that every kind of eye stands out on it."""
    apart, y, radius = face.eyes
    for s in (-1, 1):
        pen.dot(s * apart, y, radius * LENS, (206, 236, 255), 40 if face.screen else 190)


def frames(pen: Pen, face: Face) -> None:
    apart, y, radius = face.eyes
    r = radius * LENS
    rim: Colour = (236, 240, 248) if face.screen else (40, 30, 50)
    for s in (-1, 1):
        pen.stroke(
            path((s * (apart + r), y - 3), (s * (apart + r + 13), y - 7), close=False), rim, 7
        )
        pen.stroke(oval(s * apart, y, r, r), rim, 7.5)
    pen.stroke(path((-apart + r, y), (0, y - 6, apart - r, y), close=False), rim, 7)
