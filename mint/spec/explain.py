"""What pydantic says of collection.yaml -> errors in the artist's words, one for each mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mint.errors import CollectionError
from mint.spec.keys import SECTIONS, example_of, fields_at, homes_of
from mint.spec.numbers import remedy
from mint.spec.yaml_source import Location, Source, nearest
from mint.urls import masked

Finding = Mapping[str, Any]  # one of pydantic's ErrorDetails
CURLY = "“”„‟«»‘’‚"
# What other programs call our keys and their values.
SYNONYMS = {
    **dict.fromkeys(("title", "collection"), "name"),
    **dict.fromkeys(("size", "count", "amount", "quantity", "total", "max_supply"), "supply"),
    **dict.fromkeys(("ticker", "short_name"), "symbol"),
    **dict.fromkeys(("author", "artist"), "creator"),
    **dict.fromkeys(("attributes", "properties", "layers"), "traits"),
    **dict.fromkeys(("sampler", "sampler_name"), "scheduler"),
    **dict.fromkeys(("cfg", "cfg_scale", "guidance"), "guidance_scale"),
    **dict.fromkeys(("checkpoint", "base_model"), "model"),
    **dict.fromkeys(("website", "homepage", "link"), "external_url"),
    **dict.fromkeys(("percent", "percentage", "fee", "share"), "bps"),
    **dict.fromkeys(("fp32", "float", "full"), "float32"),
    **dict.fromkeys(("fp16", "half"), "float16"),
    **dict.fromkeys(("euler a", "euler_a", "euler ancestral"), "euler-ancestral"),
    **dict.fromkeys(("ipfs", "local node", "node"), "kubo"),
    "bf16": "bfloat16",
}
_ITEMS = {"rules": "rule", "phases": "phase", "payees": "payee", "one_of_ones": "one-of-one"}
_RANGES = {
    "greater_than_equal": "write {ge} or more",
    "greater_than": "write a number above {gt}",
    "less_than_equal": "write {le} or less",
    "less_than": "write a number below {lt}",
    "finite_number": "write a number that is not infinite",
}


def explain(findings: Sequence[Finding], source: Source) -> list[CollectionError]:
    """An error for each mistake, in the order of the findings."""
    places = [_location(finding["loc"], source.values) for finding in findings]
    errors = []
    for finding, location in zip(findings, places, strict=True):
        # A list whose entry was refused counts as too short.
        hollow = finding["type"] == "too_short" and finding["input"]
        if hollow and any(other[: len(location)] == location != other for other in places):
            continue
        if finding["type"] == "missing" and location in _misspelt(findings, places):
            continue
        errors.append(_error(finding, location, source))
    return errors


def _misspelt(findings: Sequence[Finding], places: Sequence[Location]) -> Iterator[Location]:
    """The keys that unknown keys were meant to be."""
    for finding, location in zip(findings, places, strict=True):
        if finding["type"] == "extra_forbidden" and location:
            yield (*location[:-1], _meant(str(location[-1]), fields_at(location[:-1])) or "")


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
    if kind == "endpoint":  # the value may hold a key
        return source.error(location, finding["msg"], finding["ctx"]["hint"])
    if kind == "extra_forbidden":
        return source.error(location, f'unknown key "{name}"', _unknown(name, location), key=True)
    if kind == "missing":
        hint = f"add a line `{name}: {_written(example_of(location))}`"
        if location[0] == "traits":
            hint = "write `fox: 3` without a dash"
        return source.error(location[:-1], f'"{name}" is missing', hint)
    if value is None:
        return source.error(location, f'"{name}" has no value', _empty(location, source))
    written = source.written.get(location) or source.written.get(location[:-1])
    if kind == "string_type" and isinstance(value, bool | int | float):
        text = written or _say(value)
        said = f'"{name}" must be text, but {text} is written'
        return source.error(location, said, f'put it in quotes: "{text}"')
    said = f"{_subject(location)} is {_say(value)}"
    if kind == "value_error" and isinstance(value, dict):
        keys = " and ".join(f"`{key}:`" for key in value) or "nothing"
        said = f"{_subject(location)} has {keys}"
    if kind == "literal_error":
        said = f'"{name}" cannot be {_say(value)}'
    return source.error(location, said, _hint(finding, location, written))


def _hint(finding: Finding, location: Location, written: str | None) -> str:
    kind, value, name = finding["type"], finding["input"], str(location[-1]) if location else ""
    context = finding.get("ctx", {})
    if kind == "form":
        return str(context["hint"])
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", context["expected"])
        meant = _meant(str(value), options)
        return f'did you mean "{meant}"?' if meant else nearest(str(value), options)
    if kind.startswith(("int_", "float_")):
        return remedy(value, name, written, whole=kind.startswith("int_"))
    if kind == "multiple_of":
        step = int(context["multiple_of"])
        below = max(value // step * step, 64)
        return f"write a multiple of {step}, such as {below} or {below + step}"
    if kind in ("greater_than", "greater_than_equal") and name == "weight" and value == 0:
        return f'remove "{location[-2]}" to have none of it, or give it a weight above 0'
    if kind in _RANGES:
        limits = {key: int(x) if x == int(x) else x for key, x in context.items()}
        return _RANGES[kind].format(**limits)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return _keys(value, location)
    if kind == "tuple_type":
        return _list(value, location)
    if kind == "too_short":
        return _list(value, location) if location[0] != "traits" else "write one value or more"
    if kind.startswith("string_too"):
        limit = context.get("max_length")
        return (
            f"shorten it to {limit} characters" if limit else "write something between the quotes"
        )
    return _plain(finding["msg"])


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return re.sub(r"\A(Input|String|Tuple|Dictionary) should ", "it should ", message)


def _unknown(name: str, location: Location) -> str:
    """What to do with a key that stands where nothing knows it."""
    known = fields_at(location[:-1])
    if name.strip(CURLY) != name:
        return f"write {name.strip(CURLY)} without curly quotes"
    if meant := _meant(name, known):
        return f'did you mean "{meant}"?'
    homes = homes_of(name) if location[0] != "traits" else []
    if "" in homes:
        return f'"{name}" belongs at the top, where no key is indented: move the line there'
    if homes:
        where = " or ".join(f"`{home}:`" for home in homes)
        return f'"{name}" belongs under {where}: move the line there'
    return nearest(name, known)


def _meant(word: str, known: Sequence[str]) -> str | None:
    """The one of `known` that `word` is another spelling of, if that is certain enough."""
    plain = word.strip(CURLY).lower()
    if plain in known or SYNONYMS.get(plain) in known:
        return plain if plain in known else SYNONYMS[plain]
    close = re.match(r'did you mean "(.*)"\?\Z', nearest(plain, known))
    return close[1] if close else None


def _empty(location: Location, source: Source) -> str:
    """A remedy for a key with nothing behind it, or with a comment that was meant as its text."""
    if comment := source.comment_at(location):
        return f'an unquoted # begins a comment; put text that holds one in quotes: "{comment}"'
    if location == ("traits",):
        return "write `Species: {fox: 3, cat: 1}` below it, two spaces in"
    example = example_of(location)
    return f"write it behind the colon: `{location[-1]}: {_written(example)}`"


def _keys(value: Any, location: Location) -> str:
    """A remedy where `key: value` pairs belong and something else stands."""
    name = str(location[-1]) if location else ""
    if isinstance(value, str) and (slip := re.match(r"(\w+):(\S.*)", value)):
        return f"write `{slip[1]}: {slip[2]}`, with a space behind the colon"
    if name in ("never", "when", "requires"):
        return f"write traits and their values in braces: `{name}: {{Species: robot}}`"
    if location[:1] == ("traits",):
        return "write `Species: {fox: 3, cat: 1}`"
    keys = SECTIONS[tuple(step for step in location if isinstance(step, str))].model_fields
    first = next(iter(keys))
    pair = f"{first}: {_written(example_of((*location, first)))}"
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
    if isinstance(value, dict | list):
        return ("`key: value` pairs" if isinstance(value, dict) else "a list") if value else "empty"
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _written(example: Any) -> str:
    """An example as YAML has it on one line."""
    if example is None or not isinstance(example, str | int | float):
        return "..."
    plain = isinstance(example, str) and re.fullmatch(r"[A-Za-z][^:#{}\[\],\"']*", example)
    return str(example) if plain else json.dumps(example, ensure_ascii=False)
