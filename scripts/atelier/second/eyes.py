"""Eyes and glasses, drawn large: the smallest thing that a small model must learn."""

from __future__ import annotations

from typing import Any

from ink import WHITE, Colour, mirrored, moved, oval, path, star

from second.anatomy import PALE, Coat, Face
from second.palette import GOLD
from second.press import Press, without

GLOW: Colour = (132, 250, 232)
SCREEN: Colour = (38, 40, 72)
LENS = 1.5  # a lens over the eye behind it
SMALLER = 0.82  # an eye behind glass, so that a ring of glass is seen around it


def heart(x: float, y: float, r: float) -> Any:
    shape = mirrored((0, -r * 0.45), (r * 0.35, -r * 1.15, r * 1.25, -r * 0.8, r * 0.98, 0),
                     (r * 0.8, r * 0.5, r * 0.3, r * 0.75, 0, r))  # fmt: skip
    return moved(shape, x, y)


def eyes(p: Press, face: Face, kind: str, coat: Coat, spectacled: bool) -> None:
    apart, y, r = face.eyes
    y += p.pitch
    if spectacled:
        r *= SMALLER
    elif face.front is None:
        apart, r = p.vary(apart, 0.06), p.vary(r, 0.14)
    gaze = (p.turn * 0.018 + p.u(-0.24, 0.24), p.pitch * 0.02 + p.u(-0.16, 0.18))
    line = GLOW if face.screen else p.ink
    if coat.dark and not (face.screen or face.mask or spectacled):
        line = PALE
    winking, brow = p.random.choice((-1, 1)), p.random.choice((None, None, 0.0, 0.25, -0.2))
    for side in (-1, 1):
        x = side * apart * (1 - 0.004 * p.turn * side) + p.turn
        far = 1 - 0.009 * p.turn * side  # the eye that is further off looks narrower
        w = r * max(0.84, min(1.06, far))
        if kind == "happy" or (kind == "wink" and side == winking):
            arch(p, x, y, w, line, 1)
        elif kind == "closed":
            arch(p, x, y, w, line, -1)
            for t in (-0.75, 0.75):
                lash = path((x + w * t, y + r * 0.2), (x + w * t * 1.35, y + r * 0.62), close=False)
                p.stroke(lash, line, p.weight)
        elif kind in ("starry", "hearts"):
            shape = star(x, y, r * 1.3) if kind == "starry" else heart(x, y, r * 1.12)
            p.stroke(shape, p.ink, p.weight * 2)
            p.flat(shape, GOLD if kind == "starry" else (238, 58, 92))
            if kind == "hearts":
                p.gleam(x - r * 0.4, y - r * 0.4, r * 0.24, r * 0.17)
        else:
            ball(p, (x, y, w, r), gaze, coat, face.screen, kind, side, line)
            if brow is not None and kind in ("round", "wink") and not spectacled and not face.front:
                edge = path((x - w * 0.7, y - r * (1.5 + brow * side)),
                            (x, y - r * 1.78, x + w * 0.7, y - r * (1.5 - brow * side)),
                            close=False)  # fmt: skip
                p.stroke(edge, line, p.weight * 1.1)


def arch(p: Press, x: float, y: float, w: float, colour: Colour, up: int) -> None:
    rise = w * 1.1
    curve = path(
        (x - w, y + up * w * 0.4),
        (x - w * 0.55, y + up * (w * 0.4 - rise), x + w * 0.55, y + up * (w * 0.4 - rise), x + w,
         y + up * w * 0.4), close=False,
    )  # fmt: skip
    p.stroke(curve, colour, p.weight * 1.6)


def ball(
    p: Press, at: tuple[float, float, float, float], gaze: tuple[float, float], coat: Coat,
    screen: bool, kind: str, side: int, brow: Colour,
) -> None:  # fmt: skip
    """An eyeball, its pupil and its lid: level when sleepy, falling inwards when angry."""
    x, y, w, r = at
    white = oval(x, y, w * 0.95, r * 1.06)
    line = GLOW if screen else p.ink
    p.flat(white, GLOW if screen else WHITE)
    lidded = kind in ("sleepy", "angry")
    gx, gy = x + gaze[0] * w, y + gaze[1] * r + (r * 0.24 if lidded else 0)
    p.within(white, oval(gx, gy, w * 0.66, r * 0.74), SCREEN if screen else p.ink)
    if not screen:
        p.within(white, oval(gx, gy + r * 0.36, w * 0.44, r * 0.26), (104, 84, 150))
    p.dot(gx + p.lit * w * 0.24, gy - r * 0.26, r * 0.25, WHITE)
    if lidded:
        inner, outer = (0.1, 0.1) if kind == "sleepy" else (0.16, -0.8)
        lid = path((x - side * w * 2, y + r * (inner + 0.4 * (inner - outer))),
                   (x + side * w * 2, y + r * (outer - 0.4 * (inner - outer))),
                   (x + side * w * 2, y - 3 * r), (x - side * w * 2, y - 3 * r))  # fmt: skip
        cover = without(white, without(white, lid))
        p.flat(cover, SCREEN if screen else coat.deep)
        p.stroke(cover, line, p.weight * 0.9)
    p.stroke(white, line, p.weight * 0.95)
    if kind == "angry":
        ridge = path(
            (x - side * w * 1.05, y - r * 0.3), (x + side * w * 1.1, y - r * 1.32), close=False
        )
        p.stroke(ridge, brow, p.weight * 2)


def lenses(p: Press, face: Face) -> None:
    """Glass behind the eyes: pale, so that every kind of eye stands out on it."""
    apart, y, r = face.eyes
    for s in (-1, 1):
        p.dot(
            s * apart + p.turn, y + p.pitch, r * LENS, (232, 246, 252), 60 if face.screen else 255
        )


def frames(p: Press, face: Face, dye: Colour) -> None:
    """Thick coloured rims, apart from the eyes' own lines."""
    apart, y, r = face.eyes
    lens = min(r * LENS, apart - 3.5)
    arms = [path((s * (apart + lens), y - 3), (s * (apart + lens + 12), y - 8), close=False)
            for s in (-1, 1)]  # fmt: skip
    bridge = path((-apart + lens - 1, y - 2), (0, y - 8, apart - lens + 1, y - 2), close=False)
    rims = [oval(s * apart, y, lens, lens) for s in (-1, 1)]
    with p.turned():
        for shape in (*arms, bridge, *rims):
            p.stroke(shape, p.ink, 6 + p.weight)
        for shape in (*arms, bridge, *rims):
            p.stroke(shape, dye, 5.5)
