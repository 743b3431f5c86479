"""How a landscape is put together, from the sky to the plants at our feet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from brush import loop
from ink import mix, moved, oval

from second.buildings import landmark
from second.country import Country, compose, ground_colours, land, swell
from second.courses import WATERS
from second.figures import FIGURES
from second.flora import bush, flowers, own_tree, tuft
from second.heavens import ALOFT, SKIES, backdrop
from second.press import without
from second.relief import TERRAINS
from second.shores import surf

BARE = ("desert", "canyon", "volcano")


def draw(canvas: Any, traits: dict[str, str], random: Random) -> None:
    """Draw one place in 256 units."""
    c = compose(canvas, traits, random)
    backdrop(c)
    if traits["sky"] not in ALOFT:
        SKIES[traits["sky"]](c)
    zoom, shift = c.u(0.98, 1.14), c.u(-10, 10)
    with framed(c, zoom, shift):
        TERRAINS[traits["terrain"]](c)
    if traits["sky"] in ALOFT:
        SKIES[traits["sky"]](c)
    with framed(c, zoom, shift):
        middle(c)
        WATERS[traits["water"]](c)
        knoll(c)
        foreground(c)


@contextmanager
def framed(c: Country, zoom: float, shift: float) -> Iterator[None]:
    """Move the camera a little, so that no two views of one place agree."""
    c.canvas.save()
    c.canvas.translate(128 + shift, 200)
    c.canvas.scale(zoom, zoom)
    c.canvas.translate(-128, -200)
    yield
    c.canvas.restore()


def middle(c: Country) -> None:
    """The middle ground: a floor with lighter bands across it, level enough to hold water."""
    ground, band = ground_colours(c)
    shore = c.traits["terrain"] in ("coast", "island")
    skyline = swell(c, c.floor + (15 if shore else 0), 4, 1.2)
    if shore:
        surf(c, skyline)
    floor = land(c, skyline, ground, 0.05)
    for y, tall in ((c.floor + 20, 7), (c.floor + 44, 10)):
        edge = swell(c, y, 4, 1.4)
        strip = loop([*edge, *((x, py + tall) for x, py in reversed(edge))])
        c.within(floor, strip, c.lit(band, 0.02))


def knoll(c: Country) -> None:
    """The rise that the landmark stands on, far off or close by, aside or in the middle."""
    s, views = c.side, ["near", "near", "far", "close"]
    if c.traits["water"] in ("none", "lake"):
        views.append("middle")
    view = c.random.choice(views)
    x = 128 + s * (c.u(-12, 12) if view == "middle" else c.u(34, 66))
    down, size = {
        "far": (c.u(6, 11), c.u(0.66, 0.84)),
        "near": (c.u(18, 28), c.u(0.94, 1.16)),
        "middle": (c.u(14, 26), c.u(0.94, 1.2)),
        "close": (c.u(30, 38), c.u(1.2, 1.42)),
    }[view]
    base = min(c.floor + down, 226)
    ground = mix(ground_colours(c)[0], c.season.ground, 0.6)
    rise = loop([(128 + s * 220, 320), (128 + s * 220, base - 8), (x + s * 34, base - 8),
                 (x - s * 14, base - 4),
                 (x - s * 50, base + 9), (x - s * 86, base + 38), (x - s * 108, 320)])  # fmt: skip
    c.flat(rise, c.lit(ground))
    c.flat(without(rise, moved(rise, s * 9, 9)), c.lit(mix(c.season.band, ground, 0.3)))
    if c.traits["landmark"] == "none" or c.random.random() < 0.4:
        own_tree(c, x + s * c.u(34, 52), base - 2, c.u(44, 64))
    landmark(c, x, base, min(size, (base - 12) / 116))  # its top stays in the picture
    if c.traits["terrain"] not in BARE:
        for dx, r in ((-s * c.u(42, 54), c.u(7, 10)), (s * c.u(42, 54), c.u(9, 13))):
            bush(c, x + dx, base + 7, r)


def foreground(c: Country) -> None:
    """The rise at our feet, its tree on the side away from the landmark, and who stands there."""
    s = c.side
    ground = mix(ground_colours(c)[0], c.season.ground, 0.5)
    dip = c.u(-6, 8)
    near = loop([(128 - s * 220, 330), (128 - s * 220, 222 + dip), (128 - s * 96, 226 + dip),
                 (128 - s * 30, 243),
                 (128 + s * 70, 250), (128 + s * 220, 240), (128 + s * 220, 330)])  # fmt: skip
    if c.traits["season"] == "spring":
        flowers(c)
    c.flat(near, c.shaded(ground, 0, 0.22))
    x, flip = 128 - s * c.u(34, 62), c.random.choice((-1, 1))
    form = c.random.choice(("tree", "tree", "tall", "open"))
    if form != "open":
        own_tree(
            c, 128 - s * c.u(92, 112), 232 + dip, c.u(104, 132) if form == "tall" else c.u(60, 84)
        )
    if c.random.random() < 0.4:
        own_tree(c, 128 + s * c.u(108, 122), c.u(238, 246), c.u(52, 70))
    if c.traits["figure"] != "none":
        size = c.u(1.0, 1.16)
        if c.traits["water"] != "none":  # off the water, before the rise
            x, size = 128 + s * c.u(2, 60), c.u(0.76, 0.86)
        c.canvas.save()
        c.canvas.translate(x, 241 + dip * 0.4)
        c.canvas.scale(flip * size, size)
        c.flat(oval(-c.sunward * flip * 8, 1, 26, 3.6), c.light.shade, 90)
        FIGURES[c.traits["figure"]](c)
        c.canvas.restore()
    for k in range(c.random.choice((2, 3, 4))):
        at = 128 - s * (126 - 22 * k + c.u(-7, 7))
        if c.traits["terrain"] in BARE:
            tuft(c, at, c.u(250, 258), c.u(10, 16), c.shaded(c.season.needle, 0, 0.3))
        else:
            bush(c, at, c.u(250, 260), c.u(12, 18) - 2 * k, 0.5)
    bush(c, 128 + s * c.u(108, 122), c.u(251, 259), c.u(13, 18), 0.5)
