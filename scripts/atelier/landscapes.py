"""The theme of landscapes: a travel poster of a place, a time of day and a season."""

from random import Random

import skia
from brush import Point, glow, linear, loop, mix, paint, polygon
from landmarks import landmark
from scenery import Scene, bush, compose, land, swell
from skies import ALOFT, SKIES, backdrop
from terrains import FLOOR, TERRAINS, floor_colour, hedge, surf

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


def draw(canvas: skia.Canvas, traits: dict[str, str], random: Random) -> None:
    scene = compose(canvas, traits, random)
    backdrop(scene)
    if traits["sky"] not in ALOFT:
        SKIES[traits["sky"]](scene)
    TERRAINS[traits["terrain"]](scene)
    if traits["sky"] in ALOFT:
        SKIES[traits["sky"]](scene)
    glow(canvas, *scene.orb, 120, scene.light.orb, 0.22)
    ground(scene)
    WATERS[traits["water"]](scene)
    knoll(scene)
    framing(scene)


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
    for k in range(16):
        petals = scene.lit_glow(((255, 170, 205), (255, 250, 240))[k % 2])
        scene.canvas.drawCircle(u(4, 252), u(186, 232), u(2.2, 3.2), paint(petals))


def waters(scene: Scene, path: skia.Path, top: float, bottom: float) -> None:
    """Fill with the sky's reflection, darker towards us, with the orb's glitter."""
    canvas, sky = scene.canvas, scene.light.sky
    blue = scene.lit((52, 148, 214))
    far, near = mix(sky[-1], blue, 0.45), mix(sky[0], blue, 0.6)
    rim = mix(scene.lit(floor_colour(scene)), scene.light.shade, 0.35)
    canvas.save()
    canvas.translate(0, -2.5)
    canvas.drawPath(path, paint(rim))
    canvas.restore()
    canvas.drawPath(path, linear((0, top), (0, bottom), (far, near)))
    canvas.save()
    canvas.clipPath(path, True)
    gleam = paint(mix(scene.light.orb, (255, 255, 255), 0.3), 0.75)
    y = top + 7
    while y < bottom - 4:
        x, w = scene.orb[0] + scene.random.uniform(-36, 36), scene.random.uniform(9, 22)
        canvas.drawRoundRect(skia.Rect.MakeLTRB(x - w, y, x + w, y + 3.2), 1.6, 1.6, gleam)
        y += scene.random.uniform(8, 11)
    canvas.restore()


def lake(scene: Scene) -> None:
    u = scene.random.uniform
    x, y, rx, ry = 128 - scene.side * u(18, 34), u(206, 212), u(106, 122), u(19, 23)
    shore = []
    for k, (dx, dy) in enumerate(
        ((-1, 0), (-0.6, -0.8), (0, -1), (0.6, -0.8), (1, 0), (0.6, 0.8), (0, 1), (-0.6, 0.8))
    ):
        stretch = 1.15 + (u(-0.1, 0.1) if k % 2 else 0)
        shore.append((x + dx * rx * stretch, y + dy * ry * stretch))
    waters(scene, loop(shore), y - ry, y + ry)


def ribbon(scene: Scene, x0: float, y0: float, x1: float, half: float) -> skia.Path:
    """A winding band from (x0, y0) to the lower edge, widening towards us."""
    u, left, right = scene.random.uniform, list[Point](), list[Point]()
    sway = -scene.side * u(20, 30)
    bends = ((0, 0), (0.14, 0.8), (0.34, 0.5), (0.55, -0.6), (0.78, -0.5), (1.0, 0.3), (1.2, 0.4))
    for t, bend in bends:
        x, y, w = x0 + (x1 - x0) * t + sway * bend, y0 + (262 - y0) * t, 4 + half * t**1.3
        left.append((x - w, y))
        right.append((x + w, y))
    return loop([*left, *reversed(right)])


def river(scene: Scene) -> None:
    u, top = scene.random.uniform, FLOOR + (16 if scene.traits["terrain"] == "coast" else 3)
    x0, x1 = 128 + scene.side * u(-8, 18), 128 - scene.side * u(10, 34)
    waters(scene, ribbon(scene, x0, top, x1, u(34, 42)), top, 256)


def waterfall(scene: Scene) -> None:
    """A bluff at the edge, a broad white fall, and the pool it fills."""
    canvas, u, away = scene.canvas, scene.random.uniform, -scene.side
    edge, top, foot = 128 + away * 140, u(108, 118), 206.0
    x, w = 128 + away * u(60, 68), u(13, 15)
    pool = loop(
        [
            (x - 64, foot + 8),
            (x - 40, foot - 10),
            (x + 40, foot - 10),
            (x + 64, foot + 8),
            (x + 34, foot + 30),
            (x - 34, foot + 30),
        ]
    )
    rocks(scene, edge, x, top, foot)
    waters(scene, pool, foot - 8, foot + 30)
    white, cool = scene.lit_glow((255, 255, 255)), scene.lit_glow((150, 204, 240))
    fall = polygon([(x - w, top + 4), (x + w, top + 4), (x + w * 1.25, foot), (x - w * 1.25, foot)])
    canvas.drawPath(fall, linear((0, top), (0, foot), (cool, white, white)))
    for dx in (-0.45, 0.4):
        streak = skia.Rect.MakeXYWH(x + dx * w - 1.7, top + u(14, 30), 3.4, u(34, 48))
        canvas.drawRoundRect(streak, 1.7, 1.7, paint(cool))
    for dx in (-1.2, -0.4, 0.5, 1.3):
        canvas.drawCircle(x + dx * w, foot + u(-2, 3), u(8, 11), paint(white, 0.95))


def rocks(scene: Scene, edge: float, x: float, top: float, foot: float) -> None:
    canvas, s = scene.canvas, (1 if edge < 128 else -1)
    stone = {"canyon": (206, 100, 60), "desert": (214, 150, 92)}.get(
        scene.traits["terrain"], (122, 116, 136)
    )
    cliff = [
        (edge, foot + 8),
        (edge, top),
        (x + s * 22, top + 3),
        (x + s * 31, top + 26),
        (x + s * 28, top + 52),
        (x + s * 38, foot + 4),
    ]
    bright, deep = scene.lit(stone), scene.shaded(stone, 0, 0.5)
    ends = ((x - s * 20, 0.0), (x + s * 40, 0.0))
    canvas.drawPath(polygon(cliff), linear(*ends, (deep, bright)))
    turf = [
        (edge, top - 8),
        (edge, top + 12),
        (x - s * 20, top + 12),
        (x + s * 26, top + 13),
        (x + s * 36, top + 4),
        (x + s * 18, top - 7),
    ]
    canvas.drawPath(loop(turf), paint(scene.lit(scene.season.ground)))


def no_water(scene: Scene) -> None:
    """Dry land."""


WATERS = {"none": no_water, "lake": lake, "river": river, "waterfall": waterfall}


def knoll(scene: Scene) -> None:
    """The rise that the landmark stands on."""
    u, s = scene.random.uniform, scene.side
    x, base = 128 + s * u(52, 66), u(190, 197)
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
    for dx, r in ((-s * 50, u(8, 10)), (s * 50, u(11, 14))):
        bush(scene, x + dx, base + 6, r)
    landmark(scene, x, base + 1)


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
    hedge(scene, 128 - s * u(98, 110), u(230, 236))
    for k in range(3):
        bush(scene, 128 - s * (122 - 26 * k + u(-5, 5)), u(246, 254), u(12, 17) - 2 * k)
    bush(scene, 128 + s * u(108, 120), u(248, 256), u(15, 19))
