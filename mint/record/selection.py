"""Tokens -> those that move, and those that have a wallpaper, as collection.yaml says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from mint.curate.token import present
from mint.record.rarity import rarity
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.selection import Selection
from mint.spec.traits import is_absent


class Named(Protocol):
    """A token, or a slot that becomes one."""

    @property
    def token_id(self) -> int:
        """Its number."""

    @property
    def traits(self) -> dict[str, str]:
        """Trait -> value; absent ones may be left out."""


def moving(collection: Collection, tokens: Sequence[Named]) -> frozenset[int]:
    """The ids of the tokens that move."""
    animate = collection.animate
    if animate is None:
        return frozenset()
    return chosen(animate, tokens) - set(animate.still)


def with_wallpaper(collection: Collection, tokens: Sequence[Named]) -> frozenset[int]:
    """The ids of the tokens that have a wallpaper: all, unless `image.canvas` says which."""
    canvas = collection.image.canvas
    if canvas is None:
        return frozenset()
    if not canvas.names_tokens:
        return frozenset(token.token_id for token in tokens)
    return chosen(canvas, tokens)


def chosen(selection: Selection, tokens: Sequence[Named]) -> frozenset[int]:
    """The ids of the tokens that a selection names.

    Of equally rare ones it takes those with the lower numbers.
    """
    if selection.tokens == "all":
        return frozenset(token.token_id for token in tokens)
    numbers = set(selection.tokens or ())
    numbers |= set(_rarest(tokens, selection.rarest or 0))
    for token in tokens:
        alone = selection.one_of_ones and ONE_OF_ONE in token.traits
        if alone or (selection.where and _has(token, selection.where)):
            numbers.add(token.token_id)
    return frozenset(numbers)


def _rarest(tokens: Sequence[Named], count: int) -> list[int]:
    if not count:
        return []
    scores = rarity([present(token.traits) for token in tokens])
    ranking = sorted((s.rank, t.token_id) for s, t in zip(scores, tokens, strict=True))
    return [token_id for _, token_id in ranking[:count]]


def _has(token: Named, choices: dict[str, tuple[str, ...]]) -> bool:
    if ONE_OF_ONE in token.traits:  # it stands outside the trait table
        return False
    own = present(token.traits)
    return all(
        own[name] in values if name in own else any(map(is_absent, values))
        for name, values in choices.items()
    )
