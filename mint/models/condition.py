"""A prompt -> the trait values that it says, for a painter that knows traits and no words. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from mint.models.vocabulary import BREAK, LITTLE, Piece, Reader, Sense, Theme, split
from mint.plan.prompts import JOINING
from mint.spec.traits import is_absent


def condition(theme: Theme, prompt: str) -> dict[str, str | None]:
    """Group -> the value that the prompt says; None where it says nothing of the group.

    A phrase of several groups, such as "blue", belongs to the one that stands in a clause with
    what is nearest to it: fur in "blue fox", the background in "blue striped background". Of two
    values of one group the first counts. A group of which the prompt says nothing is absent
    (`none`) where it can be.
    """
    clauses = _clauses(Reader(theme, frozenset(LITTLE | JOINING)), prompt)
    places = [(clause, i) for clause in clauses for i, piece in enumerate(clause) if piece.senses]
    # What can mean one thing only says first which groups are left.
    places.sort(key=lambda place: len(place[0][place[1]].senses or ()) > 1)
    meaning: dict[str, str] = {}
    for clause, i in places:
        sense = _sense(theme, clause, i, meaning)
        meaning.setdefault(sense.group, sense.value)
    return {group: meaning.get(group, _absent(values)) for group, values in theme.phrases.items()}


def _absent(values: Iterable[str]) -> str | None:
    return next((value for value in values if is_absent(value)), None)


def _clauses(reader: Reader, prompt: str) -> list[list[Piece]]:
    """The phrases and words between two punctuation marks."""
    words = [word for word, _ in split(prompt)]
    clauses: list[list[Piece]] = [[]]
    for piece in reader.pieces(words):
        if words[piece.start] == BREAK:
            clauses.append([])
        else:
            clauses[-1].append(piece)
    return clauses


def _sense(theme: Theme, clause: Sequence[Piece], at: int, earlier: Container[str]) -> Sense:
    """What the phrase at `at` means: by its nearest neighbour, else the first group unsaid."""
    order = list(theme.phrases)
    senses = sorted(
        clause[at].senses or (), key=lambda s: (s.group in earlier, order.index(s.group), s.value)
    )
    for groups in _neighbours(clause, at):
        near = [s for s in senses if any(theme.shares_clause(s.group, g) for g in groups)]
        if len(near) == 1:
            return near[0]
    return senses[0]


def _neighbours(clause: Sequence[Piece], at: int) -> list[set[str]]:
    """The groups of each other phrase, the nearest first; of equally near ones the later."""
    others = [i for i, piece in enumerate(clause) if i != at and piece.senses]
    others.sort(key=lambda i: (abs(i - at), i < at))
    return [{sense.group for sense in clause[i].senses or ()} for i in others]
