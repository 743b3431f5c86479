"""What both poster themes draw with: colours, gradients and soft shapes (256-unit space)."""

import colorsys
import math
from collections.abc import Sequence
from random import Random

import skia

Rgb = tuple[float, float, float]
Point = tuple[float, float]


def mix(a: Rgb, b: Rgb, t: float) -> Rgb:
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def light(c: Rgb, t: float) -> Rgb:
    return mix(c, (255, 252, 240), t)


def dark(c: Rgb, t: float) -> Rgb:
    return mix(c, (34, 18, 58), t)


def jitter(c: Rgb, random: Random, hue: float = 0.012, value: float = 0.04) -> Rgb:
    h, s, v = colorsys.rgb_to_hsv(c[0] / 255, c[1] / 255, c[2] / 255)
    h = (h + random.uniform(-hue, hue)) % 1
    s = min(1.0, s * (1 + random.uniform(-value, value)))
    v = min(1.0, v * (1 + random.uniform(-value, value)))
    r, g, b = colorsys.hsv_to_rgb(h, s, v)
    return (r * 255, g * 255, b * 255)


def pigment(c: Rgb, alpha: float = 1.0) -> int:
    r, g, b = (round(max(0.0, min(255.0, x))) for x in c)
    return int(skia.Color(r, g, b, round(255 * alpha)))


def paint(c: Rgb, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=pigment(c, alpha))


def pen(c: Rgb, width: float, alpha: float = 1.0) -> skia.Paint:
    p = paint(c, alpha)
    p.setStyle(skia.Paint.kStroke_Style)
    p.setStrokeWidth(width)
    p.setStrokeCap(skia.Paint.kRound_Cap)
    p.setStrokeJoin(skia.Paint.kRound_Join)
    return p


def linear(start: Point, end: Point, colours: Sequence[Rgb], alpha: float = 1.0) -> skia.Paint:
    p = paint(colours[0], alpha)
    ends = [skia.Point(*start), skia.Point(*end)]
    p.setShader(skia.GradientShader.MakeLinear(ends, [pigment(c) for c in colours]))
    return p


def radial(centre: Point, radius: float, colours: Sequence[Rgb]) -> skia.Paint:
    p = paint(colours[0])
    p.setShader(skia.GradientShader.MakeRadial(centre, radius, [pigment(c) for c in colours]))
    return p


def glow(canvas: skia.Canvas, x: float, y: float, r: float, c: Rgb, alpha: float) -> None:
    """A soft light or shadow: a gradient to nothing, which costs far less than a blur."""
    p = paint(c)
    stops = [pigment(c, alpha), pigment(c, alpha * 0.36), pigment(c, 0)]
    p.setShader(skia.GradientShader.MakeRadial((x, y), r, stops))
    canvas.drawCircle(x, y, r, p)


def shadow(canvas: skia.Canvas, x: float, y: float, rx: float, ry: float, alpha: float) -> None:
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(1, ry / rx)
    glow(canvas, 0, 0, rx, (28, 14, 50), alpha)
    canvas.restore()


def polygon(points: Sequence[Point]) -> skia.Path:
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    return path


def line(points: Sequence[Point]) -> skia.Path:
    """An open curve through the midpoints of a polyline, so that it never overshoots."""
    path = skia.Path()
    path.moveTo(*points[0])
    for (x0, y0), (x1, y1) in zip(points[1:-1], points[2:], strict=True):
        path.quadTo(x0, y0, (x0 + x1) / 2, (y0 + y1) / 2)
    path.lineTo(*points[-1])
    return path


def loop(points: Sequence[Point]) -> skia.Path:
    """A closed curve, rounded at every corner of the polygon."""
    path = skia.Path()
    last, first = points[-1], points[0]
    path.moveTo((last[0] + first[0]) / 2, (last[1] + first[1]) / 2)
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], first], strict=True):
        path.quadTo(x0, y0, (x0 + x1) / 2, (y0 + y1) / 2)
    path.close()
    return path


def box(x0: float, y0: float, x1: float, y1: float, r: float = 0) -> skia.Path:
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(x0, y0, x1, y1), r, r)
    return path


def oval(x: float, y: float, rx: float, ry: float) -> skia.Path:
    path = skia.Path()
    path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return path


def petal(length: float, width: float, tip: float = 0.55) -> skia.Path:
    """A petal or leaf from the origin upwards; a tip near 0 is pointed, near 1 is blunt."""
    w, blunt = width * 0.66, width * 0.62 * tip
    path = skia.Path()
    path.cubicTo(-w * 0.5, -length * 0.16, -w * 1.25, -length * 0.62, -blunt, -length * 0.93)
    path.quadTo(0, -length * (1.0 + 0.09 * tip), blunt, -length * 0.93)
    path.cubicTo(w * 1.25, -length * 0.62, w * 0.5, -length * 0.16, 0, 0)
    return path


def turn(x: float, y: float, length: float, degrees: float) -> Point:
    """The point `length` away in a direction, 0 being up and positive clockwise."""
    a = math.radians(degrees)
    return (x + length * math.sin(a), y - length * math.cos(a))
