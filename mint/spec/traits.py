"""The trait table of collection.yaml: values, rules between them, and tokens outside it."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from mint.document import Number
from mint.spec.forms import Section
from mint.spec.init import MaybeInit

ABSENT = "none"  # the value that means: this token does not have the trait
Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


def is_absent(value: str) -> bool:
    """Whether a trait's value means that the token does not have the trait, in any case."""
    return value.strip().lower() == ABSENT


class Value(Section):
    """One value of a trait: how often it comes, and how the prompt says it."""

    name: Name
    """What the metadata calls the value."""
    weight: Annotated[Number, Field(gt=0, le=1e9, examples=[3, 0.5])] | None = None
    """A share of the tokens: a value of weight 3 comes three times as often as one of weight 1.
    Weights need not add up to anything; a share that is no whole number is rounded down or up.
    Without weight and count it is 1."""
    count: Annotated[int, Field(ge=1, examples=[2])] | None = None
    """Exactly how many tokens have the value; the others share the rest by weight. They come among
    the first tokens, so that they stay where they are when the supply grows."""
    prompt: Annotated[str, Field(max_length=500, examples=["toothy grin"])] | None = None
    """What the prompt says for it. Without it, the value's name; for `none`, nothing, and then many
    models paint one anyway: better is `no hat`, if the model knows it."""
    init: MaybeInit = None
    """A drawing of your own that pictures of this value begin with. Without it, that of another
    trait's value, or of `image.init`, if there is one."""

    @property
    def phrase(self) -> str:
        """What the prompt says for it; nothing for an absent trait unless written."""
        if self.prompt is not None:
            return self.prompt
        return "" if self.absent else self.name

    @property
    def absent(self) -> bool:
        """True for `none`: the token does not have the trait, and rarity counts it as null."""
        return is_absent(self.name)


class Trait(Section):
    """A group of values of which every token shows exactly one."""

    name: Name
    """What the metadata calls the trait."""
    values: Annotated[tuple[Value, ...], Field(min_length=1)]
    """Its values, in the order of the file."""


def _traits(value: Any) -> Any:
    """{Species: {fox: 3, robot: {count: 2}}} -> a list, since the order of traits means something.

    A bare number is a weight, nothing at all is weight 1.
    """
    if not isinstance(value, dict):
        return as_tuple(
            [_from_record(trait) for trait in value] if isinstance(value, list) else value
        )
    # Tuples: what a validator hands on is checked as Python, where a list is no tuple.
    return tuple({"name": n, "values": _values(v)} for n, v in value.items())


def _from_record(trait: Any) -> Any:
    """A trait as the record itself writes it, in a manifest: {name, values: [...]}."""
    values = trait.get("values") if isinstance(trait, dict) else None
    return {**trait, "values": tuple(values)} if isinstance(values, list) else trait


def _values(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(v if isinstance(v, dict) else {"name": v, "weight": 1} for v in value)
    if not isinstance(value, dict):
        return value
    return tuple({"name": n, **_amount(v)} for n, v in value.items())


def _amount(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value if {"weight", "count"} & value.keys() else {"weight": 1, **value}
    return {"weight": 1 if value is None else value}


def _value_schema(**name: Any) -> dict[str, Any]:
    """JSON Schema of a value's record, with the properties that only a list asks for."""
    fields = Value.model_json_schema()["properties"]
    return {
        "type": "object",
        "description": "How often the value comes, and how the prompt says it.",
        "additionalProperties": False,
        "properties": {key: about for key, about in fields.items() if key != "name"} | name,
    }


_TRAITS_SCHEMA = {
    "type": "object",
    "minProperties": 1,
    "examples": [{"Species": {"fox": 3, "robot": {"count": 2}, "cat": None}}],
    "additionalProperties": {
        "description": "A trait: its values and how often each comes, or a list of values that "
        "come equally often. A value called `none` means that the token does not have the trait.",
        "anyOf": [
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "description": "A weight (a share of all tokens), or {weight: 3, prompt: ...}.",
                    "anyOf": [
                        {"type": "number", "exclusiveMinimum": 0, "maximum": 1e9},
                        {"type": "null"},
                        _value_schema(),
                    ],
                },
            },
            {
                "type": "array",
                "minItems": 1,
                "items": {
                    "anyOf": [
                        {"type": "string", "minLength": 1},
                        _value_schema(
                            name={"type": "string", "description": "What the value is called."}
                        )
                        | {"required": ["name"]},
                    ]
                },
            },
        ],
    },
}
Traits = Annotated[
    tuple[Trait, ...],
    BeforeValidator(_traits),
    Field(min_length=1),
    WithJsonSchema(_TRAITS_SCHEMA),
]


def _condition(value: Any) -> Any:
    """{Species: fox} and {Species: [fox, cat]} mean sets of values."""
    if not isinstance(value, dict):
        return value
    return {k: (v,) if isinstance(v, str) else as_tuple(v) for k, v in value.items()}


def as_tuple(value: Any) -> Any:
    """A list of YAML as the tuple that a record holds; anything else as it is."""
    return tuple(value) if isinstance(value, list) else value


Condition = Annotated[
    dict[Name, Annotated[tuple[Name, ...], Field(min_length=1)]],
    BeforeValidator(_condition),
    Field(min_length=1),
    WithJsonSchema(
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "description": "The value of this trait, or a list of values.",
                "type": ["string", "array"],
                "items": {"type": "string"},
                "minItems": 1,
            },
            "examples": [{"Species": "robot", "Mouth": ["grin", "tongue"]}],
        }
    ),
]


class Rule(Section):
    """Either `never: {A: x, B: y}`, or `when: {A: x}` with `requires: {B: [y, z]}`."""

    never: Condition | None = None
    """Values of two or more traits that no token has together."""
    when: Condition | None = None
    """The values that make `requires` hold."""
    requires: Condition | None = None
    """The values that a token must have if it has those of `when`."""

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


class OneOfOne(Section):
    """A token painted from its own prompt, outside the trait table."""

    name: Annotated[Name, Field(examples=["The Only Robot"])]
    """What the token is called."""
    prompt: Annotated[Text, Field(examples=["a white robot, round eyes"])]
    """The words that the model paints, in full."""
    init: MaybeInit = None
    """A drawing of your own that its picture begins with. Without it, that of `image.init`, if
    there is one."""
    description: Text | None = None
    """What a collector reads of it. Without it, the collection's description."""
    token_id: Annotated[int, Field(ge=1, examples=[4])] | None = None
    """Its number, from 1 to the supply. Without it the seed chooses one."""
