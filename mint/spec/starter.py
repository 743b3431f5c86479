"""A name -> a commented collection.yaml that builds as it is, and its schema for editors."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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


class DraftValue(NamedTuple):
    """A value of a drafted trait; `phrase` is what the prompt says, if not its name."""

    name: str
    weight: int
    phrase: str | None


class Draft(NamedTuple):
    """What a language model made of a theme (mint.paint.draft), and its name.

    `model` is what paints, `side` the pictures' sides in pixels; None are those of the template.
    """

    theme: str
    description: str
    prompt: str
    traits: Mapping[str, Sequence[DraftValue]]
    author: str = ""
    model: str | None = None
    side: int | None = None


def starter_path(name: str, folder: Path) -> Path:
    """Where the collection `name` begins; raises where no collection can have the name, or has it.

    CollectionError for the name, StoreError for a file that is there.
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
    return path


def starter(name: str, folder: Path, draft: Draft | None = None) -> Path:
    """Write `folder`/<slug of name>/collection.yaml; raises StoreError if there is one already.

    With a draft it has that one's traits. schema.json beside it is what `mint schema` prints; the
    file's first line names it to editors.

    Raises CollectionError for a name that no collection can have.
    """
    path = starter_path(name, folder)
    text = filled(name)
    write(path, (drafted(text, draft) if draft else text).encode())
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


def drafted(text: str, draft: Draft) -> str:
    """The filled template with a draft's description, prompt and traits, and without rules."""
    traits = "".join(
        f"  {key_text(trait)}:\n" + "".join(f"    {_line(value)}\n" for value in values)
        for trait, values in draft.traits.items()
    )
    by = f"# Chosen by the language model {draft.author} for the theme: {draft.theme}"
    about = f"{_comment(by)}\ndescription: {quoted(draft.description)}\n"
    parts = {
        r"^description: .*\n": about,
        r"^  prompt: .*\n": f"  prompt: {quoted(draft.prompt)}\n",
        r"^traits:\n(?:[ #].*\n)+": f"traits:\n{traits}",
        r"^rules:\n(?:[ #].*\n)+": "",
    }
    if draft.model:
        side = draft.side or 512
        parts |= {
            r"^  model: .*\n": f"  model: {quoted(draft.model)}\n",
            r"^  steps: .*\n  guidance_scale: .*\n  scheduler: .*\n": "",
            r"^  width: .*\n  height: .*\n": f"  width: {side}\n  height: {side}\n",
            r"^  dtype: .*\n(?:  #.*\n)+  refiners: .*\n  upscale: .*\n": "",
        }
    for pattern, part in parts.items():
        text, number = re.subn(pattern, part.replace("\\", r"\\"), text, flags=re.MULTILINE)
        assert number == 1, pattern
    return text


def _line(value: DraftValue) -> str:
    if value.phrase is None:
        return f"{key_text(value.name)}: {value.weight}"
    return f"{key_text(value.name)}: {{weight: {value.weight}, prompt: {quoted(value.phrase)}}}"


def key_text(name: str) -> str:
    """A name as a key of YAML: in quotes if it needs them."""
    return name if re.fullmatch("[A-Za-z](?:[A-Za-z0-9 _-]*[A-Za-z0-9])?", name) else quoted(name)


def _comment(text: str) -> str:
    """A text as a comment may have it: on one line, of characters that everybody sees."""
    return "".join(c if c.isprintable() else " " for c in text)


def quoted(text: str) -> str:
    """Text as YAML reads it back: JSON's quotes, with what only YAML minds escaped as well."""
    in_quotes = json.dumps(text, ensure_ascii=False)
    return UNREADABLE.sub(lambda odd: f"\\u{ord(odd[0]):04x}", in_quotes)
