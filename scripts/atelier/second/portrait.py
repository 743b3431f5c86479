"""How a portrait is put together: its sheet, framing and pose, then bust, head and things."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from ink import Colour, jitter

from second import eyes, furred, hats, outfits, palette, smooth, worn
from second.anatomy import Coat, Face, coat
from second.mouths import mouth
from second.press import Press
from second.settings import setting

HEADS: dict[str, Callable[[Press, Coat], Face]] = {
    "fox": furred.fox, "cat": furred.cat, "bear": furred.bear, "rabbit": furred.rabbit,
    "robot": smooth.robot, "frog": smooth.frog, "dog": furred.dog, "dragon": smooth.dragon,
    "lion": furred.lion, "monkey": furred.monkey, "deer": furred.deer, "mouse": furred.mouse,
    "owl": smooth.owl, "penguin": smooth.penguin, "elephant": smooth.elephant, "pig": smooth.pig,
    "unicorn": smooth.unicorn, "panda": furred.panda,
}  # fmt: skip
TALL = ("rabbit", "deer", "unicorn", "dragon")
WIDE = ("dragon", "elephant", "lion", "mouse")
TALL_HATS = ("wizard hat", "party hat", "top hat")


def draw(canvas: Any, traits: dict[str, str], random: Random) -> None:
    """Draw one character in 256 units; a colour that no trait gives is the seed's."""
    p = Press(canvas, random)
    species, hat = traits["species"], traits["headwear"]
    fur = coat(jitter(palette.BODIES[traits["body"]], random, 0.01, 0.06, 0.03))
    sheet = jitter(palette.BACKGROUNDS[traits["background"]], random, 0.006, 0.05, 0.02)
    setting(p, traits["background"], traits["pattern"], sheet)
    size = p.u(0.9, 1.12)
    if species in TALL or hat in TALL_HATS:
        size = p.u(0.8, 0.9)
    elif species in WIDE:
        size = p.u(0.82, 0.96)
    p.turn = random.choice((-1, 1)) * p.u(0, 13)
    # A face that looks aside stands back on the other side, so that it has room to look into.
    x = 128 - p.turn * p.u(0, 1.0) + p.u(-5, 5)
    y = 146 + (p.u(0, 8) if species in TALL or hat in TALL_HATS else p.u(-10, 4))
    lean = p.u(-7, 7)
    with p.placed(x - p.turn * 0.3, y + 62 * size, lean, size * p.u(0.96, 1.08)):
        if species == "dragon":
            smooth.wings(p, fur)
        outfits.bust(p, fur, species, traits.get("outfit", "none"), dye(p, traits, "outfit"))
        kind, colour = traits["accessory"], dye(p, traits, "accessory")
        if kind in worn.AROUND_NECK:
            worn.AROUND_NECK[kind](p, colour)
    with p.placed(x, y, lean * 0.4 + p.u(-9, 9), size):
        canvas.scale(p.u(0.95, 1.05), p.u(0.95, 1.03))
        head(p, fur, traits, colour)


def dye(p: Press, traits: dict[str, str], thing: str) -> Colour:
    name = traits.get(f"{thing} colour", "none")
    other = p.random.choice(tuple(palette.DYES))
    return palette.DYES[other if name == "none" else name]


def head(p: Press, fur: Coat, traits: dict[str, str], colour: Colour) -> None:
    face = HEADS[traits["species"]](p, fur)
    hat, shade = traits["headwear"], dye(p, traits, "headwear")
    if face.front is None:
        features(p, face, fur, traits, colour)
        hats.headwear(p, face, hat, shade)
    else:  # what stands before every hat: a frog's eyes, a unicorn's horn
        frog = traits["species"] == "frog"
        if not frog:
            features(p, face, fur, traits, colour)
        hats.headwear(p, face, hat, shade)
        face.front()
        if frog:
            features(p, face, fur, traits, colour)
    worn.at_ears(p, face, traits["accessory"], colour)


def features(p: Press, face: Face, fur: Coat, traits: dict[str, str], colour: Colour) -> None:
    spectacled = traits["accessory"] == "glasses"
    if spectacled:
        eyes.lenses(p, face)
    eyes.eyes(p, face, traits["eyes"], fur, spectacled)
    if spectacled:
        eyes.frames(p, face, colour)
    mouth(p, face, traits["mouth"], fur)
