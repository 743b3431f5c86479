"""collection.yaml -> Collection: what the artist wrote, checked; errors carry file:line:column."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from mint.document import Document, Real

Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
Ether = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]{1,18})?$")]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$")]
Revision = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Auto = Literal["auto"]
Scheduler = Literal["default", "ddim", "dpm++", "euler", "euler-ancestral", "lcm", "unipc"]


class Value(Document):
    """One value of a trait: how often it comes, and how the prompt says it."""

    name: Name
    weight: Annotated[Real, Field(gt=0, le=1e9)] | None = None
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
        return tuple({"name": v, "weight": 1} if isinstance(v, str) else v for v in written)
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


class ImageSettings(Document):
    """How pictures are painted. Everything here decides pixels."""

    model: Text = "atelier"
    revision: Revision | None = None
    prompt: Text
    negative_prompt: Annotated[str, Field(max_length=10_000)] = ""
    steps: Annotated[int, Field(ge=1, le=1000)] = 20
    guidance_scale: Annotated[Real, Field(ge=0, le=50)] = 3.0
    scheduler: Scheduler = "default"
    width: Annotated[int, Field(ge=64, le=4096, multiple_of=8)] = 128
    height: Annotated[int, Field(ge=64, le=4096, multiple_of=8)] = 128
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    batch: Annotated[int, Field(ge=1, le=256)] = 8


class Dedup(Document):
    """When two pictures are one, and how often a token is painted again."""

    threshold: Auto | Annotated[Real, Field(gt=0, le=1)] = "auto"
    attempts: Annotated[int, Field(ge=0, le=20)] = 5
    exhausted: Literal["stop", "keep"] = "stop"
    embedder: Text = "atelier"
    revision: Revision | None = None


class Truth(Document):
    """How sure the judge must be that a promised trait is visible."""

    threshold: Auto | Annotated[Real, Field(gt=0, le=1)] = "auto"


class Creator(Document):
    """Who made it; shown in the metadata."""

    name: Name
    url: Text | None = None
    address: Address | None = None


class Royalty(Document):
    """ERC-2981: share of a resale in basis points, and who gets it (default: the owner)."""

    bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    receiver: Address | None = None


class Phase(Document):
    """A claim window of the sale. Prices are decimal text in ether, times are ISO 8601."""

    name: Name
    start: Instant
    end: Instant | None = None
    price: Ether
    wallet_cap: Annotated[int, Field(ge=1)] | None = None
    supply: Annotated[int, Field(ge=1)] | None = None
    allowlist: Text | None = None


class Sale(Document):
    """The phases of a public sale."""

    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]


class Storage(Document):
    """Who keeps the CAR besides this machine. Endpoints come from the environment."""

    pin: Literal["none", "kubo"] = "none"


class Collection(Document):
    """All that collection.yaml says."""

    name: Name
    symbol: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.$-]{1,16}$")]
    description: Text
    supply: Annotated[int, Field(ge=1, le=1_000_000)]
    seed: Annotated[int, Field(ge=0, lt=2**53)]
    licence: Text = "CC0-1.0"
    licence_uri: Text | None = None
    creator: Creator | None = None
    external_url: Text | None = None
    background_color: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{6}$")] | None = None
    image: ImageSettings
    traits: Traits
    rules: tuple[Rule, ...] = ()
    one_of_ones: tuple[OneOfOne, ...] = ()
    dedup: Dedup = Dedup()
    truth: Truth = Truth()
    royalty: Royalty = Royalty()
    sale: Sale | None = None
    storage: Storage = Storage()
    network: Text = "local"

    @property
    def slug(self) -> str:
        """The name as a folder: ASCII, lower case, dashes."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        dashed = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60]
        return dashed or f"collection-{self.digest[:8]}"
