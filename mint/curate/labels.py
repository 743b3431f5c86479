"""Which labels of a classifier stand for the values of a trait. Pure.

A label is `group: value`, as `botanicals/visitor: bee`, or a value alone. The part of the group
before a slash is its theme: the traits of one collection are looked for in one theme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from mint.curate.question import Choice, Question
from mint.spec.traits import is_absent

Phrases = Mapping[str, Sequence[str]]  # label -> the words that a prompt has for it
Head = tuple[str, tuple[str, ...]]  # a group, and its labels
# A group's name in the trait's name or beside it in the prompt: for colours of several groups.
NAMED = 0.3


def heads_of(labels: Sequence[str]) -> tuple[Head, ...]:
    """The groups of a classifier's labels, which stand side by side."""
    return tuple((group, tuple(part)) for group, part in groupby(labels, _group))


def assign(
    questions: Sequence[Question], labels: Sequence[str], phrases: Phrases
) -> dict[str, tuple[str, tuple[str | None, ...]]]:
    """Trait -> the group that judges it, and the label of each choice or None.

    A group judges one trait only. The more of a trait's values a group knows, the sooner it is
    taken; a trait of which it knows none is left out.
    """
    themes: dict[str, list[Head]] = {}
    for head in heads_of(labels):
        themes.setdefault(head[0].rpartition("/")[0], []).append(head)
    assignments = [_within(questions, heads, phrases) for heads in themes.values()]
    best = max(assignments, key=_known, default={})
    return best


def _known(assignment: Mapping[str, tuple[str, tuple[str | None, ...]]]) -> int:
    return sum(label is not None for _, labels in assignment.values() for label in labels)


def _within(
    questions: Sequence[Question], heads: Sequence[Head], phrases: Phrases
) -> dict[str, tuple[str, tuple[str | None, ...]]]:
    scored = []
    for row, question in enumerate(questions):
        for column, (group, labels) in enumerate(heads):
            matches = tuple(_label(choice, labels, phrases) for choice in question.choices)
            known = sum(match is not None for match in matches)
            if any(m for m, choice in zip(matches, question.choices, strict=True) if choice.texts):
                score = known / len(matches) + NAMED * _is_named(question, group)
                scored.append((-score, row, column, matches))
    taken: dict[str, tuple[str, tuple[str | None, ...]]] = {}
    groups: set[str] = set()
    for _, row, column, matches in sorted(scored, key=lambda each: each[:3]):
        trait, group = questions[row].trait, heads[column][0]
        if trait not in taken and group not in groups:
            taken[trait] = group, matches
            groups.add(group)
    return taken


def _label(choice: Choice, labels: Sequence[str], phrases: Phrases) -> str | None:
    """The label whose phrases hold the choice's words, in their longest form first."""
    for text in reversed(choice.texts):
        for label in labels:
            if text in phrases.get(label, (_value(label),)):
                return label
    if choice.absent and not choice.texts:
        return next((label for label in labels if is_absent(_value(label))), None)
    return None


def _is_named(question: Question, group: str) -> bool:
    name = group.rpartition("/")[2].lower()
    return name in {question.trait.lower(), *question.literals}


def _group(label: str) -> str:
    return label.rpartition(": ")[0]


def _value(label: str) -> str:
    return label.rpartition(": ")[2].lower()
