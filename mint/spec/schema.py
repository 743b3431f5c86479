"""Collection -> the JSON Schema of collection.yaml, for editors."""

from __future__ import annotations

from typing import Any

from mint.spec.collection import Collection

ID = "urn:mint:collection:1"


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12: every key with its form, what it means, and an example.

    https://json-schema.org/draft/2020-12
    """
    schema = _plain(Collection.model_json_schema())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        **schema,
        "title": "collection.yaml of mint",
    }


def _plain(part: Any) -> Any:
    """Descriptions on one line, no titles (they repeat the key), examples beside descriptions."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    plain = {key: _plain(value) for key, value in part.items() if not _is_title(key, value)}
    if isinstance(text := plain.get("description"), str):
        plain["description"] = " ".join(text.split())
    forms = [form for form in plain.get("anyOf", ()) if "examples" in form]
    if "description" in plain and forms:
        plain.setdefault("examples", forms[0].pop("examples"))
    return plain


def _is_title(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)
