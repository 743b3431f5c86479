"""Eight heads around (0, 0), about 164 wide and 138 high; each says where its face goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ink import (
    INK,
    WHITE,
    Colour,
    Pen,
    dark,
    fill,
    ink,
    light,
    linear,
    mirrored,
    mix,
    oval,
    path,
    rounded,
)

BLUSH: Colour = (255, 92, 120)
NOSE: Colour = (240, 92, 122)


@dataclass(frozen=True)
class Coat:
    """The colours of one animal."""

    fur: Colour
    cream: Colour
    inner: Colour
    deep: Colour


@dataclass(frozen=True)
class Face:
    """Where eyes, mouth and hats go, and what must be drawn above a hat."""

    head: Any
    eyes: tuple[float, float, float] = (35, -11, 20.5)  # half the distance, height, radius
    mouth: tuple[float, float] = (33, 27)  # height, half width
    hat: tuple[float, float] = (-46, 52)  # height of the brim, half width
    phones: tuple[float, float, float] = (80, 2, -66)  # half the distance, height, top
    screen: bool = False
    front: Callable[[], None] | None = None


def coat(fur: Colour) -> Coat:
    return Coat(
        fur=fur,
        cream=mix((255, 246, 228), fur, 0.06),
        inner=mix((255, 150, 168), fur, 0.12),
        deep=mix(fur, (52, 26, 62), 0.62),
    )


def blush(pen: Pen, x: float, y: float) -> None:
    for side in (-1, 1):
        pen.flat(oval(side * x, y, 13, 8.5), BLUSH, 95)


def nose(pen: Pen, y: float, colour: Colour, size: float = 1) -> None:
    """Draw a soft triangle, its glint, and the fold down to the mouth."""
    w = 12 * size
    shape = mirrored(
        (0, y - w * 0.5),
        (w * 0.9, y - w * 0.7, w, y - w * 0.1),
        (w * 0.5, y + w * 0.7, 0, y + w * 0.8),
    )
    pen.stroke(path((0, y + w * 0.7), (0, 31), close=False), INK, 4)
    pen.flat(shape, colour)
    pen.stroke(shape, INK, 3.6)
    pen.flat(oval(-w * 0.3, y - w * 0.12, w * 0.26, w * 0.16), WHITE, 220)


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
        mask = mirrored((0, 4), (14, 4, 18, 18, 44, 14), (72, 8, 100, 20), (60, 90, 0, 90))
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
        for s in (-1, 1):
            pen.flat(oval(s * 17, 36, 25, 20), coat.cream)
        pen.flat(oval(0, 46, 26, 18), coat.cream)
    pen.outline(head, coat.fur)
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
    muzzle = oval(0, 34, pen.vary(42, 0.06), 32)
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
    for s in (-1, 1):
        pen.flat(oval(s * 17, 38, 25, 20), coat.cream)
    pen.flat(oval(0, 50, 24, 16), coat.cream)
    blush(pen, 60, 26)
    nose(pen, 15, NOSE, 0.85)
    return Face(head, hat=(-44, 46), phones=(78, 6, -64))


def robot(pen: Pen, coat: Coat) -> Face:
    rise, lean = pen.random.uniform(-6, 8), pen.random.uniform(-2, 9)
    for s in (-1, 1):
        x, tip = s * 86, -76 - rise
        mast = path((x, -18), (x + s * lean, tip), close=False)
        pen.stroke(mast, INK, 12)
        pen.stroke(mast, (196, 202, 214), 5)
        pen.solid(oval(x + s * lean, tip, 11, 11), (250, 74, 84))
        pen.solid(rounded(x - 12, -24, x + 12, 30, 9), dark(coat.fur, 0.28))
    corner = pen.random.uniform(22, 34)
    head = rounded(-80, -66, 80, 70, corner)
    pen.solid(head, coat.fur)
    screen = rounded(-67, -42, 67, 60, corner * 0.72)
    glass = linear((-50, -50), (50, 60), (62, 66, 108), (24, 26, 50))
    pen.canvas.drawPath(screen, fill(INK, shader=glass))
    with pen.inside(screen):
        pen.flat(path((-80, 6), (-22, -60), (2, -60), (-80, 34)), WHITE, 26)
    pen.outline(screen, coat.fur, 4.4)
    return Face(
        head, eyes=(33, -8, 20), mouth=(31, 27), hat=(-50, 54), phones=(84, 4, -68), screen=True
    )


def frog(pen: Pen, coat: Coat) -> Face:
    apart = pen.random.uniform(52, 56)
    head = mirrored((0, -50), (54, -48, 84, -16, 89, 20), (92, 54, 46, 70, 0, 70))
    belly = mix(coat.cream, coat.fur, 0.18)
    for s in (-1, 1):  # under the head too, so that no hat shows between a bump and the brow
        pen.solid(oval(s * apart, -38, 28, 28), coat.fur)
    pen.shade(head, coat.fur)
    with pen.inside(head):
        pen.flat(mirrored((0, 16), (50, 14, 70, 22, 100, 34), (70, 100, 0, 100)), belly)
    pen.outline(head, coat.fur)

    def bumps() -> None:
        for s in (-1, 1):
            pen.solid(oval(s * apart, -38, 28, 28), coat.fur)
            with pen.inside(oval(s * apart, -20, 32, 22)):
                pen.flat(oval(s * apart * 0.96, -26, 27, 24), light(coat.fur, 0.08))
            pen.dot(s * 9, 4, 3.6, coat.deep)
        blush(pen, 66, 22)

    return Face(
        head,
        eyes=(apart, -38, 20.5),
        mouth=(27, 32),
        hat=(-46, 46),
        phones=(86, 20, -50),
        front=bumps,
    )


def dog(pen: Pen, coat: Coat) -> Face:
    ear_colour = mix(coat.fur, (84, 46, 40), 0.5)
    head = mirrored((0, -66), (48, -66, 74, -42, 77, 0), (84, 46, 46, 70, 0, 70))
    pen.shade(head, coat.fur)
    with pen.inside(head):
        pen.flat(oval(-37, -14, 31, 34), ear_colour)  # not behind the eye that winks
        pen.flat(oval(0, -54, 13, 46), coat.cream)
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
    pen.flat(muzzle, coat.cream)
    pen.stroke(muzzle, dark(coat.fur, 0.35), 2.6, 160)
    nose(pen, 14, INK, 1.45)
    return Face(head, phones=(84, 6, -66))


def dragon(pen: Pen, coat: Coat) -> Face:
    horn = pen.random.uniform(-5, 7)
    spine = (
        mix(coat.fur, (255, 90, 60), 0.55)
        if coat.fur[0] < 225
        else mix(coat.fur, (120, 40, 160), 0.5)
    )
    for s in (-1, 1):
        _fin(pen, s, spine)
        tusk = path((s * 26, -54), (s * 30, -86, s * 44, -112 - horn), (s * 74, -88, s * 66, -42))
        pen.solid(tusk, (252, 226, 164))
        pen.stroke(path((s * 34, -76), (s * 50, -70, s * 66, -74), close=False), (196, 140, 84), 4)
    for x, top in ((-17, -86), (17, -86), (0, -104)):
        pen.solid(
            path((x - 15, -52), (x - 7, top + 14, x, top), (x + 7, top + 14, x + 15, -52)), spine
        )
    head = mirrored((0, -66), (46, -66, 76, -44, 78, -4), (76, 10, 68, 14), (78, 50, 44, 70, 0, 70))
    pen.solid(head, coat.fur)
    snout = mirrored((0, 10), (16, 0, 54, 2, 60, 30), (62, 56, 34, 66, 0, 66))
    pen.flat(snout, light(coat.fur, 0.42))
    pen.stroke(snout, dark(coat.fur, 0.4), 3, 190)
    for s in (-1, 1):
        pen.stroke(path((s * 10, 20), (s * 14, 13, s * 20, 15), close=False), coat.deep, 5)
        pen.flat(oval(s * 63, 12, 5, 4), spine)
    return Face(head, mouth=(33, 27), hat=(-46, 46), phones=(82, 4, -66))


def _fin(pen: Pen, side: int, colour: Colour) -> None:
    rise = pen.random.uniform(-6, 6)
    tips = ((112, -44 - rise), (116, -10 - rise), (104, 22))
    fin = path(
        (side * 66, -36),
        (side * 90, -46, side * tips[0][0], tips[0][1]),
        (side * 102, -26, side * tips[1][0], tips[1][1]),
        (side * 98, 2, side * tips[2][0], tips[2][1]),
        (side * 84, 24, side * 62, 22),
    )
    pen.solid(fin, colour)
    for x, y in tips[:2]:
        pen.stroke(path((side * 72, -8), (side * x * 0.9, y * 0.9), close=False), ink(colour), 3.4)


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
