"""What pydantic says of collection.yaml -> errors in the artist's words, one for each mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mint.errors import CollectionError
from mint.spec.keys import SECTIONS, TOP, example, example_of
from mint.spec.numbers import remedy
from mint.spec.services import ABOUT
from mint.spec.spelling import advice, meant
from mint.spec.style import presets
from mint.spec.unknown_keys import TRAITS, unknown_or_missing
from mint.spec.yaml_source import Location, Source
from mint.urls import masked

Finding = Mapping[str, Any]  # one of pydantic's ErrorDetails
_ITEMS = {"rules": "rule", "phases": "phase", "payees": "payee", "one_of_ones": "one-of-one"}
PARTS = (("never",), ("when",), ("requires",))
_RANGES = {
    "greater_than_equal": "write {ge} or more",
    "greater_than": "write a number above {gt}",
    "less_than_equal": "write {le} or less",
    "less_than": "write a number below {lt}",
    "finite_number": "write a number that is not infinite",
}


def explain(findings: Sequence[Finding], source: Source) -> list[CollectionError]:
    """An error for each mistake, unknown and missing keys first."""
    places = [_location(finding["loc"], source.values) for finding in findings]
    pairs = [
        (finding, location)
        for finding, location in zip(findings, places, strict=True)
        if not _is_echo(finding, location, places)
    ]
    unknown: list[Location] = []
    missing: list[Location] = []
    astray = any(place[-1:] in PARTS for place in places)  # a part outside of its rule
    errors = [_indented(name, source) for name in _indented_sections(places)]
    for finding, location in pairs:
        if finding["type"] == "extra_forbidden":
            unknown.append(location)
        elif finding["type"] == "missing":
            missing.append(location)
        elif not (astray and finding["type"] == "value_error"):
            errors.append(_error(finding, location, source))
    return [*unknown_or_missing(unknown, missing, source), *errors]


def _is_echo(finding: Finding, location: Location, places: Sequence[Location]) -> bool:
    """Whether another finding already says it."""
    if location[:1] == ("traits",) and location[1:2] and location[1] in TOP:
        return True  # see _indented
    # A list whose entry was refused counts as too short.
    hollow = finding["type"] == "too_short" and finding["input"]
    return bool(hollow) and any(other[: len(location)] == location != other for other in places)


def _indented_sections(places: Sequence[Location]) -> list[str]:
    """Keys of the top that were read as traits, because they are indented."""
    names = (str(place[1]) for place in places if place[:1] == ("traits",) and place[1:])
    return [name for name in dict.fromkeys(names) if name in TOP]


def _indented(name: str, source: Source) -> CollectionError:
    message = f'"{name}" is indented, and so read as a trait'
    return source.error(("traits", name), message, "begin its line without spaces", key=True)


def _location(loc: Location, values: Any) -> Location:
    """Pydantic's place in the record -> the place in the file (traits are written as mappings)."""
    if len(loc) < 2 or loc[0] != "traits" or not isinstance(loc[1], int):
        return loc
    traits = values["traits"]
    if not isinstance(traits, dict):
        return loc
    trait = list(traits)[loc[1]]
    if len(loc) < 4 or loc[2] != "values" or not isinstance(loc[3], int):
        return ("traits", trait)
    within = traits[trait]
    value = list(within)[loc[3]] if isinstance(within, dict) else loc[3]
    return ("traits", trait, value, *loc[4:])


def _error(finding: Finding, location: Location, source: Source) -> CollectionError:
    kind, value, name = finding["type"], finding["input"], str(location[-1]) if location else ""
    if kind in ("endpoint", "sides"):  # of which the first may hold a key
        return source.error(location, finding["msg"], finding["ctx"]["hint"])
    if value is None and isinstance(location[-1], int):
        hint = "write the entry behind the dash, or delete the line"
        return source.error(location, "nothing stands behind the dash", hint)
    if value is None:
        return source.error(location, f'"{name}" has no value', _empty(location, source))
    if kind == "keepers" and (several := _keepers(value)):
        at, message, hint = several
        return source.error(location if at is None else (*location, at), message, hint)
    literal = source.written.get(location) or source.written.get(location[:-1])
    if kind == "string_type" and isinstance(value, bool | int | float):
        text = literal or _say(value)
        message = f'"{name}" must be text, but {text} is written'
        return source.error(location, message, f'put it in quotes: "{text}"')
    message = f"{_subject(location)} is {_say(value)}"
    if kind == "value_error" and isinstance(value, dict):
        keys = " and ".join(f"`{key}:`" for key in value) or "nothing"
        message = f"{_subject(location)} has {keys}"
    if kind == "literal_error":
        message = f'"{name}" cannot be {_say(value)}'
    return source.error(location, message, _hint(finding, location, literal))


def _hint(finding: Finding, location: Location, literal: str | None) -> str:
    kind, value, context = finding["type"], finding["input"], finding.get("ctx", {})
    if kind == "form":
        return str(context["hint"])
    if kind == "literal_error":
        return advice(str(value), re.findall(r"'([^']*)'", context["expected"]))
    if kind == "keepers":
        return advice(str(value), ["none", *ABOUT])
    if kind in _RANGES or kind == "multiple_of" or kind.startswith(("int_", "float_")):
        return _number(finding, location, literal)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return _keys(value, location)
    if kind == "tuple_type":
        return _list(value, location)
    if kind == "string_type":
        return f"write one text: `{location[-1]}: {example(example_of(location))}`"
    if kind == "too_short":
        return _list(value, location) if location[0] != "traits" else "write one value or more"
    if kind.startswith("string_too"):
        limit = context.get("max_length")
        return (
            f"shorten it to {limit} characters" if limit else "write something between the quotes"
        )
    return _plain(finding["msg"])


def _number(finding: Finding, location: Location, literal: str | None) -> str:
    """A remedy for what is no number, or one that is too small or too large."""
    kind, value, context = finding["type"], finding["input"], finding.get("ctx", {})
    name = str(location[-1])
    if kind.startswith(("int_", "float_")):
        return remedy(value, name, literal, whole=kind.startswith("int_"))
    if kind == "multiple_of":
        step = int(context["multiple_of"])
        below = max(value // step * step, 64)
        return f"write a multiple of {step}, such as {below} or {below + step}"
    if kind in ("greater_than", "greater_than_equal") and name == "weight" and value == 0:
        return f'remove "{location[-2]}" to have none of it, or give it a weight above 0'
    limits = {key: int(x) if x == int(x) else x for key, x in context.items()}
    return _RANGES[kind].format(**limits)


def _keepers(pin: Any) -> tuple[int | None, str, str] | None:
    """Where in `storage.pin` the first mistake is, which, and a remedy; None for what is no list.

    It is nowhere in particular in a list of none.
    """
    if not isinstance(pin, list):
        return None
    for at, name in enumerate(map(str, pin)):
        if name == "none":
            return at, '"none" stands beside a service', "remove it, or write `pin: none`"
        if name not in ABOUT:
            return at, f'"{name}" is no pinning service', advice(name, [*ABOUT])
        if name in pin[:at]:
            return at, f'"{name}" is in the list twice', "remove one of them"
    return None, '"pin" is an empty list', "name a service, such as [kubo, pinata]; or write none"


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return re.sub(r"\A(Input|String|Tuple|Dictionary) should ", "it should ", message)


def _empty(location: Location, source: Source) -> str:
    """A remedy for a key with nothing behind it, or with a comment that was meant as its text."""
    if comment := source.comment_at(location):
        return f'an unquoted # begins a comment; put text that holds one in quotes: "{comment}"'
    if location == ("traits",):
        return TRAITS
    if slip := re.fullmatch(r"(.*\S)\s*=+\s*(\S.*)", str(location[-1])):
        return f"write a colon: `{slip[1]}: {slip[2]}`"
    return f"write it behind the colon: `{location[-1]}: {example(example_of(location))}`"


def _keys(value: Any, location: Location) -> str:
    """A remedy where `key: value` pairs belong and something else stands."""
    name = str(location[-1]) if location else ""
    if isinstance(value, str) and (slip := re.match(r"(\w+):(\S.*)", value)):
        return f"write `{slip[1]}: {slip[2]}`, with a space behind the colon"
    if name in ("never", "when", "requires"):
        return f"write traits and their values in braces: `{name}: {{Species: robot}}`"
    if location[:1] == ("traits",):
        return "write `Species: {fox: 3, cat: 1}`"
    if name == "where":
        return "write traits and their values in braces: `where: {Species: robot}`"
    if location == ("truth", "ask"):
        return 'write traits and questions in braces: `ask: {Hat: "What does it wear?"}`'
    keys = SECTIONS[tuple(step for step in location if isinstance(step, str))].model_fields
    first = next(iter(keys))
    pair = f"{first}: {example(example_of((*location, first)))}"
    if location == ("style",) and isinstance(value, str) and (preset := meant(value, [*presets()])):
        return f"write `style: {{preset: {preset}}}`"
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return f"write its keys without dashes, such as `{pair}`"
    if isinstance(location[-1], int):
        return f"write `- {{{pair}, ...}}`, with `key: value` pairs"
    return f"write `key: value` pairs, such as `{name}: {{{pair}}}`"


def _list(value: Any, location: Location) -> str:
    """A remedy where a list belongs and something else, or nothing, stands."""
    if location[0] == "traits":
        return "write `Species: {fox: 3, cat: 1}`"
    if location[0] == "rules" and len(location) > 3:  # the values of a condition
        text = _say(value).strip('"')
        return f'write the value in quotes: "{text}"' if not isinstance(value, dict | list) else (
            "write one value, or a list of values: [robot, frog]")  # fmt: skip
    if isinstance(value, dict) and value:
        first = str(next(iter(value))).lstrip("- ")
        return f"begin each {_ITEMS.get(str(location[-1]), 'entry')} with a dash: `- {first}: ...`"
    return f"write a list: each {_ITEMS.get(str(location[-1]), 'entry')} begins with a dash"


def _subject(location: Location) -> str:
    """What a sentence calls a place in the file."""
    if not location:
        return "the file"
    if location[0] == "traits" and len(location) == 4:
        return f'the {location[3]} of "{location[2]}"'
    if isinstance(location[-1], int) and len(location) > 1 and location[-2] in _ITEMS:
        return f"{_ITEMS[str(location[-2])]} {location[-1] + 1}"
    return f'"{location[-1]}"'


def _say(value: Any) -> str:
    if isinstance(value, str) and "://" in value:
        value = masked(value)
    if isinstance(value, dict | list | tuple):
        return ("`key: value` pairs" if isinstance(value, dict) else "a list") if value else "empty"
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
