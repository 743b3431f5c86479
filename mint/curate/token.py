"""A token, once its picture is accepted."""

from __future__ import annotations

from collections.abc import Mapping

from mint.document import Document
from mint.paint.picture import Picture
from mint.plan.recipe import Candidate, Recipe
from mint.spec.traits import is_absent


class Enlarged(Document):
    """How a picture came from a smaller one: the digests of its pixels, and of the Runtime."""

    painted: str
    runtime: str


class Token(Document):
    """A token with its picture. `traits` maps trait_type to value and leaves absent traits out.

    `image` is what is published: as painted, or, with `enlarged`, computed from that.
    """

    token_id: int
    attempt: int
    name: str
    description: str | None = None
    traits: dict[str, str]
    recipe: Recipe
    image: Picture
    enlarged: Enlarged | None = None


def present(traits: Mapping[str, str]) -> dict[str, str]:
    """Trait -> value as a token has them: absent traits are left out."""
    return {name: value for name, value in traits.items() if not is_absent(value)}


def keep(candidate: Candidate, image: Picture, enlarged: Enlarged | None = None) -> Token:
    """The token that a candidate becomes; absent traits are left out."""
    return Token(
        token_id=candidate.token_id,
        attempt=candidate.attempt,
        name=candidate.name,
        description=candidate.description,
        traits=present(candidate.traits),
        recipe=candidate.recipe,
        image=image,
        enlarged=enlarged,
    )
