"""What is worn on a head: around the brim's middle at (0, 0), `w` being the brim's half width."""

from __future__ import annotations

import math
from collections.abc import Callable

from ink import Colour, light, mix, moved, oval, path, rounded, star

from second.anatomy import Face
from second.palette import DYES, GOLD
from second.press import PAPER, Press, shadow

Hat = Callable[[Press, float, Colour], None]


def headwear(p: Press, face: Face, kind: str, dye: Colour) -> None:
    if kind == "none":
        return
    if kind == "headphones":
        headphones(p, face, dye)
        return
    y, width = face.hat
    with p.placed(p.turn * 0.4, y, p.turn * 0.25 + p.u(-7, 7)):
        HATS[kind](p, p.vary(width, 0.05), dye)


def trim(dye: Colour) -> Colour:
    """Return what stands out on a dye: gold on the dark ones, paper on the others."""
    return PAPER if dye != DYES["white"] else (206, 190, 214)


def crown(p: Press, w: float, dye: Colour) -> None:
    rise = p.vary(w * 0.8, 0.12)
    band = path((-w * 0.72, 10), (-w * 0.84, -rise * 0.8), (-w * 0.4, -rise * 0.3), (0, -rise),
                (w * 0.4, -rise * 0.3), (w * 0.84, -rise * 0.8), (w * 0.72, 10),
                (0, 20, -w * 0.72, 10))  # fmt: skip
    p.shade(band, GOLD, 0.7)
    p.within(band, path((-w, -4), (0, 8, w, -4), (w, 1), (0, 13, -w, 1)), shadow(GOLD, 0.22))
    p.outline(band, 1.1)
    for x, y in ((-w * 0.84, -rise * 0.82), (0.0, -rise * 1.03), (w * 0.84, -rise * 0.82)):
        p.solid(oval(x, y, 6.5, 6.5), (255, 236, 160), 0.9, 0.5)
    p.solid(oval(0, -8, 6.5, 8), DYES["red"], 0.8, 0.5)


def cap(p: Press, w: float, dye: Colour) -> None:
    side = 1 if p.turn >= 0 else -1
    dome = path((-w * 0.96, 8), (-w, -w * 0.96, w, -w * 0.96, w * 0.96, 8), (0, 16, -w * 0.96, 8))
    p.shade(dome, dye)
    p.within(dome, oval(side * w * 0.2, -w * 0.24, w * 0.44, w * 0.4), trim(dye))
    p.outline(dome, 1.1)
    p.solid(oval(0, -w * 0.71, 7, 4.5), dye, 0.9, 0.4)
    brim = path((-side * w * 0.3, 2), (side * w * 0.5, -12, side * w * 1.2, -8, side * w * 1.52, 8),
                (side * w * 1.42, 20, side * w * 1.1, 17), (side * w * 0.5, 6, -side * w * 0.3, 14),
                (-side * w * 0.46, 8, -side * w * 0.3, 2))  # fmt: skip
    p.solid(brim, shadow(dye, 0.18), 1, 0.5)


def beanie(p: Press, w: float, dye: Colour) -> None:
    dome = path((-w * 0.94, 0), (-w, -w * 1.16, w, -w * 1.16, w * 0.94, 0))
    p.solid(oval(0, -w * 0.92, 14, 13), trim(dye), 1, 0.6)
    p.shade(dome, dye)
    for x in (-0.62, -0.21, 0.21, 0.62):
        rib = path((x * w * 0.5 - 2, -w), (x * w * 0.5 + 2, -w), (x * w + 2.4, 0), (x * w - 2.4, 0))
        p.within(dome, rib, shadow(dye, 0.34))
    p.outline(dome)
    p.solid(rounded(-w * 1.05, -13, w * 1.05, 11, 11), light(dye, 0.28) if sum(dye) < 700 else dye,
            1.1, 0.6)  # fmt: skip


def top_hat(p: Press, w: float, dye: Colour) -> None:
    rise = p.vary(w * 1.16, 0.12)
    tube = path((-w * 0.64, 2), (-w * 0.74, -rise), (0, -rise - 9, w * 0.74, -rise), (w * 0.64, 2))
    band = GOLD if dye in (DYES["red"], DYES["pink"], DYES["purple"]) else DYES["red"]
    p.solid(oval(0, 3, w * 1.14, 11), dye, 1.1, 0.5)
    p.shade(tube, dye)
    p.within(tube, path((-w, -20), (0, -13, w, -20), (w, -3), (0, 4, -w, -3)), band)
    p.outline(tube, 1.1)
    p.stroke(path((-w * 0.64, 2), (0, 13, w * 0.64, 2), close=False), p.ink, p.weight)


def wizard_hat(p: Press, w: float, dye: Colour) -> None:
    bend, rise = p.u(-0.5, 0.5) * w, p.vary(w * 1.5, 0.07)
    cone = path((-w * 0.8, 4), (-w * 0.4, -rise * 0.5, bend * 0.2 - 8, -rise * 0.72),
                (bend * 0.5, -rise, bend, -rise * 1.04),
                (bend * 0.6, -rise * 0.8, w * 0.3, -rise * 0.5),
                (w * 0.5, -rise * 0.4, w * 0.8, 4))  # fmt: skip
    p.solid(oval(0, 4, w * 1.26, 11.5), dye, 1.1, 0.5)
    p.shade(cone, dye)
    p.within(cone, path((-w, -13), (0, -3, w, -13), (w, 2), (0, 13, -w, 2)), GOLD)
    p.outline(cone, 1.1)
    glint = GOLD if dye != DYES["yellow"] else DYES["purple"]
    p.flat(star(-w * 0.12, -rise * 0.38, 11), glint)
    p.flat(star(w * 0.12, -rise * 0.64, 6.5), glint)


def cowboy_hat(p: Press, w: float, dye: Colour) -> None:
    rise = w * p.u(0.78, 0.9)
    crown_ = path((-w * 0.62, 2), (-w * 0.66, -rise, -w * 0.34, -rise),
                  (-w * 0.14, -rise, 0, -rise * 0.78), (w * 0.14, -rise, w * 0.34, -rise),
                  (w * 0.66, -rise, w * 0.62, 2))  # fmt: skip
    p.shade(crown_, dye)
    p.within(crown_, path((-w, -14), (0, -8, w, -14), (w, 4), (0, 9, -w, 4)), shadow(dye, 0.5))
    p.outline(crown_, 1.1)
    brim = path((-w * 1.5, -16), (-w * 1.0, 4, -w * 0.6, -3), (0, 3, w * 0.6, -3),
                (w * 1.0, 4, w * 1.5, -16), (w * 1.3, 16, w * 0.5, 14), (0, 18, -w * 0.5, 14),
                (-w * 1.3, 16, -w * 1.5, -16))  # fmt: skip
    p.solid(brim, dye, 1.1, 0.5)


def party_hat(p: Press, w: float, dye: Colour) -> None:
    rise = w * p.u(1.25, 1.45)
    with p.placed(p.random.choice((-1, 1)) * w * 0.14, 4, p.u(-8, 8)):
        cone = path((-w * 0.56, 2), (0, -rise), (w * 0.56, 2), (0, 12, -w * 0.56, 2))
        p.shade(cone, dye)
        for t in (0.2, 0.52):
            y = -rise * t
            p.within(cone, path((-w, y + 6), (w, y - 8), (w, y - 20), (-w, y - 6)), trim(dye))
        p.outline(cone, 1.1)
        p.solid(oval(0, -rise, 10, 10), trim(dye), 1, 0.6)


def beret(p: Press, w: float, dye: Colour) -> None:
    side = p.random.choice((-1, 1))
    puff = path((-side * w * 0.86, 4), (-side * w * 1.2, -w * 0.5, -side * w * 0.2, -w * 0.66),
                (side * w * 0.9, -w * 0.8, side * w * 1.26, -w * 0.2),
                (side * w * 1.36, 6, side * w * 0.86, 8), (0, 16, -side * w * 0.86, 4))  # fmt: skip
    p.stroke(path((0, -w * 0.6), (side * 4, -w * 0.82), close=False), p.ink, p.weight * 1.6)
    p.solid(puff, dye, 1.1)
    band = path((-side * w * 0.84, 2), (0, 14, side * w * 0.86, 6), close=False)
    p.stroke(band, p.ink, 7 + p.weight)
    p.stroke(band, shadow(dye, 0.34), 6)


def wreath(p: Press, w: float, dye: Colour) -> None:
    """Flowers of one colour on a ring of leaves."""
    for k in range(6):
        t = (k + 0.5) / 3 - 1
        x, y = t * w * 1.08, 10 - 20 * (1 - t * t)
        with p.placed(x, y, t * 70):
            p.solid(path((-15, 4), (-8, -16, 15, -5), (4, 12, -15, 4)), (96, 160, 84), 0.8, 0.4)
    for k in range(5):
        t = k / 2 - 1
        blossom(p, t * w * 0.98, 6 - 20 * (1 - t * t), 14 if k % 2 else 16.5, dye)


def blossom(p: Press, x: float, y: float, r: float, dye: Colour) -> None:
    """A flower of five round petals and a golden heart, clear at any size."""
    petals = oval(0, 0, r * 0.5, r * 0.5)
    for k in range(5):
        a = math.tau * k / 5 - 0.3
        petals.addCircle(math.cos(a) * r * 0.62, math.sin(a) * r * 0.62, r * 0.46)
    p.stroke(moved(petals, x, y), p.ink, p.weight * 1.5)
    p.flat(moved(petals, x, y), dye)
    heart = GOLD if dye != DYES["yellow"] else (190, 96, 40)
    p.dot(x, y, r * 0.36, heart)


def bow(p: Press, w: float, dye: Colour) -> None:
    side = p.random.choice((-1, 1))
    with p.placed(side * w * 0.5, -2, side * 16):
        ribbon(p, 30, dye)


def ribbon(p: Press, reach: float, dye: Colour) -> None:
    """A bow around (0, 0) whose wings reach so far."""
    h = reach * 0.66
    for s in (-1, 1):
        wing = path((0, 0), (s * reach * 0.5, -h * 1.1, s * reach, -h),
                    (s * reach * 1.22, 0, s * reach, h),
                    (s * reach * 0.5, h * 1.1, 0, 0))  # fmt: skip
        p.solid(wing, dye, 1, 0.7)
        fold = path((s * reach * 0.34, -1), (s * reach * 0.72, -3), close=False)
        p.stroke(fold, shadow(dye, 0.55), p.weight * 0.9)
    p.solid(rounded(-reach * 0.24, -reach * 0.3, reach * 0.24, reach * 0.3, 6),
            mix(dye, PAPER, 0.16),
            1, 0.5)  # fmt: skip


def headphones(p: Press, face: Face, dye: Colour) -> None:
    half, top = face.phones
    y = 2 if face.front is None else 12
    with p.turned(-0.1):
        band = path((-half, y - 8), (-half, top - 26, half, top - 26, half, y - 8), close=False)
        p.stroke(band, p.ink, 11 + p.weight * 1.6)
        p.stroke(band, (92, 92, 116), 10)
        for s in (-1, 1):
            p.solid(rounded(s * half - 15, y - 29, s * half + 15, y + 29, 14), dye, 1.1, 0.8)


HATS: dict[str, Hat] = {
    "crown": crown, "cap": cap, "beanie": beanie, "top hat": top_hat, "wizard hat": wizard_hat,
    "cowboy hat": cowboy_hat, "party hat": party_hat, "beret": beret, "wreath": wreath, "bow": bow,
}  # fmt: skip
