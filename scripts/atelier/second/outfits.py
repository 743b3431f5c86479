"""Busts at (0, 0) below the neck, bare or dressed."""

from __future__ import annotations

from typing import Any

from ink import Colour, light, mirrored, moved, oval, path, rounded

from second.anatomy import Coat
from second.palette import DYES, GOLD
from second.press import PAPER, Press, shadow


def bust(p: Press, coat: Coat, species: str, outfit: str, dye: Colour) -> None:
    wide = p.u(58, 74)
    torso = mirrored((0, -22), (30, -20), (wide - 6, -8, wide + 4, 90), (0, 90))
    if outfit == "none":
        bare(p, coat, species, torso, wide)
    else:
        p.solid(mirrored((0, -22), (30, -20, 40, 10), (0, 24)), coat.fur, 1, 0.5)
        OUTFITS[outfit](p, torso, dye)
    chin = oval(p.lit * -6, -14, 62, 20)
    p.within(torso, chin, (40, 10, 70), 80)  # the head's shadow
    p.outline(torso, 1.15)


def bare(p: Press, coat: Coat, species: str, torso: Any, wide: float) -> None:
    p.shade(torso, coat.fur)
    x = p.turn * 0.5
    if species == "robot":
        p.solid(rounded(x - 36, 22, x + 36, 100, 8), light(coat.fur, 0.35), 0.9, 0.5)
        lamps: tuple[Colour, ...] = ((246, 78, 84), (252, 200, 70), (84, 206, 160))
        for k, lamp in enumerate(lamps):
            p.solid(oval(x + 20 * (k - 1), 42, 7, 7), lamp, 0.8, 0.4)
    elif species == "dragon":
        plates = moved(mirrored((0, 0), (30, 6, 36, 40, 34, 100), (0, 100)), x, 0)
        p.within(torso, plates, (250, 222, 160))
        for y in (18, 36, 54):
            p.within(
                torso,
                path((x - 34, y), (x + 34, y), (x + 34, y + 5), (x - 34, y + 5)),
                (208, 158, 96),
            )
    elif species == "owl":
        for row in range(3):
            for k in range(4):
                cx, y = x + (k - 1.5) * 22 + (11 if row % 2 else 0), 18 + row * 16
                p.stroke(path((cx - 8, y), (cx, y + 10, cx + 8, y), close=False), coat.deep, 4)
    else:
        half = wide * (0.74 if species == "penguin" else 0.46)
        p.within(torso, oval(x, 66, half, 60), coat.cream)


def sweater(p: Press, torso: Any, dye: Colour) -> None:
    p.shade(torso, dye)
    pale = PAPER if dye != DYES["white"] else DYES["blue"]
    for y in (20, 46):
        band = path(
            (-100, y + 4), (0, y + 12, 100, y + 4), (100, y + 15), (0, y + 23, -100, y + 15)
        )
        p.within(torso, band, pale)
    neck = path((-38, -18), (0, 12, 38, -18), (42, -6), (0, 28, -42, -6))
    p.solid(neck, dye, 1, 0.5)


def hoodie(p: Press, torso: Any, dye: Colour) -> None:
    p.shade(torso, dye)
    hood = path((-62, 2), (-58, -34, 0, -34), (58, -34, 62, 2), (34, 34, 0, 34), (-34, 34, -62, 2))
    p.solid(hood, dye, 1.1, 0.6)
    p.flat(path((-38, -12), (0, 26, 38, -12), (0, -30, -38, -12)), shadow(dye, 0.5))
    for s in (-1, 1):
        cord = path((s * 15, 22), (s * 17, 52), close=False)
        p.stroke(cord, p.ink, 4 + p.weight)
        p.stroke(cord, PAPER if dye != DYES["white"] else GOLD, 4)


def suit(p: Press, torso: Any, dye: Colour) -> None:
    p.shade(torso, dye)
    x = p.turn * 0.4
    p.within(
        torso, path((-26, -24), (26, -24), (x, 66)), PAPER if dye != DYES["white"] else DYES["blue"]
    )
    for s in (-1, 1):
        lapel = path((s * 28, -22), (s * 48, 2), (s * 36, 12), (s * 42, 20), (x, 68))
        p.solid(lapel, shadow(dye, 0.14) if sum(dye) > 240 else light(dye, 0.12), 1, 0.4)
    for y in (78,):
        p.dot(x, y, 3.6, p.ink)


def shirt(dye: Colour) -> Colour:
    """Return the colour of what is worn under overalls."""
    return PAPER if dye != DYES["white"] else DYES["blue"]


def overalls(p: Press, torso: Any, dye: Colour) -> None:
    """A bib with two straps over a pale shirt."""
    p.shade(torso, shirt(dye))
    x = p.turn * 0.4
    for s in (-1, 1):
        strap = path((x + s * 40, 40), (s * 46, -20), close=False)
        p.stroke(strap, p.ink, 12 + p.weight * 1.6)
        p.stroke(strap, dye, 12)
    bib = path((x - 44, 30), (x + 44, 30), (x + 52, 100), (x - 52, 100))
    p.solid(bib, dye, 1.1, 0.6)
    for s in (-1, 1):
        p.solid(oval(x + s * 36, 37, 5.5, 5.5), GOLD, 0.8, 0.3)


OUTFITS = {"sweater": sweater, "hoodie": hoodie, "suit": suit, "overalls": overalls}
