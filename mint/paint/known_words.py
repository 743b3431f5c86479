"""A collection's words against those that its model learned: what it will not paint as said.

Pure. A model without a vocabulary.json is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mint.models.meanings import Meaning, home_theme, meanings, says_colours
from mint.models.nearest_phrase import colour, nearest_phrase
from mint.models.readings import Reading, Readings
from mint.models.vocabulary import plain_words
from mint.spec.traits import Trait, Value, is_absent
from mint.spec.yaml_source import Location

LISTED = 8  # phrases that a hint lists
SHORT = 5  # words of a phrase that a message repeats
PROMPT, STYLE, ONES = "the prompt", "the style", "the one-of-ones"


class Finding(NamedTuple):
    """Words that the model does not know so. `subject` is the trait or the prompt that says them.

    `words` are the artist's, `message` says what of them is unknown, `hint` what is known instead,
    `general_hint` what is known in place of several.
    """

    subject: str
    location: Location
    words: str
    message: str
    hint: str
    general_hint: str


class KnownWords:
    """What one collection says, and its model's captions say or do not say."""

    def __init__(self, readings: Readings) -> None:
        self.readings = readings
        self.home = home_theme(readings)
        self.theme = readings.readers[self.home].theme
        self.meanings = meanings(readings)

    def findings(self) -> list[Finding]:
        """In the order of the file: the prompt, the style, the traits, the one-of-ones."""
        traits = [
            finding
            for trait in self.readings.collection.traits
            for value in trait.values
            if value.phrase and (finding := self._value(trait, value))
        ]
        return [*self._own_words(traits), *self._style(), *traits, *self._one_of_ones()]

    def silent_absences(self) -> Iterator[tuple[Trait, Value, str]]:
        """`none` values of which the prompt says nothing, with the captions' phrase for them."""
        for trait in self.readings.collection.traits:
            meaning = self.meanings.get(trait.name)
            if meaning and meaning.theme == self.home:
                phrase = self.theme.absence(meaning.group)
                silent = (value for value in trait.values if value.absent and not value.phrase)
                yield from ((trait, value, phrase) for value in silent if phrase)

    def unseen(self, text: str) -> tuple[str, ...]:
        """Words of a text by itself that the captions of the collection's theme do not have."""
        return self.readings.plain(text)[self.home].unseen

    def _value(self, trait: Trait, value: Value) -> Finding | None:
        readings = self.readings.values[trait.name, value.name]
        meaning = self.meanings.get(trait.name)
        message = self._complaint(value.phrase, readings, self.home) or self._otherwise(
            value.phrase, readings[self.home], meaning
        )
        if message is None or self._at_home_elsewhere(trait, readings):
            return None
        location = "traits", trait.name, value.name
        hints = self._hints(value.phrase, trait.name, meaning)
        return Finding(trait.name, location, value.phrase, message, *hints)

    def _complaint(self, text: str, readings: dict[str, Reading], home: str) -> str | None:
        """What is unknown of a text as the theme `home` reads it, in words."""
        unseen = readings[home].unseen
        if not unseen:
            return None
        strange = [word for word in unseen if not self._anywhere(word)]
        if strange:
            part = f', of "{text}"' if len(strange) < len(plain_words(text)) <= SHORT else ""
            return f"the model has never seen {_quotes(strange)}{part}"
        whole = next((name for name, reading in readings.items() if not reading.unseen), None)
        if whole is None:
            return f"the model has seen {_quotes(unseen)} only in {self._examples(unseen[0])}"
        groups = ", ".join(sorted({sense.group for sense in readings[whole].senses}))
        among = f"its {whole} ({groups})" if groups else f"its {whole}"
        return f'the model has seen "{text}" only among {among}, never among its {home}'

    def _examples(self, word: str) -> str:
        themes = [self.theme, *(reader.theme for reader in self.readings.readers.values())]
        texts = [" ".join(phrase) for theme in themes for phrase in theme.senses if word in phrase]
        return _quotes(list(dict.fromkeys(texts))[:2])

    def _otherwise(self, text: str, reading: Reading, meaning: Meaning | None) -> str | None:
        """A colour that captions give to something else: a yellow background, no yellow fur."""
        if meaning is None or meaning.theme != self.home or not colour(text):
            return None
        others = {sense.group for sense in reading.senses}
        if not others or meaning.group in others or not says_colours(self.theme, meaning.group):
            return None
        return (
            f'the model has seen "{text}" only as {" or ".join(sorted(others))}, '
            f"never as {meaning.group}"
        )

    def _at_home_elsewhere(self, trait: Trait, readings: dict[str, Reading]) -> bool:
        """Whether the whole prompt may be of another theme when it has this value."""

        def fits(theme: str) -> bool:
            others = (t for t in self.readings.collection.traits if t.name != trait.name)
            return not self.readings.own_words[theme].unseen and all(
                any(not self.readings.values[t.name, v.name][theme].unseen for v in t.values)
                for t in others
            )

        return any(
            theme != self.home and reading.senses and not reading.unseen and fits(theme)
            for theme, reading in readings.items()
        )

    def _own_words(self, traits: Sequence[Finding]) -> Iterator[Finding]:
        """The template's own words, but for those that are known beside other values."""
        unknown = {(finding.subject, finding.words) for finding in traits}
        exceptions = {
            word
            for clause in self.readings.clauses
            for trait in clause.traits
            if all((trait, p) in unknown for p in self.readings.phrases[trait].values() if p)
            for word in clause.own_words
            if word in self.theme.vocabulary
        }
        own = {
            theme: [word for word in reading.unseen if word not in exceptions]
            for theme, reading in self.readings.own_words.items()
        }
        strange = [word for word in own[self.home] if not self._anywhere(word)]
        for words in (strange, *([word] for word in own[self.home] if self._anywhere(word))):
            alone = {t: Reading(tuple(w for w in words if w in own[t]), frozenset()) for t in own}
            text = " ".join(words)
            if message := self._complaint(text, alone, self.home):
                hints = self._hints(text, None, None)
                yield Finding(PROMPT, ("image", "prompt"), text, message, *hints)

    def _style(self) -> Iterator[Finding]:
        """The words of `style:`, which stand around every prompt or some."""
        style = self.readings.collection.style
        for place, text in style.phrases() if style else ():
            readings = self.readings.plain(text)
            if message := self._complaint(text, readings, self.home):
                unseen = readings[self.home].unseen
                hints = self._hints(unseen[0], None, None)
                yield Finding(STYLE, ("style", *place), " ".join(unseen), message, *hints)

    def _anywhere(self, word: str) -> bool:
        """Whether some caption has the word."""
        return any(word in reader.theme.vocabulary for reader in self.readings.readers.values())

    def _one_of_ones(self) -> Iterator[Finding]:
        for i, one in enumerate(self.readings.collection.one_of_ones):
            place = "one_of_ones", i, "prompt"
            if finding := self.whole(one.prompt, ONES, place):
                yield finding._replace(message=f"{one.name}: {finding.message}")

    def whole(self, prompt: str, subject: str, place: Location) -> Finding | None:
        """What is unknown of a prompt without traits, by the theme that knows most of it.

        That may be another than the collection's own.
        """
        readings = self.readings.plain(prompt)
        home = min(readings, key=lambda name: len(readings[name].unseen))
        message = self._complaint(prompt, readings, home)
        if message is None:
            return None
        words = readings[home].unseen
        return Finding(subject, place, " ".join(words), message, *self._hints(words[0], None, None))

    def _hints(self, text: str, trait: str | None, meaning: Meaning | None) -> tuple[str, str]:
        """What to write instead of `text`, and instead of several texts of the trait."""
        if meaning and meaning.theme != self.home:
            return (f"keep to what its {self.home} have: {', '.join(self.theme.phrases)}",) * 2
        groups = self.theme.phrases
        if meaning:
            groups = {meaning.group: groups[meaning.group]}
        phrase_lists = [
            [self._as_written(phrase, trait) for phrase in phrases]
            for values in groups.values()
            for value, phrases in values.items()
            if not is_absent(value)
        ]
        general = "leave it out, or choose from the model's vocabulary.json"
        if meaning:
            general = f"it knows {_list([phrases[0] for phrases in phrase_lists])}"
        near = nearest_phrase(text, [phrase for phrases in phrase_lists for phrase in phrases])
        return f'the nearest that it knows is "{near}"' if near else general, general

    def _as_written(self, phrase: str, trait: str | None) -> str:
        """The phrase without what the template says already: "pink" before "background"."""
        own_words = {
            word
            for clause in self.readings.clauses
            if trait in clause.traits
            for word in clause.own_words
        }
        rest = " ".join(word for word in phrase.split() if word not in own_words)
        return rest or phrase


def _quotes(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _list(words: Sequence[str]) -> str:
    more = len(words) - LISTED
    return ", ".join(words[:LISTED]) + (f" and {more} more" if more > 0 else "")
