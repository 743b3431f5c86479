"""Prompts that name living artists, brands or real people: warnings for `mint check`. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from mint.spec.collection import Collection
from mint.spec.yaml_source import Location, Source

LIST = Path(__file__).with_suffix(".yaml")
# By the headings of LIST: what such a name is, and what may come of it.
GROUPS = {
    "artists": "an artist's name, and the artist may object to being imitated",
    "brands": "a trademark or somebody's character, whose owner may have the collection taken down",
    "people": "a real person, who has a right to their own likeness",
    "own": "on your own list, safety.names",
}

# What may stand between two words of one name; a comma begins another thing.
_BETWEEN = re.compile("[\\s_.'\u2019\u2010-\u2015-]+")
_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
# Letters that Unicode does not take apart, and that people type without their stroke.
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})

Words = tuple[str, ...]


class Word(NamedTuple):
    """A word as it is compared, where it begins and ends, and whether it goes on from another."""

    plain: str
    start: int
    end: int
    goes_on: bool


def names(collection: Collection, source: Source) -> Iterator[str]:
    """A line for each name that the file's texts use, where a picture or a title would show it."""
    vocabulary = known_names(collection)
    lines: dict[tuple[str, str], str] = {}
    texts = [(source, *each) for each in _texts(collection)]
    if source.lock and collection.expansions:
        for trait, phrases in collection.expansions.words.items():
            texts += [
                (source.lock, ("words", trait, v), text, False) for v, text in phrases.items()
            ]
    for file, location, text, is_key in texts:
        for start, end, group in find(text, vocabulary):
            name = text[start:end]
            place = _place(file, location, name, is_key)
            hint = f"describe what you want to see; or, {_remedy(name, group)}"
            lines[place, name] = f'warning: {place}: "{name}" is {GROUPS[group]}; {hint}'
    yield from lines.values()


def _remedy(name: str, group: str) -> str:
    if group == "own":
        return "if you may use the name, take it off the list"
    return f'if you may use the name, write `allow: ["{name}"]` under `safety:`'


def find(text: str, vocabulary: Mapping[Words, str]) -> Iterator[tuple[int, int, str]]:
    """(start, end, group) of each known name in `text`: whole words, the longest name first."""
    sequence = list(words(text))
    longest = max(map(len, vocabulary), default=0)
    i = 0
    while i < len(sequence):
        last = i  # of the words that may belong to one name
        while last + 1 < min(i + longest, len(sequence)) and sequence[last + 1].goes_on:
            last += 1
        for j in range(last, i - 1, -1):
            if group := vocabulary.get(tuple(word.plain for word in sequence[i : j + 1])):
                yield sequence[i].start, sequence[j].end, group
                i = j
                break
        i += 1


def words(text: str) -> Iterator[Word]:
    """The words of a text, without case, accents and punctuation."""
    before = 0
    for match in _WORD.finditer(text):
        apart = unicodedata.normalize("NFKD", match[0]).casefold()
        plain = "".join(c for c in apart if not unicodedata.combining(c)).translate(_STROKES)
        goes_on = bool(_BETWEEN.fullmatch(text, before, match.start()))
        yield Word(plain, match.start(), match.end(), goes_on)
        before = match.end()


@cache
def well_known() -> dict[Words, str]:
    """The names inside mint, as words, and the group of each."""
    groups = yaml.load(LIST.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {key: group for group, entries in groups.items() for key in _keys(entries)}


def known_names(collection: Collection) -> dict[Words, str]:
    """The names that this collection had better not use, as words, and the group of each."""
    safety = collection.safety
    exceptions = set(_keys(safety.allow))
    both = well_known() | dict.fromkeys(_keys(safety.names), "own")
    return {key: group for key, group in both.items() if key not in exceptions}


def _keys(entries: Iterable[str]) -> list[Words]:
    keys = (tuple(word.plain for word in words(name)) for name in entries)
    return [key for key in keys if key]


def _texts(collection: Collection) -> Iterator[tuple[Location, str, bool]]:
    """Texts with their places, and whether a text is a key of the file.

    Not the negative prompt: whoever names a brand there wants none of it.
    """
    yield ("name",), collection.name, False
    yield ("image", "prompt"), collection.image.prompt, False
    for trait in collection.traits:
        for value in trait.values:
            location = ("traits", trait.name, value.name)
            yield location, value.name, True
            if value.prompt is not None:
                yield (*location, "prompt"), value.prompt, False
    for place, words in collection.style.phrases() if collection.style else ():
        yield ("style", *place), words, False
    for i, one in enumerate(collection.one_of_ones):
        yield ("one_of_ones", i, "name"), one.name, False
        yield ("one_of_ones", i, "prompt"), one.prompt, False


def _place(source: Source, location: Location, name: str, is_key: bool) -> str:
    """`file:line:column` of the name itself; of its text where that is written otherwise."""
    at = source.at(location, key=is_key)
    line, column = map(int, at.rsplit(":", 2)[1:])
    for number, row in enumerate(source.lines[line - 1 : line + 19], line):
        index = row.find(name, column - 1 if number == line else 0)
        if index >= 0:
            return f"{source.path}:{number}:{index + 1}"
    return at
