"""A collection.yaml file -> Collection, or an error that names the line, column and remedy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from os.path import isfile
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mint.errors import CollectionError
from mint.spec import sale_times as sale
from mint.spec.collection import ONE_OF_ONE, Collection, fields_at, model_folder, upscaler_file
from mint.spec.traits import Trait
from mint.spec.yaml_source import Location, Source, nearest, read

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
HUB_ID = re.compile(r"[\w.-]+/[\w.-]+\Z", re.ASCII)
SHOWN = 8  # errors in one message; the artist mends them top down


def load(path: Path) -> tuple[Collection, Source]:
    """Read and check `path`; raises CollectionError listing what is wrong, first things first."""
    source = read(path)
    if not isinstance(source.values, dict):
        said = "a collection.yaml is a list of `key: value` lines"
        raise source.error((), said, "mint new NAME writes one to start from")
    if isinstance(source.values.get("traits"), list):  # the record's own form, which hides twins
        raise source.error(("traits",), "traits are a list", "write `Species: {fox: 3, cat: 1}`")
    try:
        # JSON mode: strict about types, yet a YAML list may become a tuple.
        collection = Collection.model_validate_json(json.dumps(source.values))
    except ValidationError as error:
        raise _merge([_explain(e, source) for e in error.errors(include_url=False)]) from error
    problems = [
        *_prompt(collection, source),
        *_rules(collection, source),
        *_one_of_ones(collection, source),
        *_model(collection, source),
        *sale.problems(collection, source),
    ]
    if problems:
        raise _merge(problems)
    return collection, source


def _merge(errors: list[CollectionError]) -> CollectionError:
    """One error out of many: a line and a remedy each, like a compiler."""
    if len(errors) == 1:
        return errors[0]
    lines = [f"{e}\n    {e.hint}" for e in errors[:SHOWN]]
    more = len(errors) - SHOWN
    last = f"mend these {SHOWN}; {more} more follow" if more > 0 else "mend them from the top"
    return CollectionError("\n".join(lines), hint=last)


def _place(loc: tuple[str | int, ...], values: dict[str, Any]) -> Location:
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


def _explain(error: Any, source: Source) -> CollectionError:
    """A pydantic error in the artist's words."""
    loc, kind = error["loc"], error["type"]
    place, given = _place(loc, source.values), error.get("input")
    if place and str(place[-1]).startswith(("literal[", "constrained-")):  # one form of several
        place = place[:-1]
    name = str(place[-1]) if place else "the file"
    if kind == "endpoint":  # the value may hold a key
        return source.error(place, error["msg"], error["ctx"]["hint"])
    if kind == "extra_forbidden":
        known = fields_at(loc[:-1])
        return source.error(place, f'unknown key "{name}"', nearest(name, known), key=True)
    if kind == "missing":
        hint = (
            "write `fox: 3` without a dash" if place[0] == "traits" else f"add a line `{name}: ...`"
        )
        return source.error(place[:-1], f'"{name}" is missing', hint)
    if kind == "string_type" and isinstance(given, bool | int | float):
        text = source.written.get(place) or source.written.get(place[:-1]) or _say(given)
        return source.error(
            place, f'"{name}" must be text, but {text} is written', f'put it in quotes: "{text}"'
        )
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        return source.error(
            place, f'"{name}" cannot be {_say(given)}', nearest(str(given), options)
        )
    return source.error(place, f'"{name}" is {_say(given)}', _wanted(place, error["msg"]))


def _wanted(place: Location, message: str) -> str:
    """Pydantic's remedy; what JSON calls an object or an array is written otherwise here."""
    if "valid array" in message and place[0] == "traits":
        return "write `Species: {fox: 3, cat: 1}`"
    message = message.removeprefix("Value error, ").removesuffix(" after validation, not 0")
    message = message.replace("an object", "`key: value` pairs").replace("a valid array", "a list")
    return re.sub(r"\A(Input|String|Tuple|Dictionary) should ", "it should ", message)


def _say(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, float) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _prompt(collection: Collection, source: Source) -> Iterator[CollectionError]:
    place: Location = ("image", "prompt")
    used = PLACEHOLDER.findall(collection.image.prompt)
    names = [trait.name for trait in collection.traits]
    for name in dict.fromkeys(used):
        if name not in names:
            yield source.error(
                place, f"the prompt names {{{name}}}, which is no trait", nearest(name, names)
            )
    for name in names:
        if name not in used:
            yield source.error(
                ("traits", name),
                f'the trait "{name}" is never painted',
                f"write {{{name}}} in image.prompt, or remove the trait",
                key=True,
            )
    rest = PLACEHOLDER.sub("", collection.image.prompt)
    if "{" in rest or "}" in rest:
        yield source.error(
            place, "the prompt has a brace without its partner", "write {Trait} with both braces"
        )
    for place, text in collection.plain_prompts():
        if "{" in text or "}" in text:
            yield source.error(
                place, "braces name a trait in image.prompt only", "write the words themselves"
            )


def _rules(collection: Collection, source: Source) -> Iterator[CollectionError]:
    values = {trait.name: [v.name for v in trait.values] for trait in collection.traits}
    for trait in collection.traits:
        yield from _amounts(trait, source)
    if ONE_OF_ONE in values:
        yield source.error(
            ("traits", ONE_OF_ONE),
            f'"{ONE_OF_ONE}" is what one-of-ones have as a trait',
            "rename the trait",
            key=True,
        )
    for i, rule in enumerate(collection.rules):
        for part, condition in rule.conditions.items():
            for name, wanted in condition.items():
                place = ("rules", i, part, name)
                if name not in values:
                    yield source.error(
                        place,
                        f'a rule names "{name}", which is no trait',
                        nearest(name, values),
                        key=True,
                    )
                    continue
                for value in wanted:
                    if value not in values[name]:
                        yield source.error(
                            place, f'"{name}" has no value "{value}"', nearest(value, values[name])
                        )


def _amounts(trait: Trait, source: Source) -> Iterator[CollectionError]:
    seen: set[str] = set()
    for value in trait.values:
        place = ("traits", trait.name, value.name)
        if value.weight is not None and value.count is not None:
            yield source.error(
                place,
                f'"{value.name}" has a weight and a count',
                "keep one: count is exact, weight is a share of the rest",
            )
        if value.name in seen:
            yield source.error(place, f'"{value.name}" is listed twice', "remove one of the two")
        seen.add(value.name)
    if len(absent := [value.name for value in trait.values if value.absent]) > 1:
        yield source.error(
            ("traits", trait.name, absent[1]),
            f'"{absent[0]}" and "{absent[1]}" both mean that the trait is absent',
            "keep one of the two",
            key=True,
        )


def _one_of_ones(collection: Collection, source: Source) -> Iterator[CollectionError]:
    taken: set[int] = set()
    if len(collection.one_of_ones) > collection.supply:
        yield source.error(
            ("one_of_ones",),
            f"{len(collection.one_of_ones)} one-of-ones do not fit a supply of {collection.supply}",
            "raise supply",
        )
    for i, one in enumerate(collection.one_of_ones):
        place = ("one_of_ones", i, "token_id")
        if one.token_id is None:
            continue
        if one.token_id > collection.supply:
            yield source.error(
                place,
                f"token {one.token_id} is beyond the supply of {collection.supply}",
                f"use 1 to {collection.supply}",
            )
        if one.token_id in taken:
            yield source.error(place, f"token {one.token_id} is given twice", "use another number")
        taken.add(one.token_id)


def _model(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """A hub model is pinned to a commit; anything else is `atelier` or a folder that exists."""
    image, dedup = collection.image, collection.dedup
    if image.upscale and not isfile(upscaler_file(image.upscale, source.path)):
        yield source.error(
            ("image", "upscale"),
            f'the upscaler "{image.upscale}" does not exist',
            "give a safetensors file, or `atelier`",
        )
    for section, key, model, revision in (
        ("image", "model", image.model, image.revision),
        ("dedup", "embedder", dedup.embedder, dedup.revision),
    ):
        place = (section, key)
        folder = model_folder(model, source.path)
        if folder is None and not HUB_ID.match(model):
            yield source.error(
                place,
                f'"{model}" is no model',
                "use `atelier`, ./a-folder, or a hub id such as org/name",
            )
        elif folder is None and revision is None:
            yield source.error(
                place,
                f'the hub model "{model}" is not pinned',
                "add `revision:` with the 40-digit commit from the model's page; "
                "a branch name may paint other pictures tomorrow",
            )
        elif folder is not None and not folder.is_dir():
            yield source.error(
                place,
                f'the model folder "{model}" does not exist',
                "give a folder, `atelier`, or a hub id such as org/name",
            )
        elif folder is not None and revision is not None:
            yield source.error((section, "revision"), "a folder has no revision", "remove the line")
