"""Eight heads around (0, 0), about 164 wide and 138 high; each says where its face goes."""

from __future__ import annotations

from collections.abc import Callable

from anatomy import Coat, Face, blush, nose
from creatures import dragon, frog, robot
from ink import INK, Colour, Pen, dark, mirrored, mix, moved, oval, path

NOSE: Colour = (240, 92, 122)


def fox(pen: Pen, coat: Coat) -> Face:
    rise, spread = pen.random.uniform(-6, 8), pen.random.uniform(-4, 5)
    for s in (-1, 1):
        tip = s * (66 + spread)
        ear = path((s * 12, -48), (s * 34, -90 - rise, tip, -104 - rise), (s * 88, -62, s * 74, -8))
        pen.shade(ear, coat.fur)
        with pen.inside(ear):
            pen.flat(
                path((s * 20, -72), (s * 60, -78, s * 104, -64), (tip, -140), (s * 10, -140)),
                coat.deep,
            )
        pen.flat(
            path((s * 34, -46), (s * 46, -70, s * 60, -76), (s * 70, -54, s * 64, -24)), coat.inner
        )
        pen.outline(ear, coat.fur)
    head = mirrored(
        (0, -66), (50, -66, 74, -40, 77, -6), (82, 10, 95, 24), (72, 38, 50, 52), (24, 70, 0, 70)
    )
    pen.shade(head, coat.fur)
    with pen.inside(head):
        mask = moved(
            mirrored((0, 4), (14, 4, 18, 18, 44, 14), (72, 8, 100, 20), (60, 90, 0, 90)),
            pen.turn,
            0,
        )
        pen.flat(mask, coat.cream)
        pen.stroke(mask, dark(coat.fur, 0.3), 2.4, 120)
        pen.flat(oval(0, 84, 70, 22), dark(coat.cream, 0.5), 70)
    pen.outline(head, coat.fur)
    nose(pen, 15, INK)
    return Face(head, hat=(-45, 48), phones=(80, 0, -66))


def cat(pen: Pen, coat: Coat) -> Face:
    rise, spread = pen.random.uniform(-6, 8), pen.random.uniform(-5, 5)
    for s in (-1, 1):
        ear = path(
            (s * 10, -50),
            (s * 44, -78 - rise, s * (64 + spread), -92 - rise),
            (s * 84, -60, s * 80, -4),
        )
        pen.shade(ear, coat.fur)
        pen.flat(
            path((s * 34, -46), (s * 48, -64, s * 61, -72), (s * 72, -50, s * 69, -24)), coat.inner
        )
        pen.outline(ear, coat.fur)
    head = mirrored((0, -64), (48, -64, 82, -40, 83, 4), (84, 46, 46, 69, 0, 69))
    pen.shade(head, coat.fur)
    with pen.inside(head):
        for x, drop in ((-19, -44), (0, -36), (19, -44)):
            pen.stroke(path((x, -72), (x * 0.8, drop), close=False), coat.deep, 8)
        for s in (-1, 1):
            for y in (6, 24):
                pen.stroke(path((s * 92, y - 2), (s * 68, y + 2), close=False), coat.deep, 8)
    pen.outline(head, coat.fur)
    _puffs(pen, coat)
    for s in (-1, 1):
        for y in (0, 12):
            pen.stroke(
                path((s * 48, 34 + y * 0.7), (s * 74, 30 + y, s * 100, 30 + y * 1.7), close=False),
                INK,
                3.2,
            )
    nose(pen, 15, NOSE, 0.85)
    return Face(head, phones=(82, 4, -66))


def bear(pen: Pen, coat: Coat) -> Face:
    size, at = pen.random.uniform(24, 29), pen.random.uniform(56, 63)
    for s in (-1, 1):
        pen.solid(oval(s * at, -48, size, size), coat.fur)
        pen.flat(oval(s * at, -46, size * 0.55, size * 0.55), coat.inner)
    head = mirrored((0, -68), (50, -68, 82, -40, 82, 4), (82, 46, 46, 70, 0, 70))
    pen.solid(head, coat.fur)
    muzzle = oval(pen.turn, 34, pen.vary(42, 0.06), 32)
    pen.shade(muzzle, coat.cream, 0.5)
    pen.stroke(muzzle, dark(coat.fur, 0.35), 2.6, 160)
    nose(pen, 15, INK, 1.3)
    blush(pen, 60, 22)
    return Face(head, hat=(-48, 52))


def rabbit(pen: Pen, coat: Coat) -> Face:
    length, spread = pen.random.uniform(48, 58), pen.random.uniform(13, 21)
    for s in (-1, 1):
        with pen.placed(s * 40, -40, s * pen.vary(spread, 0.25)):
            pen.solid(oval(0, -length * 0.72, 20, length), coat.fur)
            pen.flat(oval(0, -length * 0.7, 10, length * 0.74), coat.inner)
    head = mirrored((0, -62), (46, -62, 72, -36, 76, 4), (90, 48, 48, 70, 0, 70))
    pen.solid(head, coat.fur)
    _puffs(pen, coat)
    blush(pen, 60, 26)
    nose(pen, 15, NOSE, 0.85)
    return Face(head, hat=(-44, 46), phones=(78, 6, -64))


def dog(pen: Pen, coat: Coat) -> Face:
    ear_colour = mix(coat.fur, (84, 46, 40), 0.5)
    head = mirrored((0, -66), (48, -66, 74, -42, 77, 0), (84, 46, 46, 70, 0, 70))
    pen.shade(head, coat.fur)
    with pen.inside(head):
        # Never behind the eye that winks, whose line is as dark.
        pen.flat(oval(pen.turn - 37, -14, 31, 34), ear_colour)
        pen.flat(oval(pen.turn, -54, 13, 46), coat.cream)
    pen.outline(head, coat.fur)
    flop = pen.random.uniform(-8, 10)
    for s in (-1, 1):
        ear = path(
            (s * 38, -60),
            (s * 64, -76, s * 92, -50, s * (100 + flop * 0.3), -4),
            (s * 106, 34 + flop, s * 84, 42 + flop, s * 76, 22 + flop),
            (s * 68, -8, s * 66, -34, s * 38, -60),
        )
        pen.solid(ear, ear_colour)
    muzzle = mirrored((0, 4), (22, 4, 44, 14, 44, 36), (44, 58, 24, 67, 0, 67))
    muzzle = moved(muzzle, pen.turn, 0)
    pen.flat(muzzle, coat.cream)
    pen.stroke(muzzle, dark(coat.fur, 0.35), 2.6, 160)
    nose(pen, 14, INK, 1.45)
    return Face(head, phones=(84, 6, -66))


def _puffs(pen: Pen, coat: Coat) -> None:
    """Draw the pale cheeks that a mouth and whiskers sit on."""
    with pen.turned():
        for s in (-1, 1):
            pen.flat(oval(s * 18, 37, 26, 21), coat.cream)
        pen.flat(oval(0, 47, 26, 18), coat.cream)


HEADS: dict[str, Callable[[Pen, Coat], Face]] = {
    "fox": fox,
    "cat": cat,
    "bear": bear,
    "rabbit": rabbit,
    "robot": robot,
    "frog": frog,
    "dog": dog,
    "dragon": dragon,
}
