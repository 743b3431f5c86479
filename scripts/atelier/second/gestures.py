"""What a paw does beside a bust at (0, 0): it waves, or has something in it."""

from __future__ import annotations

from collections.abc import Callable

from ink import Colour, light, mirrored, mix, moved, oval, path, rounded

from second.anatomy import Coat
from second.press import PAPER, Press, shadow

RED: Colour = (222, 52, 62)


def gesture(p: Press, kind: str, side: int, coat: Coat, sleeve: Colour) -> None:
    """Draw the thing, then the forearm and the paw that has it."""
    if kind == "none":
        return
    x, y = (76, -8) if kind == "wave" else (69, 24)
    with p.placed(side * x, y, side * p.u(-6, 12)):
        p.canvas.scale(side, 1)
        arm = path((0, 6), (-2, 50, -16, 86), close=False)
        p.stroke(arm, p.ink, 22 + p.weight * 2)
        p.stroke(arm, sleeve, 22)
        p.stroke(path((5, 20), (3, 50, -9, 80), close=False), shadow(sleeve, 0.22), 7)
        if kind != "wave":
            THINGS[kind](p)
        p.solid(oval(0, 2, 16.5, 15.5), coat.fur, 1.05, 0.7)
        if kind == "wave":
            p.flat(oval(0, 6, 7, 5.5), coat.inner)
            for dx, dy in ((-8, -4), (0, -7), (8, -4)):
                p.dot(dx, dy, 3.1, coat.inner)
        else:
            for dx in (-5, 4):
                p.stroke(path((dx, 6), (dx, 14), close=False), p.ink, p.weight * 0.8)


def balloon(p: Press) -> None:
    p.stroke(path((0, 0), (10, -20, 12, -38), close=False), p.ink, p.weight * 0.8)
    skin = path((12, -38), (-18, -54, -16, -102, 14, -102), (44, -102, 44, -54, 14, -38))
    p.solid(skin, RED, 1.05, 1.2)
    p.solid(path((12, -40), (5, -32), (19, -32)), RED, 0.9, 0.3)
    p.gleam(14 + p.lit * 11, -82, 5, 9)


def mug(p: Press) -> None:
    p.stroke(path((14, -30), (36, -32, 36, -8, 14, -8), close=False), p.ink, 6 + p.weight * 1.6)
    p.stroke(path((14, -30), (36, -32, 36, -8, 14, -8), close=False), PAPER, 6)
    p.solid(rounded(-20, -42, 20, 2, 7), PAPER, 1.05, 0.8)
    p.solid(oval(0, -41, 20, 6), (112, 66, 46), 0.9, 0.3)
    for x in (-7, 7):
        steam = path((x, -54), (x - 8, -62, x, -70), (x + 8, -78, x, -86), close=False)
        p.stroke(steam, PAPER, 5)


def lollipop(p: Press) -> None:
    p.stroke(path((0, 12), (0, -34), close=False), p.ink, 5 + p.weight * 1.6)
    p.stroke(path((0, 12), (0, -34), close=False), PAPER, 5)
    p.solid(oval(0, -54, 25, 25), (250, 128, 172), 1.05, 0.8)
    swirl = path((0, -54), (6, -64, -8, -66), (-20, -58, -12, -44), (2, -34, 15, -46),
                 (20, -60, 8, -72),
                 close=False)  # fmt: skip
    p.stroke(swirl, PAPER, 5)


def ice_cream(p: Press) -> None:
    cone = path((-19, -34), (19, -34), (0, 16))
    p.shade(cone, (228, 168, 96), 0.7)
    for s in (-1, 1):
        p.within(
            cone, path((s * 22, -30), (s * 22, -36), (-s * 14, 6), (-s * 14, 12)), (178, 116, 62)
        )
    p.outline(cone)
    p.solid(oval(0, -66, 18, 18), (250, 150, 180), 1, 0.8)
    scoop = path((-23, -38), (-25, -66, 0, -66), (25, -66, 23, -38), (14, -28, 8, -36),
                 (0, -26, -8, -36),
                 (-15, -28, -23, -38))  # fmt: skip
    p.solid(scoop, (252, 240, 214), 1, 0.8)
    p.solid(oval(0, -87, 6.5, 6.5), RED, 0.9, 0.4)


def book(p: Press) -> None:
    p.solid(
        path((-30, -50), (0, -44), (30, -50), (30, 0), (0, 6), (-30, 0)), (54, 120, 190), 1.05, 0.5
    )
    for s in (-1, 1):
        page = path((0, -49), (s * 14, -58, s * 26, -54), (s * 26, -6), (s * 14, -10, 0, -1))
        p.solid(page, PAPER, 0.9, 0.4)
        for y in (-40, -28, -16):
            p.stroke(path((s * 7, y), (s * 20, y - 3), close=False), (176, 160, 170), 3)


def heart(p: Press) -> None:
    shape = mirrored((0, -46), (8, -66, 38, -60, 30, -34), (25, -18, 8, -10, 0, 2))
    p.solid(moved(shape, 0, -6), RED, 1.05, 1.0)
    p.gleam(p.lit * 15, -48, 5.5, 4)


def wand(p: Press) -> None:
    p.stroke(path((0, 16), (0, -40), close=False), p.ink, 6 + p.weight * 1.7)
    p.stroke(path((0, 16), (0, -40), close=False), mix((90, 60, 110), PAPER, 0.1), 6)
    points = path((0, -86), (7, -66), (28, -64), (11, -52), (17, -32), (0, -43), (-17, -32),
                  (-11, -52),
                  (-28, -64), (-7, -66))  # fmt: skip
    p.solid(points, (252, 208, 76), 1.05, 0.6)
    p.flat(oval(p.lit * 4, -60, 5, 5), light((252, 208, 76), 0.6))


THINGS: dict[str, Callable[[Press], None]] = {
    "balloon": balloon, "mug": mug, "lollipop": lollipop, "ice cream": ice_cream, "book": book,
    "heart": heart, "wand": wand,
}  # fmt: skip
