"""vocabulary.json: what the captions said that a model learned from, by theme.

A model paints the words of its captions and guesses at others, and neither its weights nor its
tokenizer say which those are. Any model's folder may hold such a list beside model_index.json;
of a model without one nothing is claimed. docs/vocabulary.md describes the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from mint.document import Document
from mint.errors import RenderError
from mint.models.weights import read_settings
from mint.plan.prompts import JOINING
from mint.spec.painting import PLACEHOLDER
from mint.spec.traits import is_absent

FILE = "vocabulary.json"
# Words that say nothing to be seen, beside those that the prompt drops with an absent trait.
LITTLE = {
    *("are", "as", "before", "does", "from", "front", "has", "have", "he", "her", "his", "into"),
    *("is", "it", "its", "one", "she", "some", "that", "their", "there", "these", "they", "this"),
    *("to", "very", "which", "who", "whose"),
}
BREAK = ","  # what parts clauses: no phrase goes beyond it
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,.;:!?()]")


def split(text: str) -> list[tuple[str, int]]:
    """Lower-case words, each with where it begins in `text`; punctuation is BREAK."""
    return [
        (match[0].lower() if match[0][0].isalnum() else BREAK, match.start())
        for match in _WORD.finditer(text)
    ]


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a text without punctuation."""
    return tuple(word for word, _ in split(text) if word != BREAK)


def _worded(text: str) -> str:
    if not plain_words(text):
        raise ValueError(f'"{text}" has no word in it')
    return text


Name = Annotated[str, Field(min_length=1, max_length=120)]
Phrase = Annotated[str, Field(max_length=120), AfterValidator(_worded)]
Side = Annotated[int, Field(ge=8, le=16_384)]


class Sense(NamedTuple):
    """What a phrase means: a value of a group of the theme."""

    group: str
    value: str


class Piece(NamedTuple):
    """Words `start` to `end` of a text: a phrase, or one word that is not of any phrase.

    `senses` is empty for words that mean no value, and None for one that no caption has there.
    """

    start: int
    end: int
    senses: frozenset[Sense] | None


class Theme(Document):
    """What one kind of picture shows: group -> value -> the phrases that captions have for it."""

    phrases: dict[Name, dict[Name, Annotated[tuple[Phrase, ...], Field(min_length=1)]]]
    clauses: tuple[tuple[Name, ...], ...] = ()
    """Groups whose phrases stand in one clause, as a colour and what has it do."""
    words: tuple[Phrase, ...] = ()
    """Words of the captions that stand for no value: "background"."""
    prompt: Annotated[str, Field(min_length=1, max_length=2000)] | None = Field(
        None, exclude_if=lambda text: text is None
    )
    """The clauses of a caption with {group} in place of each phrase."""

    @model_validator(mode="after")
    def _known_groups(self) -> Self:
        for group in PLACEHOLDER.findall(self.prompt or ""):
            if group not in self.phrases:
                raise ValueError(f"prompt: {{{group}}} is no group of phrases")
        return self

    @property
    def template(self) -> str:
        """A prompt with {group} for every group; one clause each where the list says nothing."""
        return self.prompt or ", ".join(f"{{{group}}}" for group in self.phrases)

    @cached_property
    def senses(self) -> Mapping[tuple[str, ...], frozenset[Sense]]:
        """Phrase, as words -> what it means."""
        senses: dict[tuple[str, ...], set[Sense]] = {
            plain_words(word): set() for word in self.words
        }
        for group, values in self.phrases.items():
            for value, phrases in values.items():
                for phrase in phrases:
                    senses.setdefault(plain_words(phrase), set()).add(Sense(group, value))
        return {words: frozenset(each) for words, each in senses.items()}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of every phrase."""
        return frozenset(word for words in self.senses for word in words)

    def shares_clause(self, one: str, other: str) -> bool:
        """Whether captions have phrases of two groups in one clause."""
        return any(one in clause and other in clause for clause in self.clauses)

    def absence(self, group: str) -> str | None:
        """The first phrase for a picture without anything of the group: "no hat"."""
        absent = (phrases for value, phrases in self.phrases[group].items() if is_absent(value))
        return next((phrases[0] for phrases in absent), None)


class Vocabulary(Document):
    """A model's list; `sizes` are width and height in pixels, as it learned them."""

    themes: dict[Name, Theme] = Field(default_factory=dict)
    sizes: tuple[tuple[Side, Side], ...] = ()
    between: tuple[Phrase, ...] = ()
    """Words that captions have between phrases, whatever the theme: "portrait"."""
    variations: tuple[Phrase, ...] = ()
    """Words for redraws, which mint.models.variations reads: they decide pictures."""

    @cached_property
    def joining(self) -> frozenset[str]:
        """Little words, which are no finding wherever they stand."""
        return frozenset(LITTLE | JOINING) | {
            word for text in self.between for word in plain_words(text)
        }


def read_vocabulary(folder: Path) -> Vocabulary | None:
    """The list in a model's folder, None where there is none; raises RenderError for a bad one."""
    try:
        return read_settings(folder / FILE, Vocabulary, _refusal)
    except FileNotFoundError:
        return None


def _refusal(file: Path, reason: str) -> RenderError:
    return RenderError(
        f"{file} is no list of a model's words: {reason}",
        hint="mend it as docs/vocabulary.md says, or remove it: then nothing is said of words",
    )


@dataclass(frozen=True)
class Reader:
    """How a theme's captions read a text."""

    theme: Theme
    joining: frozenset[str]

    def pieces(self, words: Sequence[str]) -> list[Piece]:
        """The text cut into phrases, so that as few words as possible are left over.

        Of the cuts that leave equally few, the one with the fewest, hence longest, phrases.
        """
        best: list[tuple[tuple[int, int], Piece | None]] = [((0, 0), None)]
        for start in reversed(range(len(words))):
            options = self._options(words, start)
            costs = [(_plus(best[len(words) - piece.end][0], piece), piece) for piece in options]
            best.append(min(costs, key=lambda each: each[0]))
        pieces, at = [], 0
        while at < len(words):
            piece = best[len(words) - at][1]
            assert piece is not None
            pieces.append(piece)
            at = piece.end
        return pieces

    def _options(self, words: Sequence[str], start: int) -> Iterator[Piece]:
        little = words[start] == BREAK or words[start] in self.joining
        yield Piece(start, start + 1, frozenset() if little else None)
        for length in self._lengths:
            senses = self.theme.senses.get(tuple(words[start : start + length]))
            if senses is not None:
                yield Piece(start, min(start + length, len(words)), senses)

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(words) for words in self.theme.senses})


def _plus(cost: tuple[int, int], piece: Piece) -> tuple[int, int]:
    return cost[0] + (piece.senses is None), cost[1] + 1


def readers(vocabulary: Vocabulary) -> dict[str, Reader]:
    """A reader for each theme."""
    return {name: Reader(t, vocabulary.joining) for name, t in vocabulary.themes.items()}
