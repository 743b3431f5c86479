"""Traits -> the words that the model reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from mint.spec.collection import Collection
from mint.spec.load import PLACEHOLDER

PhraseTable = Mapping[str, Mapping[str, str]]


def prompt(template: str, table: PhraseTable, traits: Mapping[str, str]) -> str:
    """The template with every {Trait} said; clauses that an absent trait left empty are dropped."""
    said = PLACEHOLDER.sub(lambda found: table[found[1]][traits[found[1]]], template)
    clauses = (" ".join(clause.split()) for clause in said.split(","))
    return ", ".join(clause for clause in clauses if clause)


def phrases(collection: Collection, traits: Mapping[str, str]) -> list[tuple[str, str]]:
    """(trait, what the prompt says for it) in the order of the prompt; none for a one-of-one."""
    table = phrase_table(collection)
    named = PLACEHOLDER.findall(collection.image.prompt)
    return [(trait, table[trait][traits[trait]]) for trait in named if trait in traits]


def phrase_table(collection: Collection) -> PhraseTable:
    """Trait -> value -> what the prompt says for it."""
    return {t.name: {v.name: v.phrase for v in t.values} for t in collection.traits}
