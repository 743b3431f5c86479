"""Which tokens a part of collection.yaml is for, such as those that move."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from mint.spec.forms import Section, shaped
from mint.spec.traits import Condition, as_tuple


def _tokens(value: Any) -> str:
    return "write `all`, or the numbers of tokens in brackets: [3, 12]"


Tokens = Annotated[
    Literal["all"] | tuple[Annotated[int, Field(ge=1)], ...] | None,
    BeforeValidator(as_tuple),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["all"]},
                {"type": "array", "items": {"type": "integer", "minimum": 1}},
                {"type": "null"},
            ],
            "examples": ["all", [3, 12]],
        }
    ),
    shaped(_tokens, object),
]


class Selection(Section):
    """Some tokens: whatever one of these keys names."""

    tokens: Tokens = None
    """`all`, or the numbers of tokens in brackets."""
    rarest: Annotated[int, Field(ge=1, examples=[10])] | None = None
    """So many of the rarest tokens, by their rarity rank."""
    one_of_ones: bool = False
    """`true` names every one-of-one."""
    where: Condition | None = None
    """Tokens with these values of these traits: with all of them, where several are named."""

    @property
    def names_tokens(self) -> bool:
        """Whether it says at all which tokens it is for."""
        criteria: tuple[Any, ...] = (self.tokens, self.rarest, self.one_of_ones, self.where)
        return any(criteria)
