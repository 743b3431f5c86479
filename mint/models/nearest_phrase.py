"""A phrase that a model does not know -> the nearest of those that it does. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from mint.models.vocabulary import plain_words

# What artists say for colours, beside the names of CSS; plum is dark to them, and purple in CSS.
_COLOURS = {
    "amber": "#ffbf00", "black": "#000000", "burgundy": "#800020", "charcoal": "#36454f",
    "cream": "#faecd0", "emerald": "#50c878", "golden": "#ffd700", "jade": "#00a86b",
    "lilac": "#c8a2c8", "mauve": "#e0b0ff", "mustard": "#ecb242", "ochre": "#cc7722",
    "peach": "#ffe5b4", "plum": "#622a58", "rose": "#ff66a0", "ruby": "#e0115f",
    "rust": "#b7410e", "sand": "#e8d5a8", "scarlet": "#ff2400", "silver": "#c0c0c0",
}  # fmt: skip
CLOSE = (
    0.76  # of difflib's ratio, from which on spellings are near: cats and cat, not photo and pot
)
GREY = 0.2  # chroma below which a colour is a grey, and its hue nobody sees


def colour(phrase: str) -> tuple[float, float, float] | None:
    """Red, green and blue from 0 to 1 of the first colour that a phrase names, or None."""
    from PIL import ImageColor

    words = plain_words(phrase)
    for name in ("".join(words), *words):
        if code := _COLOURS.get(name) or (name in ImageColor.colormap and name):
            red, green, blue = ImageColor.getrgb(code)[:3]
            return red / 255, green / 255, blue / 255
    return None


def nearest_phrase(phrase: str, phrases: Sequence[str]) -> str | None:
    """The one of `phrases` that is most like `phrase`, None if none is near.

    A colour is near to a colour, where most of them are colours; other phrases are near by the
    words they share, else by spelling.
    """
    if mine := colour(phrase):
        others = [(_distance(mine, theirs), text) for text in phrases if (theirs := colour(text))]
        if len(others) > len(phrases) / 2:
            return min(others, key=lambda each: each[0])[1]
    words = set(plain_words(phrase))
    scores = [(_likeness(phrase, words, text), text) for text in phrases]
    best = max(scores, key=lambda each: each[0], default=(0.0, ""))
    return best[1] if best[0] >= CLOSE else None


def _likeness(phrase: str, words: set[str], other: str) -> float:
    """Above 1 if a whole word is shared, else how alike the spelling is."""
    theirs = set(plain_words(other))
    common = words & theirs
    # Of what shares a word, the shortest says least besides: "hat" is nearer to "top hat".
    shared = 1 + len(common) / len(words | theirs) if common else 0.0
    return max(shared, *_spellings(phrase, words, theirs, other))


def _spellings(phrase: str, words: set[str], theirs: set[str], other: str) -> Iterable[float]:
    def ratio(one: str, two: str) -> float:
        return difflib.SequenceMatcher(None, one, two).ratio()

    yield ratio(phrase.lower(), other)
    yield from (ratio(one, two) for one in words for two in theirs if min(len(one), len(two)) > 3)


def _distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """How unlike two colours look: their hues first, then how strong and how light they are."""
    (hue, chroma, value), (hue2, chroma2, value2) = _polar(one), _polar(other)
    turn = abs(hue - hue2)
    if min(chroma, chroma2) >= GREY:
        apart = 2 * min(turn, 1 - turn)
    elif max(chroma, chroma2) >= GREY:  # a grey has no hue: half way from every other
        apart = 0.5
    else:
        apart = 0.7 * abs(value - value2)  # black is no white
    return apart + 0.3 * abs(chroma - chroma2) + 0.3 * abs(value - value2)


def _polar(rgb: tuple[float, float, float]) -> tuple[float, float, float]:
    """Hue, chroma and value, each from 0 to 1."""
    import colorsys

    hue, saturation, value = colorsys.rgb_to_hsv(*rgb)
    return hue, saturation * value, value
