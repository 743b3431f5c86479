"""What is behind the flowers: a wall in one of ten colours, a window, a table."""

from __future__ import annotations

import skia
from ink import Colour, fill, light, mix, oval, path, rounded

from second.press import PAPER, Press, shadow

BACKDROPS: dict[str, Colour] = {
    "cream": (250, 236, 208),
    "pink": (248, 194, 202),
    "green": (164, 210, 178),
    "blue": (150, 202, 236),
    "mustard": (234, 178, 72),
    "navy": (38, 52, 104),
    "plum": (100, 46, 92),
    "lilac": (190, 162, 234),
    "terracotta": (208, 116, 84),
    "gray": (156, 162, 174),
}
DIM = ("navy", "plum")


def wall(p: Press, traits: dict[str, str], tone: Colour) -> Colour:
    """Print the backdrop, its wall and its table; return the table's colour."""
    dim = traits["backdrop"] in DIM
    p.canvas.drawPaint(fill(tone))
    pale = light(tone, 0.16) if dim else mix(light(tone, 0.46), PAPER, 0.3)
    x, kind = 128 + p.u(-12, 12), traits["wall"]
    if kind == "arch":
        w = p.u(80, 98)
        p.flat(rounded(x - w, p.u(14, 30), x + w, 340, w), pale)
    elif kind == "circle":
        p.dot(x + p.u(-14, 14), p.u(92, 116), p.u(78, 102), pale)
    elif kind == "striped":
        step, phase = p.u(16, 24), p.u(0, 40)
        for k in range(-1, 9):
            p.canvas.drawRect(
                skia.Rect.MakeXYWH(k * 2 * step - phase, 0, step, 256), fill(mix(tone, pale, 0.6))
            )
    elif kind == "dotted":
        step = p.u(34, 44)
        for row in range(9):
            for k in range(9):
                p.dot(
                    k * step + (step / 2 if row % 2 else 0) - 10,
                    row * step * 0.8,
                    step * 0.17,
                    mix(tone, pale, 0.75),
                )
    elif kind == "window":
        window(p, x, tone, dim)
    table = light(tone, 0.26) if dim else mix(tone, shadow(tone, 0.5), 0.42)
    if traits["vessel"] != "ribbon":
        y = p.u(208, 220)
        p.canvas.drawRect(skia.Rect.MakeLTRB(0, y, 256, 256), fill(table))
        p.canvas.drawRect(skia.Rect.MakeLTRB(0, y, 256, y + 4), fill(light(table, 0.24)))
    return table


def window(p: Press, x: float, tone: Colour, dim: bool) -> None:
    """A window on four panes of sky, with a hill, or the moon where the wall is dark."""
    frame: Colour = (250, 244, 232)
    sky: Colour = (66, 88, 158) if dim else (196, 228, 242)
    left, right, top, low = x - 84, x + 84, p.u(16, 26), p.u(176, 190)
    pane = rounded(left, top, right, low, 3)
    p.flat(pane, sky)
    if dim:
        p.dot(x + p.u(30, 56), top + p.u(28, 40), 17, (255, 244, 206))
    p.within(pane, oval(x - p.u(20, 60), low + 40, 110, 84), mix(sky, (110, 170, 120), 0.55))
    p.stroke(pane, shadow(tone, 0.4), 13)
    p.stroke(pane, frame, 9)
    for bar in (
        path((x, top), (x, low), close=False),
        path((left, (top + low) / 2), (right, (top + low) / 2), close=False),
    ):
        p.stroke(bar, frame, 6)
