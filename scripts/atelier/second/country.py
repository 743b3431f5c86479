"""What every part of a landscape shares: the light, the season, the lie of the land."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

from brush import loop, polygon
from ink import Colour, Point, fill, jitter, mix, moved

from second.press import common, without

Tint = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """A time of day's inks: five of the sky from the top, then haze, orb, tint and shade."""

    sky: tuple[Colour, ...]
    haze: Colour
    orb: Colour
    tint: Tint
    shade: Colour
    low: bool  # the orb stands near the horizon


LIGHTS = {
    "dawn": Light(
        ((120, 152, 214), (168, 174, 222), (222, 188, 212), (250, 208, 194), (255, 232, 200)),
        (246, 214, 208), (255, 248, 220), (1.0, 0.9, 0.9), (112, 84, 150), True,
    ),
    "day": Light(
        ((66, 150, 216), (104, 178, 230), (150, 206, 238), (196, 226, 238), (240, 242, 226)),
        (208, 230, 234), (255, 236, 150), (1.0, 1.0, 0.96), (40, 72, 130), False,
    ),
    "dusk": Light(
        ((66, 44, 120), (126, 56, 132), (198, 78, 118), (244, 126, 88), (255, 188, 102)),
        (226, 116, 112), (255, 226, 130), (0.94, 0.68, 0.68), (66, 26, 92), True,
    ),
    "night": Light(
        ((20, 26, 76), (28, 42, 102), (40, 62, 130), (58, 88, 156), (86, 120, 182)),
        (84, 114, 176), (255, 246, 212), (0.56, 0.66, 0.86), (16, 20, 66), False,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Season:
    """What grows: ground, a second green for bands, crowns, needles, and what lies on roofs."""

    ground: Colour
    band: Colour
    crown: Colour
    needle: Colour


SEASONS = {
    "spring": Season((150, 204, 104), (186, 220, 120), (250, 158, 190), (92, 168, 104)),
    "summer": Season((92, 164, 76), (122, 186, 84), (44, 130, 70), (28, 100, 78)),
    "autumn": Season((222, 166, 74), (238, 190, 96), (226, 90, 40), (150, 92, 52)),
    "winter": Season((238, 244, 252), (222, 234, 250), (206, 224, 246), (72, 120, 140)),
}
SAND: Colour = (244, 208, 140)
CLAY: Colour = (220, 112, 68)
ROCK: Colour = (124, 128, 156)
SNOW: Colour = (250, 252, 255)
LAMP: Colour = (255, 222, 120)


@dataclass(frozen=True)
class Country:
    """One picture in the making: what to draw on, what decides, and where things stand."""

    canvas: Any
    random: Random
    traits: dict[str, str]
    light: Light
    season: Season
    side: int  # the landmark stands on this side, what flies keeps to the other
    orb: Point
    horizon: float  # where the far land begins
    floor: float  # where the middle ground begins

    def u(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    @property
    def winter(self) -> bool:
        return self.traits["season"] == "winter"

    @property
    def night(self) -> bool:
        return self.traits["time"] == "night"

    @property
    def sunward(self) -> int:
        """The side the light comes from, seen from the middle of the picture."""
        return 1 if self.orb[0] > 128 else -1

    def lit(self, colour: Colour, depth: float = 0.0) -> Colour:
        """A local colour as this light shows it from near (0) to the horizon (1)."""
        t = self.light.tint
        seen: Colour = (colour[0] * t[0], colour[1] * t[1], colour[2] * t[2])
        if self.winter and self.traits["time"] != "night":  # snow stays snow in a red light
            seen = mix(seen, colour, 0.4)
        return mix(seen, self.light.haze, 0.06 + 0.94 * depth)

    def shaded(self, colour: Colour, depth: float = 0.0, amount: float = 0.34) -> Colour:
        """The same colour on the side away from the light."""
        return mix(self.lit(colour, depth), mix(self.light.shade, self.light.haze, depth), amount)

    def bright(self, colour: Colour) -> Colour:
        """A made thing's colour, kept brighter than nature's so that it reads in the dark."""
        return mix(self.lit(colour), colour, 0.5)

    def flat(self, shape: Any, colour: Colour, alpha: float = 255) -> None:
        self.canvas.drawPath(shape, fill(colour, alpha))

    def within(self, shape: Any, detail: Any, colour: Colour, alpha: float = 255) -> None:
        self.canvas.drawPath(common(shape, detail), fill(colour, alpha))

    def dot(self, x: float, y: float, r: float, colour: Colour, alpha: float = 255) -> None:
        self.canvas.drawCircle(x, y, r, fill(colour, alpha))

    def solid(self, shape: Any, colour: Colour, depth: float = 0.0, amount: float = 0.34) -> None:
        """Print a shape in light and in shade: the shade is what lies away from the light."""
        box = shape.getBounds()
        step = min(14.0, 1 + 0.16 * min(box.width(), box.height()))
        self.flat(shape, self.lit(colour, depth))
        rest = without(shape, moved(shape, self.sunward * step, -step * 0.7))
        self.flat(rest, self.shaded(colour, depth, amount))


def compose(canvas: Any, traits: dict[str, str], random: Random) -> Country:
    light, season = LIGHTS[traits["time"]], SEASONS[traits["season"]]
    side = random.choice((-1, 1))
    sky = tuple(jitter(colour, random, 0.012, 0.06, 0.03) for colour in light.sky)
    light = Light(sky, light.haze, light.orb, light.tint, light.shade, light.low)
    horizon = random.uniform(122, 156)
    if light.low:
        orb = (128 - side * random.uniform(-20, 46), horizon - random.uniform(26, 46))
    else:
        orb = (128 + side * random.uniform(14, 84), random.uniform(34, 60))
    ground, band, crown, needle = (
        jitter(c, random, 0.012, 0.06, 0.03)
        for c in (season.ground, season.band, season.crown, season.needle)
    )
    tinted = Season(ground, band, crown, needle)
    floor = horizon + random.uniform(26, 36)
    return Country(canvas, random, traits, light, tinted, side, orb, horizon, floor)


def swell(c: Country, y: float, height: float, waves: float = 1.5) -> list[Point]:
    """A rolling skyline across the whole picture."""
    a, b, k = c.u(0, 6.3), c.u(0, 6.3), waves * c.u(0.8, 1.2) * math.tau / 256
    return [
        (x, y - height * (0.7 * math.sin(k * x + a) + 0.3 * math.sin(2.3 * k * x + b)))
        for x in range(-32, 305, 16)
    ]


def land(c: Country, skyline: list[Point], colour: Colour, depth: float = 0.0) -> Any:
    """Print everything below a skyline in one colour."""
    shape = loop([(-80, 340), (-80, skyline[0][1]), *skyline, (340, skyline[-1][1]), (340, 340)])
    c.flat(shape, c.lit(colour, depth))
    return shape


def block(*points: Point) -> Any:
    return polygon(points)


def ground_colours(c: Country) -> tuple[Colour, Colour]:
    """The valley floor and its lighter bands: grass, or sand, clay and dry grass."""
    dry: dict[str, tuple[Colour, Colour]] = {
        "desert": (SAND, (250, 222, 162)),
        "canyon": (CLAY, (236, 140, 90)),
        "coast": (SAND, (250, 224, 168)),
        "island": (SAND, (250, 224, 168)),
        "savanna": ((222, 184, 86), (238, 204, 112)),
        "volcano": ((104, 92, 104), (126, 112, 118)),
    }
    bare = dry.get(c.traits["terrain"])
    if bare is None:
        return c.season.ground, c.season.band
    share = 0.78 if c.winter else 0.3 if c.traits["terrain"] in ("savanna", "volcano") else 0.12
    return mix(bare[0], c.season.ground, share), mix(bare[1], c.season.band, share)
