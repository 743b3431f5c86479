"""A collection's prompt, read as each theme of its model's captions would read it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from mint.models.vocabulary import Reader, Sense, Vocabulary, plain_words, readers, split
from mint.spec.collection import Collection
from mint.spec.painting import PLACEHOLDER


class Reading(NamedTuple):
    """A text as a theme reads it: words that are of no phrase there, and what the rest means.

    `tied` are those senses that a trait's phrase has with the words around it: "navy background".
    """

    unseen: tuple[str, ...]
    senses: frozenset[Sense]
    tied: frozenset[Sense] = frozenset()


class Clause(NamedTuple):
    """What stands between two commas of the prompt, and the traits in it."""

    template: str
    traits: tuple[str, ...]

    @property
    def own_words(self) -> tuple[str, ...]:
        """What the template itself says."""
        return plain_words(PLACEHOLDER.sub(" ", self.template))

    def neighbours(self, trait: str, joining: frozenset[str]) -> tuple[set[str], set[str]]:
        """Traits and words that no little word parts from a trait: they describe one thing.

        In "a {Fur} {Animal} on a {Wall} background" those of Fur are Animal, and no word.
        """
        runs: list[tuple[set[str], set[str]]] = [(set(), set())]
        for piece in re.findall(r"\{[^{}]*\}|[^\s{]+", self.template):
            if placeholder := PLACEHOLDER.fullmatch(piece):
                runs[-1][0].add(placeholder[1])
            elif joining & set(plain_words(piece)):
                runs.append((set(), set()))
            else:
                runs[-1][1].update(plain_words(piece))
        traits, words = zip(*(run for run in runs if trait in run[0]), strict=True)
        return set().union(*traits) - {trait}, set().union(*words)


class Readings:
    """How the themes of a vocabulary read a collection's prompt, its values and its own words."""

    def __init__(self, collection: Collection, vocabulary: Vocabulary) -> None:
        self.collection, self.vocabulary = collection, vocabulary
        self.readers = readers(vocabulary)
        self.phrases = {
            trait.name: {value.name: value.phrase for value in trait.values}
            for trait in collection.traits
        }
        parts = re.split(r",(?![^{}]*\})", collection.image.prompt)
        self.clauses = [Clause(part, tuple(PLACEHOLDER.findall(part))) for part in parts]
        self._usual = {
            trait: next((phrase for phrase in values.values() if phrase), "")
            for trait, values in self.phrases.items()
        }

    @cached_property
    def values(self) -> dict[tuple[str, str], dict[str, Reading]]:
        """(trait, value) -> theme -> how it is read where it stands in the prompt."""
        return {
            (trait, value): {
                theme: self._reading(reader, trait, phrase)
                for theme, reader in self.readers.items()
            }
            for trait, values in self.phrases.items()
            for value, phrase in values.items()
        }

    @cached_property
    def own_words(self) -> dict[str, Reading]:
        """Theme -> how it reads the template's own words; unseen where no value fits to them."""
        return {theme: self._own_words(reader) for theme, reader in self.readers.items()}

    def plain(self, text: str) -> dict[str, Reading]:
        """Theme -> how it reads a prompt without traits."""
        return {
            theme: _reading(_words(reader, text, {}), None)
            for theme, reader in self.readers.items()
        }

    def _own_words(self, reader: Reader) -> Reading:
        unseen: dict[str, None] = {}
        with_sense: set[str] = set()
        for clause in self.clauses:
            for phrases in self._fillings(clause):
                for word in _words(reader, clause.template, phrases):
                    if word.trait is None and word.senses is None:
                        unseen[word.text] = None
                    elif word.trait is None:
                        with_sense.add(word.text)
        return Reading(tuple(word for word in unseen if word not in with_sense), frozenset())

    def _fillings(self, clause: Clause) -> Iterator[dict[str, str]]:
        yield self._usual
        for trait in clause.traits:
            for phrase in self.phrases[trait].values():
                yield self._usual | {trait: phrase}

    def _reading(self, reader: Reader, trait: str, phrase: str) -> Reading:
        """The best in each clause: "black" is known before "top hat", though not before "cap"."""
        unseen: dict[str, None] = {}
        senses: set[Sense] = set()
        tied: set[Sense] = set()
        for clause in self.clauses:
            best: Reading | None = None
            for phrases in self._surroundings(clause, trait, phrase):
                reading = _reading(_words(reader, clause.template, phrases), trait)
                if best is None or len(reading.unseen) < len(best.unseen):
                    best = reading
                if not any(word in reader.theme.vocabulary for word in best.unseen):
                    break  # what no phrase has, no other surroundings mend
            if best:
                unseen |= dict.fromkeys(best.unseen)
                senses |= best.senses
                tied |= best.tied
        return Reading(tuple(unseen), frozenset(senses), frozenset(tied))

    def _surroundings(self, clause: Clause, trait: str, phrase: str) -> Iterator[dict[str, str]]:
        if trait not in clause.traits or not phrase:
            return
        yield self._usual | {trait: phrase}
        for other in clause.traits:
            if other != trait:
                for near in self.phrases[other].values():
                    yield self._usual | {trait: phrase, other: near}


class Word(NamedTuple):
    """A word of a filled template: the trait that says it, if one does, and its phrase's senses.

    `alone` if the whole phrase is of that trait or of none.
    """

    text: str
    trait: str | None
    senses: frozenset[Sense] | None
    alone: bool


def _words(reader: Reader, template: str, phrases: Mapping[str, str]) -> list[Word]:
    """The template's words with phrases in their places."""
    text, spans = _filled(template, phrases)
    parts = split(text)
    traits = [
        next((t for t, first, last in spans if start < last and start + len(word) > first), None)
        for word, start in parts
    ]
    words: list[Word] = []
    for piece in reader.pieces([word for word, _ in parts]):
        owners = traits[piece.start : piece.end]
        for (word, _), trait in zip(parts[piece.start : piece.end], owners, strict=True):
            words.append(Word(word, trait, piece.senses, len(set(owners)) == 1))
    return words


def _filled(template: str, phrases: Mapping[str, str]) -> tuple[str, list[tuple[str, int, int]]]:
    """The text, and from where to where each trait's phrase stands in it."""
    text, at = "", 0
    spans: list[tuple[str, int, int]] = []
    for match in PLACEHOLDER.finditer(template) if phrases else ():
        text += template[at : match.start()]
        spans.append((match[1], len(text), len(text) + len(phrases[match[1]])))
        text += phrases[match[1]]
        at = match.end()
    return text + template[at:], spans


def _reading(words: list[Word], trait: str | None) -> Reading:
    """The words that one trait says, or that no trait does."""
    own = [word for word in words if word.trait == trait]
    return Reading(
        tuple(dict.fromkeys(word.text for word in own if word.senses is None)),
        frozenset().union(*(word.senses or () for word in own)),
        frozenset().union(*(word.senses or () for word in own if not word.alone)),
    )
