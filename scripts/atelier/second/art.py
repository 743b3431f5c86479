"""The second edition's pictures and captions, by the same calls as the first edition's."""

from __future__ import annotations

import hashlib
from random import Random
from types import ModuleType

import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image

from second import botanicals, characters, landscapes
from second.wording import article

THEMES: dict[str, ModuleType] = {
    "characters": characters,
    "landscapes": landscapes,
    "botanicals": botanicals,
}

OPENINGS = ("a ", "", "portrait of a ", "avatar of a ", "picture of a ")
JOINERS = (", ", ", ", " with ", " and ")
LEADING = ("at", "before", "in", "under", "among", "holding", "waving", "reading", "none", "no")
FINE = 1024  # from this size on, smooth edges need no doubling
# What leaves a picture simple, and how often it is drawn without a look at the other values: as in
# most collections, and a painter learns a face first where nothing hides it.
SIMPLE, SIMPLY = ("none", "plain", "clear"), 0.4


def render(theme: str, traits: dict[str, str], seed: int, size: int = 512) -> NDArray[np.uint8]:
    """Draw one picture; below FINE at twice the size and averaged down. Always the same bytes."""
    times = 1 if size >= FINE else 2
    side = size * times
    pixels = np.zeros((side, side, 4), np.uint8)
    canvas = skia.Surface(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType).getCanvas()
    canvas.scale(side / 256, side / 256)
    THEMES[theme].draw(canvas, traits, Random(seed))
    if times > 1:
        image = Image.frombuffer("RGBX", (side, side), pixels, "raw", "RGBX", 0, 1)
        pixels = np.asarray(image.reduce(times))
    return np.ascontiguousarray(pixels[..., :3])


def sample(theme: str, random: Random) -> dict[str, str]:
    """Draw one combination of traits, more often a simple one, colours only where they bind."""
    module = THEMES[theme]
    traits = {group: _value(values, random) for group, values in module.TRAITS.items()}
    settled: dict[str, str] = module.bound(traits, random)
    return settled


def _value(values: tuple[str, ...], random: Random) -> str:
    simple = [value for value in values if value in SIMPLE]
    return random.choice(simple if simple and random.random() < SIMPLY else values)


def held_out(theme: str, traits: dict[str, str]) -> bool:
    """Say whether a combination is never trained: 1 in 16, by the hash of its traits."""
    said = "|".join([theme, *(f"{group}={traits[group]}" for group in THEMES[theme].TRAITS)])
    return hashlib.sha256(said.encode()).digest()[0] < 16


def caption(
    theme: str, traits: dict[str, str], random: Random | None = None, drop: float = 0.0
) -> str:
    """Say the traits: canonically, or as a list or a sentence whose words `random` picks."""
    module = THEMES[theme]
    phrases: dict[str, dict[str, tuple[str, ...]]] = module.PHRASES
    told = {group: value for group, value in traits.items() if value in phrases[group]}
    if random is None:
        words = {group: phrases[group][value][0] for group, value in told.items()}
        return "a " + ", ".join(module.clauses(words))
    words = {
        group: random.choice(phrases[group][value])
        for group, value in told.items()
        if random.random() >= drop
    }
    for group in [g for g in words if g.endswith(" colour")]:
        if group.removesuffix(" colour") not in words:  # a colour goes with its thing
            del words[group]
    if random.random() < 0.4:
        return str(module.sentence(traits, words, random))
    subject, *rest = module.clauses(words)
    if random.random() < 0.5:
        random.shuffle(rest)
    opening = random.choice(OPENINGS)
    text: str = opening.removesuffix("a ") + article(subject) if opening else subject
    for clause in rest:
        apart = clause.split()[0] in LEADING or random.random() < 0.7
        text += (", " if apart else random.choice(JOINERS)) + clause
    return text
