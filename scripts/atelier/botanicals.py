"""The theme of botanicals: a framed print of flowers in a vessel, and who came to see them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

import skia
from blossoms import FLOWERS, PETALS, REACH, UPRIGHT, bloom
from brush import linear, petal, radial, shadow
from ink import Colour, Point, dark, fill, jitter, light, line, mix, rounded
from vessels import MOUTH, VESSELS
from visitors import FLYING, VISITORS

TRAITS: dict[str, tuple[str, ...]] = {
    "flower": ("rose", "tulip", "sunflower", "daisy", "poppy", "lily", "hyacinth"),
    "petals": ("red", "pink", "yellow", "white", "blue", "purple", "orange"),
    "number": ("single", "pair", "trio", "bouquet"),
    "vessel": ("ribbon", "vase", "jar", "pot", "jug", "basket"),
    "backdrop": ("cream", "pink", "green", "blue", "mustard", "navy", "plum"),
    "visitor": ("none", "bee", "butterfly", "ladybird", "snail"),
}

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "flower": {name: (name,) for name in TRAITS["flower"]},
    "petals": {
        **{name: (name,) for name in TRAITS["petals"]},
        "purple": ("purple", "violet"),
    },
    "number": {
        "single": ("single", "lone"),
        "pair": ("pair of",),
        "trio": ("trio of",),
        "bouquet": ("bouquet of", "bunch of"),
    },
    "vessel": {
        "ribbon": ("red ribbon", "ribbon", "bow"),
        "vase": ("vase", "teal vase"),
        "jar": ("glass jar", "jar"),
        "pot": ("clay pot", "pot"),
        "jug": ("striped jug", "jug"),
        "basket": ("basket", "wicker basket"),
    },
    "backdrop": {name: (f"{name} background",) for name in TRAITS["backdrop"]},
    "visitor": {
        "none": ("no insect", "no visitor"),
        "bee": ("bee",),
        "butterfly": ("butterfly",),
        "ladybird": ("ladybird", "ladybug"),
        "snail": ("snail",),
    },
}

BACKDROPS: dict[str, Colour] = {
    "cream": (250, 236, 208), "pink": (250, 192, 200), "green": (164, 214, 182),
    "blue": (150, 204, 242), "mustard": (236, 178, 66), "navy": (34, 48, 98),
    "plum": (98, 42, 88),
}  # fmt: skip
DARK = ("navy", "plum")


def clauses(words: dict[str, str]) -> list[str]:
    """The flowers first, their number and colour before them, then what is around them."""
    subject = [words[group] for group in ("number", "petals") if group in words]
    rest = [words[group] for group in ("vessel", "backdrop", "visitor") if group in words]
    flower = words.get("flower", "flower")
    if words.get("number", "").endswith(" of"):
        flower = flower[:-1] + "ies" if flower.endswith("y") else flower + "s"
    return [" ".join([*subject, flower]), *rest]


@dataclass(frozen=True)
class Spot:
    """Where one blossom goes, how large, and how far it leans from upright."""

    x: float
    y: float
    r: float
    lean: float


# For each number, the radius of a blossom and where they may stand about the vessel's mouth.
LAYOUTS: dict[str, tuple[float, tuple[tuple[Point, ...], ...]]] = {
    "single": (52, (((0, -88),), ((16, -92),))),
    "pair": (42, (
        ((-43, -64), (38, -96)), ((-48, -82), (47, -78)), ((-24, -106), (44, -56)),
    )),
    "trio": (36, (
        ((-60, -62), (60, -66), (0, -110)), ((-56, -100), (56, -98), (0, -56)),
        ((-64, -54), (-8, -86), (56, -106)),
    )),
    "bouquet": (27.5, (
        ((0, -126), (-46, -104), (46, -104), (-70, -58), (70, -58), (-24, -66), (26, -68)),
        ((-32, -124), (32, -122), (-72, -84), (72, -86), (0, -82), (-46, -48), (46, -50)),
    )),
}  # fmt: skip


def draw(canvas: Any, traits: dict[str, str], random: Random) -> None:
    tone = jitter(BACKDROPS[traits["backdrop"]], random, 0.008, 0.03, 0.02)
    wall(canvas, traits, tone, random)
    x, base = 128 + random.uniform(-9, 9), random.uniform(235, 241)
    if traits["vessel"] != "ribbon":
        shadow(canvas, x + 12, base, 58, 10, 0.6)
    spots = [moved(spot, x, base - MOUTH) for spot in arrange(traits, random)]
    greenery(canvas, traits, spots, (x, base), random)
    canvas.save()
    canvas.translate(x, base)
    canvas.scale(random.uniform(0.92, 1.12), 1)  # the mouth stays where the stems are
    VESSELS[traits["vessel"]](canvas, random)
    canvas.restore()
    blossoms(canvas, traits, spots, random)
    visit(canvas, traits, spots, x, random)


def moved(spot: Spot, x: float, y: float) -> Spot:
    return Spot(spot.x + x, spot.y + y, spot.r, spot.lean)


def arrange(traits: dict[str, str], random: Random) -> list[Spot]:
    """Blossoms about the vessel's mouth, mirrored and shaken, those behind first."""
    u = random.uniform
    size, layouts = LAYOUTS[traits["number"]]
    places = random.choice(layouts)
    flip, scale = random.choice((-1, 1)), u(0.95, 1.05)
    shake = size * 0.16
    spots = []
    for dx, dy in places:
        x, y = flip * dx + u(-shake, shake), dy + u(-shake, shake)
        lean = math.degrees(math.atan2(x, 130)) + u(-5, 5)
        spots.append(Spot(x, y, size * scale * u(0.88, 1.08), lean))
    return spots


def wall(canvas: Any, traits: dict[str, str], tone: Colour, random: Random) -> None:
    """The backdrop: one hue, a plain, arched or round field in it, and a table."""
    u, night = random.uniform, traits["backdrop"] in DARK
    outer = radial((110, 90), 210, (light(tone, 0.07), tone, dark(tone, 0.07)))
    canvas.drawRect(skia.Rect.MakeWH(256, 256), outer)
    field = light(tone, 0.13) if night else mix(light(tone, 0.42), tone, 0.2)
    shape, x = random.choice(("plain", "arch", "disc", "sun")), 128 + u(-5, 5)
    if shape == "arch":
        w = u(84, 94)
        canvas.drawPath(rounded(x - w, u(16, 26), x + w, 330, w), fill(field))
    elif shape == "disc":
        canvas.drawCircle(x, u(112, 122), u(96, 106), fill(field))
    elif shape == "sun":
        canvas.drawCircle(x + u(-30, 30), u(84, 104), u(68, 78), fill(field))
    if traits["vessel"] == "ribbon":
        return
    table = light(tone, 0.22) if night else mix(tone, dark(tone, 0.5), 0.34)
    rect, y = skia.Rect.MakeLTRB(0, 216, 256, 256), u(212, 220)
    rect.setXYWH(0, y, 256, 256 - y)
    canvas.drawRect(rect, linear((0, y), (0, 256), (table, dark(table, 0.14))))


def leaf(canvas: Any, at: Point, length: float, angle: float, green: Colour) -> None:
    """A leaf of two halves, the lower one in shade."""
    canvas.save()
    canvas.translate(*at)
    canvas.rotate(angle)
    path = petal(length, length * 0.36, 0.05)
    canvas.drawPath(path, fill(green))
    canvas.clipRect(skia.Rect.MakeLTRB(0, -length * 1.2, length, 0), True)
    canvas.drawPath(path, fill(dark(green, 0.3)))
    canvas.restore()


def greenery(
    canvas: Any, traits: dict[str, str], spots: list[Spot], foot: Point, random: Random
) -> None:
    """Stems from the vessel to each blossom, leaves along them and a fan behind."""
    u, (x, base) = random.uniform, foot
    green = jitter((58, 142, 84), random, 0.025)
    if traits["backdrop"] in DARK:
        green = light(green, 0.16)
    tied, mouth = traits["vessel"] == "ribbon", base - MOUTH
    knot = mouth + (22 if tied else 14)
    for angle in (-62, -30, 28, 60):
        leaf(canvas, (x, mouth + 8), u(56, 72), angle + u(-8, 8), dark(green, 0.24))
    for k, spot in enumerate(spots):
        bend = (x + (spot.x - x) * 0.25, (knot + spot.y) / 2)
        stem = skia.Path()
        if tied or traits["vessel"] == "jar":
            tail = 4 if tied else -14
            stem.moveTo(x - (spot.x - x) * 0.3, base + tail)
            stem.lineTo(x, knot)
        else:
            stem.moveTo(x, knot)
        stem.quadTo(*bend, spot.x, spot.y)
        canvas.drawPath(stem, line(green, 5.5 if len(spots) < 4 else 4))
        at = (x + (spot.x - x) * 0.42, knot + (spot.y - knot) * 0.46)
        for s in (-1, 1) if len(spots) < 3 else ((-1) ** k,):
            leaf(canvas, at, u(34, 44), spot.lean + s * u(48, 66), green)
        sepals(canvas, spot, green)


def sepals(canvas: Any, spot: Spot, green: Colour) -> None:
    """Leaf tips behind a blossom, which set it off from a backdrop of its own colour."""
    for angle in (70, 140, 220, 290):
        leaf(canvas, (spot.x, spot.y), spot.r * 1.24, angle + spot.lean, dark(green, 0.3))


def blossoms(canvas: Any, traits: dict[str, str], spots: list[Spot], random: Random) -> None:
    flower = traits["flower"]
    for spot in spots:
        base = jitter(PETALS[traits["petals"]], random, 0.01, 0.03, 0.03)
        canvas.save()
        canvas.translate(spot.x, spot.y)
        if flower in UPRIGHT:
            canvas.rotate(spot.lean)
        else:
            shadow(canvas, 2, 4, spot.r * 1.12, spot.r * 1.12, 0.5)
        r = spot.r * REACH.get(flower, 1.0)
        FLOWERS[flower](bloom(canvas, random, r, traits["petals"], base))
        canvas.restore()


def visit(canvas: Any, traits: dict[str, str], spots: list[Spot], x: float, random: Random) -> None:
    """A flier keeps to the free air beside the flowers, a crawler stays by the vessel."""
    u, name, side = random.uniform, traits["visitor"], random.choice((-1, 1))
    if name == "none":
        return
    canvas.save()
    if name in FLYING:
        at = roomiest([(128 + s * u(80, 95), u(30, 128)) for s in (-1, 1, -1, 1, -1, 1)], spots)
        side = 1 if at[0] > 128 else -1
        canvas.translate(*at)
        canvas.rotate(u(-24, 24))
    else:
        canvas.translate(x + side * u(74, 82), u(236, 242))
        shadow(canvas, 0, 8, 32, 7, 0.5)
    canvas.scale(side if name != "butterfly" else 1, 1)
    VISITORS[name](canvas, random)
    canvas.restore()


def roomiest(places: list[Point], spots: list[Spot]) -> Point:
    """Return the place that is furthest from any blossom."""
    return max(places, key=lambda p: min(math.hypot(p[0] - s.x, p[1] - s.y) - s.r for s in spots))
