"""What a poster needs beyond ink: gradients as paints, glows, and soft outlines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import skia
from ink import SHADE, Colour, Point, packed


def graded(shader: Any) -> Any:
    """Return a paint for a gradient; dithered, skia takes a path that is over twice as fast."""
    return skia.Paint(AntiAlias=True, Dither=True, Shader=shader)


def linear(start: Point, end: Point, colours: Sequence[Colour]) -> Any:
    ends = [skia.Point(*start), skia.Point(*end)]
    return graded(skia.GradientShader.MakeLinear(ends, [packed(c) for c in colours]))


def fading(start: Point, end: Point, colour: Colour, alpha: float) -> Any:
    """Return a paint that thins out to nothing."""
    ends = [skia.Point(*start), skia.Point(*end)]
    return graded(skia.GradientShader.MakeLinear(ends, [packed(colour, alpha), packed(colour, 0)]))


def radial(centre: Point, radius: float, colours: Sequence[Colour]) -> Any:
    return graded(skia.GradientShader.MakeRadial(centre, radius, [packed(c) for c in colours]))


def glow(canvas: Any, x: float, y: float, radius: float, colour: Colour, alpha: float) -> None:
    """Lay a soft light or shadow: a gradient to nothing costs far less than a blur."""
    stops = [packed(colour, 255 * alpha * share) for share in (1, 0.36, 0)]
    paint = graded(skia.GradientShader.MakeRadial((x, y), radius, stops))
    canvas.drawCircle(x, y, radius, paint)


def shadow(canvas: Any, x: float, y: float, rx: float, ry: float, alpha: float) -> None:
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(1, ry / rx)
    glow(canvas, 0, 0, rx, SHADE, alpha)
    canvas.restore()


def polygon(points: Sequence[Point]) -> Any:
    path = skia.Path()
    path.addPoly([skia.Point(*point) for point in points], True)
    return path


def curve(points: Sequence[Point]) -> Any:
    """Return an open curve through the midpoints of a polyline, which never overshoots."""
    path = skia.Path()
    path.moveTo(*points[0])
    for (x0, y0), (x1, y1) in pairwise(points[1:]):
        path.quadTo(x0, y0, (x0 + x1) / 2, (y0 + y1) / 2)
    path.lineTo(*points[-1])
    return path


def loop(points: Sequence[Point]) -> Any:
    """Return a closed curve, rounded at every corner of the polygon."""
    path = skia.Path()
    (lx, ly), (fx, fy) = points[-1], points[0]
    path.moveTo((lx + fx) / 2, (ly + fy) / 2)
    for (x0, y0), (x1, y1) in pairwise([*points, points[0]]):
        path.quadTo(x0, y0, (x0 + x1) / 2, (y0 + y1) / 2)
    path.close()
    return path


def petal(length: float, width: float, tip: float = 0.55) -> Any:
    """Return a petal or leaf from the origin up; a tip near 0 is pointed, near 1 is blunt."""
    w, blunt = width * 0.66, width * 0.62 * tip
    path = skia.Path()
    path.cubicTo(-w * 0.5, -length * 0.16, -w * 1.25, -length * 0.62, -blunt, -length * 0.93)
    path.quadTo(0, -length * (1.0 + 0.09 * tip), blunt, -length * 0.93)
    path.cubicTo(w * 1.25, -length * 0.62, w * 0.5, -length * 0.16, 0, 0)
    return path


def turn(x: float, y: float, length: float, degrees: float) -> Point:
    """Return the point `length` away in a direction, 0 being up and positive clockwise."""
    a = math.radians(degrees)
    return (x + length * math.sin(a), y - length * math.cos(a))
