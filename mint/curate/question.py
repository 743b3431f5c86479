"""What a judge is asked of a picture: of each trait, which of its values the picture shows."""

from __future__ import annotations

from typing import NamedTuple

from mint.plan.prompts import ARTICLES, clauses_of, phrase_table, prompt
from mint.spec.collection import Collection
from mint.spec.painting import PLACEHOLDER
from mint.spec.traits import Trait


class Choice(NamedTuple):
    """A value, as the file spells it, and how the prompt says it.

    `texts` go from the barest ("red") to the clause around it ("red background"). An absent trait
    of which the prompt says nothing has none.
    """

    value: str
    absent: bool
    texts: tuple[str, ...]


class Question(NamedTuple):
    """A trait and its values. `literals` are the template's own words in the same clause.

    `text` is the artist's own wording of the question, `beside` the other traits of that clause.
    """

    trait: str
    choices: tuple[Choice, ...]
    literals: tuple[str, ...] = ()
    text: str | None = None
    beside: tuple[str, ...] = ()

    def place(self, value: str | None) -> int:
        """The place of a token's value among the choices; None is the absent one."""
        for i, choice in enumerate(self.choices):
            if choice.absent if value is None else choice.value == value:
                return i
        raise KeyError(value)


def questions(collection: Collection) -> tuple[Question, ...]:
    """One for each trait, in the order of the file."""
    return tuple(_question(collection, trait) for trait in collection.traits)


def _question(collection: Collection, trait: Trait) -> Question:
    clauses = [c for c in clauses_of(collection.image.prompt) if f"{{{trait.name}}}" in c]
    words = {word.lower() for clause in clauses for word in PLACEHOLDER.sub(" ", clause).split()}
    # Every other trait says nothing.
    table = {name: {"": ""} for name in phrase_table(collection)}
    silent = dict.fromkeys(table, "")
    others = [other.name for other in collection.traits if other.name != trait.name]
    choices = []
    for value in trait.values:
        phrases = {**table, trait.name: {value.name: value.phrase}}
        values = {**silent, trait.name: value.name}
        whole = (_without_article(prompt(clause, phrases, values)) for clause in clauses)
        texts = dict.fromkeys((value.phrase.strip().lower(), *whole)) if value.phrase else {}
        choices.append(Choice(value.name, value.absent, tuple(filter(None, texts))))
    return Question(
        trait.name,
        tuple(choices),
        tuple(sorted(words - set(ARTICLES))),
        collection.truth.ask.get(trait.name),
        tuple(other for other in others if any(f"{{{other}}}" in clause for clause in clauses)),
    )


def _without_article(text: str) -> str:
    first, _, rest = text.lower().partition(" ")
    return rest if first in ARTICLES else text.lower()
