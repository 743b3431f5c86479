"""A build -> all that decided it, a line for each key of collection.yaml and of the runtime."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mint.record.manifest import Manifest


def settings(manifest: Manifest) -> dict[str, str]:
    """`image.steps` -> `8`: all that decides a build, one line each, as collection.yaml has it."""
    fields = manifest.collection.model_dump(mode="json", exclude_none=True)
    flat = dict(_flat(fields, ""))
    painters = {token.recipe.runtime for token in manifest.tokens}
    for runtime in (manifest.runtimes[digest] for digest in sorted(painters)):
        for key, value in _flat(runtime.model_dump(mode="json", exclude_none=True), "painted by"):
            values = flat[key].split(" and ") if key in flat else []
            flat[key] = " and ".join(dict.fromkeys([*values, value]))
    return flat


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Nested keys as dotted paths; a list of named things by their names."""
    if isinstance(value, list) and value and all(_is_named(each) for each in value):
        value = {each["name"]: {k: v for k, v in each.items() if k != "name"} for each in value}
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            # `traits` holds traits by name, and they hold values by name, as in the file.
            deeper = (
                inner["values"] if isinstance(inner, dict) and set(inner) == {"values"} else inner
            )
            yield from _flat(deeper, f"{path}.{key}" if path else key)
    else:
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_named(value: Any) -> bool:
    return isinstance(value, dict) and "name" in value
