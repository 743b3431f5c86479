"""A collection's traits -> what its model means by them. Pure.

Each trait is set beside the group of captions that it says (Guest beside visitor), and each of its
values beside the model's own, so that a judge with the model's labels can look for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from mint.models.nearest_phrase import colour
from mint.models.readings import Readings
from mint.models.vocabulary import Theme, plain_words
from mint.spec.traits import Trait, Value, is_absent

KINDRED = 0.75  # what a colour that no caption names counts in a group of colours


class Meaning(NamedTuple):
    """What a trait is to the model; `values` are the artist's names -> the model's, where known."""

    theme: str
    group: str
    values: Mapping[str, str | None]


def meanings(readings: Readings) -> dict[str, Meaning]:
    """Trait -> its meaning; a trait of which the model's captions say nothing is left out."""
    if not readings.readers:
        return {}
    home = home_theme(readings)
    choices: dict[str, tuple[str, str]] = {}
    for trait in readings.collection.traits:
        if group := _best(readings, trait, home):
            choices[trait.name] = home, group
    for trait in readings.collection.traits:
        if trait.name not in choices:
            group = _rest(readings, trait, home, choices)
            abroad = _abroad(readings, trait, home)
            # Most of it said in another theme is meant so, and one word of many a slip.
            if place := (abroad[1] if abroad and (abroad[0] > 0.5 or not group) else None):
                choices[trait.name] = place
            elif group:
                choices[trait.name] = home, group
    return {
        trait.name: Meaning(*choices[trait.name], _values(readings, trait, *choices[trait.name]))
        for trait in readings.collection.traits
        if trait.name in choices
    }


def home_theme(readings: Readings) -> str:
    """The theme whose captions say most of the collection: of what it paints its pictures."""

    def score(name: str) -> float:
        theme = readings.readers[name].theme
        traits = readings.collection.traits
        share = sum(max(_share(readings, t, name, g) for g in theme.phrases) for t in traits)
        return share - 0.5 * len(readings.own_words[name].unseen)

    return max(readings.readers, key=score)


def says_colours(theme: Theme, group: str) -> bool:
    """Whether each value of a group is a colour, as of petals."""
    return _all_colours(tuple(tuple(phrases) for phrases in theme.phrases[group].values()))


@cache
def _all_colours(values: tuple[tuple[str, ...], ...]) -> bool:
    return all(any(colour(phrase) for phrase in phrases) for phrases in values)


def _share(readings: Readings, trait: Trait, theme: str, group: str) -> float:
    """How many of a trait's values, from 0 to 1, are phrases of a group or akin to them."""
    spoken = [value for value in trait.values if value.phrase]
    kindred = KINDRED * says_colours(readings.readers[theme].theme, group)

    def counts(value: Value) -> float:
        reading = readings.values[trait.name, value.name][theme]
        if any(sense.group == group for sense in reading.senses):
            return 1.0
        return kindred if kindred and not reading.tied and colour(value.phrase) else 0.0

    return sum(map(counts, spoken)) / len(spoken) if spoken else 0.0


def _best(readings: Readings, trait: Trait, theme: str) -> str | None:
    """The group that most of the values say; of equal ones that which stands where captions do."""
    scores: dict[str, float] = {}
    for group in readings.readers[theme].theme.phrases:
        if share := _share(readings, trait, theme, group):
            tied = any(
                sense.group == group
                for value in trait.values
                for sense in readings.values[trait.name, value.name][theme].tied
            )
            placed = tied or _in_place(readings, trait.name, theme, group)
            scores[group] = 2 * share + placed + 0.5 * _is_named(readings, trait, theme, group)
    return max(scores, key=lambda group: scores[group], default=None)


def _in_place(readings: Readings, trait: str, name: str, group: str) -> bool:
    """Whether captions, too, have this group beside what stands beside the trait."""
    theme = readings.readers[name].theme
    traits, words = _neighbours(readings, trait)
    groups = {
        sense.group
        for other in traits
        for value in readings.phrases[other]
        for sense in readings.values[other, value][name].senses
    }
    if groups and not any(theme.shares_clause(group, other) for other in groups - {group}):
        return False
    return not words or not words.isdisjoint(_words_of(theme, {group, *groups}))


def _neighbours(readings: Readings, trait: str) -> tuple[set[str], set[str]]:
    """The traits and the words that describe one thing with this trait."""
    traits: set[str] = set()
    words: set[str] = set()
    for clause in readings.clauses:
        if trait in clause.traits:
            near, near_words = clause.neighbours(trait, readings.vocabulary.joining)
            traits |= near
            words |= near_words
    return traits, words


def _words_of(theme: Theme, groups: Iterable[str]) -> Iterator[str]:
    for group in groups:
        for phrases in theme.phrases[group].values():
            yield from (word for phrase in phrases for word in plain_words(phrase))


def _abroad(readings: Readings, trait: Trait, home: str) -> tuple[float, tuple[str, str]] | None:
    """The group of another theme that says the trait's words themselves, and how many of them."""
    shares = {
        (name, group): _share(readings, trait, name, group)
        for name, reader in readings.readers.items()
        if name != home
        for group in reader.theme.phrases
        if any(
            sense.group == group
            for value in trait.values
            for sense in readings.values[trait.name, value.name][name].senses
        )
    }
    return max(((share, place) for place, share in shares.items()), default=None)


def _rest(
    readings: Readings, trait: Trait, home: str, choices: Mapping[str, tuple[str, str]]
) -> str | None:
    """Of the groups that the other traits leave, the one of the trait's name, or the only one.

    Beside a trait of known meaning only those count that captions have beside it.
    """
    theme = readings.readers[home].theme
    rest = [group for group in theme.phrases if (home, group) not in choices.values()]
    near = {choices[other][1] for other in _neighbours(readings, trait.name)[0] if other in choices}
    if near:
        rest = [g for g in rest if any(theme.shares_clause(g, other) for other in near)]
    if namesakes := [group for group in rest if _is_named(readings, trait, home, group)]:
        return namesakes[0]
    if any(value.absent for value in trait.values):
        rest = [group for group in rest if theme.absence(group)]
    return rest[0] if len(rest) == 1 else None


def _is_named(readings: Readings, trait: Trait, theme: str, group: str) -> bool:
    """Whether a trait's name says a group, or what it lacks: Hat by "no hat"."""
    absence = readings.readers[theme].theme.absence(group) or ""
    words = {*plain_words(group), *plain_words(absence)} - readings.vocabulary.joining
    return bool(words & set(plain_words(trait.name)))


def _values(readings: Readings, trait: Trait, theme: str, group: str) -> dict[str, str | None]:
    """The trait's values as the group calls them; None for one that it has no phrase for."""
    phrases = readings.readers[theme].theme.phrases[group]
    absent = next((value for value in phrases if is_absent(value)), None)

    def phrase_for(value: Value) -> str | None:
        senses = readings.values[trait.name, value.name][theme].senses
        matches = [value for value in phrases if (group, value) in senses]
        if matches or not value.absent:
            return matches[0] if len(matches) == 1 else None
        return absent

    return {value.name: phrase_for(value) for value in trait.values}
