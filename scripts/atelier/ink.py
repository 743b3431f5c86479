"""Drawing helpers over skia: one light from the upper left, one ink, one way to outline."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from random import Random
from typing import Any

import skia

Colour = tuple[float, float, float]
Point = tuple[float, float]

INK: Colour = (38, 22, 48)
WHITE: Colour = (255, 255, 255)
GOLD: Colour = (255, 202, 48)
SHADE: Colour = (58, 30, 104)  # shadows go violet, not grey, so that colours stay clean


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Return `a` moved by `share` towards `b`."""
    return (
        a[0] + (b[0] - a[0]) * share,
        a[1] + (b[1] - a[1]) * share,
        a[2] + (b[2] - a[2]) * share,
    )


def light(colour: Colour, share: float) -> Colour:
    return mix(colour, WHITE, share)


def dark(colour: Colour, share: float) -> Colour:
    return mix(colour, SHADE, share)


def ink(colour: Colour) -> Colour:
    """Return the outline of a thing of this colour: ink with a breath of it."""
    return mix(colour, INK, 0.86)


def jitter(
    colour: Colour,
    random: Random,
    hue: float = 0.012,
    saturation: float = 0.07,
    value: float = 0.04,
) -> Colour:
    """Return a neighbour of the colour, near enough to keep its name."""
    h, s, v = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    h = (h + random.uniform(-hue, hue)) % 1
    s = min(1.0, s * (1 + random.uniform(-saturation, saturation)))
    v = min(1.0, v * (1 + random.uniform(-value, value)))
    r, g, b = colorsys.hsv_to_rgb(h, s, v)
    return r * 255, g * 255, b * 255


def packed(colour: Colour, alpha: float = 255) -> int:
    r, g, b = (max(0, min(255, int(channel))) for channel in colour)
    return int(skia.Color(r, g, b, int(alpha)))


def radial(centre: Point, radius: float, colours: Sequence[Colour], at: Sequence[float]) -> Any:
    return skia.GradientShader.MakeRadial(
        skia.Point(*centre), radius, [packed(colour) for colour in colours], list(at)
    )


def linear(start: Point, end: Point, *colours: Colour) -> Any:
    points = [skia.Point(*start), skia.Point(*end)]
    return skia.GradientShader.MakeLinear(points, [packed(colour) for colour in colours])


def fill(colour: Colour, alpha: float = 255, shader: Any = None) -> Any:
    paint = skia.Paint(AntiAlias=True, Color=packed(colour, alpha))
    if shader is not None:
        paint.setShader(shader)
    return paint


def line(colour: Colour, width: float, alpha: float = 255) -> Any:
    return skia.Paint(
        AntiAlias=True,
        Color=packed(colour, alpha),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


def oval(x: float, y: float, rx: float, ry: float) -> Any:
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Any:
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), radius, radius)
    return path


def path(start: Point, *segments: Sequence[float], close: bool = True) -> Any:
    """Draw on from `start`: 2 numbers are a line, 4 a quadratic, 6 a cubic segment."""
    drawn = skia.Path()
    drawn.moveTo(*start)
    for segment in segments:
        {2: drawn.lineTo, 4: drawn.quadTo, 6: drawn.cubicTo}[len(segment)](*segment)
    if close:
        drawn.close()
    return drawn


def mirrored(start: Point, *segments: Sequence[float]) -> Any:
    """Close a right half, drawn from the top of the axis x = 0 to its bottom, by its mirror."""
    corners = [start, *((segment[-2], segment[-1]) for segment in segments)]
    back: list[Sequence[float]] = []
    for index in range(len(segments) - 1, -1, -1):
        handles = list(segments[index][:-2])
        pairs = [(-handles[i], handles[i + 1]) for i in range(0, len(handles), 2)][::-1]
        x, y = corners[index]
        back.append([*(number for pair in pairs for number in pair), -x, y])
    return path(start, *segments, *back)


def star(x: float, y: float, radius: float, points: int = 5, inner: float = 0.5) -> Any:
    reach = [radius if i % 2 == 0 else radius * inner for i in range(2 * points)]
    turn = [math.pi * (i / points - 0.5) for i in range(2 * points)]
    corners = [(x + r * math.cos(a), y + r * math.sin(a)) for r, a in zip(reach, turn, strict=True)]
    return path(corners[0], *corners[1:])


def moved(shape: Any, dx: float, dy: float) -> Any:
    copy = skia.Path(shape)
    copy.offset(dx, dy)
    return copy


@lru_cache(maxsize=64)
def lamp(side: int) -> Any:
    """Return light falling on a square from the upper left, to be laid over a flat colour."""
    surface = skia.Surface(side, side)
    surface.getCanvas().clear(0)
    tones = [packed(WHITE, 62), packed(SHADE, 0), packed(SHADE, 52)]
    centre = skia.Point(0.34 * side, 0.24 * side)
    shader = skia.GradientShader.MakeRadial(centre, side, tones, [0, 0.45, 1])
    surface.getCanvas().drawPaint(skia.Paint(Shader=shader))
    return surface.makeImageSnapshot()


class Pen:
    """A canvas and a hand: what draws a shape also lights and outlines it."""

    def __init__(self, canvas: Any, random: Random) -> None:
        self.canvas = canvas
        self.random = random
        self.turn = 0.0  # how far a face looks aside: its features move, its head does not

    def vary(self, value: float, share: float) -> float:
        """Return the value within `share` of itself: no two drawings are the same."""
        return value * (1 + self.random.uniform(-share, share))

    @contextmanager
    def inside(self, shape: Any) -> Iterator[None]:
        """Clip to a shape, without smoothing (eightfold the time): its outline hides the edge."""
        self.canvas.save()
        self.canvas.clipPath(shape, False)
        yield
        self.canvas.restore()

    @contextmanager
    def placed(self, x: float, y: float, degrees: float = 0, scale: float = 1) -> Iterator[None]:
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.rotate(degrees)
        self.canvas.scale(scale, scale)
        yield
        self.canvas.restore()

    @contextmanager
    def turned(self) -> Iterator[None]:
        with self.placed(self.turn, 0):
            yield

    def flat(self, shape: Any, colour: Colour, alpha: float = 255) -> None:
        self.canvas.drawPath(shape, fill(colour, alpha))

    def stroke(self, shape: Any, colour: Colour, width: float, alpha: float = 255) -> None:
        self.canvas.drawPath(shape, line(colour, width, alpha))

    def dot(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 255) -> None:
        self.canvas.drawCircle(x, y, radius, fill(colour, alpha))

    def glow(self, box: Any, strength: float) -> None:
        """Light what the clip leaves of a box, in device pixels: a scaled picture costs tenfold."""
        at = self.canvas.getTotalMatrix().mapRect(box)
        side = 32 * math.ceil(max(at.width(), at.height(), 1) / 32)
        self.canvas.save()
        self.canvas.resetMatrix()
        paint = skia.Paint(Alphaf=strength)
        self.canvas.drawImage(
            lamp(side), round(at.left()), round(at.top()), skia.SamplingOptions(), paint
        )
        self.canvas.restore()

    def shade(self, shape: Any, colour: Colour, strength: float = 1) -> None:
        """Fill with light from the upper left, a crisp core shadow and a rim."""
        box = shape.getBounds()
        step = min(9.0, 1.5 + max(box.width(), box.height()) * 0.05)
        self.flat(shape, colour)
        with self.inside(shape):
            self.glow(box, strength)
            for dx, dy, tone, alpha in (
                (-step, -step * 1.1, dark(colour, 0.62), 85),
                (step * 0.42, step * 0.5, WHITE, 70),
            ):
                rest = moved(shape, dx, dy)
                rest.toggleInverseFillType()
                self.flat(rest, tone, alpha * strength)

    def outline(self, shape: Any, colour: Colour, width: float = 4.6) -> None:
        """Ink the edge, heavier on the side away from the light."""
        self.stroke(shape, ink(colour), width)
        self.stroke(moved(shape, width * 0.1, width * 0.22), ink(colour), width * 0.8)

    def solid(self, shape: Any, colour: Colour, width: float = 4.6) -> None:
        self.shade(shape, colour)
        self.outline(shape, colour, width)
