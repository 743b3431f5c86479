"""The theme of landscapes: a travel poster of a place, a time of day and a season."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from brush import glow, linear, loop
from ink import fill, mix
from landmarks import landmark
from scenery import FLOOR, Scene, compose, floor_colour, land, swell
from skies import ALOFT, SKIES, backdrop
from terrains import TERRAINS, surf
from trees import bush, hedge
from waters import lake, no_water, river, waterfall

TRAITS: dict[str, tuple[str, ...]] = {
    "terrain": ("mountains", "hills", "desert", "coast", "forest", "canyon"),
    "time": ("dawn", "day", "dusk", "night"),
    "season": ("spring", "summer", "autumn", "winter"),
    "sky": ("clear", "clouds", "birds", "balloon", "airship", "rainbow", "planet", "storm"),
    "landmark": ("none", "cabin", "lighthouse", "tent", "windmill", "castle", "pagoda"),
    "water": ("none", "lake", "river", "waterfall"),
}

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "terrain": {
        "mountains": ("mountain landscape", "landscape of mountains"),
        "hills": ("hill landscape", "landscape of rolling hills"),
        "desert": ("desert landscape", "desert of dunes"),
        "coast": ("coast landscape", "sea coast"),
        "forest": ("forest landscape", "forest"),
        "canyon": ("canyon landscape", "red canyon"),
    },
    "time": {
        "dawn": ("at dawn", "at sunrise"),
        "day": ("by day", "at noon"),
        "dusk": ("at dusk", "at sunset"),
        "night": ("at night", "by moonlight"),
    },
    "season": {
        "spring": ("in spring",),
        "summer": ("in summer",),
        "autumn": ("in autumn", "in fall"),
        "winter": ("in winter",),
    },
    "sky": {
        "clear": ("clear sky",),
        "clouds": ("clouds", "cloudy sky"),
        "birds": ("birds", "flock of birds"),
        "balloon": ("hot air balloon", "balloon"),
        "airship": ("airship", "zeppelin"),
        "rainbow": ("rainbow",),
        "planet": ("ringed planet", "planet"),
        "storm": ("thunderstorm", "storm", "lightning"),
    },
    "landmark": {
        "none": ("no building",),
        "cabin": ("cabin", "wooden cabin"),
        "lighthouse": ("lighthouse",),
        "tent": ("tent", "orange tent"),
        "windmill": ("windmill",),
        "castle": ("castle",),
        "pagoda": ("pagoda", "red pagoda"),
    },
    "water": {
        "none": ("no water",),
        "lake": ("lake",),
        "river": ("river", "winding river"),
        "waterfall": ("waterfall",),
    },
}


def clauses(words: dict[str, str]) -> list[str]:
    """A place with its time and season first, then what is in the picture."""
    subject = [words.get("terrain", "landscape")]
    subject += [words[group] for group in ("time", "season") if group in words]
    return [" ".join(subject), *(words[g] for g in ("sky", "landmark", "water") if g in words)]


def draw(canvas: Any, traits: dict[str, str], random: Random) -> None:
    scene = compose(canvas, traits, random)
    backdrop(scene)
    if traits["sky"] not in ALOFT:
        SKIES[traits["sky"]](scene)
    zoom, lift = random.uniform(0.96, 1.1), random.uniform(-10, 5)
    with framed(canvas, zoom, lift):
        TERRAINS[traits["terrain"]](scene)
    if traits["sky"] in ALOFT:
        SKIES[traits["sky"]](scene)
    glow(canvas, *scene.orb, 96, scene.light.orb, 0.22)
    with framed(canvas, zoom, lift):
        ground(scene)
        WATERS[traits["water"]](scene)
        knoll(scene)
        framing(scene)


@contextmanager
def framed(canvas: Any, zoom: float, lift: float) -> Iterator[None]:
    """Move the camera a little, so that no two views of one place agree."""
    canvas.save()
    canvas.translate(128, 200 + lift)
    canvas.scale(zoom, zoom)
    canvas.translate(-128, -200)
    yield
    canvas.restore()


def ground(scene: Scene) -> None:
    """The middle ground, level enough to hold water."""
    y = FLOOR + (14 if scene.traits["terrain"] == "coast" else 0)
    skyline = swell(scene, y, 4, 1.2)
    if scene.traits["terrain"] == "coast":
        surf(scene, skyline)
    land(scene, skyline, floor_colour(scene), 0.06, -0.16)
    if scene.traits["season"] == "spring":
        flowers(scene)


def flowers(scene: Scene) -> None:
    u = scene.random.uniform
    for k in range(22):
        petals = scene.lit_glow(((255, 170, 205), (255, 250, 240))[k % 2])
        scene.canvas.drawCircle(u(4, 252), u(186, 232), u(2.4, 3.6), fill(petals))


WATERS = {"none": no_water, "lake": lake, "river": river, "waterfall": waterfall}


def knoll(scene: Scene) -> None:
    """The rise that the landmark stands on."""
    u, s = scene.random.uniform, scene.side
    x, base = 128 + s * u(42, 64), u(188, 197)
    rise = [
        (128 + s * 190, 300),
        (128 + s * 190, base - 6),
        (x + s * 30, base - 7),
        (x - s * 16, base - 4),
        (x - s * 52, base + 10),
        (x - s * 92, base + 40),
        (x - s * 110, 300),
    ]
    ground = mix(floor_colour(scene), scene.season.ground, 0.65)
    colours = scene.lit(ground), scene.shaded(ground, 0, 0.36)
    scene.canvas.drawPath(loop(rise), linear((0, base), (0, 252), colours))
    landmark(scene, x, base + 1)
    for dx, r in ((-s * 50, u(8, 10)), (s * 50, u(11, 14))):
        bush(scene, x + dx, base + 6, r)


def framing(scene: Scene) -> None:
    """The season's tree and shrubs close to us, on the side away from the landmark."""
    u, s = scene.random.uniform, scene.side
    near = [
        (128 - s * 190, 320),
        (128 - s * 190, 224),
        (128 - s * 90, 226),
        (128 - s * 20, 244),
        (128 + s * 70, 250),
        (128 + s * 190, 244),
        (128 + s * 190, 320),
    ]
    ground = mix(floor_colour(scene), scene.season.ground, 0.5)
    colours = scene.shaded(ground, 0, 0.16), scene.shaded(ground, 0, 0.5)
    scene.canvas.drawPath(loop(near), linear((0, 224), (0, 256), colours))
    hedge(scene, 128 - s * u(84, 106), u(228, 238))
    if scene.random.random() < 0.35:
        hedge(scene, 128 + s * u(112, 122), u(234, 242))
    for k in range(scene.random.choice((2, 3, 4))):
        bush(scene, 128 - s * (122 - 25 * k + u(-7, 7)), u(246, 256), u(12, 18) - 2 * k)
    bush(scene, 128 + s * u(108, 120), u(248, 256), u(15, 19))
