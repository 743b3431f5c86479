"""The trait table of collection.yaml: values, rules between them, and tokens outside it."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from mint.document import Document, Number

Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Value(Document):
    """One value of a trait: how often it comes, and how the prompt says it."""

    name: Name
    weight: Annotated[Number, Field(gt=0, le=1e9)] | None = None
    count: Annotated[int, Field(ge=1)] | None = None
    prompt: Annotated[str, Field(max_length=500)] | None = None

    @property
    def phrase(self) -> str:
        """What the prompt says for it; nothing for an absent trait unless written."""
        if self.prompt is not None:
            return self.prompt
        return "" if self.absent else self.name

    @property
    def absent(self) -> bool:
        """True for `none`: the token does not have the trait, and rarity counts it as null."""
        return self.name.strip().lower() == "none"


class Trait(Document):
    """A group of values of which every token shows exactly one."""

    name: Name
    values: Annotated[tuple[Value, ...], Field(min_length=1)]


def _traits(written: Any) -> Any:
    """{Species: {fox: 3, robot: {count: 2}}} -> a list, since the order of traits means something.

    A bare number is a weight, nothing at all is weight 1.
    """
    if not isinstance(written, dict):
        return _tuple(
            [_listed(trait) for trait in written] if isinstance(written, list) else written
        )
    # Tuples: what a validator hands on is checked as Python, where a list is no tuple.
    return tuple({"name": n, "values": _values(v)} for n, v in written.items())


def _listed(trait: Any) -> Any:
    """A trait as the record itself writes it, in a manifest: {name, values: [...]}."""
    values = trait.get("values") if isinstance(trait, dict) else None
    return {**trait, "values": tuple(values)} if isinstance(values, list) else trait


def _values(written: Any) -> Any:
    if isinstance(written, list):
        return tuple(v if isinstance(v, dict) else {"name": v, "weight": 1} for v in written)
    if not isinstance(written, dict):
        return written
    return tuple({"name": n, **_amount(v)} for n, v in written.items())


def _amount(written: Any) -> dict[str, Any]:
    if isinstance(written, dict):
        return written if {"weight", "count"} & written.keys() else {"weight": 1, **written}
    return {"weight": 1 if written is None else written}


_TRAITS_SCHEMA = {
    "type": "object",
    "description": "trait -> value -> weight, or {weight or count, prompt}",
    "additionalProperties": {
        "type": ["object", "array"],
        "items": {"type": "string"},
        "additionalProperties": {
            "type": ["number", "object", "null"],
            "exclusiveMinimum": 0,
            "additionalProperties": False,
            "properties": {
                "weight": {"type": "number", "exclusiveMinimum": 0},
                "count": {"type": "integer", "minimum": 1},
                "prompt": {"type": "string"},
            },
        },
    },
}
Traits = Annotated[
    tuple[Trait, ...],
    BeforeValidator(_traits),
    Field(min_length=1),
    WithJsonSchema(_TRAITS_SCHEMA),
]


def _condition(written: Any) -> Any:
    """{Species: fox} and {Species: [fox, cat]} mean sets of values."""
    if not isinstance(written, dict):
        return written
    return {k: (v,) if isinstance(v, str) else _tuple(v) for k, v in written.items()}


def _tuple(written: Any) -> Any:
    return tuple(written) if isinstance(written, list) else written


Condition = Annotated[
    dict[Name, Annotated[tuple[Name, ...], Field(min_length=1)]],
    BeforeValidator(_condition),
    Field(min_length=1),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": ["string", "array"], "items": {"type": "string"}},
        }
    ),
]


class Rule(Document):
    """`never: {A: x, B: y}`, or `when: {A: x}` with `requires: {B: [y, z]}`."""

    never: Condition | None = None
    when: Condition | None = None
    requires: Condition | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.never is None) == (self.when is None) or (self.when is None) != (
            self.requires is None
        ):
            raise ValueError("a rule is either `never:`, or `when:` with `requires:`")
        return self

    @property
    def conditions(self) -> dict[str, Condition]:
        """The parts that are written, by their key."""
        parts = {"never": self.never, "when": self.when, "requires": self.requires}
        return {key: part for key, part in parts.items() if part is not None}

    def __str__(self) -> str:
        """The rule as the artist would say it."""

        def say(condition: Condition) -> str:
            return " and ".join(f"{k}: {' or '.join(v)}" for k, v in condition.items())

        if self.never is not None:
            return f"never {say(self.never)}"
        return f"{say(self.when or {})} requires {say(self.requires or {})}"


class OneOfOne(Document):
    """A token painted from its own prompt, outside the trait table."""

    name: Name
    prompt: Text
    description: Text | None = None
    token_id: Annotated[int, Field(ge=1)] | None = None
