"""The JSON Schema of collection.yaml: it explains every key and accepts what `load` accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mint.spec.keys import SECTIONS
from mint.spec.load import load
from mint.spec.schema import json_schema
from mint.spec.starter import starter
from mint.spec.yaml_source import parse, read
from tests.conftest import ROOT, edit
from tests.sales import SALE

SCHEMA = json_schema()
KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
    "null": type(None), "boolean": bool,
}  # fmt: skip


def refusals(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """What JSON Schema says against a value, by the keywords that our schema uses."""
    if reference := schema.get("$ref"):
        return refusals(value, SCHEMA["$defs"][reference.removeprefix("#/$defs/")], at)
    if forms := schema.get("anyOf"):
        answers = [refusals(value, form, at) for form in forms]
        return [] if [] in answers else [f"{at}: none of {len(forms)} forms", *answers[0]]
    kinds = schema.get("type", [])
    allowed = [KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    # To Python True is a number, too.
    fits = any(type(value) is bool if k is bool else isinstance(value, k) for k in allowed)
    if allowed and (not fits or (isinstance(value, bool) and bool not in allowed)):
        return [f"{at}: {value!r} is no {kinds}"]
    return [*_limits(value, schema, at), *_parts(value, schema, at)]


def _limits(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    number = isinstance(value, int | float)
    checks: dict[str, Callable[[Any], Any]] = {
        "enum": lambda limit: value in limit,
        "const": lambda limit: value == limit,
        "pattern": lambda limit: not isinstance(value, str) or re.search(limit, value),
        "minLength": lambda limit: not isinstance(value, str) or len(value) >= limit,
        "maxLength": lambda limit: not isinstance(value, str) or len(value) <= limit,
        "minItems": lambda limit: not isinstance(value, list) or len(value) >= limit,
        "minProperties": lambda limit: not isinstance(value, dict) or len(value) >= limit,
        "minimum": lambda limit: not number or value >= limit,
        "maximum": lambda limit: not number or value <= limit,
        "exclusiveMinimum": lambda limit: not number or value > limit,
        "exclusiveMaximum": lambda limit: not number or value < limit,
        "multipleOf": lambda limit: not number or value % limit == 0,
    }
    for keyword, holds in checks.items():
        if keyword in schema and not holds(schema[keyword]):
            yield f"{at}: {value!r} against {keyword} {schema[keyword]}"


def _parts(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from refusals(item, schema.get("items", {}), f"{at}[{i}]")
    if not isinstance(value, dict):
        return
    known = schema.get("properties", {})
    yield from (f"{at}.{key} is missing" for key in schema.get("required", ()) if key not in value)
    for key, inner in value.items():
        rest = schema.get("additionalProperties", {})
        if key not in known and rest is False:
            yield f"{at}.{key} is unknown"
        else:
            yield from refusals(inner, known.get(key, rest or {}), f"{at}.{key}")


def described(part: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of a property, nested ones and those of any name included."""
    if isinstance(part, list):
        for i, item in enumerate(part):
            yield from described(item, f"{at}[{i}]")
    if not isinstance(part, dict):
        return
    for key, inner in part.items():
        if key == "properties":
            yield from ((f"{at}.{name}", about) for name, about in inner.items())
        if key == "additionalProperties" and isinstance(inner, dict):
            yield f"{at}.*", inner
        if key not in ("examples", "default"):
            yield from described(inner, f"{at}.{key}" if key != "properties" else at)


def test_it_names_itself_and_its_dialect() -> None:
    assert SCHEMA["$id"] == "urn:mint:collection:1"
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_property_is_described() -> None:
    properties = dict(described(SCHEMA))

    assert len(properties) > 70
    assert {name for name, about in properties.items() if not about.get("description")} == set()
    assert any("traits" in name and name.endswith(".weight") for name in properties)
    # Every field of every record, that is: traits are written otherwise than they are kept.
    fields = [
        (at[-1:], key)
        for at, record in SECTIONS.items()
        if at[:1] != ("traits",)
        for key in record.model_fields
    ]
    assert len(fields) <= len(properties)


def test_every_form_has_an_example_that_fits() -> None:
    properties = dict(described(SCHEMA))

    for name, about in properties.items():
        forms = [about, *about.get("anyOf", ())]
        if any("pattern" in form for form in forms):
            assert about.get("examples"), name
        for example in about.get("examples", ()):
            assert refusals(example, about, name) == []


def test_descriptions_are_lines_of_plain_text() -> None:
    for name, about in described(SCHEMA):
        text = about["description"]
        assert "\n" not in text, name
        assert text.endswith("."), name
        assert not re.search(r"pydantic|Annotated|regex|pattern|None\b", text), name


@pytest.mark.parametrize("file", sorted((ROOT / "collections").glob("*/collection.yaml")), ids=str)
def test_it_accepts_our_own_collections(file: Path) -> None:
    assert refusals(read(file).values, SCHEMA) == []


def test_it_accepts_a_sale_and_every_way_to_write_traits_and_rules(tiny: Path) -> None:
    for name in ("gifts.csv", "friends.csv"):
        (tiny.parent / name).write_text("0x00000000000000000000000000000000000A11cE,1\n")
    edit(tiny, "{Body} ", "{Body} {Mood} {Tail} ")
    edit(
        tiny,
        "traits:\n",
        "traits:\n  Mood: [glad, {name: sad, weight: 2.5, prompt: so sad}]\n"
        "  Tail: {long: , short: {prompt: stubby}, none: 3}\n",
    )
    edit(
        tiny,
        "rules:\n",
        "rules:\n  - {when: {Tail: [long, none]}, requires: {Species: [fox, cat]}}\n",
    )
    tiny.write_text(tiny.read_text() + SALE + "creator:\ndedup: {threshold: 0.9}\n")

    load(tiny)

    assert refusals(read(tiny).values, SCHEMA) == []


@pytest.mark.parametrize(
    "spoilt",
    ["suply: 6", "supply: six", "supply: 0", "background_color: '#fff'", "traits: {A: {b: -1}}",
     "traits: {A: {b: {cont: 1}}}", "traits: []", "rules: [{never: {A: 3}}]", "image: {width: 65}",
     "sale: {phases: [{price: 1}]}", "royalty: [500]", "dedup: {threshold: 95}"],
)  # fmt: skip
def test_it_refuses_what_load_refuses(tiny: Path, spoilt: str) -> None:
    values = read(tiny).values | parse(spoilt, tiny).values

    assert refusals(values, SCHEMA)


def test_a_new_collection_has_its_schema_beside_it(tmp_path: Path) -> None:
    file = starter("Small Beasts", tmp_path)

    schema = json.loads((file.parent / "schema.json").read_text(encoding="utf-8"))

    assert schema == SCHEMA
    # Read by the YAML extension of VS Code and by yaml-language-server; relative to the file.
    assert file.read_text().splitlines()[0] == "# yaml-language-server: $schema=schema.json"
    assert refusals(read(file).values, schema) == []
