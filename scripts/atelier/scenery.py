"""The light, season and layout that every part of a landscape shares."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from brush import linear, loop
from ink import Colour, Point, jitter, mix


@dataclass(frozen=True)
class Light:
    """How a time of day colours things: local colours are multiplied by `tint`, then hazed."""

    sky: tuple[Colour, ...]
    haze: Colour
    tint: Colour
    shade: Colour
    orb: Colour
    low: bool


@dataclass(frozen=True)
class Season:
    """What grows: the ground, the crowns of trees, the needles of conifers."""

    ground: Colour
    crown: Colour
    needle: Colour


LIGHTS = {
    "dawn": Light(
        ((136, 168, 222), (214, 190, 220), (255, 206, 190), (255, 232, 196)),
        (255, 214, 198), (1.0, 0.88, 0.87), (124, 92, 152), (255, 246, 214), True,
    ),
    "day": Light(
        ((38, 132, 220), (112, 192, 242), (212, 238, 246)),
        (204, 230, 242), (1.0, 1.0, 0.97), (36, 76, 128), (255, 238, 150), False,
    ),
    "dusk": Light(
        ((58, 34, 104), (156, 48, 116), (240, 96, 78), (255, 186, 84)),
        (236, 112, 92), (0.90, 0.62, 0.64), (62, 20, 84), (255, 222, 120), True,
    ),
    "night": Light(
        ((10, 14, 50), (26, 42, 102), (66, 98, 160)),
        (62, 90, 150), (0.44, 0.52, 0.76), (8, 10, 44), (255, 248, 220), False,
    ),
}  # fmt: skip
SEASONS = {
    "spring": Season((158, 206, 102), (252, 150, 190), (104, 176, 96)),
    "summer": Season((104, 172, 70), (44, 132, 62), (28, 104, 72)),
    "autumn": Season((230, 170, 70), (232, 92, 30), (176, 80, 36)),
    "winter": Season((236, 244, 255), (206, 228, 255), (84, 134, 152)),
}
FLOOR = 170.0  # where the middle ground begins
SAND: Colour = (244, 204, 132)
CLAY: Colour = (222, 110, 62)
ROCK: Colour = (126, 128, 158)


@dataclass(frozen=True)
class Scene:
    """One picture in the making: what to draw on, what decides, and where things stand."""

    canvas: Any
    random: Random
    traits: dict[str, str]
    light: Light
    season: Season
    side: int  # the landmark stands on this side, what flies keeps to the other
    orb: Point

    def lit(self, colour: Colour, depth: float = 0.0) -> Colour:
        """A local colour as this light shows it from near (0) to the horizon (1)."""
        tint = self.light.tint
        seen = (colour[0] * tint[0], colour[1] * tint[1], colour[2] * tint[2])
        if self.winter:  # snow must stay snow in a red light
            seen = mix(seen, colour, 0.5)
        return mix(mix(seen, self.light.shade, 0.06), self.light.haze, depth)

    def shaded(self, colour: Colour, depth: float = 0.0, amount: float = 0.42) -> Colour:
        """The same colour on the side away from the light."""
        if self.winter:
            amount *= 0.75
        return mix(self.lit(colour, depth), mix(self.light.shade, self.light.haze, depth), amount)

    def lit_glow(self, colour: Colour) -> Colour:
        """A made thing's colour, kept brighter than nature's so that it reads in the dark."""
        return mix(self.lit(colour), colour, 0.45)

    @property
    def winter(self) -> bool:
        return self.traits["season"] == "winter"

    @property
    def sunward(self) -> int:
        """The side the light comes from, seen from the middle of the picture."""
        return 1 if self.orb[0] > 128 else -1


def compose(canvas: Any, traits: dict[str, str], random: Random) -> Scene:
    light, season = LIGHTS[traits["time"]], SEASONS[traits["season"]]
    side = random.choice((-1, 1))
    light = replace(light, sky=tuple(jitter(c, random, 0.018, 0.08, 0.05) for c in light.sky))
    if light.low:
        orb = (128 - side * random.uniform(-14, 44), random.uniform(94, 112))
    else:
        orb = (128 + side * random.uniform(20, 82), random.uniform(32, 54))
    tinted = Season(*(jitter(c, random) for c in (season.ground, season.crown, season.needle)))
    return Scene(canvas, random, traits, light, tinted, side, orb)


def swell(scene: Scene, y: float, height: float, waves: float = 1.5) -> list[Point]:
    """A rolling skyline across the whole picture."""
    u = scene.random.uniform
    a, b, k = u(0, 6.3), u(0, 6.3), waves * u(0.8, 1.2) * math.tau / 256
    return [
        (x, y - height * (0.7 * math.sin(k * x + a) + 0.3 * math.sin(2.3 * k * x + b)))
        for x in range(-16, 289, 16)
    ]


def land(scene: Scene, skyline: list[Point], colour: Colour, depth: float, fade: float) -> Any:
    """Fill from a skyline down; `fade` > 0 sinks its foot in haze, < 0 in shade."""
    bottom = 330 if depth < 0.1 else 208  # no further than what will cover it
    ends = (-60, bottom), (320, bottom)
    path = loop([ends[0], *((-60 if p[0] < -10 else p[0], p[1]) for p in skyline), ends[1]])
    top = min(y for _, y in skyline)
    crest, foot = scene.lit(colour, depth), scene.light.haze if fade > 0 else scene.light.shade
    fill = linear((0, top), (0, top + 84), (crest, mix(crest, foot, abs(fade))))
    scene.canvas.drawPath(path, fill)
    return path


def floor_colour(scene: Scene) -> Colour:
    """The valley floor: the season's grass, except where nothing much grows."""
    bare = {"desert": SAND, "canyon": CLAY, "coast": SAND}.get(scene.traits["terrain"])
    if bare is None:
        return scene.season.ground
    return mix(bare, scene.season.ground, 0.72 if scene.winter else 0.12)
