"""A name -> a commented collection.yaml that builds as it is, and its schema for editors."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mint.document import sha256
from mint.errors import CollectionError, StoreError
from mint.spec.collection import slug
from mint.spec.schema import json_schema
from mint.spec.traits import Name
from mint.store import write

TEMPLATE = Path(__file__).parent / "starter.yaml"


# What JSON writes as it is, and YAML does not read, or reads as the end of a line.
UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def starter(name: str, folder: Path) -> Path:
    """Write `folder`/<slug of name>/collection.yaml; raises StoreError if there is one already.

    schema.json beside it is what `mint schema` prints; the file's first line names it to editors.

    Raises CollectionError for a name that no collection can have.
    """
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        raise CollectionError(
            f"{name[:40]!r} cannot be a collection's name",
            hint="give it a name of 1 to 120 characters; it can be changed in the file",
        ) from error
    path = folder / slug(name) / "collection.yaml"
    if path.exists():
        raise StoreError(f"{path} exists already", hint="choose another name, or edit that file")
    write(path, filled(name).encode())
    schema = path.with_name("schema.json")
    if not schema.exists():
        write(schema, (json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n").encode())
    return path


def filled(name: str) -> str:
    """The template for `name`; the seed comes from the name, so that two people differ."""
    symbol = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKD", name).upper())[:5] or "ART"
    seed = int(sha256(name.encode())[:8], 16)
    fields = {"NAME": quoted(name), "SYMBOL": quoted(symbol), "SEED": str(seed)}
    text = TEMPLATE.read_text(encoding="utf-8")
    # In one go: a collection may be called SEED.
    return re.sub(r"(?<=: )(NAME|SYMBOL|SEED)\b", lambda word: fields[word[0]], text)


def quoted(text: str) -> str:
    """Text as YAML reads it back: JSON's quotes, with what only YAML minds escaped as well."""
    in_quotes = json.dumps(text, ensure_ascii=False)
    return UNREADABLE.sub(lambda odd: f"\\u{ord(odd[0]):04x}", in_quotes)
