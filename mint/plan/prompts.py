"""Traits -> the words that the model reads. Pure.

An absent trait leaves no loose ends in the prompt: nothing of a clause that has nothing else, and
not the little words (JOINING) that join it to the rest. A clause is what stands between commas.

- Where only little words follow the absent trait in its clause, it takes along those around it:
  "a {Species} wearing a {Hat}" becomes "a fox".
- Otherwise it takes along those after it if the first is "and" or "or", else those before it, and
  none if no little word follows: "{Hat} and {Bow}" becomes "bow", "a {Species} in {Coat} with
  {Hat}" becomes "a fox with cap", and "a {Body} {Species}" becomes "a fox".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.expansions import Expansions
from mint.spec.painting import PLACEHOLDER
from mint.spec.traits import OneOfOne

PhraseTable = Mapping[str, Mapping[str, str]]

ARTICLES = ("a", "an", "the")
AND = ("and", "or")
PLACES = ("in", "on", "at", "by", "under", "over", "beside", "near", "behind", "against")
HAVING = ("of", "with", "wearing", "holding", "carrying", "having")
JOINING = {*ARTICLES, *AND, *PLACES, *HAVING}
# A placeholder, a comma, white space, or a word; a lone brace is a word.
_PIECE = re.compile(r"\{[^{}]*\}|,|\s+|[^\s,{]+|\{")


def prompt(template: str, table: PhraseTable, traits: Mapping[str, str]) -> str:
    """The template with each {Trait} in words, without the loose ends of absent traits."""

    def phrase(piece: str) -> str:
        match = PLACEHOLDER.fullmatch(piece)
        return table[match[1]][traits[match[1]]] if match else piece

    def absent(piece: str) -> bool:
        return piece.startswith("{") and piece != "{" and not phrase(piece).strip()

    clauses = [_without(clause, absent) for clause in _clauses(template)]
    text = ",".join("".join(map(phrase, clause)) for clause in clauses)
    tidy = (" ".join(clause.split()) for clause in text.split(","))
    return ", ".join(clause for clause in tidy if clause)


def clauses_of(template: str) -> list[str]:
    """What stands between the template's commas."""
    return ["".join(clause) for clause in _clauses(template)]


def _clauses(template: str) -> list[list[str]]:
    """The pieces of each clause: placeholders, words and white space."""
    clauses: list[list[str]] = [[]]
    for piece in _PIECE.findall(template):
        if piece == ",":
            clauses.append([])
        else:
            clauses[-1].append(piece)
    return clauses


def _without(clause: list[str], absent: Callable[[str], bool]) -> list[str]:
    """A clause without its absent traits; runs of them and of little words are cut as one."""
    rest: list[str] = []
    run: list[str] = []
    for piece in [*clause, ""]:
        loose = bool(piece) and (piece.isspace() or piece.lower() in JOINING or absent(piece))
        if loose:
            run.append(piece)
        else:
            rest += [*_cut(run, absent, last=not piece), piece]
            run = []
    return rest


def _cut(run: list[str], absent: Callable[[str], bool], *, last: bool) -> list[str]:
    """What stays of little words and absent traits; `last` if the clause ends with them."""
    holes = [i for i, piece in enumerate(run) if absent(piece)]
    if not holes:
        return run
    before, after = run[: holes[0]], run[holes[-1] + 1 :]
    words = [piece.lower() for piece in after if not piece.isspace()]
    if last:
        return []
    if not words:
        return [*before, *(piece for piece in run if piece.isspace() or absent(piece))]
    return [*before, " "] if words[0] in AND else [" ", *after]


def phrases(collection: Collection, traits: Mapping[str, str]) -> list[tuple[str, str]]:
    """(trait, what the prompt says for it) in the order of the prompt; none for a one-of-one."""
    table = phrase_table(collection)
    names = PLACEHOLDER.findall(collection.image.prompt)
    return [(trait, table[trait][traits[trait]]) for trait in names if trait in traits]


def phrase_table(collection: Collection) -> PhraseTable:
    """Trait -> value -> what the prompt says for it."""
    table = {t.name: {v.name: v.phrase for v in t.values} for t in collection.traits}
    return table if collection.expansions is None else _expanded(table, collection.expansions)


def _expanded(table: PhraseTable, expansions: Expansions) -> PhraseTable:
    """The table in the words of a language model, where it wrote some."""
    return {
        trait: {value: expansions.said(trait, value, phrase) for value, phrase in values.items()}
        for trait, values in table.items()
    }


def own_prompt(collection: Collection, one: OneOfOne) -> str:
    """The whole prompt of a one-of-one."""
    expansions = collection.expansions
    return expansions.said(ONE_OF_ONE, one.name, one.prompt) if expansions else one.prompt
