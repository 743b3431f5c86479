"""The pictures and captions that atelier learns from, all drawn here."""

from __future__ import annotations

import hashlib
from random import Random
from types import ModuleType

import botanicals
import characters
import landscapes
import numpy as np
import skia
from numpy.typing import NDArray
from PIL import Image

THEMES: dict[str, ModuleType] = {
    "characters": characters,
    "landscapes": landscapes,
    "botanicals": botanicals,
}

OPENINGS = ("a ", "", "portrait of a ", "avatar of a ", "picture of a ")
JOINERS = (", ", ", ", " with ", " and ")


def render(theme: str, traits: dict[str, str], seed: int, size: int = 512) -> NDArray[np.uint8]:
    """Draw one picture, at twice the size and averaged down: the same bytes every time."""
    pixels = np.zeros((size * 2, size * 2, 4), np.uint8)
    canvas = skia.Surface(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType).getCanvas()
    canvas.scale(size * 2 / 256, size * 2 / 256)
    THEMES[theme].draw(canvas, traits, Random(seed))
    doubled = Image.frombuffer("RGBX", (size * 2, size * 2), pixels, "raw", "RGBX", 0, 1)
    return np.ascontiguousarray(np.asarray(doubled.reduce(2))[..., :3])


def sample(theme: str, random: Random) -> dict[str, str]:
    """Draw one combination of traits, each as likely as any other."""
    return {group: random.choice(values) for group, values in THEMES[theme].TRAITS.items()}


def held_out(theme: str, traits: dict[str, str]) -> bool:
    """Say whether a combination is never trained: 1 in 16, by the hash of its traits."""
    said = "|".join([theme, *(f"{group}={traits[group]}" for group in THEMES[theme].TRAITS)])
    return hashlib.sha256(said.encode()).digest()[0] < 16


def caption(
    theme: str, traits: dict[str, str], random: Random | None = None, drop: float = 0.0
) -> str:
    """Say the traits: canonically, or in words, order and joints that `random` picks."""
    module = THEMES[theme]
    phrases: dict[str, dict[str, tuple[str, ...]]] = module.PHRASES
    if random is None:
        words = {group: phrases[group][value][0] for group, value in traits.items()}
        return "a " + ", ".join(module.clauses(words))
    words = {
        group: random.choice(phrases[group][value])
        for group, value in traits.items()
        if random.random() >= drop
    }
    subject, *rest = module.clauses(words)
    if random.random() < 0.5:
        random.shuffle(rest)
    text: str = random.choice(OPENINGS) + subject
    if text.startswith("a o") and random.random() < 0.5:  # people do; the canonical caption never
        text = "an" + text[1:]
    for clause in rest:
        text += (random.choice(JOINERS) if random.random() < 0.3 else ", ") + clause
    return text.lower()
