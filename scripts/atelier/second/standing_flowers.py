"""Flowers seen from the side, standing on the stem that comes from below."""

from __future__ import annotations

from ink import light, mix, moved, oval, path

from second.bloom import GOLDEN, Bloom
from second.press import joined


def tulip(b: Bloom) -> None:
    """A cup of three petals before two."""
    r, wide = b.r, b.p.u(0.94, 1.12)
    for s in (-1, 1):
        back = path((0, r * 0.6), (s * r * 0.66, -r * 0.2, s * r * 0.34 * wide, -r * 1.04),
                    (-s * r * 0.26, -r * 0.5, 0, r * 0.6))  # fmt: skip
        b.petal(back, mix(b.base, b.deep, 0.55))
    for s in (-1, 1):
        side = path((0, r * 0.9),
                    (s * r * 0.78, r * 0.94, s * r * 0.98, r * 0.16, s * r * 0.76 * wide,
                     -r * 0.92),
                    (s * r * 0.44, -r * 0.7, s * r * 0.06, -r * 0.2, 0, r * 0.9))  # fmt: skip
        b.petal(side, mix(b.base, b.deep, 0.3) if s != b.p.lit else mix(b.base, b.deep, 0.1))
    front = path((0, r * 0.92), (-r * 0.64, r * 0.78, -r * 0.54, -r * 0.26, 0, -r * 0.8),
                 (r * 0.54, -r * 0.26, r * 0.64, r * 0.78, 0, r * 0.92))  # fmt: skip
    b.petal(front, light(b.base, 0.14))
    gleam = path(
        (b.p.lit * r * 0.16, r * 0.5),
        (b.p.lit * r * 0.36, 0, b.p.lit * r * 0.1, -r * 0.46),
        close=False,
    )
    b.p.stroke(gleam, light(b.base, 0.5), max(1.8, r * 0.07))


def hyacinth(b: Bloom) -> None:
    """A spike of round florets in rows, from broad to pointed."""
    r = b.r
    rows = [(0.86, 3, 0.3), (0.52, 4, 0.28), (0.18, 4, 0.28), (-0.16, 3, 0.28), (-0.48, 3, 0.25),
            (-0.78, 2, 0.24), (-1.04, 1, 0.22)]  # fmt: skip
    if r < 34:  # the same few strokes to a blossom, large or small
        rows = [
            (0.8, 2, 0.42),
            (0.36, 3, 0.38),
            (-0.06, 2, 0.4),
            (-0.46, 2, 0.34),
            (-0.84, 1, 0.34),
        ]
    for row, (y, count, size) in enumerate(rows):
        for k in range(count):
            x = (k - (count - 1) / 2) * size * 1.3 * r
            floret(b, x, y * r, size * r, 0.42 if (k + row) % 2 else 0.0)


def floret(b: Bloom, x: float, y: float, size: float, tone: float) -> None:
    star = joined(oval(x, y - size * 0.42, size * 0.56, size * 0.6),
                  oval(x - size * 0.5, y + size * 0.26, size * 0.56, size * 0.52),
                  oval(x + size * 0.5, y + size * 0.26, size * 0.56, size * 0.52))  # fmt: skip
    b.petal(star, mix(light(b.base, 0.2), b.deep, tone * 0.5), 0.045)
    b.p.dot(x, y + size * 0.04, size * 0.2, mix(b.base, b.deep, 0.8))


def iris(b: Bloom) -> None:
    """Three standards above, three falls below, a golden tongue on each fall."""
    r = b.r
    for lean in (-24, 24, 0):
        with b.turned(lean):
            shape = path((0, r * 0.2), (-r * 0.56, -r * 0.2, -r * 0.42, -r * 0.98, 0, -r * 1.08),
                         (r * 0.42, -r * 0.98, r * 0.56, -r * 0.2, 0, r * 0.2))  # fmt: skip
            b.petal(shape, light(b.base, 0.2) if lean == 0 else mix(b.base, b.deep, 0.16))
    for lean in (-66, 66, 0):
        with b.turned(lean):
            fall = path((0, -r * 0.06), (-r * 0.36, r * 0.2, -r * 0.5, r * 0.92, 0, r * 0.98),
                        (r * 0.5, r * 0.92, r * 0.36, r * 0.2, 0, -r * 0.06))  # fmt: skip
            b.petal(fall, mix(b.base, b.deep, 0.34) if lean else b.base)
            tongue = path(
                (0, r * 0.06), (-r * 0.14, r * 0.3, 0, r * 0.56), (r * 0.14, r * 0.3, 0, r * 0.06)
            )
            b.p.flat(tongue, GOLDEN if b.name not in ("yellow", "orange") else (255, 246, 200))


def bellflower(b: Bloom) -> None:
    """Three bells that hang from a short arch, their lips turned out."""
    r = b.r
    for x, y, size, lean in ((-0.56, 0.12, 0.66, 14), (0.56, 0.02, 0.66, -14), (0.0, 0.3, 0.78, 0)):
        stalk = path((0, -r * 0.5), (x * r * 0.7, -r * 0.72, x * r, (y - 0.5) * r), close=False)
        b.p.stroke(stalk, (70, 138, 84), max(2.2, r * 0.08))
        with b.p.placed(x * r, y * r, lean, size):
            bell = path((0, -r * 0.8),
                        (-r * 0.62, -r * 0.8, -r * 0.36, r * 0.1, -r * 0.76, r * 0.5),
                        (-r * 0.5, r * 0.44, -r * 0.36, r * 0.62),
                        (-r * 0.18, r * 0.44, 0, r * 0.66),
                        (r * 0.18, r * 0.44, r * 0.36, r * 0.62),
                        (r * 0.5, r * 0.44, r * 0.76, r * 0.5),
                        (r * 0.36, r * 0.1, r * 0.62, -r * 0.8, 0, -r * 0.8))  # fmt: skip
            b.petal(bell, b.base, 0.07)
            b.p.within(bell, moved(bell, b.p.lit * r * 0.5, -r * 0.06), light(b.base, 0.26))
            b.p.stroke(bell, b.deep, max(1.6, r * 0.07))
            b.p.stroke(
                path((0, -r * 0.5), (0, r * 0.2), close=False), mix(b.base, b.deep, 0.6), r * 0.07
            )
            b.p.flat(oval(0, r * 0.66, r * 0.1, r * 0.13), GOLDEN)
