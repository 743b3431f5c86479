"""More words for a value of those that its painter knows, chosen by a language model.

A model with a vocabulary.json paints what its captions say and guesses at the rest, so nothing is
written freely: a value gets the longest of its own phrases that the language model finds likely
("golden crown"), and the first trait whose phrase ends a clause also what no trait says: of each
such group the value that fits it better than the trait's other values ("dragon, angry eyes").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mint.models.meanings import Meaning, home_theme, meanings
from mint.models.readings import Readings
from mint.models.vocabulary import Vocabulary, plain_words
from mint.paint.wording import Wish
from mint.spec.collection import Collection

INSTRUCTION = "A picture of a {}"
Likelihoods = Callable[[str, Sequence[str]], list[float]]


class Choices(NamedTuple):
    """What may be said of a value: `own` longer phrases for it, and phrases of further groups."""

    own: tuple[str, ...]
    further: tuple[tuple[str, ...], ...]


class KnownExpansion:
    """What one collection may say more of its values, in its painter's own words."""

    def __init__(self, collection: Collection, vocabulary: Vocabulary) -> None:
        self.readings = Readings(collection, vocabulary)
        self.home = home_theme(self.readings)
        self.theme = self.readings.readers[self.home].theme
        by_trait = meanings(self.readings)
        self.meanings = {t: each for t, each in by_trait.items() if each.theme == self.home}

    def choices(self, wishes: Sequence[Wish]) -> dict[Wish, Choices]:
        """Of each wish that can be fulfilled; groups that no trait says go to one trait alone."""
        free = self._free_groups()
        ends = (w.trait for w in wishes if w.place == "end" and w.trait in self.meanings)
        owner = next(ends, None)
        offers = {
            wish: Choices(self._own(wish), free if wish.trait == owner else ())
            for wish in wishes
            if wish.place != "whole" and wish.trait in self.meanings
        }
        return {wish: each for wish, each in offers.items() if each.own or each.further}

    def _own(self, wish: Wish) -> tuple[str, ...]:
        """Longer phrases of the same value that say its words where the prompt has room."""
        meaning: Meaning = self.meanings[wish.trait]
        value, words = meaning.values.get(wish.value), plain_words(wish.phrase)
        if value is None:
            return ()
        # "landscape at dusk" is what captions say of a time alone.
        alone = {word for text in self.theme.words for word in plain_words(text)} - {*words}
        phrases = {p: plain_words(p) for p in self.theme.phrases[meaning.group][value]}
        at_end = wish.place == "before"
        return tuple(
            p for p, w in phrases.items() if _extends(w, words, at_end) and not alone & {*w}
        )

    def _free_groups(self) -> tuple[tuple[str, ...], ...]:
        """The first phrases of each group that stands in clauses of its own and that nothing says.

        Groups of which the template's own words say something are taken.
        """
        reader = self.readings.readers[self.home]
        own_words = [word for clause in self.readings.clauses for word in clause.own_words]
        own_groups = {m.group for m in self.meanings.values()}
        own_groups |= {s.group for piece in reader.pieces(own_words) for s in piece.senses or ()}
        shared = {g for clause in self.theme.clauses if len(clause) > 1 for g in clause}
        return tuple(
            tuple(phrases[0] for phrases in values.values())
            for group, values in self.theme.phrases.items()
            if group not in own_groups | shared
        )


def _extends(phrase: tuple[str, ...], words: tuple[str, ...], at_end: bool) -> bool:
    """Whether a phrase says `words` and more, and with `at_end` ends with them."""
    if len(phrase) <= len(words) or not words:
        return False
    starts = range(len(phrase) - len(words) + 1)
    here = [i for i in starts if phrase[i : i + len(words)] == words]
    return bool(here) and (not at_end or here[-1] == len(phrase) - len(words))


def chosen(wish: Wish, choices: Choices, others: Sequence[str], likelihoods: Likelihoods) -> str:
    """The words for a wish; `others` are the phrases of the trait's other values."""
    words = wish.phrase
    if choices.own:
        scores = likelihoods(INSTRUCTION.removesuffix(" {}"), [f" {each}" for each in choices.own])
        words = choices.own[_first_best(scores)]
    for group in choices.further:
        endings = [f", {each}" for each in group]
        own = likelihoods(INSTRUCTION.format(wish.phrase), endings)
        rest = [likelihoods(INSTRUCTION.format(each), endings) for each in others]
        usual = [sum(column) / len(rest) for column in zip(*rest, strict=True)] or [0.0] * len(own)
        best = _first_best([a - b for a, b in zip(own, usual, strict=True)])
        words = f"{words}, {group[best]}"
    return words


def _first_best(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=lambda i: scores[i])
