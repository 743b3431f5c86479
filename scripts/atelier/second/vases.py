"""What holds the flowers: each stands on y = 0 at x = 0, and its mouth is at y = -MOUTH."""

from __future__ import annotations

from collections.abc import Callable

from ink import Colour, light, mix, oval, path, rounded

from second.palette import DYES
from second.press import PAPER, Press, shadow

MOUTH = 66.0
GLAZES: dict[str, Colour] = {**DYES, "teal": (40, 140, 150)}
Vessel = Callable[[Press, Colour], None]


def accent(dye: Colour) -> Colour:
    return PAPER if dye != GLAZES["white"] else (96, 134, 196)


def vase(p: Press, dye: Colour) -> None:
    """Round, slim, or high in the shoulder with two handles, with one band."""
    form, neck = p.random.choice(("round", "slim", "shouldered")), p.u(15, 21)
    w, foot, belly = {
        "round": (p.u(36, 45), p.u(18, 24), -28.0),
        "slim": (p.u(24, 30), p.u(18, 24), -30.0),
        "shouldered": (p.u(34, 42), p.u(13, 18), -44.0),
    }[form]
    top, low = belly - 20, belly * 0.3
    right: list[list[float]] = [[foot, 0], [foot + 6, 0, w, low, w, belly],
                                [w, top, neck - 4, top - 4, neck, -MOUTH]]  # fmt: skip
    body = path((-neck, -MOUTH), (-neck + 4, top - 4, -w, top, -w, belly),
                (-w, low, -foot - 6, 0, -foot, 0), *right)  # fmt: skip
    if form == "shouldered":
        for s in (-1, 1):
            handle = path((s * neck, -MOUTH + 6), (s * (w + 16), -MOUTH - 2, s * (w + 12),
                                                   belly + 2,
                          s * w * 0.92, belly + 4), close=False)  # fmt: skip
            p.stroke(handle, p.ink, 5 + p.weight * 1.5)
            p.stroke(handle, shadow(dye, 0.16), 5)
    p.shade(body, dye)
    y = belly - 8
    band = path((-60, y), (0, y + 9, 60, y), (60, y + 10), (0, y + 19, -60, y + 10))
    p.within(body, band, accent(dye))
    p.outline(body, 0.8)
    p.solid(rounded(-neck - 3, -MOUTH - 4, neck + 3, -MOUTH + 3, 3), light(dye, 0.14), 0.8, 0.4)


def jug(p: Press, dye: Colour) -> None:
    """White, striped in the dye, with a handle and a lip."""
    enamel: Colour = (252, 248, 238) if dye != GLAZES["white"] else (150, 166, 204)
    s = p.random.choice((-1, 1))
    handle = path((s * 26, -52), (s * 58, -58, s * 58, -16, s * 32, -16), close=False)
    p.stroke(handle, p.ink, 8 + p.weight * 1.5)
    p.stroke(handle, mix(enamel, (120, 120, 170), 0.3), 8)
    body = path((-22, -MOUTH), (-22, -52, -38, -40, -36, -18), (-35, -6, -32, 0, -26, 0), (26, 0),
                (32, 0, 35, -6, 36, -18), (38, -40, 22, -52, 22, -MOUTH))  # fmt: skip
    p.shade(body, enamel)
    for y in (-36, -20):
        p.within(body, rounded(-60, y, 60, y + 8, 0), dye)
    p.outline(body, 0.8)
    lip = path(
        (s * 24, -MOUTH + 3),
        (s * 24, -MOUTH - 4),
        (-s * 38, -MOUTH - 8),
        (-s * 30, -MOUTH + 3, -s * 20, -MOUTH + 7),
    )
    p.solid(lip, dye, 0.8, 0.4)


def jar(p: Press, dye: Colour) -> None:
    """Clear glass, through which stems show; the water line and a gleam make it glass."""
    p.flat(rounded(-31, -58, 31, 0, 10), (228, 244, 250), 100)
    p.flat(rounded(-28, -p.u(34, 42), 28, -3, 8), (120, 196, 226), 130)
    glass = rounded(-31, -58, 31, 0, 10)
    p.stroke(glass, (240, 250, 253), 4)
    p.stroke(rounded(-33, -60, 33, 2, 12), p.ink, p.weight * 0.7)
    p.stroke(path((p.lit * 21, -46), (p.lit * 21, -20), close=False), (255, 255, 255), 5)
    p.solid(rounded(-27, -MOUTH - 3, 27, -MOUTH + 8, 4), (206, 228, 238), 0.8, 0.4)


def pot(p: Press, dye: Colour) -> None:
    clay: Colour = (206, 104, 66)
    w = p.u(20, 26)
    body = path((-31, -50), (31, -50), (w, 0), (-w, 0))
    p.shade(body, clay)
    p.within(body, rounded(-50, -52, 50, -43, 0), shadow(clay, 0.4))
    p.outline(body, 0.8)
    p.solid(rounded(-37, -MOUTH - 2, 37, -47, 4), light(clay, 0.08), 0.8, 0.6)


def basket(p: Press, dye: Colour) -> None:
    """Wicker in a few broad bands, and a handle in half of them."""
    wicker: Colour = (206, 150, 88)
    body = path((-46, -56), (46, -56), (44, -20, 34, 0), (-34, 0), (-44, -20, -46, -56))
    p.shade(body, wicker)
    for row in range(3):
        for k in range(-3, 4):
            x, y = k * 24 + (12 if row % 2 else 0), -40 + row * 14
            p.within(body, rounded(x - 8.5, y - 3.4, x + 8.5, y + 3.4, 3.4), shadow(wicker, 0.36))
    p.outline(body, 0.8)
    p.solid(rounded(-50, -MOUTH + 3, 50, -MOUTH + 15, 6), light(wicker, 0.16), 0.8, 0.5)


def ribbon(p: Press, dye: Colour) -> None:
    """A bow around the stems, which splay out below it."""
    with p.placed(0, -44, p.u(-5, 5)):
        for s in (-1, 1):
            sway = p.u(20, 34)
            tail = path((0, 0), (s * sway, 38), (s * (sway - 8), 33), (s * (sway - 15), 42))
            p.solid(tail, shadow(dye, 0.2), 0.8, 0.4)
        for s in (-1, 1):
            wing = path(
                (0, 0), (s * 16, -24, s * 42, -24, s * 42, -4), (s * 42, 18, s * 16, 14, 0, 0)
            )
            p.solid(wing, dye, 0.8, 0.7)
            p.stroke(path((s * 10, -1), (s * 28, -5), close=False), shadow(dye, 0.55), 3)
        p.solid(rounded(-10, -10, 10, 10, 6), mix(dye, PAPER, 0.14), 0.8, 0.5)


def teacup(p: Press, dye: Colour) -> None:
    s = p.random.choice((-1, 1))
    p.solid(
        path((-50, -6), (50, -6), (40, 2, 20, 2), (-20, 2), (-40, 2, -50, -6)),
        accent(dye),
        0.8,
        0.4,
    )
    handle = path((s * 36, -52), (s * 66, -56, s * 62, -20, s * 30, -22), close=False)
    p.stroke(handle, p.ink, 7 + p.weight * 1.5)
    p.stroke(handle, dye, 7)
    body = path(
        (-42, -MOUTH + 2),
        (42, -MOUTH + 2),
        (42, -20, 20, -6),
        (-20, -6),
        (-42, -20, -42, -MOUTH + 2),
    )
    p.shade(body, dye)
    for x, y in ((-24, -44), (0, -44), (24, -44), (-12, -26), (12, -26)):
        p.within(body, oval(x, y, 6, 6), accent(dye))
    p.outline(body, 0.8)
    p.solid(rounded(-44, -MOUTH - 2, 44, -MOUTH + 6, 4), accent(dye), 0.8, 0.3)


def bottle(p: Press, dye: Colour) -> None:
    """Coloured glass with a slim neck and a paper label."""
    body = path((-10, -MOUTH - 6), (-10, -50), (-10, -42, -28, -40, -28, -26), (-28, -4),
                (-28, 0, -24, 0), (24, 0),
                (28, 0, 28, -4), (28, -26), (28, -40, 10, -42, 10, -50),
                (10, -MOUTH - 6))  # fmt: skip
    p.shade(body, dye)
    p.within(body, rounded(-40, -26, 40, -8, 0), accent(dye))
    p.within(body, rounded(-14, -20, 14, -14, 3), shadow(dye, 0.2))
    p.outline(body, 0.8)
    p.solid(rounded(-13, -MOUTH - 8, 13, -MOUTH - 1, 3), light(dye, 0.14), 0.8, 0.3)


def watering_can(p: Press, dye: Colour) -> None:
    s = p.random.choice((-1, 1))
    spout = path(
        (s * 26, -14), (s * 30, -24), (s * 62, -58), (s * 68, -52), (s * 36, -4), (s * 28, -2)
    )
    p.solid(spout, shadow(dye, 0.12), 0.8, 0.4)
    with p.placed(s * 66, -57, s * 42):
        p.solid(rounded(-11, -5, 11, 3, 3), dye, 0.8, 0.3)
    handle = path((-s * 30, -50), (-s * 66, -54, -s * 62, -8, -s * 30, -10), close=False)
    p.stroke(handle, p.ink, 7 + p.weight * 1.5)
    p.stroke(handle, dye, 7)
    p.shade(path((-31, -MOUTH), (31, -MOUTH), (34, 0), (-34, 0)), dye)
    body = path((-31, -MOUTH), (31, -MOUTH), (34, 0), (-34, 0))
    for y in (-54, -14):
        p.within(body, rounded(-60, y, 60, y + 5, 0), shadow(dye, 0.3))
    p.outline(body, 0.8)
    p.solid(rounded(-34, -MOUTH - 3, 34, -MOUTH + 4, 3), light(dye, 0.14), 0.8, 0.4)


def boot(p: Press, dye: Colour) -> None:
    s = p.random.choice((-1, 1))
    shaft = path(
        (-s * 26, -MOUTH), (s * 22, -MOUTH), (s * 20, -28), (s * 50, -24, s * 50, 0), (-s * 28, 0)
    )
    p.shade(shaft, dye)
    p.within(shaft, rounded(-80, -7, 80, 4, 0), shadow(dye, 0.5))
    p.outline(shaft, 0.8)
    p.solid(
        rounded(-28 if s > 0 else -25, -MOUTH - 3, 25 if s > 0 else 28, -MOUTH + 9, 4),
        light(dye, 0.14),
        0.8,
        0.4,
    )


VESSELS: dict[str, Vessel] = {
    "ribbon": ribbon, "vase": vase, "jar": jar, "pot": pot, "jug": jug, "basket": basket,
    "teacup": teacup,
    "bottle": bottle, "watering can": watering_can, "boot": boot,
}  # fmt: skip
