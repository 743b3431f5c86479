"""English that captions of every theme share."""

from __future__ import annotations

from collections.abc import Sequence


def article(text: str) -> str:
    """Return the text after its indefinite article: "an owl", "a unicorn"."""
    vowel = text[0] in "aeiou" and not text.startswith("uni")
    return f"{'an' if vowel else 'a'} {text}"


def listed(things: Sequence[str]) -> str:
    """Return "a cap, a scarf and a suit"."""
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} and {things[-1]}"
