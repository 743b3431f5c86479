"""The terrains from the horizon to the middle ground: flat shapes in light, shade and haze."""

from __future__ import annotations

from collections.abc import Callable

from brush import polygon
from ink import Colour, line, mix, moved, oval, path

from second.country import CLAY, ROCK, SAND, SNOW, Country, ground_colours, land, swell
from second.flora import acacia, broadleaf, fir, woods
from second.press import common, joined, without
from second.shores import coast, island


def peak(c: Country, x: float, top: float, half: float, depth: float, rock: Colour = ROCK) -> None:
    """A mountain of a lit and a shaded face, parted by a bent ridge, under a cap of snow."""
    base, s = c.floor + 24, c.sunward
    h = base - top
    left = [(x - half, base), (x - half * c.u(0.5, 0.62), top + h * c.u(0.5, 0.6)),
            (x - half * 0.34, top + h * c.u(0.3, 0.4))]  # fmt: skip
    right = [(x + half * 0.34, top + h * c.u(0.28, 0.4)),
             (x + half * c.u(0.48, 0.6), top + h * c.u(0.5, 0.62)), (x + half, base)]  # fmt: skip
    body = polygon([*left, (x, top), *right])
    c.flat(body, c.lit(rock, depth))
    far = x - s * half * 1.4
    shade = polygon([(x, top), (x + s * half * 0.1, top + h * 0.3),
                     (x - s * half * 0.06, top + h * 0.46),
                     (x + s * half * 0.16, top + h * 0.7), (x - s * half * 0.05, base), (far, base),
                     (far, top)])  # fmt: skip
    c.within(body, shade, c.shaded(rock, depth, 0.42))
    y = top + h * (0.56 if c.winter else c.u(0.3, 0.38))
    teeth = []
    for k in range(7):
        teeth.append((x + half * 0.62 * (k / 3 - 1), y + (h * 0.07 if k % 2 else -h * 0.08)))
    cap = common(
        body, polygon([(x - half * 1.2, top - 9), (x + half * 1.2, top - 9), *reversed(teeth)])
    )
    c.flat(cap, c.lit(SNOW, depth * 0.4))
    c.within(cap, shade, c.shaded((226, 232, 250), depth * 0.5, 0.26))


def mountains(c: Country) -> None:
    side, x = c.side, c.orb[0]
    if not c.light.low:
        x = 128 - side * 8
    land(c, swell(c, c.horizon + 6, 9, 2.4), ROCK, 0.74)
    form = c.random.choice(("range", "lone", "twin"))
    top = c.horizon - 146
    if form == "lone":
        peak(c, 128 + side * c.u(-40, 30), top + c.u(56, 74), c.u(124, 150), 0.14)
    elif form == "twin":
        peak(c, x - side * c.u(70, 90), top + c.u(70, 92), c.u(90, 112), 0.34)
        peak(c, x + side * c.u(54, 80), top + c.u(58, 80), c.u(96, 120), 0.14)
    else:
        peak(c, x - side * c.u(70, 100), top + c.u(84, 104), c.u(84, 104), 0.42)
        peak(c, x + side * c.u(60, 90), top + c.u(62, 84), c.u(90, 116), 0.26)
        peak(c, x + side * c.u(-24, 26), top + c.u(104, 122), c.u(64, 84), 0.1)
    woods(c, c.floor + 2, c.u(20, 28), 0.1)


def dome(c: Country, x: float, top: float, r: float, colour: Colour, depth: float) -> None:
    """A round hill with its shaded flank and a few furrows along its slope."""
    body = oval(x, top + r * 0.75, r, r * 0.75)
    c.flat(body, c.lit(colour, depth))
    c.flat(
        without(body, moved(body, c.sunward * r * 0.3, -r * 0.06)), c.shaded(colour, depth, 0.24)
    )
    if c.random.random() < 0.6:
        furrow = line(c.shaded(colour, depth, 0.3), 3.4)
        c.canvas.save()
        c.canvas.clipPath(body, True)
        lean = c.u(-10, 10)
        for k in range(-4, 5):
            row = path((x + k * 6 + lean, top - 6),
                       (x + k * 17 + lean, top + 26, x + k * 36, top + 92),
                       close=False)  # fmt: skip
            c.canvas.drawPath(row, furrow)
        c.canvas.restore()


def hills(c: Country) -> None:
    side, ground, band = c.side, c.season.ground, c.season.band
    y = c.horizon
    for x, top, r, depth, tone in (
        (128 - side * c.u(60, 104), y - c.u(30, 44), c.u(96, 130), 0.56, ground),
        (128 + side * c.u(40, 84), y - c.u(22, 50), c.u(100, 130), 0.38, band),
        (128 - side * c.u(10, 50), y - c.u(-4, 14), c.u(130, 150), 0.2, mix(ground, band, 0.5)),
    ):
        dome(c, x, top, r, mix(tone, (96, 130, 170), depth * 0.4), depth)
    for k in range(c.random.choice((2, 3, 4))):
        x = 128 - side * (104 - 42 * k) + c.u(-9, 9)
        broadleaf(c, x, c.floor + 2 - 7 * k + c.u(-2, 2), c.u(24, 32), 0.16)


def dune(c: Country, x: float, top: float, half: float, depth: float) -> None:
    """A dune with a sharp S of a crest between its lit and its shaded face."""
    base, s = c.floor + 26, c.sunward
    sand = ground_colours(c)[0]
    body = path((x - half * 1.5, base), (x - half * 0.8, base - 6, x - half * 0.4, top, x, top),
                (x + half * 0.4, top, x + half * 0.8, base - 6, x + half * 1.5, base))  # fmt: skip
    c.flat(body, c.lit(sand, depth))
    away = path((x, top),
                (x - s * half * 0.4, top, x - s * half * 0.8, base - 6, x - s * half * 1.5, base),
                (x + s * half * 0.3, base),
                (x + s * half * 0.4, base - 26, x - s * half * 0.36, top + 26,
                x, top))  # fmt: skip
    c.flat(away, c.shaded(mix(sand, (206, 120, 80), 0.3), depth, 0.26))


def desert(c: Country) -> None:
    side = c.side
    if c.random.random() < 0.5:
        mesa(c, 128 - side * c.u(70, 100), c.horizon - c.u(34, 50), c.u(30, 44), 0.5, CLAY)
    dune(c, 128 + side * c.u(60, 96), c.horizon - c.u(20, 34), c.u(80, 104), 0.34)
    dune(c, 128 - side * c.u(56, 90), c.horizon - c.u(4, 20), c.u(84, 110), 0.2)
    dune(c, 128 + side * c.u(-16, 24), c.horizon + c.u(8, 16), c.u(76, 96), 0.06)


def mesa(c: Country, x: float, top: float, half: float, depth: float, rock: Colour) -> None:
    """A flat-topped rock in bands, its shaded face away from the light."""
    base, s = c.floor + 26, c.sunward
    body = polygon([(x - half * 1.3, base), (x - half * 1.06, top + (base - top) * 0.45),
                    (x - half, top + 6), (x - half * 0.94, top), (x + half * 0.9, top),
                    (x + half, top + 8),
                    (x + half * 1.08, top + (base - top) * 0.5),
                    (x + half * 1.34, base)])  # fmt: skip
    c.flat(body, c.lit(rock, depth))
    for k, share in enumerate((0.16, 0.42, 0.68)):
        y = top + (base - top) * share
        strip = polygon(
            [(x - 200, y), (x + 200, y + 2), (x + 200, y + 9 - k), (x - 200, y + 7 - k)]
        )
        c.within(body, strip, c.shaded(rock, depth, 0.2))
    edge = x + s * half * 0.3
    shade = polygon([(edge, top - 4), (edge - s * half * 0.3, (top + base) / 2), (edge, base),
                     (x - s * half * 3, base), (x - s * half * 3, top - 4)])  # fmt: skip
    c.within(body, shade, c.shaded(rock, depth, 0.4), 190)
    if c.winter:
        c.within(body, polygon([(x - 200, top - 9), (x + 200, top - 9), (x + 200, top + 6),
                                (x - 200, top + 8)]),
                 c.lit(SNOW, depth * 0.5))  # fmt: skip


def canyon(c: Country) -> None:
    side, y = c.side, c.horizon
    mesa(c, 128 + c.u(-12, 12), y - c.u(16, 34), c.u(20, 30), 0.6, CLAY)
    mesa(c, 128 - side * c.u(52, 70), y - c.u(44, 60), c.u(24, 34), 0.38, mix(CLAY, SAND, 0.2))
    mesa(c, 128 + side * c.u(60, 80), y - c.u(56, 76), c.u(28, 40), 0.24, CLAY)
    mesa(
        c,
        128 - side * c.u(122, 136),
        y - c.u(76, 96),
        c.u(44, 58),
        0.08,
        mix(CLAY, (180, 70, 60), 0.3),
    )


def forest(c: Country) -> None:
    side = c.side
    woods(c, c.horizon - 4, c.u(34, 46), 0.62)
    woods(c, c.horizon + 12, c.u(40, 54), 0.36)
    step = c.random.choice((30, 36, 42))
    for k in range(10):
        x = -10 + step * k + c.u(-8, 8)
        plant = broadleaf if (k + (side > 0)) % 2 else fir
        if x < 270:
            plant(c, x, c.floor + 8 + c.u(-3, 3), c.u(58, 84), 0.12)


def volcano(c: Country) -> None:
    """A cone with a glowing crater, streams of lava and a plume."""
    x, top, half = 128 + c.side * c.u(0, 28), c.horizon - c.u(64, 84), c.u(112, 134)
    base, s, rock = c.floor + 26, c.sunward, (98, 80, 96)
    lean = c.u(-22, 22)
    puffs = [(0.0, -14, 15), (lean * 0.5, -34, 19), (lean, -58, 24), (lean * 1.5, -82, 28)]
    plume = joined(*(oval(x + dx, top + dy, r, r * 0.86) for dx, dy, r in puffs))
    c.solid(plume, (196, 184, 190), 0.2, 0.3)
    body = path((x - half, base), (x - half * 0.5, base - 20, x - 26, top), (x - 10, top + 8),
                (x + 8, top + 5), (x + 24, top),
                (x + half * 0.5, base - 20, x + half, base))  # fmt: skip
    c.flat(body, c.lit(rock, 0.16))
    shade = polygon([(x, top), (x + s * 14, top + 40), (x - s * 6, top + 70), (x + s * 20, base),
                     (x - s * 220, base), (x - s * 220, top)])  # fmt: skip
    c.within(body, shade, c.shaded(rock, 0.16, 0.4))
    hot: Colour = (255, 120, 50)
    for dx, sway, length in ((-12, -16, 0.7), (4, 10, 0.9), (17, 26, 0.55)):
        end = top + (base - top) * length
        flow = path((x + dx - 6, top + 2),
                    (x + dx + sway * 0.2 - 8, (top + end) / 2, x + dx + sway, end),
                    (x + dx + sway * 0.4 + 8, (top + end) / 2, x + dx + 6, top + 2))  # fmt: skip
        c.within(body, flow, hot)
    c.flat(
        path((x - 26, top), (x, top + 16, x + 24, top), (x, top + 5, x - 26, top)), (255, 196, 84)
    )
    if c.winter:
        c.within(body, polygon([(x - 200, base - 26), (x - 60, base - 44), (x, base - 30),
                                (x + 70, base - 46),
                                (x + 200, base - 26), (x + 200, base), (x - 200, base)]),
                                c.lit(SNOW, 0.1))  # fmt: skip


def savanna(c: Country) -> None:
    land(c, swell(c, c.horizon + 6, 5, 1.6), mix(ROCK, (190, 150, 120), 0.4), 0.66)
    land(c, swell(c, c.horizon + 16, 3, 1.2), ground_colours(c)[0], 0.34)
    for dx, size, depth in ((-c.side * c.u(70, 96), c.u(50, 66), 0.16), (c.side * c.u(0, 30),
            c.u(26, 34), 0.34),
                            (-c.side * c.u(14, 34), c.u(20, 28), 0.42)):  # fmt: skip
        acacia(c, 128 + dx, c.horizon + 22 + size * 0.12, size, depth)


TERRAINS: dict[str, Callable[[Country], None]] = {
    "mountains": mountains, "hills": hills, "desert": desert, "coast": coast, "forest": forest,
    "canyon": canyon, "volcano": volcano, "island": island, "savanna": savanna,
}  # fmt: skip
