"""The keys of collection.yaml: which there are, where each stands, and what it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mint.spec.collection import Collection
from mint.spec.init import Init

Record = type[BaseModel]


def _fields(record: Record) -> dict[str, FieldInfo]:
    """Those that an artist writes: what is in the record alone is not in the schema either."""
    return {
        name: field
        for name, field in record.model_fields.items()
        if not any(type(mark).__name__ == "SkipJsonSchema" for mark in field.metadata)
    }


def _sections(record: Record, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Record]]:
    yield at, record
    for name, field in _fields(record).items():
        if inner := _record(field.annotation):
            yield from _sections(inner, (*at, name))


def _record(annotation: Any) -> Record | None:
    """The record class inside `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_record(argument) for argument in getattr(annotation, "__args__", ()))
    return next((record for record in inner if record), None)


# Where each record stands: () is the file, ("sale", "phases") one phase.
SECTIONS = dict(_sections(Collection, ()))
TOP = frozenset(_fields(Collection))
KEYS = frozenset(key for section in SECTIONS.values() for key in _fields(section))


def holds_keys(key: str) -> bool:
    """Whether `key` stands above other keys, such as `image` and `never`."""
    return key in ("never", "when", "requires") or any(at[-1:] == (key,) for at in SECTIONS)


def fields_at(location: Sequence[str | int]) -> list[str]:
    """Names that the schema knows at a location."""
    if location and location[0] == "traits":
        if "init" in location[3:]:
            return [*Init.model_fields]
        names = ["weight", "count", "prompt", "init"]
        return ["name", *names] if isinstance(location[-1], int) else names
    return list(_fields(SECTIONS[_steps(location)]))


def homes_of(key: str) -> list[str]:
    """The sections that know `key`, as `sale.phases`; empty text is the whole file."""
    pairs = ((at, section) for at, section in SECTIONS.items() if at[:1] != ("traits",))
    return [".".join(at) for at, section in pairs if key in section.model_fields]


def example_of(location: Sequence[str | int]) -> Any:
    """A value that fits at a location: its field's example or default; None where it has none."""
    section = SECTIONS.get(_steps(location[:-1]))
    field = section.model_fields.get(str(location[-1])) if section and location else None
    if field is None:
        return None
    forms = (field, *field.metadata)
    examples = next((form.examples for form in forms if getattr(form, "examples", None)), None)
    return examples[0] if examples else field.get_default(call_default_factory=False)


def example(value: Any) -> str:
    """An example as YAML has it on one line."""
    if value is None or not isinstance(value, str | int | float):
        return "..."
    plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z][^:#{}\[\],\"']*", value)
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def _steps(location: Sequence[str | int]) -> tuple[str, ...]:
    return tuple(step for step in location if isinstance(step, str))
