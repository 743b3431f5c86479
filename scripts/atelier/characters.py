"""Portraits of eight creatures: their traits, what people call them, and how to draw them."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import anatomy
import faces
import heads
import skia
import worn
from ink import Colour, Pen, fill, jitter, light, mirrored, mix, oval, path, rounded

BODIES: dict[str, Colour] = {
    "orange": (246, 130, 32),
    "gray": (142, 146, 152),
    "white": (242, 243, 247),
    "brown": (142, 84, 46),
    "blue": (48, 128, 240),
    "pink": (255, 134, 182),
    "green": (76, 182, 74),
    "purple": (144, 78, 216),
}
BACKGROUNDS: dict[str, Colour] = {
    "blue": (96, 182, 250),
    "green": (122, 214, 138),
    "pink": (255, 178, 208),
    "yellow": (255, 214, 72),
    "purple": (180, 140, 246),
    "orange": (255, 162, 84),
    "gray": (178, 184, 194),
    "navy": (30, 40, 98),
}

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "species": {
        "fox": ("fox",),
        "cat": ("cat", "kitty"),
        "bear": ("bear",),
        "rabbit": ("rabbit", "bunny"),
        "robot": ("robot", "android"),
        "frog": ("frog", "toad"),
        "dog": ("dog", "puppy"),
        "dragon": ("dragon",),
    },
    "body": {
        "orange": ("orange",),
        "gray": ("gray", "grey"),
        "white": ("white",),
        "brown": ("brown",),
        "blue": ("blue",),
        "pink": ("pink",),
        "green": ("green",),
        "purple": ("purple", "violet"),
    },
    "eyes": {
        "round": ("round eyes", "round", "big eyes", "wide eyes"),
        "sleepy": ("sleepy eyes", "sleepy", "half-closed eyes", "drowsy eyes", "drowsy"),
        "happy": ("happy eyes", "happy", "joyful eyes"),
        "wink": ("wink eyes", "wink", "winking", "winking eye"),
        "angry": ("angry eyes", "angry", "mad eyes"),
        "starry": ("starry eyes", "starry", "star eyes"),
    },
    "mouth": {
        "smile": ("smile", "smiling", "smiling mouth"),
        "grin": ("toothy grin", "grin", "grinning", "showing teeth"),
        "open": ("open mouth", "open", "mouth open", "surprised mouth"),
        "tongue": ("tongue out", "tongue", "sticking tongue out"),
        "serious": ("serious mouth", "serious", "straight mouth", "serious face"),
    },
    "headwear": {
        "none": ("no hat", "no headwear", "bare head", "none"),
        "crown": ("crown", "gold crown", "golden crown"),
        "cap": ("cap", "red cap", "baseball cap"),
        "beanie": ("beanie", "knitted beanie", "woolly hat"),
        "top hat": ("top hat", "black top hat"),
        "headphones": ("headphones", "headset"),
        "wizard hat": ("wizard hat", "wizard", "pointed hat"),
    },
    "accessory": {
        "none": ("no accessory", "nothing else", "none"),
        "scarf": ("scarf", "red scarf", "striped scarf"),
        "bowtie": ("bowtie", "bow tie", "blue bowtie"),
        "chain": ("gold chain", "chain", "golden necklace"),
        "glasses": ("glasses", "spectacles", "round glasses"),
    },
    "background": {
        "blue": ("blue", "sky blue"),
        "green": ("green",),
        "pink": ("pink",),
        "yellow": ("yellow",),
        "purple": ("purple", "violet"),
        "orange": ("orange",),
        "gray": ("gray", "grey"),
        "navy": ("navy", "dark blue"),
    },
    "pattern": {
        "plain": ("plain", "flat"),
        "striped": ("striped", "stripes"),
        "dotted": ("dotted", "polka dots", "polka dot"),
        "sunburst": ("sunburst", "rays", "sun rays"),
    },
}
TRAITS: dict[str, tuple[str, ...]] = {group: tuple(said) for group, said in PHRASES.items()}


def clauses(words: dict[str, str]) -> list[str]:
    """Return the caption's clauses, the subject first; a group left out of `words` is left out."""
    subject = [words["body"]] if "body" in words else []
    said = [" ".join([*subject, words.get("species", "character")])]
    said += [words[group] for group in ("eyes", "mouth", "headwear", "accessory") if group in words]
    if "background" in words or "pattern" in words:
        said.append(_setting(words))
    return said


def _setting(words: dict[str, str]) -> str:
    colour, pattern = words.get("background"), words.get("pattern")
    if pattern in ("stripes", "polka dots", "rays", "sun rays"):  # nouns follow the background
        return " ".join(word for word in (colour, "background with", pattern) if word)
    return " ".join(word for word in (colour, pattern, "background") if word)


def draw(canvas: Any, traits: dict[str, str], random: Random) -> None:
    """Draw one character in 256 units: the background, the bust, then the head and its things."""
    pen = Pen(canvas, random)
    coat = anatomy.coat(jitter(BODIES[traits["body"]], random, 0.014, 0.09, 0.05))
    _background(pen, traits["background"], traits["pattern"])
    dx, dy = random.uniform(-8, 8), random.uniform(-4, 5)
    with pen.placed(128 + dx * 0.5, 202 + dy, random.uniform(-5, 5)):
        _bust(pen, coat, traits["species"] == "robot")
        worn.neckwear(pen, traits["accessory"])
    with pen.placed(128 + dx, 138 + dy, random.uniform(-8, 8), random.uniform(0.95, 1.03)):
        canvas.skew(random.uniform(-0.06, 0.06), 0)
        canvas.scale(random.uniform(0.95, 1.03), random.uniform(0.95, 1.03))
        pen.turn = random.uniform(-6, 6)
        _head(pen, coat, traits)


def _head(pen: Pen, coat: anatomy.Coat, traits: dict[str, str]) -> None:
    face = heads.HEADS[traits["species"]](pen, coat)
    hat = traits["headwear"]
    worn.hat_shadow(pen, face, hat)
    if face.front is not None:  # a frog's eyes stand on its head, so its hat goes behind them
        worn.headwear(pen, face, hat)
    with pen.turned():
        if face.front is not None:
            face.front()
        _features(pen, face, coat, traits)
    if face.front is None:
        worn.headwear(pen, face, hat)


def _features(pen: Pen, face: anatomy.Face, coat: anatomy.Coat, traits: dict[str, str]) -> None:
    spectacled = traits["accessory"] == "glasses"
    if spectacled:
        faces.lenses(pen, face)
    faces.eyes(pen, face, traits["eyes"], coat.fur, 0.86 if spectacled else 1)
    faces.mouth(pen, face, traits["mouth"])
    if spectacled:
        faces.frames(pen, face)


def _bust(pen: Pen, coat: anatomy.Coat, robot: bool) -> None:
    wide = pen.random.uniform(68, 80)
    torso = mirrored((0, -16), (34, -14, wide - 6, 2, wide + 6, 90), (0, 90))
    pen.shade(torso, coat.fur)
    with pen.inside(torso):
        if robot:
            pen.solid(rounded(-40, 22, 40, 90, 10), light(coat.fur, 0.4), 4)
            for x, lamp in ((-18, (250, 74, 84)), (18, (64, 214, 150))):
                pen.solid(oval(x, 40, 8, 8), lamp, 3.6)
        else:
            pen.flat(oval(0, 66, wide * 0.52, 52), coat.cream)
        pen.flat(oval(2, -4, 70, 26), (40, 10, 70), 90)  # the head's shadow
    pen.outline(torso, coat.fur)


def _background(pen: Pen, name: str, pattern: str) -> None:
    colour = jitter(BACKGROUNDS[name], pen.random, 0.008, 0.06, 0.03)
    pen.canvas.drawPaint(fill(colour))
    tone = mix(colour, (120, 140, 230), 0.42) if name == "navy" else light(colour, 0.52)
    if pattern == "striped":
        _stripes(pen, tone)
    elif pattern == "dotted":
        _dots(pen, tone)
    elif pattern == "sunburst":
        _rays(pen, tone)
    pen.glow(skia.Rect.MakeWH(256, 256), 0.7)


def _stripes(pen: Pen, tone: Colour) -> None:
    width = pen.random.uniform(25, 30)
    phase = pen.random.uniform(0, 2 * width)
    with pen.placed(128, 128, pen.random.uniform(-52, -38)):
        for i in range(-5, 5):
            left = i * 2 * width + phase
            pen.canvas.drawRect(skia.Rect.MakeXYWH(left, -200, width, 400), fill(tone))


def _dots(pen: Pen, tone: Colour) -> None:
    step = pen.random.uniform(46, 52)
    x0, y0 = pen.random.uniform(-step, 0), pen.random.uniform(-step, 0)
    for row in range(9):
        for column in range(8):
            shift = step / 2 if row % 2 else 0
            pen.dot(x0 + column * step + shift, y0 + row * step * 0.8, step * 0.25, tone)


def _rays(pen: Pen, tone: Colour) -> None:
    count = 9
    turn = pen.random.uniform(0, 2 * math.pi / count)
    for i in range(count):
        a = turn + i * 2 * math.pi / count
        b = a + math.pi / count
        corners = [(128 + 320 * math.cos(t), 128 + 320 * math.sin(t)) for t in (a, b)]
        pen.flat(path((128, 128), *corners), tone)
