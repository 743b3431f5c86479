"""The light, season and layout that every part of a landscape shares."""

import math
from dataclasses import dataclass
from random import Random

import skia
from brush import Point, Rgb, jitter, linear, loop, mix, paint, polygon


@dataclass(frozen=True)
class Light:
    """How a time of day colours things: local colours are multiplied by `tint`, then hazed."""

    sky: tuple[Rgb, ...]
    haze: Rgb
    tint: Rgb
    shade: Rgb
    orb: Rgb
    low: bool


@dataclass(frozen=True)
class Season:
    """What grows: the ground, the crowns of trees, the needles of conifers."""

    ground: Rgb
    crown: Rgb
    needle: Rgb


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
        (236, 112, 92), (0.88, 0.58, 0.62), (62, 20, 84), (255, 222, 120), True,
    ),
    "night": Light(
        ((10, 14, 50), (26, 42, 102), (66, 98, 160)),
        (62, 90, 150), (0.40, 0.47, 0.72), (8, 10, 44), (255, 248, 220), False,
    ),
}  # fmt: skip
SEASONS = {
    "spring": Season((158, 206, 102), (252, 150, 190), (104, 176, 96)),
    "summer": Season((104, 172, 70), (44, 132, 62), (28, 104, 72)),
    "autumn": Season((230, 170, 70), (232, 92, 30), (176, 80, 36)),
    "winter": Season((240, 246, 255), (232, 242, 255), (92, 140, 156)),
}
SAND: Rgb = (244, 204, 132)
CLAY: Rgb = (222, 110, 62)
ROCK: Rgb = (126, 128, 158)


@dataclass(frozen=True)
class Scene:
    """One picture in the making: what to draw on, what decides, and where things stand."""

    canvas: skia.Canvas
    random: Random
    traits: dict[str, str]
    light: Light
    season: Season
    side: int  # the landmark stands on this side, what flies keeps to the other
    orb: Point

    def lit(self, colour: Rgb, depth: float = 0.0) -> Rgb:
        """A local colour as this light shows it from near (0) to the horizon (1)."""
        tint = self.light.tint
        seen = (colour[0] * tint[0], colour[1] * tint[1], colour[2] * tint[2])
        return mix(mix(seen, self.light.shade, 0.06), self.light.haze, depth)

    def shaded(self, colour: Rgb, depth: float = 0.0, amount: float = 0.42) -> Rgb:
        """The same colour on the side away from the light."""
        return mix(self.lit(colour, depth), mix(self.light.shade, self.light.haze, depth), amount)

    def lit_glow(self, colour: Rgb) -> Rgb:
        """A made thing's colour, kept brighter than nature's so that it reads in the dark."""
        return mix(self.lit(colour), colour, 0.45)

    @property
    def winter(self) -> bool:
        return self.traits["season"] == "winter"

    @property
    def sunward(self) -> int:
        """The side the light comes from, seen from the middle of the picture."""
        return 1 if self.orb[0] > 128 else -1


def compose(canvas: skia.Canvas, traits: dict[str, str], random: Random) -> Scene:
    light, season = LIGHTS[traits["time"]], SEASONS[traits["season"]]
    side = random.choice((-1, 1))
    if light.low:
        orb = (128 - side * random.uniform(2, 30), random.uniform(98, 110))
    else:
        orb = (128 + side * random.uniform(30, 72), random.uniform(36, 50))
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


def land(scene: Scene, skyline: list[Point], colour: Rgb, depth: float, fade: float) -> skia.Path:
    """Fill from a skyline down; `fade` > 0 sinks its foot in haze, < 0 in shade."""
    path = loop([(-60, 330), *((-60 if p[0] < -10 else p[0], p[1]) for p in skyline), (320, 330)])
    top = min(y for _, y in skyline)
    crest, foot = scene.lit(colour, depth), scene.light.haze if fade > 0 else scene.light.shade
    fill = linear((0, top), (0, top + 84), (crest, mix(crest, foot, abs(fade))))
    scene.canvas.drawPath(path, fill)
    return path


def trunk(scene: Scene, x: float, base: float, height: float, width: float) -> None:
    points = [(x - width / 2, base), (x - width / 3, base - height), (x + width / 3, base - height)]
    brown = scene.shaded((120, 78, 60), 0, 0.35)
    scene.canvas.drawPath(polygon([*points, (x + width / 2, base)]), paint(brown))


def crown_tree(scene: Scene, x: float, base: float, height: float, depth: float = 0.0) -> None:
    """A broad-leaved tree of the season: a shaded mass with lit lobes towards the light."""
    canvas, r, s = scene.canvas, height * 0.3, scene.sunward
    trunk(scene, x, base, height * 0.5, height * 0.13)
    colour, top = scene.season.crown, base - height + r
    deep, bright = scene.shaded(colour, depth, 0.34), scene.lit(colour, depth)
    lobes = ((-0.72, 0.62, 0.78), (0.72, 0.62, 0.78), (0.0, 0.1, 1.0), (0.0, 0.9, 0.8))
    wobble = [scene.random.uniform(-0.12, 0.12) for _ in lobes]
    for (dx, dy, k), w in zip(lobes, wobble, strict=True):
        canvas.drawCircle(x + (dx + w) * r, top + dy * r, k * r, paint(deep))
    for (dx, dy, k), w in zip(lobes[:3], wobble, strict=False):
        spot = (x + (dx + w + 0.16 * s) * r, top + (dy - 0.16) * r)
        canvas.drawCircle(*spot, k * r * 0.78, paint(bright))


def conifer_path(x: float, base: float, height: float) -> skia.Path:
    w, points = height * 0.27, []
    for low, out, inner in ((0.62, 0.56, 0.28), (0.34, 0.8, 0.44), (0.05, 1.0, 0.2)):
        points += [(out * w, base - height * low), (inner * w, base - height * low)]
    right = [(x, base - height), *((x + dx, y) for dx, y in points)]
    return polygon([*right, *((2 * x - px, py) for px, py in reversed(right[1:]))])


def conifer(scene: Scene, x: float, base: float, height: float, depth: float = 0.0) -> None:
    canvas, needle, s = scene.canvas, scene.season.needle, scene.sunward
    trunk(scene, x, base + height * 0.06, height * 0.14, height * 0.09)
    path = conifer_path(x, base, height)
    canvas.drawPath(path, paint(scene.shaded(needle, depth)))
    canvas.save()
    canvas.clipPath(path, True)
    half = (x, x + s * height)
    lit = scene.lit((240, 246, 255) if scene.winter else needle, depth)
    canvas.drawRect(skia.Rect.MakeLTRB(min(half), 0, max(half), 256), paint(lit))
    canvas.restore()


def bush(scene: Scene, x: float, base: float, r: float, shade: float = 0.3) -> None:
    canvas, colour, s = scene.canvas, scene.season.crown, scene.sunward
    lobes = ((-0.8, 0.0, 0.72), (0.8, 0.05, 0.7), (0.0, -0.35, 0.95))
    for dx, dy, k in lobes:
        canvas.drawCircle(x + dx * r, base + dy * r, k * r, paint(scene.shaded(colour, 0, shade)))
    for dx, dy, k in lobes:
        spot = (x + (dx + 0.14 * s) * r, base + (dy - 0.14) * r)
        canvas.drawCircle(*spot, k * r * 0.74, paint(scene.shaded(colour, 0, shade * 0.3)))
