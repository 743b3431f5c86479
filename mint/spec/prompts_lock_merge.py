"""New words of a language model -> prompts.lock, among the lines that stay. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from mint.spec.collection import Collection
from mint.spec.expansions import Expansions
from mint.spec.prompts_lock import Lock, Was, phrases_of

V = TypeVar("V")
Key = tuple[str, str]  # trait and value


class Head(NamedTuple):
    """Who writes, and what it is to do."""

    model: str
    revision: str | None
    weights: str
    instruction: str


class Merged(NamedTuple):
    """The lock to be; `notes` are comments with the artist's lines that are no longer obeyed."""

    expansions: Expansions
    was: Mapping[str, Mapping[str, Was]]
    written: Mapping[Key, str]
    dropped: tuple[Key, ...]
    notes: tuple[str, ...]


def merge(
    collection: Collection, lock: Lock | None, words: Mapping[Key, str], head: Head, *, again: bool
) -> Merged:
    """`words` and the lines of `lock`, in the order of the collection.

    The artist's lines stay, unless `again`. Lines of values that are no more are dropped.
    """
    before = dict(_lines(lock))
    phrases = {(t, v): p for t, values in phrases_of(collection).items() for v, p in values.items()}
    is_mine = {key: lock is not None and lock.is_edited(*key) for key in before}
    new_lines = {
        key: words[key] for key in phrases if key in words and (again or not is_mine.get(key))
    }
    lines = {key: new_lines.get(key, before.get(key)) for key in phrases}
    # Where nothing more was known, `was` alone remembers that it was tried.
    lines = {key: None if new_lines.get(key) == phrases[key] else lines[key] for key in phrases}
    table = _nested({key: line for key, line in lines.items() if line is not None})
    pairs = {
        key: Was(phrases[key], new_lines[key]) if key in new_lines else lock and lock.written(*key)
        for key in phrases
    }
    was = _nested({key: pair for key, pair in pairs.items() if pair})
    edited = {key for key, line in lines.items() if line and _words(pairs[key]) != line}
    dropped = tuple(key for key in before if key not in phrases)
    notes = [_note("before --again", key, before[key]) for key in new_lines if is_mine.get(key)]
    notes += [_note("there is no such value", key, before[key]) for key in dropped if is_mine[key]]
    by_trait = {trait: tuple(v for t, v in lines if (t, v) in edited and t == trait)
                for trait in table}  # fmt: skip
    expansions = Expansions(
        **_head(lock, head, again=again)._asdict(),
        words=table,
        edited={trait: values for trait, values in by_trait.items() if values},
    )
    return Merged(expansions, was, new_lines, dropped, tuple(notes))


def _lines(lock: Lock | None) -> Mapping[Key, str]:
    words = lock.expansions.words if lock else {}
    return {(trait, value): line for trait, lines in words.items() for value, line in lines.items()}


def _words(pair: Was | None) -> str | None:
    return pair.words if pair else None


def _nested(table: Mapping[Key, V]) -> dict[str, dict[str, V]]:
    tree: dict[str, dict[str, V]] = {}
    for (trait, value), each in table.items():
        tree.setdefault(trait, {})[value] = each
    return tree


def _note(why: str, key: Key, words: str) -> str:
    return f"# yours, {why}: {key[0]}: {key[1]}: {words}"


def _head(lock: Lock | None, head: Head, *, again: bool) -> Head:
    """Of a lock that goes on: its author, and each instruction that its lines come from."""
    if lock is None or again:
        return head
    old = lock.expansions
    both = [
        old.instruction,
        *([head.instruction] if head.instruction not in old.instruction else []),
    ]
    return Head(old.model, old.revision, old.weights, "\n\n".join(both))
