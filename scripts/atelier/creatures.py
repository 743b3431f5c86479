"""The heads without fur: a robot whose face is a screen, a frog, a dragon."""

from __future__ import annotations

from anatomy import Coat, Face, blush
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
        head, eyes=(33, -8, 20), mouth=(31, 29), hat=(-50, 54), phones=(84, 4, -68), screen=True
    )


def frog(pen: Pen, coat: Coat) -> Face:
    apart = pen.random.uniform(52, 56)
    head = mirrored((0, -50), (54, -48, 84, -16, 89, 20), (92, 54, 46, 70, 0, 70))
    belly = mix(coat.cream, coat.fur, 0.18)
    pen.shade(head, coat.fur)
    with pen.inside(head):
        pen.flat(mirrored((0, 16), (50, 14, 70, 22, 100, 34), (70, 100, 0, 100)), belly)
    pen.outline(head, coat.fur)

    def bumps() -> None:
        for s in (-1, 1):
            pen.solid(oval(s * apart, -38, 28, 28), coat.fur)
            with pen.inside(oval(s * apart, -20, 32, 22)):
                pen.flat(oval(s * apart * 0.96, -26, 27, 24), light(coat.fur, 0.04))
            pen.dot(s * 9, 4, 3.6, coat.deep)
        blush(pen, 66, 22)

    return Face(
        head,
        eyes=(apart, -38, 20.5),
        mouth=(27, 34),
        hat=(-46, 46),
        phones=(86, 20, -50),
        front=bumps,
    )


def dragon(pen: Pen, coat: Coat) -> Face:
    horn = pen.random.uniform(-5, 7)
    spine = mix(coat.fur, (240, 70, 60), 0.8)  # one red for all: it says dragon
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
    with pen.turned():
        pen.flat(snout, mix(coat.fur, (255, 242, 196), 0.5))
        pen.stroke(snout, dark(coat.fur, 0.4), 3, 190)
        for s in (-1, 1):
            pen.stroke(path((s * 10, 20), (s * 14, 13, s * 20, 15), close=False), coat.deep, 5)
    for s in (-1, 1):  # scales
        for x, y, r in ((66, -14, 5), (67, 4, 4)):
            pen.dot(s * x, y, r, spine, 200)
    return Face(head, mouth=(33, 29), hat=(-46, 46), phones=(82, 4, -66))


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
