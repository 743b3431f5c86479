"""Which labels of a classifier stand for the values of a trait. Pure.

A label is `group: value`, as `botanicals/visitor: bee`, or a value alone. The part of the group
before a slash is its theme: the traits of one collection are looked for in one theme. A group
`hat colour` says what colour the thing of the group `hat` has: a value such as `red cap` is a label
of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, product
from typing import NamedTuple

import numpy as np

from mint.curate.question import Choice, Question
from mint.models.softmax import Logits
from mint.spec.traits import is_absent

Phrases = Mapping[str, Sequence[str]]  # label -> the words that a prompt has for it
Head = tuple[str, tuple[str, ...]]  # a group, and its labels
Match = tuple[str, ...]  # labels that all must hold, one of a group, for a value to be there
# A group's name in the trait's name or beside it in the prompt: for colours of several groups.
NAMED = 0.3
# A group of colours, and in the same clause a trait that the group of its thing knows: the "red" of
# "{Hat colour} {Hat}".
BESIDE = 0.2
COLOUR = " colour"


class Assignment(NamedTuple):
    """The groups that judge a trait, and for each of its choices what must hold, or None.

    There are two groups where its values name a thing with its colour.
    """

    groups: tuple[str, ...]
    matches: tuple[Match | None, ...]

    @property
    def known(self) -> int:
        """How many of the choices some labels stand for."""
        return sum(match is not None for match in self.matches)


def heads_of(labels: Sequence[str]) -> tuple[Head, ...]:
    """The groups of a classifier's labels, which stand side by side."""
    return tuple((group, tuple(part)) for group, part in groupby(labels, _group))


def assign(
    questions: Sequence[Question], labels: Sequence[str], phrases: Phrases
) -> dict[str, Assignment]:
    """Trait -> what judges it.

    A group judges one trait only. The more of a trait's values a group knows, the sooner it is
    taken; a trait of which it knows none is left out.
    """
    themes: dict[str, list[Head]] = {}
    for head in heads_of(labels):
        themes.setdefault(head[0].rpartition("/")[0], []).append(head)
    assignments = [_within(questions, heads, phrases) for heads in themes.values()]
    return max(assignments, key=_match_count, default={})


def combinations(assignment: Assignment, heads: Mapping[str, Sequence[str]]) -> list[Match]:
    """Every label of its group, or every pair of labels of both: one of them is in a picture."""
    return list(product(*(heads[group] for group in assignment.groups)))


def shows(assignment: Assignment, place: int, combination: Match) -> bool:
    """Whether a combination shows the choice at `place`, and no other one says more of it."""
    match = assignment.matches[place]
    if not match or not set(match) <= set(combination):
        return False
    others = (each for each in assignment.matches if each and set(each) <= set(combination))
    return not any(set(match) < set(each) for each in others)


def probabilities(
    assignment: Assignment, heads: Mapping[str, Sequence[str]], shares: Mapping[str, Logits]
) -> Logits:
    """Logarithms of shape (n, k): of each choice, NaN where unknown, then of what no choice is.

    `shares` are those of the labels of each of its groups, (n, labels); one group says nothing of
    the other.
    """
    count = len(shares[assignment.groups[0]])
    scores = np.zeros((count, 1))
    for group in assignment.groups:
        scores = (scores[:, :, None] + shares[group][:, None, :]).reshape(count, -1)
    every = combinations(assignment, heads)
    places = [
        [i for i, each in enumerate(every) if shows(assignment, place, each)]
        for place in range(len(assignment.matches))
    ]
    union = {i for part in places for i in part}
    columns = [
        np.logaddexp.reduce(scores[:, part], 1) if part else np.full(count, np.nan)
        for part in places
    ]
    rest = [scores[:, i] for i in range(len(every)) if i not in union]
    return np.stack([*columns, *rest], axis=1)


def _match_count(assignments: Mapping[str, Assignment]) -> int:
    return sum(each.known for each in assignments.values())


def _within(
    questions: Sequence[Question], heads: Sequence[Head], phrases: Phrases
) -> dict[str, Assignment]:
    single = [[_single(question, head, phrases) for head in heads] for question in questions]
    things = {
        question.trait: max(row, key=lambda each: each.known).groups[0]
        for question, row in zip(questions, single, strict=True)
        if any(each.known for each in row)
    }
    ranking = []
    for row, (question, own) in enumerate(zip(questions, single, strict=True)):
        for column, each in enumerate([*own, *_dyed(question, heads, phrases)]):
            pairs = zip(each.matches, question.choices, strict=True)
            if any(match for match, choice in pairs if choice.texts):
                score = each.known / len(each.matches) + NAMED * _is_named(question, each)
                score += BESIDE * any(
                    f"{things.get(trait)}{COLOUR}" == each.groups[0] for trait in question.beside
                )
                ranking.append((-score, row, column, each))
    assignments: dict[str, Assignment] = {}
    groups: set[str] = set()
    for _, row, _, each in sorted(ranking, key=lambda entry: entry[:3]):
        trait = questions[row].trait
        if trait not in assignments and groups.isdisjoint(each.groups):
            assignments[trait] = each
            groups.update(each.groups)
    return assignments


def _single(question: Question, head: Head, phrases: Phrases) -> Assignment:
    group, labels = head
    return Assignment((group,), tuple(_one(each, labels, phrases) for each in question.choices))


def _dyed(question: Question, heads: Sequence[Head], phrases: Phrases) -> Iterator[Assignment]:
    """The question by each group of things and its group of colours, where some value has both."""
    groups = dict(heads)
    for thing, labels in heads:
        colours = groups.get(f"{thing}{COLOUR}", ())
        matches = tuple(
            _pair(choice, colours, labels, phrases) or _one(choice, labels, phrases)
            for choice in question.choices
        )
        if not any(match and len(match) == 2 for match in matches):
            continue
        assignment = Assignment((f"{thing}{COLOUR}", thing), matches)
        every = combinations(assignment, groups)
        # A cap of no colour is nowhere to be seen where each of its colours is a value, too.
        left = [any(shows(assignment, i, each) for each in every) for i in range(len(matches))]
        yield assignment._replace(
            matches=tuple(m if some else None for m, some in zip(matches, left, strict=True))
        )


def _one(choice: Choice, labels: Sequence[str], phrases: Phrases) -> Match | None:
    """The label whose phrases hold the choice's words, in their longest form first."""
    for text in reversed(choice.texts):
        if label := _spoken(text, labels, phrases):
            return (label,)
    absent = choice.absent and not choice.texts
    return next(((label,) for label in labels if absent and is_absent(_value(label))), None)


def _pair(
    choice: Choice, colours: Sequence[str], things: Sequence[str], phrases: Phrases
) -> Match | None:
    """The labels of "red cap": a colour's phrase, then a thing's."""
    for text in reversed(choice.texts):
        words = text.split()
        for i in range(1, len(words)):
            colour = _spoken(" ".join(words[:i]), colours, phrases)
            thing = _spoken(" ".join(words[i:]), things, phrases)
            if colour and thing:
                return colour, thing
    return None


def _spoken(text: str, labels: Sequence[str], phrases: Phrases) -> str | None:
    """The label that has this phrase."""
    return next((each for each in labels if text in phrases.get(each, (_value(each),))), None)


def _is_named(question: Question, assignment: Assignment) -> bool:
    """Whether the question says the group's name, or a thing that its own words are of."""
    names = {group.rpartition("/")[2].lower() for group in assignment.groups}
    things = {_value(match[-1]) for match in assignment.matches if match and len(match) == 2}
    return bool((names | things) & {question.trait.lower(), *question.literals})


def _group(label: str) -> str:
    return label.rpartition(": ")[0]


def _value(label: str) -> str:
    return label.rpartition(": ")[2].lower()
