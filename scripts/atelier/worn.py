"""What a character wears: hats around the brim at (0, 0), and things around the neck."""

from __future__ import annotations

from collections.abc import Callable

from anatomy import Face
from ink import GOLD, INK, WHITE, Colour, Pen, dark, light, mirrored, oval, path, rounded, star

RED: Colour = (228, 48, 54)
TEAL: Colour = (28, 168, 160)
FELT: Colour = (62, 50, 80)
INDIGO: Colour = (82, 62, 196)
CUPS: Colour = (248, 62, 128)


def headwear(pen: Pen, face: Face, kind: str) -> None:
    if kind == "none":
        return
    if kind == "headphones":
        _headphones(pen, *face.phones)
        return
    y, width = face.hat
    tilt = pen.random.uniform(-10, 10)
    with pen.placed(pen.random.uniform(-4, 4), y, tilt):
        HATS[kind](pen, pen.vary(width, 0.05))


def hat_shadow(pen: Pen, face: Face, kind: str) -> None:
    """Darken the brow under a hat; before the eyes, which stay clean."""
    if kind in ("none", "headphones"):
        return
    y, width = face.hat
    with pen.inside(face.head):
        pen.flat(oval(3, y + 4, width * 1.12, 19), (40, 10, 70), 80)


def _crown(pen: Pen, w: float) -> None:
    rise = pen.vary(w * 0.78, 0.1)
    band = path(
        (-w * 0.76, 8),
        (-w * 0.9, -rise * 0.84),
        (-w * 0.42, -rise * 0.34),
        (0, -rise * 1.08),
        (w * 0.42, -rise * 0.34),
        (w * 0.9, -rise * 0.84),
        (w * 0.76, 8),
        (0, 17, -w * 0.76, 8),
    )
    pen.solid(band, GOLD)
    pen.stroke(path((-w * 0.72, -6), (0, 3, w * 0.72, -6), close=False), dark(GOLD, 0.35), 3.2)
    for x, gem in ((-0.44, RED), (0.0, (40, 130, 240)), (0.44, RED)):
        pen.dot(x * w, 1 if x else 3, 5.6, gem)
    for x, y in ((-w * 0.9, -rise * 0.86), (0.0, -rise * 1.1), (w * 0.9, -rise * 0.86)):
        pen.solid(oval(x, y, 6.5, 6.5), (255, 224, 110), 4)


def _cap(pen: Pen, w: float) -> None:
    dome = path(
        (-w * 0.98, 8),
        (-w * 0.98, -w * 0.92, w * 0.98, -w * 0.92, w * 0.98, 8),
        (0, 14, -w * 0.98, 8),
    )
    pen.solid(dome, RED)
    pen.flat(oval(-w * 0.22, -w * 0.3, w * 0.24, w * 0.24), WHITE)
    pen.solid(oval(0, -w * 0.69, 7, 5), RED, 4)
    brim = path(
        (-w * 0.2, 0),
        (w * 0.5, -10, w * 1.2, -6, w * 1.5, 10),
        (w * 1.4, 20, w * 1.2, 18),
        (w * 0.5, 6, -w * 0.3, 12),
        (-w * 0.4, 4, -w * 0.2, 0),
    )
    pen.solid(brim, dark(RED, 0.16))


def _beanie(pen: Pen, w: float) -> None:
    dome = path((-w * 0.96, 0), (-w * 1.0, -w * 1.12, w * 1.0, -w * 1.12, w * 0.96, 0))
    pen.solid(oval(0, -w * 0.9, 15, 14.5), (252, 246, 234))
    pen.shade(dome, TEAL)
    with pen.inside(dome):
        for x in (-0.6, -0.2, 0.2, 0.6):
            rib = path((x * w * 0.4, -w), (x * w, -w * 0.5, x * w * 1.05, 0), close=False)
            pen.stroke(rib, dark(TEAL, 0.4), 3.4)
    pen.outline(dome, TEAL)
    pen.solid(rounded(-w * 1.06, -13, w * 1.06, 11, 12), light(TEAL, 0.35))


def _top_hat(pen: Pen, w: float) -> None:
    rise = pen.vary(w * 1.12, 0.1)
    tube = path((-w * 0.64, 2), (-w * 0.74, -rise), (0, -rise - 8, w * 0.74, -rise), (w * 0.64, 2))
    pen.solid(oval(0, 2, w * 1.12, 11), FELT)
    pen.shade(tube, FELT)
    with pen.inside(tube):
        pen.flat(path((-w, -19), (0, -13, w, -19), (w, -2), (0, 5, -w, -2)), (224, 44, 78))
    pen.outline(tube, INK)
    lip = path((-w * 0.66, 2), (0, 12, w * 0.66, 2), close=False)
    pen.stroke(lip, INK, 4)


def _wizard_hat(pen: Pen, w: float) -> None:
    bend = pen.random.uniform(-0.36, 0.36)
    rise = pen.vary(w * 1.55, 0.06)
    cone = path(
        (-w * 0.8, 4),
        (-w * 0.34, -rise * 0.5, bend * w, -rise),
        (w * 0.44, -rise * 0.5, w * 0.8, 4),
    )
    pen.solid(oval(0, 3, w * 1.24, 11.5), dark(INDIGO, 0.1))
    pen.shade(cone, INDIGO)
    with pen.inside(cone):
        pen.flat(path((-w, -12), (0, -2, w, -12), (w, 2), (0, 13, -w, 2)), GOLD)
    pen.outline(cone, INDIGO)
    pen.flat(star(-w * 0.08 + bend * 6, -rise * 0.4, 11.5), GOLD)
    pen.flat(star(bend * w * 0.7 + 2, -rise * 0.7, 6.5), GOLD)


def _headphones(pen: Pen, half: float, y: float, top: float) -> None:
    band = path((-half, y - 8), (-half, top - 26, half, top - 26, half, y - 8), close=False)
    pen.stroke(band, INK, 17)
    pen.stroke(band, (86, 86, 110), 9)
    pen.stroke(
        path((-half * 0.7, top + 12), (-half * 0.5, top - 6, 0, top - 10), close=False),
        WHITE,
        3.4,
        150,
    )
    for s in (-1, 1):
        pen.solid(rounded(s * half - 16, y - 30, s * half + 16, y + 30, 14), CUPS, 5)
        pen.flat(rounded(s * half - 8, y - 18, s * half + 1, y + 6, 4.5), WHITE, 120)


HATS: dict[str, Callable[[Pen, float], None]] = {
    "crown": _crown,
    "cap": _cap,
    "beanie": _beanie,
    "top hat": _top_hat,
    "wizard hat": _wizard_hat,
}


def neckwear(pen: Pen, kind: str) -> None:
    """Draw what hangs under a chin at (0, 0)."""
    if kind in NECKWEAR:
        NECKWEAR[kind](pen)


def _scarf(pen: Pen) -> None:
    side, cream = pen.random.choice((-1, 1)), (255, 228, 160)
    end = path((side * 10, 12), (side * 42, 10), (side * 50, 66), (side * 18, 66))
    pen.solid(end, dark(RED, 0.12))
    pen.stroke(path((side * 16, 46), (side * 45, 44), close=False), cream, 6)
    wrap = mirrored((0, 0), (40, 0, 56, -14), (70, 4, 60, 16), (30, 32, 0, 32))
    pen.shade(wrap, RED)
    with pen.inside(wrap):
        for x in (-44, -14, 16, 46):
            pen.stroke(path((x + 4, -20), (x - 4, 44), close=False), cream, 8)
    pen.outline(wrap, RED)


def _bowtie(pen: Pen) -> None:
    blue: Colour = (30, 100, 232)
    for s in (-1, 1):
        wing = path(
            (0, 18), (s * 20, -4, s * 44, -6), (s * 52, 18, s * 44, 42), (s * 20, 40, 0, 18)
        )
        pen.solid(wing, blue)
        pen.stroke(path((s * 15, 17), (s * 28, 13), close=False), dark(blue, 0.6), 4)
    pen.solid(rounded(-11, 6, 11, 30, 8), light(blue, 0.2))


def _chain(pen: Pen) -> None:
    loop = path((-50, -8), (-34, 30, 34, 30, 50, -8), close=False)
    pen.stroke(loop, INK, 15)
    pen.stroke(loop, GOLD, 8)
    for i in range(9):
        u = i / 4 - 1
        pen.stroke(
            path((u * 46 - 3, 20 - u * u * 24 - 4), (u * 46 + 3, 20 - u * u * 24 + 4), close=False),
            dark(GOLD, 0.45),
            3,
        )
    pen.solid(oval(0, 32, 16.5, 16.5), GOLD, 5)
    pen.flat(star(0, 32, 10.5), dark((235, 140, 20), 0.2))


NECKWEAR: dict[str, Callable[[Pen], None]] = {
    "scarf": _scarf,
    "bowtie": _bowtie,
    "chain": _chain,
}
