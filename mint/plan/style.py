"""A prompt in the collection's style: the words around it, and the phrases that its token draws."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from mint.plan.prompts import PhraseTable, prompt
from mint.spec.collection import Collection
from mint.spec.style import CHAOS_MOST, WEIRD_MOST, Style


class Draw:
    """What a token draws from its seed: two pairs of 64-bit numbers, for `chaos` and for `weird`.

    They depend on the collection's seed and the token's number alone, so a larger supply keeps
    them, and a larger `chaos` keeps the phrases that are drawn already.
    """

    def __init__(self, collection_seed: int, token_id: int) -> None:
        digest = hashlib.sha256(f"{collection_seed}/style/{token_id}".encode()).digest()
        self.numbers = [int.from_bytes(digest[i : i + 8], "big") for i in range(0, 32, 8)]

    def phrases(self, style: Style) -> list[str]:
        """The token's `jitter` phrase, if it has one, and its `odd` phrase."""
        luck, choice, strange_luck, strange_choice = self.numbers
        return [
            *_pick(luck, choice, style.chaos, CHAOS_MOST, style.jitter),
            *_pick(strange_luck, strange_choice, style.weird, WEIRD_MOST, style.odd),
        ]


def _pick(luck: int, choice: int, knob: int, most: int, phrases: Sequence[str]) -> list[str]:
    """One of `phrases` with the probability knob / most, in whole numbers."""
    return [phrases[choice % len(phrases)]] if phrases and luck * most < knob << 64 else []


def worded(
    collection: Collection, table: PhraseTable, token_id: int, traits: Mapping[str, str]
) -> str:
    """The prompt of a token with these traits, in the collection's style."""
    return styled(collection, prompt(collection.image.prompt, table, traits), token_id)


def styled(collection: Collection, prompt: str, token_id: int) -> str:
    """A token's prompt in the collection's style."""
    if collection.style is None:
        return prompt
    extras = Draw(collection.seed, token_id).phrases(collection.style)
    return _around(collection.style, prompt, extras)


def styled_unique(collection: Collection, prompt: str) -> str:
    """The prompt of a one-of-one: it has the collection's look, and draws nothing."""
    return prompt if collection.style is None else _around(collection.style, prompt)


def fullest(collection: Collection, prompt: str, length: Callable[[str], int]) -> str:
    """The longest that the style can make of a token's prompt."""
    style = collection.style
    if style is None:
        return prompt
    lists = [style.jitter] * bool(style.chaos) + [style.odd] * bool(style.weird)
    return _around(style, prompt, [max(phrases, key=length) for phrases in lists if phrases])


def _around(style: Style, prompt: str, extras: Sequence[str] = ()) -> str:
    """The little that a text encoder may cut stands last: what a token draws."""
    first_part = f"{(style.before or '').strip()} {prompt}".strip()
    parts = (part.strip() for part in (first_part, style.after or "", *extras))
    return ", ".join(part for part in parts if part)
