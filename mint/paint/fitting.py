"""Words for values -> words of which every prompt fits into the text encoder's window. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from mint.paint.prompt_length import WordCounter
from mint.paint.wording import Wish, shorter
from mint.plan.prompts import phrase_table, prompt
from mint.plan.style import fullest
from mint.spec.collection import Collection

Words = dict[tuple[str, str], str]  # (trait, value) -> what the prompt says for it


def fitting(
    collection: Collection,
    wishes: Sequence[Wish],
    words: Mapping[tuple[str, str], str],
    counter: WordCounter,
    variations: Sequence[str],
) -> Words:
    """The words of `wishes`, shortened part by part where a prompt would be cut off.

    What `collection` says of other values stays. Counted is the prompt of the longest words of
    every trait, whether or not some token has them together, with the longest of `variations`.
    Of the words that make it too long, the longest lose a part.
    """
    count = lru_cache(maxsize=None)(counter.count)
    longest = max(variations, key=count, default="")
    texts, by_place = dict(words), {wish.key: wish for wish in wishes}
    table = {t: dict(values) for t, values in phrase_table(collection).items()}

    def places(text: str) -> int:
        text = fullest(collection, text, count)
        return count(f"{text}, {longest}" if longest else text)

    for place, wish in by_place.items():
        if wish.place == "whole":
            while places(texts[place]) > counter.window and texts[place] != wish.phrase:
                texts[place] = shorter(texts[place], wish)
        else:
            table[wish.trait][wish.value] = texts[place]
    while True:
        most = {trait: _longest(values, count) for trait, values in table.items()}
        if places(prompt(collection.image.prompt, table, most)) <= counter.window:
            return texts
        candidates = [
            place
            for place in most.items()
            if place in by_place and texts[place] != by_place[place].phrase
        ]
        if not candidates:
            return texts
        place = max(candidates, key=lambda each: count(texts[each]))
        texts[place] = shorter(texts[place], by_place[place])
        table[place[0]][place[1]] = texts[place]


def _longest(values: Mapping[str, str], count: Callable[[str], int]) -> str:
    """The value with the longest words."""
    return max(values, key=lambda value: count(values[value]))
