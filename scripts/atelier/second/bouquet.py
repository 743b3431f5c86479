"""How a print of flowers is put together: wall, table, stems, vessel, blossoms and guests."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import skia
from brush import petal
from ink import Colour, Point, jitter, light, oval, path

from second import open_flowers, standing_flowers
from second.bloom import DEEPS, PETALS, Bloom
from second.guests import BESIDE, FLYING, VISITORS
from second.press import Press, shadow
from second.vases import GLAZES, MOUTH, VESSELS
from second.walls import BACKDROPS, DIM, wall

FLOWERS: dict[str, Callable[[Bloom], None]] = {
    "rose": open_flowers.rose, "tulip": standing_flowers.tulip, "sunflower": open_flowers.sunflower,
    "daisy": open_flowers.daisy, "poppy": open_flowers.poppy, "lily": open_flowers.lily,
    "hyacinth": standing_flowers.hyacinth, "daffodil": open_flowers.daffodil,
    "dahlia": open_flowers.dahlia,
    "iris": standing_flowers.iris, "bellflower": standing_flowers.bellflower,
    "hydrangea": open_flowers.hydrangea,
}  # fmt: skip
UPRIGHT = ("tulip", "hyacinth", "iris", "bellflower")
BLADES = ("tulip", "hyacinth", "iris", "daffodil")  # whose leaves are long and narrow
# Flowers that are mostly gaps or points look small beside a rose of the same radius.
REACH = {
    "sunflower": 1.14,
    "daisy": 1.1,
    "lily": 1.2,
    "tulip": 1.04,
    "daffodil": 1.14,
    "dahlia": 1.08,
}


TALL = 1.5  # how many radii an upright flower goes up from its middle
EDGE = 6  # units that stay free at the paper's edge


@dataclass(frozen=True)
class Spot:
    """Where one blossom goes, how large, and how far it leans from upright."""

    x: float
    y: float
    r: float
    lean: float
    tilt: float = 0.0  # the way an open flower is turned, and how narrow it looks then
    squash: float = 1.0


# For each number, the radius of a blossom and where they may stand about the vessel's mouth.
LAYOUTS: dict[str, tuple[float, tuple[tuple[Point, ...], ...]]] = {
    "single": (52, (((0, -88),), ((20, -92),), ((34, -80),))),
    "pair": (42, (
        ((-43, -64), (38, -98)), ((-48, -82), (47, -78)), ((-24, -106), (46, -54)), ((52, -96),
                (-36, -60)),
    )),
    "trio": (36, (
        ((-60, -62), (60, -66), (0, -112)), ((-56, -100), (56, -98), (0, -54)),
        ((-64, -54), (-8, -88), (56, -110)), ((-66, -86), (8, -114), (44, -58)),
    )),
    "bouquet": (27.5, (
        ((0, -128), (-46, -106), (46, -104), (-72, -58), (72, -58), (-24, -66), (26, -68)),
        ((-32, -126), (32, -122), (-74, -84), (74, -86), (0, -82), (-46, -46), (46, -48)),
        ((-62, -112), (-8, -120), (48, -132), (-74, -62), (-26, -72), (30, -80), (68, -58)),
    )),
}  # fmt: skip


def draw(canvas: Any, traits: dict[str, str], random: Random) -> None:
    """Draw one print in 256 units."""
    p = Press(canvas, random)
    tone = jitter(BACKDROPS[traits["backdrop"]], random, 0.008, 0.04, 0.02)
    side = random.choice((-1, 1))  # the guest's; what lies beside the vessel takes the other
    table = wall(p, traits, tone)
    beside, crawls = traits["beside"] != "none", traits["visitor"] not in ("none", *FLYING)
    x = (
        128
        + p.u(-9, 9)
        + (side * p.u(10, 18) if beside else 0)
        - (side * p.u(4, 12) if crawls else 0)
    )
    base = p.u(230, 242)
    spots = arrange(p, traits)
    size = min(p.u(0.86, 1.08), room(spots, traits["flower"], x, base))
    if traits["vessel"] != "ribbon":
        for w, alpha in ((66, 60), (48, 70)):
            p.flat(oval(x - p.lit * 14, base - 1, w, 8), shadow(table, 0.9), alpha)
    with p.placed(x, base, 0, size):
        greenery(p, traits, spots)
        vessel(p, traits)
        blossoms(p, traits, spots)
    if beside:
        at = x - side * p.u(74, 84)
        with p.placed(max(38, min(218, at)), base + p.u(2, 7)):
            p.flat(oval(-p.lit * 6, 1, 34, 5), shadow(table, 0.9), 80)
            BESIDE[traits["beside"]](p)
    visit(
        p,
        traits,
        [Spot(x + s.x * size, base + s.y * size, s.r * size, 0) for s in spots],
        x,
        side,
        table,
    )


def arrange(p: Press, traits: dict[str, str]) -> list[Spot]:
    """Blossoms about the vessel's mouth, mirrored and shaken, those behind first."""
    r, layouts = LAYOUTS[traits["number"]]
    flip, scale, shake = p.random.choice((-1, 1)), p.u(0.94, 1.08), r * 0.18
    stretch, spots = p.u(0.94, 1.06), []
    for dx, dy in p.random.choice(layouts):
        x, y = flip * dx * stretch + p.u(-shake, shake), dy * (2 - stretch) + p.u(-shake, shake)
        lean = math.degrees(math.atan2(x, 130)) + p.u(-6, 6)
        size, aside = r * scale * p.u(0.86, 1.1), p.u(0.74, 1.0)
        spots.append(Spot(x, y - MOUTH, size, lean, p.u(-50, 50), aside))
    return spots


def room(spots: list[Spot], flower: str, x: float, base: float) -> float:
    """The largest size at which all blossoms stay on the paper; (x, base) is the vessel's foot."""
    reach, sizes = REACH.get(flower, 1.0), [2.0]
    tall = TALL if flower in UPRIGHT else 1.0
    for spot in spots:
        r = spot.r * reach
        sizes.append((base - EDGE) / (r * tall - spot.y))
        sizes.append((256 - EDGE - x) / max(1.0, r + spot.x))
        sizes.append((x - EDGE) / max(1.0, r - spot.x))
    return min(sizes)


def leaf(p: Press, at: Point, length: float, angle: float, green: Colour, narrow: bool) -> None:
    """A leaf of two halves under one pale rib."""
    with p.placed(*at, angle):
        shape = petal(length, length * (0.17 if narrow else 0.36), 0.03)
        p.flat(shape, green)
        half = skia.Path()
        half.addRect(skia.Rect.MakeLTRB(0, -length * 1.3, length, 10) if p.lit < 0 else
                     skia.Rect.MakeLTRB(-length, -length * 1.3, 0, 10))  # fmt: skip
        p.within(shape, half, shadow(green, 0.3))
        if not narrow:
            p.stroke(
                path((0, -length * 0.1), (0, -length * 0.78), close=False), light(green, 0.3), 1.8
            )


def greenery(p: Press, traits: dict[str, str], spots: list[Spot]) -> None:
    """Stems from the vessel to each blossom, leaves along them and a fan behind."""
    green = jitter((70, 150, 94), p.random, 0.03, 0.1, 0.06)
    if traits["backdrop"] in DIM:
        green = light(green, 0.12)
    narrow, tied = traits["flower"] in BLADES, traits["vessel"] == "ribbon"
    knot = -MOUTH + (22 if tied else 14)
    for angle in p.random.choice(((-62, -30, 28, 60), (-50, -18, 40, 70), (-70, -34, 12, 48))):
        length = p.u(78, 104) if narrow else p.u(56, 74)
        leaf(
            p,
            (0, -MOUTH + 8),
            length,
            angle * (0.7 if narrow else 1) + p.u(-8, 8),
            shadow(green, 0.24),
            narrow,
        )
    for k, spot in enumerate(spots):
        if tied or traits["vessel"] == "jar":
            foot = (-spot.x * 0.3, 4.0 if tied else -14.0)
            stem = path(
                foot, (0, knot), (spot.x * 0.25, (knot + spot.y) / 2, spot.x, spot.y), close=False
            )
        else:
            stem = path(
                (0, knot), (spot.x * 0.25, (knot + spot.y) / 2, spot.x, spot.y), close=False
            )
        p.stroke(stem, shadow(green, 0.1), 5.6 if len(spots) < 4 else 4.2)
        if narrow:
            continue
        at = (spot.x * 0.42, knot + (spot.y - knot) * 0.46)
        for s in (-1, 1) if len(spots) < 3 else ((-1) ** k,):
            leaf(p, at, p.u(34, 46), spot.lean + s * p.u(46, 68), green, False)
    for spot in spots:  # leaf tips set a blossom off from a wall of its own colour
        for angle in (70, 140, 220, 290) if traits["flower"] not in UPRIGHT else (130, 230):
            leaf(p, (spot.x, spot.y), spot.r * 1.24, angle + spot.lean, shadow(green, 0.24), False)


def vessel(p: Press, traits: dict[str, str]) -> None:
    name, other = traits.get("vessel colour", "none"), p.random.choice(tuple(GLAZES))
    p.canvas.save()
    p.canvas.scale(p.u(0.9, 1.14), 1)  # the mouth stays where the stems are
    VESSELS[traits["vessel"]](p, GLAZES[other if name == "none" else name])
    p.canvas.restore()


def blossoms(p: Press, traits: dict[str, str], spots: list[Spot]) -> None:
    flower, name = traits["flower"], traits["petals"]
    for spot in spots:
        base = jitter(PETALS[name], p.random, 0.008, 0.03, 0.02)
        with p.placed(spot.x, spot.y, spot.lean):
            if flower not in UPRIGHT:  # turned from us, each its own way
                p.canvas.rotate(spot.tilt)
                p.canvas.scale(1, spot.squash)
                p.canvas.rotate(-spot.tilt)
            r = spot.r * REACH.get(flower, 1.0)
            FLOWERS[flower](Bloom(p, r, name, base, DEEPS[name]))


def visit(
    p: Press, traits: dict[str, str], spots: list[Spot], x: float, side: int, table: Colour
) -> None:
    """A flier keeps to the free air beside the flowers, a crawler stays by the vessel."""
    name = traits["visitor"]
    if name == "none":
        return
    if name in FLYING:
        places = [(128 + s * p.u(74, 86), p.u(44, 136)) for s in (-1, 1) * 5]
        at = max(places, key=lambda q: min(math.hypot(q[0] - s.x, q[1] - s.y) - s.r for s in spots))
        flip, angle = (1 if at[0] > 128 else -1), p.u(-24, 24)
    else:
        at, flip, angle = (max(42, min(214, x + side * p.u(76, 88))), p.u(236, 243)), side, 0.0
        p.flat(oval(at[0], at[1] + 8, 30, 5), shadow(table, 0.9), 80)
    with p.placed(*at, angle, 0.9 if traits["number"] == "bouquet" and name in FLYING else 1.06):
        p.canvas.scale(flip if name not in ("butterfly", "dragonfly") else 1, 1)
        VISITORS[name](p)
