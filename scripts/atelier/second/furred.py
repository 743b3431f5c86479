"""Heads with fur around (0, 0), about 150 wide and 130 high; each says where its face goes."""

from __future__ import annotations

import math

from ink import Colour, Point, light, mirrored, mix, moved, oval, path

from second.anatomy import ROSE, Coat, Face, blush, cheeks, nose
from second.press import Press, joined, shadow, without


def ears(p: Press, coat: Coat, outer: list[list[float]], tips: Colour | None = None) -> None:
    """Draw a pair of pointed ears from the right one's start and segments."""
    start, *rest = outer
    for s in (-1, 1):
        bent = [[n * (s if i % 2 == 0 else 1) for i, n in enumerate(part)] for part in rest]
        ear = path((s * start[0], start[1]), *bent)
        with p.turned(-0.25):
            p.shade(ear, coat.fur, 0.6)
            box = ear.getBounds()
            hollow = path(
                (s * 30, -40), (bent[0][-2] * 0.93, bent[0][-1] + 20), (s * 70, -20), (s * 40, -10)
            )
            p.within(ear, hollow, coat.inner)
            if tips is not None:
                crest = oval(bent[0][-2], bent[0][-1] - 2, 40, box.height() * 0.34)
                p.within(ear, crest, tips)
            p.outline(ear)


def fox(p: Press, coat: Coat) -> Face:
    tip = [p.u(58, 70), -p.u(98, 116)]
    ears(p, coat, [[12, -46], [24, -88, *tip], [86, -60, 72, -6]], coat.deep)
    tuft = p.u(88, 98)
    head = mirrored(
        (0, -62), (46, -64, 68, -42, 71, -12), (78, 8, tuft, 16), (82, 26), (tuft - 8, 38),
        (70, 41), (48, 60, 26, 69, 0, 69),
    )  # fmt: skip
    p.shade(head, coat.fur)
    mask = mirrored((0, 6), (12, 6, 18, 20, 42, 14), (72, 6, 110, 22), (80, 100, 0, 100))
    p.within(head, moved(mask, p.turn, 0), coat.cream)
    p.within(head, moved(mask, p.turn - p.lit * 14, 36), shadow(coat.cream, 0.12))
    p.outline(head, 1.15)
    nose(p, 16, p.ink, fold=34)
    return Face(hat=(-44, 48), mouth=(0, 36, 22), lobe=(78, 34))


def cat(p: Press, coat: Coat) -> Face:
    tip = [p.u(56, 70), -p.u(86, 102)]
    ears(p, coat, [[10, -48], [40, -74, *tip], [84, -58, 78, -2]])
    head = mirrored((0, -62), (48, -62, 78, -40, 80, 2), (82, 46, 46, 68, 0, 68))
    p.shade(head, coat.fur)
    with p.turned(0.6):
        for x, drop in ((-20, -42), (0, -34), (20, -42)):
            bar = path((x - 6, -72), (x + 6, -72), (x * 0.8 + 2, drop), (x * 0.8 - 2, drop))
            p.within(moved(head, -p.turn * 0.6, 0), bar, coat.deep)
    for s in (-1, 1):
        for y in (2, 20):
            bar = path((s * 96, y - 7), (s * 62, y + 2), (s * 96, y + 7))
            p.within(head, bar, coat.deep)
    p.outline(head, 1.15)
    cheeks(p, coat, head)
    for s in (-1, 1):
        for y in (0, 13):
            end = (s * (92 + y * 0.3), 28 + y * 1.5)
            whisker = path((s * 50 + p.turn, 36 + y * 0.6), end, close=False)
            p.stroke(whisker, p.ink, p.weight * 0.75)
    nose(p, 17, ROSE, 0.9, 34)
    return Face(mouth=(0, 35, 20), hat=(-46, 50))


def bear(p: Press, coat: Coat) -> Face:
    size, at = p.u(21, 28), p.u(54, 64)
    for s in (-1, 1):
        with p.turned(-0.25):
            p.solid(oval(s * at, -48, size, size), coat.fur, 1, 0.7)
            p.flat(oval(s * at, -45, size * 0.55, size * 0.55), coat.inner)
    head = mirrored((0, -66), (50, -66, 80, -40, 80, 4), (80, 46, 46, 69, 0, 69))
    p.solid(head, coat.fur, 1.15)
    muzzle = oval(0, 36, p.vary(40, 0.1), p.vary(29, 0.07))
    p.within(head, p.aside(muzzle, 1.2), coat.cream)
    p.within(head, without(p.aside(muzzle, 1.2), moved(p.aside(muzzle, 1.2), p.lit * 4, -4)),
             shadow(coat.cream, 0.2))  # fmt: skip
    p.outline(head, 1.15)
    nose(p, 18, p.ink, 1.3, 34)
    blush(p, 58, 20)
    return Face(mouth=(0, 36, 21), hat=(-47, 52), lobe=(74, 34), ear=(56, -50))


def rabbit(p: Press, coat: Coat) -> Face:
    length, spread, flop = p.u(44, 54), p.u(8, 22), p.random.choice((0, 0, -1, 1))
    for s in (-1, 1):
        bend = s * p.vary(spread, 0.3) + (s * 38 if s == flop else 0)
        with p.turned(-0.25), p.placed(s * 34, -44, bend):
            ear = path(
                (-12, 6), (-26, -length, -22, -length * 1.9, 0, -length * 2),
                (22, -length * 1.9, 26, -length, 12, 6),
            )  # fmt: skip
            p.solid(ear, coat.fur, 1, 0.6)
            p.flat(oval(0, -length * 1.02, 8.5, length * 0.7), coat.inner)
    head = mirrored((0, -60), (44, -60, 70, -38, 74, 2), (86, 46, 48, 69, 0, 69))
    p.solid(head, coat.fur, 1.15)
    cheeks(p, coat, head)
    blush(p, 58, 24)
    nose(p, 17, ROSE, 0.85, 33)
    return Face(mouth=(0, 35, 20), hat=(-42, 46), ear=(52, -46), phones=(78, -66))


def dog(p: Press, coat: Coat) -> Face:
    tone = mix(coat.fur, (84, 46, 40), 0.5) if not coat.dark else light(coat.fur, 0.18)
    head = mirrored((0, -64), (48, -64, 72, -42, 74, 0), (80, 46, 46, 69, 0, 69))
    p.shade(head, coat.fur)
    side = p.random.choice((-1, 1))
    p.within(head, oval(p.turn + side * 36, -12, 29, 33), tone)
    p.within(head, oval(p.turn, -52, 11, 42), coat.cream)
    muzzle = mirrored((0, 2), (20, 2, 42, 12, 43, 36), (43, 57, 24, 66, 0, 66))
    p.within(head, p.aside(muzzle, 1.2), coat.cream)
    p.outline(head, 1.15)
    flop = p.u(-12, 14)
    for s in (-1, 1):
        ear = path(
            (s * 38, -58), (s * 62, -74, s * 92, -48, s * (98 + flop * 0.4), -2),
            (s * 106, 36 + flop, s * 84, 46 + flop, s * 74, 22 + flop),
            (s * 66, -8, s * 64, -34, s * 38, -58),
        )  # fmt: skip
        with p.turned(-0.15):
            p.solid(ear, tone, 1, 0.7)
    nose(p, 16, p.ink, 1.4, 33)
    return Face(mouth=(0, 35, 22), phones=(84, -68), lobe=(86, 38), ear=(56, -50))


def lion(p: Press, coat: Coat) -> Face:
    mane = mix(coat.fur, (128, 50, 30), 0.55) if not coat.dark else light(coat.fur, 0.2)
    count, reach, turn = p.random.choice((11, 13, 15)), p.u(88, 98), p.u(0, 1)
    points: list[Point] = []
    for k in range(count):
        for step, r in ((0.0, 74), (0.5, reach)):
            a = 2 * math.pi * (k + step + turn) / count
            points.append((r * math.cos(a), r * math.sin(a) * 0.96))
    first, *rest = points
    scallop = [[*rest[i], *(rest[i + 1] if i + 1 < len(rest) else first)] for i in
               range(0, len(rest), 2)]  # fmt: skip
    p.solid(path(first, *scallop), mane, 1.15)
    for s in (-1, 1):
        p.solid(oval(s * 52, -50, 18, 18), coat.fur, 1, 0.7)
        p.flat(oval(s * 52, -48, 9, 9), coat.inner)
    head = mirrored((0, -56), (42, -56, 64, -34, 64, 4), (64, 42, 42, 66, 0, 66))
    p.solid(head, coat.fur)
    cheeks(p, coat, head)
    nose(p, 15, mix(ROSE, (120, 40, 40), 0.4), 1.25, 33)
    return Face(eyes=(29, -10, 17), mouth=(0, 35, 20), hat=(-46, 50), lobe=(76, 40),
                phones=(84, -70), ear=(58, -52))  # fmt: skip


def monkey(p: Press, coat: Coat) -> Face:
    size = p.u(22, 28)
    for s in (-1, 1):
        with p.turned(-0.25):
            p.solid(oval(s * 78, 0, size, size * 1.08), coat.fur, 1, 0.7)
            p.flat(oval(s * 80, 1, size * 0.6, size * 0.66), coat.inner)
    head = mirrored((0, -66), (48, -66, 72, -40, 72, 2), (74, 46, 42, 69, 0, 69))
    p.shade(head, coat.fur)
    tuft = path((-12, -62), (-6, -84, 6, -88), (6, -76, 18, -80), (14, -68, 14, -62))
    p.solid(tuft, coat.fur, 1, 0.4)
    skin = mix((250, 206, 168), coat.fur, 0.1)
    mask = joined(
        oval(-26, -8, 30, 31), oval(26, -8, 30, 31), oval(0, 36, 44, 32), oval(0, 12, 34, 30)
    )
    p.within(head, moved(mask, p.turn, 0), skin)
    p.outline(head, 1.15)
    for s in (-1, 1):
        p.flat(oval(s * 5.5 + p.turn * 1.3, 17, 3.4, 2.6), p.ink)
    return Face(eyes=(27, -9, 18), mouth=(0, 35, 24), phones=(84, -70), lobe=(84, 24),
                ear=(60, -48), mask=True)  # fmt: skip


def deer(p: Press, coat: Coat) -> Face:
    horn, rise = (156, 108, 70), p.u(0, 12)
    for s in (-1, 1):
        with p.turned(-0.2):
            antler = path(
                (s * 26, -50), (s * 30, -76, s * 44, -96 - rise),
                (s * 52, -106, s * 50, -122 - rise),
                close=False,
            )  # fmt: skip
            prongs = [
                path((s * 31, -74), (s * 22, -84, s * 20, -104 - rise), close=False),
                path((s * 44, -94 - rise), (s * 62, -90, s * 70, -104 - rise), close=False),
            ]
            for branch in (antler, *prongs):
                p.stroke(branch, p.ink, 11 + p.weight)
            for branch in (antler, *prongs):
                p.stroke(branch, horn, 9)
            ear = path((s * 48, -40), (s * 70, -66, s * 108, -54), (s * 104, -20, s * 58, -18))
            p.solid(ear, coat.fur, 1, 0.6)
            p.flat(path((s * 62, -38), (s * 76, -52, s * 96, -48), (s * 90, -30, s * 64, -28)),
                   coat.inner)  # fmt: skip
    head = mirrored((0, -60), (42, -60, 64, -38, 64, -8), (64, 16, 48, 26, 46, 44),
                    (44, 64, 24, 72, 0, 72))  # fmt: skip
    p.shade(head, coat.fur)
    p.within(head, oval(p.turn * 1.2, 52, 44, 32), coat.cream)
    for x, y in ((-14, -44), (0, -32), (14, -44)):
        p.dot(x + p.turn * 0.7, y, 5, coat.cream)
    p.outline(head, 1.15)
    nose(p, 24, p.ink, 1.25, 40)
    return Face(eyes=(34, -8, 17), mouth=(0, 42, 17), hat=(-44, 44), phones=(72, -64),
                lobe=(72, -14), ear=(52, -42))  # fmt: skip


def mouse(p: Press, coat: Coat) -> Face:
    size, at = p.u(36, 43), p.u(62, 72)
    for s in (-1, 1):
        with p.turned(-0.25):
            p.solid(oval(s * at, -48, size, size), coat.fur, 1, 0.6)
            p.flat(oval(s * at, -46, size * 0.66, size * 0.66), coat.inner)
    head = mirrored((0, -56), (40, -56, 68, -34, 70, 4), (66, 40, 30, 70, 0, 70))
    p.solid(head, coat.fur, 1.15)
    p.within(head, oval(p.turn, 58, 40, 32), coat.cream)
    p.outline(head, 1.15)
    blush(p, 48, 22)
    for s in (-1, 1):
        for y in (0, 12):
            whisker = path((s * 40 + p.turn, 36 + y), (s * (80 - y), 34 + y * 1.9), close=False)
            p.stroke(whisker, p.ink, p.weight * 0.7)
    with p.turned(1.3):
        p.solid(oval(0, 22, 10, 8.5), ROSE, 0.9, 0.5)
        p.stroke(path((0, 31), (0, 41), close=False), p.ink, p.weight * 0.85)
    return Face(eyes=(28, -8, 17), mouth=(0, 40, 15), hat=(-40, 44), phones=(74, -62),
                ear=(46, -40), lobe=(72, 14))  # fmt: skip


def panda(p: Press, coat: Coat) -> Face:
    """A pale face whose ears and eye patches have the coat's colour."""
    patch = coat.fur if sum(coat.fur) < 690 else (204, 198, 222)
    pale: Colour = (252, 248, 240)
    size, at = p.u(20, 25), p.u(56, 64)
    for s in (-1, 1):
        with p.turned(-0.25):
            p.solid(oval(s * at, -50, size, size), patch, 1, 0.7)
    head = mirrored((0, -64), (52, -64, 82, -38, 82, 6), (82, 48, 46, 69, 0, 69))
    p.solid(head, pale, 1.15)
    for s in (-1, 1):
        spot = path((s * 14, -20), (s * 24, -44, s * 56, -34), (s * 72, -6, s * 56, 20),
                    (s * 22, 26, s * 14, -20))  # fmt: skip
        p.within(head, p.aside(spot), patch)
    p.outline(head, 1.15)
    blush(p, 58, 30)
    nose(p, 20, p.ink, 1.1, 34)
    return Face(eyes=(35, -7, 17), mouth=(0, 36, 20), hat=(-47, 52), ear=(58, -48))
