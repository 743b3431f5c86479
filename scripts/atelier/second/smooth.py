"""Heads without fur, and what belongs behind their busts."""

from __future__ import annotations

from ink import Colour, light, mirrored, mix, moved, oval, path, rounded

from second.anatomy import ROSE, Coat, Face, blush
from second.palette import GOLD
from second.press import Press, joined, shadow

BEAK: Colour = (250, 164, 52)
HORN: Colour = (250, 226, 172)
SCREEN: Colour = (38, 40, 72)


def robot(p: Press, coat: Coat) -> Face:
    """A box of metal with a dark screen, bolts for ears and an aerial on one of them."""
    steel, lamp = (198, 204, 216), p.random.choice(((246, 78, 84), (252, 200, 70), (84, 206, 160)))
    aerial, corner = p.random.choice((-1, 1)), p.u(14, 34)
    for s in (-1, 1):
        if s == aerial:
            mast = path((s * 84, -10), (s * 88, -p.u(76, 90)), close=False)
            p.stroke(mast, p.ink, 5 + p.weight * 1.4)
            p.stroke(mast, steel, 5)
            p.solid(oval(s * 88, -84, 10, 10), lamp, 1, 0.6)
        p.solid(rounded(s * 84 - 11, -22, s * 84 + 11, 24, 7), steel, 1, 0.7)
    head = rounded(-77, -64, 77, 69, corner)
    p.solid(head, coat.fur, 1.15)
    for s in (-1, 1):
        p.dot(s * 64, -52, 3.6, coat.deep)
    screen = rounded(-64, -40, 64, 58, corner * 0.7 + 4)
    p.flat(screen, SCREEN)
    glare = path((-74 * p.lit, -70), (-14 * p.lit, -70), (-74 * p.lit, 20))
    p.within(screen, glare, (74, 78, 120))
    p.outline(screen)
    return Face(eyes=(31, -8, 18.5), mouth=(0, 30, 24), hat=(-52, 54), phones=(86, -70),
                screen=True, lobe=(84, 30), ear=(62, -50))  # fmt: skip


def frog(p: Press, coat: Coat) -> Face:
    apart = p.u(48, 55)
    head = mirrored((0, -46), (54, -46, 80, -16, 86, 18), (90, 54, 46, 69, 0, 69))
    p.shade(head, coat.fur)
    p.within(head, moved(mirrored((0, 22), (50, 18, 70, 26, 110, 36), (70, 110, 0, 110)),
                         p.turn, 0),
             mix(coat.cream, coat.fur, 0.14))  # fmt: skip
    p.outline(head, 1.15)
    blush(p, 62, 20)
    for s in (-1, 1):
        p.dot(s * 7 + p.turn * 1.2, 6, 3, p.ink)

    def lids() -> None:
        for s in (-1, 1):
            with p.turned():
                p.shade(oval(s * apart, -38, 27, 27), coat.fur, 0.6)
                x, rise = s * apart, -68
                edge = path((x - 26, -34), (x - 28, rise, x + 28, rise, x + 26, -34), close=False)
                p.outline(edge)

    return Face(eyes=(apart, -38, 18.5), mouth=(0, 30, 32), hat=(-42, 40), phones=(86, -56),
                lobe=(82, 40), ear=(78, -14), front=lids)  # fmt: skip


def dragon(p: Press, coat: Coat) -> Face:
    """A wedge of a head under swept horns, with a long snout, nostrils and cheek spikes."""
    rise, spread = p.u(-4, 10), p.u(-6, 8)
    frill = shadow(coat.fur, 0.45) if not coat.dark else light(coat.fur, 0.2)
    for s in (-1, 1):
        with p.turned(-0.3):
            horn = path(
                (s * 26, -44), (s * 34, -78, s * (70 + spread), -84, s * (78 + spread),
                                -122 - rise),
                (s * (104 + spread), -84, s * 88, -50, s * 60, -30),
            )  # fmt: skip
            p.solid(horn, HORN, 1, 0.6)
            for t in (0.0, 1.0):
                x, y = 46 + 22 * t, -60 - 20 * t
                p.stroke(path((s * (x - 6), y - 8), (s * (x + 18), y + 6), close=False),
                         (208, 158, 96), 4)  # fmt: skip
            for x, y, k in ((64, -20, 1.0), (62, 4, 0.9), (56, 26, 0.7)):
                spike = path(
                    (s * (x - 8), y - 12), (s * (x + 36 * k), y - 8), (s * (x - 6), y + 14)
                )
                p.solid(spike, frill, 1, 0.5)
    for x, top, w in ((-20, -80, 13), (20, -80, 13), (0, -96, 15)):
        p.solid(path((x - w, -48), (x - w * 0.3, top + 14, x, top),
                     (x + w * 0.3, top + 14, x + w, -48)),
                frill, 1, 0.5)  # fmt: skip
    head = mirrored((0, -60), (44, -62, 66, -46, 68, -16), (68, 6, 52, 12, 46, 24),
                    (58, 34, 58, 74, 0, 74))  # fmt: skip
    p.solid(head, coat.fur, 1.15)
    with p.turned(1.4):
        bridge = mirrored((0, -20), (10, -20, 12, 0, 24, 14), (50, 26, 34, 38, 0, 38))
        p.flat(bridge, light(coat.fur, 0.24))
        for s in (-1, 1):
            p.solid(oval(s * 22, 22, 12, 8.5), light(coat.fur, 0.12), 0.8, 0.5)
            p.flat(oval(s * 22, 22.5, 5, 3.2), p.ink)
    for x, y in ((0, -44), (-13, -34), (13, -34)):
        p.dot(x + p.turn * 0.7, y, 4.6, frill)
    return Face(eyes=(35, -14, 17.5), mouth=(0, 45, 21), hat=(-46, 44), phones=(76, -68),
                lobe=(62, 38), ear=(58, -50), muzzle=False)  # fmt: skip


def wings(p: Press, coat: Coat) -> None:
    """Bat wings behind a bust at (0, 0), their skin between three fingers."""
    skin = mix(coat.fur, (236, 92, 70), 0.62)
    rise = p.u(-10, 14)
    for s in (-1, 1):
        tips = ((92, -92 - rise), (126, -46), (128, 6), (104, 52))
        wing = path(
            (s * 30, 20), (s * 44, -50, s * tips[0][0], tips[0][1]),
            (s * 96, -62, s * tips[1][0], tips[1][1]),
            (s * 98, -20, s * tips[2][0], tips[2][1]),
            (s * 90, 16, s * tips[3][0], tips[3][1]), (s * 40, 60),
        )  # fmt: skip
        p.shade(wing, skin, 0.8)
        for x, y in tips[:3]:
            finger = path(
                (s * 36, 10), (s * x * 0.6, y * 0.66, s * x * 0.93, y * 0.93), close=False
            )
            p.stroke(finger, coat.fur, 7)
        p.outline(wing)


def owl(p: Press, coat: Coat) -> Face:
    tuft = p.u(80, 98)
    head = mirrored((0, -50), (20, -56, 40, -62, 68, -tuft), (84, -60, 82, -10, 80, 6),
                    (80, 50, 46, 70, 0, 70))  # fmt: skip
    p.shade(head, coat.fur)
    with p.turned(1.0):
        brow = mirrored((0, -16), (10, -40, 40, -52, 66, -72), (70, -40, 64, -20, 40, -22))
        p.within(moved(head, -p.turn, 0), brow, coat.deep)
        for s in (-1, 1):
            p.flat(oval(s * 31, -2, 33, 34), coat.cream)
    p.outline(head, 1.15)
    for x, y in ((-34, 48), (34, 48), (-52, 36), (52, 36)):
        p.stroke(path((x - 7, y), (x, y + 9, x + 7, y), close=False), coat.deep, 4)
    with p.turned(1.3):
        beak = mirrored((0, 4), (12, 8, 12, 16), (10, 28, 0, 34))
        p.solid(beak, BEAK, 0.9, 0.5)
    return Face(
        eyes=(31, -3, 20),
        mouth=(0, 40, 19),
        hat=(-46, 46),
        ear=(60, -50),
        lobe=(76, 34),
        mask=True,
        muzzle=False,
    )


def penguin(p: Press, coat: Coat) -> Face:
    head = mirrored((0, -66), (46, -66, 76, -40, 76, 4), (76, 46, 44, 69, 0, 69))
    p.shade(head, coat.fur)
    mask = joined(oval(-28, 2, 33, 38), oval(28, 2, 33, 38), oval(0, 40, 56, 36))
    pale = coat.cream if sum(coat.fur) < 690 else (255, 234, 192)
    p.within(head, moved(mask, p.turn, 0), pale)
    p.outline(head, 1.15)
    if p.random.random() < 0.5:
        p.solid(path((-8, -64), (-14, -84, 2, -90), (0, -80, 12, -84), (4, -72, 8, -64)), coat.fur,
                1, 0.3)  # fmt: skip
    blush(p, 46, 24)
    with p.turned(1.4):
        p.solid(path((-16, 16), (-6, 4, 6, 4, 16, 16), (8, 30, -8, 30, -16, 16)), BEAK, 0.9, 0.5)
    return Face(eyes=(29, -6, 17.5), mouth=(0, 38, 19), hat=(-47, 50), ear=(58, -46), mask=True)


def elephant(p: Press, coat: Coat) -> Face:
    """Ears like sails, and a trunk that curls aside, off the mouth."""
    flap, side = p.u(-6, 10), 1 if p.turn >= 0 else -1
    for s in (-1, 1):
        with p.turned(-0.2):
            ear = path(
                (s * 46, -50), (s * 84, -82 - flap, s * 126, -50, s * 116, 2),
                (s * 110, 40 + flap, s * 78, 46, s * 56, 30),
            )  # fmt: skip
            p.shade(ear, coat.fur, 0.7)
            p.within(ear, moved(ear, -s * 14, 6), coat.inner)
            p.outline(ear)
    head = mirrored((0, -66), (44, -66, 66, -44, 66, -6), (66, 42, 46, 69, 0, 69))
    p.solid(head, coat.fur, 1.15)
    blush(p, 52, 22)
    with p.turned(1.3):
        trunk = path(
            (0, 8), (-side * 4, 38, side * 22, 44), (side * 48, 48, side * 52, 22), close=False
        )
        p.stroke(trunk, p.ink, 22 + p.weight * 2)
        p.flat(oval(0, 4, 15, 18), coat.fur)
        p.stroke(trunk, coat.fur, 22)
        for t in (14, 26):
            p.stroke(path((-side * 10, t), (side * 9, t + 2), close=False), shadow(coat.fur), 4)
        p.flat(oval(side * 52, 16, 7, 4.5), coat.inner)
    return Face(eyes=(34, -14, 16.5), mouth=(-side * 23, 46, 17), hat=(-47, 48), phones=(74, -70),
                ear=(52, -50), lobe=(92, 38), muzzle=False)  # fmt: skip


def pig(p: Press, coat: Coat) -> Face:
    droop = p.u(-10, 10)
    for s in (-1, 1):
        with p.turned(-0.2):
            ear = path((s * 22, -54), (s * 44, -88, s * 82, -84 + droop),
                       (s * 92, -50, s * 74, -22 + droop), (s * 66, -46, s * 40, -40))  # fmt: skip
            p.solid(ear, coat.fur, 1, 0.6)
            p.flat(path((s * 46, -64), (s * 60, -74, s * 74, -70 + droop),
                        (s * 76, -52, s * 70, -44)),
                   coat.inner)  # fmt: skip
    head = mirrored((0, -62), (50, -62, 78, -38, 80, 6), (80, 46, 46, 69, 0, 69))
    p.solid(head, coat.fur, 1.15)
    blush(p, 56, 26)
    with p.turned(1.35):
        p.solid(oval(0, 18, p.vary(27, 0.08), 17.5), mix(coat.fur, (255, 150, 160), 0.55), 1, 0.6)
        for s in (-1, 1):
            p.flat(oval(s * 9.5, 18, 4.6, 7), mix(p.ink, ROSE, 0.25))
    return Face(eyes=(35, -14, 17), mouth=(0, 42, 20), hat=(-45, 50), ear=(58, -46), muzzle=False)


def unicorn(p: Press, coat: Coat) -> Face:
    """A foal's long face, a mane to one side and a horn of gold before every hat."""
    hair, strand = p.random.choice((((246, 124, 176), (124, 198, 240)),
                                    ((124, 198, 240), (252, 214, 110)),
                                    ((150, 110, 220), (246, 150, 190))))  # fmt: skip
    side = -1 if p.turn >= 0 else 1
    mane = path((side * -10, -70), (side * 60, -88, side * 96, -40, side * 84, 10),
                (side * 102, 30, side * 92, 62, side * 66, 78), (side * 60, 50, side * 30, 0),
                (side * 10, -40))  # fmt: skip
    p.shade(mane, hair)
    p.within(mane, path((side * 30, -60), (side * 80, -40, side * 62, 20),
                        (side * 90, 50, side * 70, 90),
                        (side * 52, 40, side * 40, 0)), strand)  # fmt: skip
    p.outline(mane)
    for s in (-1, 1):
        with p.turned(-0.2):
            ear = path((s * 24, -50), (s * 30, -84, s * 52, -98), (s * 70, -70, s * 58, -34))
            p.solid(ear, coat.fur, 1, 0.6)
            p.flat(
                path((s * 40, -58), (s * 44, -74, s * 51, -80), (s * 58, -62, s * 54, -48)),
                coat.inner,
            )
    head = mirrored((0, -62), (42, -62, 62, -40, 62, -8), (62, 16, 54, 28, 52, 44),
                    (50, 66, 26, 74, 0, 74))  # fmt: skip
    p.shade(head, coat.fur)
    p.within(head, oval(p.turn * 1.2, 58, 60, 36), mix((255, 206, 206), coat.fur, 0.25))
    p.outline(head, 1.15)
    fringe = path((side * 6, -70), (side * 50, -74, side * 62, -34),
                  (side * 40, -44, side * 30, -38),
                  (side * 12, -44, -side * 16, -34), (-side * 10, -56, side * 6, -70))  # fmt: skip
    p.solid(fringe, hair, 1, 0.5)
    for s in (-1, 1):
        p.flat(oval(s * 17 + p.turn * 1.3, 32, 3.6, 4.8), mix(p.ink, ROSE, 0.3))
    blush(p, 44, 16)

    def horn() -> None:
        with p.turned(0.8), p.placed(0, -40, p.u(-5, 5)):
            cone = path((-12, 2), (-2, -70), (2, -70), (12, 2), (0, 9, -12, 2))
            p.shade(cone, GOLD, 0.7)
            for y, w in ((-8, 10), (-26, 7.5), (-44, 5)):
                p.stroke(path((-w, y), (w, y - 8), close=False), (196, 132, 40), 3.6)
            p.outline(cone)

    return Face(eyes=(33, -8, 17.5), mouth=(0, 46, 19), hat=(-46, 44), phones=(70, -66),
                lobe=(66, -6), ear=(50, -46), front=horn)  # fmt: skip
