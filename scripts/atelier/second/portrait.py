"""How a portrait is put together: its sheet, framing and pose, then bust, head and things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from ink import Colour, jitter

from second import eyes, furred, hats, outfits, palette, smooth, worn
from second.anatomy import Coat, Face, coat
from second.gestures import gesture
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
    if species == "robot":  # no skin shows on metal
        fur = replace(fur, inner=fur.deep)
    sheet = jitter(palette.BACKGROUNDS[traits["background"]], random, 0.006, 0.05, 0.02)
    setting(p, traits["background"], traits["pattern"], sheet)
    size, y = framing(p, species, hat)
    p.turn = p.random.choice((-1, 1)) * p.u(0, 16)
    p.pitch = p.u(-6, 7)
    side = random.choice((-1, 1))
    if abs(p.turn) > 5:  # a paw stays clear of what a face turns to
        side = -1 if p.turn > 0 else 1
    # A face that looks aside stands back on the other side, so that it has room to look into.
    x = 128 - p.turn * p.u(0, 1.1) + p.u(-7, 7) - (side * 10 if traits["gesture"] != "none" else 0)
    lean, wide = p.u(-9, 9), p.u(0.94, 1.1)
    outfit, cloth = traits["outfit"], dye(p, traits, "outfit")
    kind, colour = traits["accessory"], dye(p, traits, "accessory")
    with p.placed(x - p.turn * 0.3, y + 65 * size, lean, size * wide):
        if species == "dragon":
            smooth.wings(p, fur)
        outfits.bust(p, fur, species, outfit, cloth)
        if kind in worn.AROUND_NECK:
            worn.AROUND_NECK[kind](p, colour)
    with p.placed(x, y, lean * 0.4 + p.u(-12, 12), size):
        canvas.scale(p.u(0.93, 1.07), p.u(0.93, 1.04))
        head(p, fur, traits, colour)
    with p.placed(x - p.turn * 0.3, y + 65 * size, lean, size):
        sleeve = {"none": fur.fur, "overalls": outfits.shirt(cloth)}.get(outfit, cloth)
        gesture(p, traits["gesture"], side, fur, sleeve)


def framing(p: Press, species: str, hat: str) -> tuple[float, float]:
    """Return how large a head is, from a close view to one with room, and how low it stands."""
    tall = species in TALL or hat in TALL_HATS
    if tall:
        return p.u(0.78, 0.92), 146 + p.u(0, 10)
    size = p.u(0.8, 0.98) if species in WIDE else p.u(0.82, 1.16)
    return size, 146 + p.u(-12, 6)


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
