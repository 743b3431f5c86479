"""What is worn around a neck at (0, 0), across a bust, or at an ear."""

from __future__ import annotations

from collections.abc import Callable

from ink import Colour, mirrored, oval, path, rounded, star

from second.anatomy import Face
from second.hats import blossom, ribbon, trim
from second.palette import GOLD
from second.press import Press, shadow


def scarf(p: Press, dye: Colour) -> None:
    side, pale = p.random.choice((-1, 1)), trim(dye)
    sway = p.u(-8, 10)
    end = path((side * 8, 10), (side * 40, 8), (side * (48 + sway), 72), (side * (16 + sway), 74))
    p.shade(end, dye, 0.6)
    p.within(end, path((-90, 46), (90, 44), (90, 54), (-90, 56)), pale)
    p.outline(end, 1.1)
    wrap = mirrored((0, -4), (42, -4, 58, -20), (74, -2, 64, 14), (32, 32, 0, 32))
    p.shade(wrap, dye)
    for x in (-46, -16, 14, 44):
        p.within(wrap, path((x, -30), (x + 9, -30), (x + 3, 44), (x - 6, 44)), pale)
    p.outline(wrap, 1.1)


def bowtie(p: Press, dye: Colour) -> None:
    with p.placed(p.turn * 0.5, 18, p.u(-7, 7)):
        ribbon(p, 38, dye)


def necktie(p: Press, dye: Colour) -> None:
    with p.placed(p.turn * 0.5, 0, p.u(-4, 4)):
        blade = path((-8, 18), (8, 18), (20, 80), (0, 100), (-20, 80))
        p.shade(blade, dye, 0.6)
        for y in (40, 62):
            p.within(blade, path((-30, y + 8), (30, y - 6), (30, y + 2), (-30, y + 16)), trim(dye))
        p.outline(blade, 1.1)
        p.solid(path((-14, 2), (14, 2), (9, 22), (-9, 22)), dye, 1.1, 0.5)


def chain(p: Press, dye: Colour) -> None:
    loop = path((-50, -12), (-34, 32, 34, 32, 50, -12), close=False)
    p.stroke(loop, p.ink, 8 + p.weight * 1.6)
    p.stroke(loop, GOLD, 8)
    x = p.turn * 0.4
    p.solid(oval(x, 34, 17, 17), GOLD, 1.1, 0.6)
    p.flat(star(x, 34, 10.5), (196, 118, 30))


def collar(p: Press, dye: Colour) -> None:
    band = path((-54, -10), (-36, 24, 36, 24, 54, -10), close=False)
    p.stroke(band, p.ink, 13 + p.weight * 1.8)
    p.stroke(band, dye, 13)
    x = p.turn * 0.5
    p.solid(oval(x, 28, 13, 13), GOLD, 1.1, 0.6)
    p.stroke(path((x - 7, 31), (x + 7, 31), close=False), p.ink, p.weight * 0.9)


def satchel(p: Press, dye: Colour) -> None:
    side = p.random.choice((-1, 1))
    strap = path((-side * 44, -16), (0, 10, side * 40, 44), close=False)
    p.stroke(strap, p.ink, 9 + p.weight * 1.7)
    p.stroke(strap, shadow(dye, 0.28), 9)
    with p.placed(side * 40, 40, side * -6):
        p.solid(rounded(-30, -22, 30, 34, 9), dye, 1.1, 0.8)
        p.solid(path((-30, -18), (30, -18), (30, 4), (0, 16, -30, 4)), shadow(dye, 0.2), 0.9, 0.4)
        p.solid(rounded(-5, 2, 5, 15, 3), GOLD, 0.8, 0.3)


AROUND_NECK: dict[str, Callable[[Press, Colour], None]] = {
    "scarf": scarf, "bowtie": bowtie, "necktie": necktie, "chain": chain, "collar": collar,
    "satchel": satchel,
}  # fmt: skip


def at_ears(p: Press, face: Face, kind: str, dye: Colour) -> None:
    """Draw a flower at one ear, or a ring and a drop at each."""
    if kind == "flower":
        side = p.random.choice((-1, 1))
        x, y = face.ear
        with p.placed(side * x + p.turn * 0.3, y + 10):
            for angle in (-60, 130):
                with p.placed(0, 0, angle):
                    p.solid(
                        path((0, -6), (26, -14, 34, 0), (24, 12, 0, 6)), (96, 160, 84), 0.8, 0.3
                    )
            blossom(p, 0, 0, 24, dye)
    elif kind == "earrings":
        x, y = face.lobe
        for s in (-1, 1):
            p.stroke(oval(s * x, y + 5, 6, 6), p.ink, 3 + p.weight)
            p.stroke(oval(s * x, y + 5, 6, 6), GOLD, 3)
            p.solid(oval(s * x, y + 22, 10, 11), dye, 1, 0.6)
