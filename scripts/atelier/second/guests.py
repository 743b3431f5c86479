"""Who comes to see the flowers, about 44 units across, and what lies beside them."""

from __future__ import annotations

from collections.abc import Callable

from ink import WHITE, Colour, light, mix, oval, path, rounded

from second.bloom import DARK, GOLDEN
from second.press import PAPER, Press, common, joined, shadow


def bee(p: Press) -> None:
    for angle in (-40, 6):
        with p.placed(2, -8, angle + p.u(-6, 6)):
            p.flat(oval(0, -15, 9, 14), (238, 246, 252))
            p.stroke(oval(0, -15, 9, 14), p.ink, 2.4)
    body = oval(0, 2, 20, 14)
    p.shade(body, (252, 198, 58), 0.6)
    for x in (-3, 9):
        p.within(body, rounded(x, -20, x + 6.5, 24, 0), DARK)
    p.within(body, oval(-19, 1, 10, 15), DARK)
    p.stroke(body, p.ink, 2.8)
    p.dot(-14.5, -1, 2.2, WHITE)
    p.stroke(path((-15, -9), (-20, -16, -25, -16), close=False), p.ink, 2.6)


def butterfly(p: Press) -> None:
    colour: Colour = p.random.choice(
        ((248, 146, 46), (84, 146, 236), (252, 206, 76), (236, 96, 130))
    )
    fold = p.u(0.78, 1.0)
    for s in (-1, 1):
        upper = path((s * 2, -2), (s * 6 * fold, -30, s * 36 * fold, -32),
                     (s * 42 * fold, -10, s * 26 * fold, 0),
                     (s * 12 * fold, 4, s * 2, -2))  # fmt: skip
        lower = path((s * 2, 0), (s * 20 * fold, -2, s * 27 * fold, 8),
                     (s * 28 * fold, 24, s * 14 * fold, 24),
                     (s * 5 * fold, 20, s * 2, 0))  # fmt: skip
        for wing, tone in ((lower, shadow(colour, 0.16)), (upper, colour)):
            p.flat(wing, tone)
            p.stroke(wing, p.ink, 3.4)
        p.dot(s * 25 * fold, -19, 5, PAPER)
        p.dot(s * 17 * fold, 14, 3.6, PAPER)
    p.stroke(path((0, -12), (0, 16), close=False), p.ink, 6)
    for s in (-1, 1):
        p.stroke(path((0, -13), (s * 4, -24, s * 10, -26), close=False), p.ink, 2.4)


def ladybird(p: Press) -> None:
    for x in (-10, 4, 16):
        p.stroke(path((x, 4), (x - 3, 11), close=False), p.ink, 3)
    p.flat(common(oval(-19, 1, 11, 11), rounded(-60, -60, 60, 8, 0)), DARK)
    shell = common(oval(2, 6, 23, 25), rounded(-60, -60, 60, 8, 0))
    p.shade(shell, (226, 50, 50), 0.7)
    for x, y, r in ((-9, -3, 4.6), (4, -10, 4.6), (15, -1, 4.6)):
        p.within(shell, oval(x, y, r, r), DARK)
    p.stroke(shell, p.ink, 2.8)
    p.stroke(path((-23, -6), (-27, -14, -32, -14), close=False), p.ink, 2.6)
    p.dot(-23, -1, 2.6, WHITE)


def snail(p: Press) -> None:
    skin, shell = (232, 200, 150), (204, 104, 92)
    foot = path(
        (28, 8), (16, -4, -4, 2, -14, -2), (-18, -8, -16, -16, -24, -16), (-36, -16, -34, 8, -20, 8)
    )
    for x in (-29, -21):
        p.stroke(path((x + 3, -12), (x, -24), close=False), p.ink, 3.2)
        p.dot(x, -25, 3, p.ink)
    p.solid(foot, skin, 0.7, 0.4)
    p.solid(oval(4, -10, 18.5, 17.5), shell, 0.7, 0.8)
    coil = path(
        (14, -10),
        (14, -22, -6, -22, -6, -9),
        (-6, 0, 9, 1, 8, -8),
        (6, -14, 0, -12, 2, -8),
        close=False,
    )
    p.stroke(coil, (255, 230, 190), 3.2)


def bird(p: Press) -> None:
    """A small songbird with a red breast."""
    for x in (-4, 6):
        p.stroke(path((x, 4), (x, 12), close=False), (150, 96, 60), 3)
    back: Colour = (126, 104, 98)
    p.solid(path((12, -4), (34, -10), (36, -3), (16, 6)), shadow(back, 0.3), 0.7, 0.3)
    body = joined(oval(2, -8, 18, 15), oval(-9, -20, 12.5, 12))
    p.shade(body, back, 0.6)
    p.within(body, oval(-13, -6, 14, 15), (232, 102, 58))
    p.stroke(body, p.ink, 2.8)
    p.solid(
        path((0, -12), (16, -14, 24, 0), (12, 4, 2, -2), (-3, -7, 0, -12)),
        shadow(back, 0.24),
        0.6,
        0.4,
    )
    p.solid(path((-20, -23), (-30, -19), (-20, -16)), GOLDEN, 0.6, 0.2)
    p.dot(-12, -23, 2.8, p.ink)
    p.dot(-12.8, -24, 1, WHITE)


def dragonfly(p: Press) -> None:
    tone: Colour = p.random.choice(((64, 176, 170), (90, 130, 226), (222, 84, 92)))
    for s in (-1, 1):
        for angle, y in ((-14, -6), (16, 2)):
            with p.placed(0, y, s * angle):
                wing = path(
                    (0, 0), (s * 12, -9, s * 34, -6), (s * 40, 0, s * 34, 5), (s * 14, 5, 0, 0)
                )
                p.flat(wing, (226, 242, 250))
                p.stroke(wing, p.ink, 2.4)
    tail = path((-3.6, 0), (3.6, 0), (2.4, 34), (-2.4, 34))
    p.flat(tail, tone)
    for y in (10, 20, 30):
        p.within(tail, rounded(-9, y, 9, y + 4, 0), shadow(tone, 0.5))
    p.stroke(tail, p.ink, 2.4)
    p.solid(oval(0, -4, 6.5, 9), tone, 0.6, 0.4)
    for s in (-1, 1):
        p.solid(oval(s * 5, -15, 5, 5), (198, 66, 60), 0.5, 0.3)


def nothing(p: Press) -> None:
    """Nobody came, and nothing lies there."""


VISITORS: dict[str, Callable[[Press], None]] = {
    "none": nothing, "bee": bee, "butterfly": butterfly, "ladybird": ladybird, "snail": snail,
    "bird": bird,
    "dragonfly": dragonfly,
}  # fmt: skip
FLYING = ("bee", "butterfly", "dragonfly")


def lemons(p: Press) -> None:
    for x, y, angle in ((14, -13, 20), (-14, -12, -14)):
        with p.placed(x, y, angle):
            fruit = path((-24, 0), (-17, -2, -17, -14, 0, -14), (17, -14, 17, -2, 24, 0),
                         (17, 2, 17, 14, 0, 14),
                         (-17, 14, -17, 2, -24, 0))  # fmt: skip
            p.solid(fruit, (250, 214, 74), 0.8, 0.8)


def apple(p: Press) -> None:
    fruit = path((0, -24), (-10, -32, -26, -24, -24, -10), (-22, 4, -8, 6, 0, 2),
                 (8, 6, 22, 4, 24, -10),
                 (26, -24, 10, -32, 0, -24))  # fmt: skip
    p.solid(fruit, (214, 52, 56), 0.8, 0.8)
    p.stroke(path((0, -24), (1, -34, 6, -38), close=False), p.ink, 3.4)
    p.solid(path((3, -32), (12, -44, 22, -38), (14, -28, 3, -32)), (98, 164, 84), 0.6, 0.3)


def books(p: Press) -> None:
    tones = p.random.sample(((204, 76, 70), (58, 110, 160), (84, 146, 110), (232, 178, 74)), 2)
    for k, tone in enumerate(tones):
        x, y = p.u(-4, 4), -15 * k
        p.solid(rounded(x - 33 + 3 * k, y - 15, x + 33 - 3 * k, y, 3), tone, 0.8, 0.4)
        p.flat(rounded(x + 12 - 3 * k, y - 11.5, x + 33 - 3 * k, y - 3.5, 0), (252, 244, 226))
        p.flat(rounded(x - 22, y - 14, x - 16, y - 1, 0), light(tone, 0.5))


def candle(p: Press) -> None:
    tall = p.u(40, 54)
    p.dot(0, -tall - 17, 20, (255, 226, 140), 110)
    p.solid(rounded(-8, -tall, 8, -4, 2), (252, 244, 226), 0.8, 0.6)
    p.stroke(path((0, -tall), (0, -tall - 7), close=False), p.ink, 2.6)
    p.flat(
        path((0, -tall - 30), (-13, -tall - 10, 0, -tall - 4), (13, -tall - 10, 0, -tall - 30)),
        (250, 158, 50),
    )
    p.flat(
        path((0, -tall - 19), (-6, -tall - 9, 0, -tall - 6), (6, -tall - 9, 0, -tall - 19)),
        (255, 238, 160),
    )
    p.solid(
        path((-24, -6), (24, -6), (18, 3, 10, 3), (-10, 3), (-18, 3, -24, -6)),
        mix(GOLDEN, (160, 110, 50), 0.3),
        0.8,
        0.4,
    )


BESIDE: dict[str, Callable[[Press], None]] = {
    "none": nothing, "lemons": lemons, "apple": apple, "books": books, "candle": candle,
}  # fmt: skip
