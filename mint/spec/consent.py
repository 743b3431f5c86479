"""consent.yaml, beside pictures that a model learns from: whose they are, and by what right."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import Field, ValidationError

from mint.document import Document, sha256
from mint.errors import CollectionError
from mint.spec.yaml_source import Source, nearest, read

FILE = "consent.yaml"
Right = Literal["own work", "licence", "permission"]
Line = Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S.*\S")]
_ADVICE = {
    "pictures": "say what they are: `pictures: 24 owls, drawn by hand in 2026`",
    "by": "name who made them: `by: Jane Doe`",
    "right": f"write one of: {', '.join(get_args(Right))}",
    "terms": "name the licence, or who allowed it and how: `terms: CC0 1.0`",
    "signed": "write your name: `signed: Jane Doe`",
    "date": "write the day on which you sign, year-month-day: `date: 2026-11-29`",
}
START = """\
# Whose pictures these are, and by what right a model learns from them. Only you can say so.
pictures:     # what they are, such as: 24 owls, drawn by hand in 2026
by:           # who made them
right:        # own work, licence or permission
# terms:      # of a licence its name, of a permission who gave it and how
signed:       # your name
date:         # the day on which you sign, such as 2026-11-29
"""


class Consent(Document):
    """What consent.yaml says; all of it is the signer's word, which nobody here can check."""

    pictures: Line
    by: Line
    right: Right
    terms: Line | None = None
    signed: Line
    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class ConsentFile(NamedTuple):
    """A consent.yaml, and the SHA-256 of its bytes."""

    consent: Consent
    digest: str


def read_consent(folder: Path) -> ConsentFile:
    """The consent.yaml of a folder of pictures; raises CollectionError with line and column."""
    path = folder / FILE
    if not folder.is_dir():
        raise CollectionError(
            f"{folder} is no folder" if folder.exists() else f"there is no folder {folder}",
            hint=f"give a folder with your pictures, their captions and {FILE}",
        )
    if not path.exists():
        raise CollectionError(
            f"{path} is missing: nothing says whose pictures these are, and by what right a model "
            "may learn from them",
            hint=f"write {FILE} into the folder, with these lines:\n{START}",
        )
    source = read(path)
    if not isinstance(source.values, dict):
        raise source.error((), f"{FILE} says nothing", f"write these lines:\n{START}")
    try:
        consent = Consent.model_validate(_texts(source))
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False), source) from error
    _refuse_unlike(consent, source)
    return ConsentFile(consent, sha256(source.text.encode()))


def _texts(source: Source) -> dict[str, Any]:
    """The values, and of what is a number to YAML what stands in the file."""
    return {
        key: value if value is None else source.written.get((key,), value)
        for key, value in source.values.items()
    }


def _refusal(findings: list[Any], source: Source) -> CollectionError:
    # A misspelt key is also missing.
    first = next((f for f in findings if f["type"] == "extra_forbidden"), findings[0])
    name, value = str(first["loc"][0]), first["input"]
    if first["type"] == "extra_forbidden":
        return source.error((name,), f'unknown key "{name}"', nearest(name, _ADVICE), key=True)
    if first["type"] == "missing":
        return source.error((), f'"{name}" is missing', _ADVICE[name])
    if not value:
        return source.error((name,), f'"{name}" is blank', _ADVICE[name], key=True)
    text = f'"{value}"' if isinstance(value, str) else "a list"
    return source.error((name,), f'"{name}" cannot be {text[:80]}', _ADVICE[name])


def _refuse_unlike(consent: Consent, source: Source) -> None:
    """Raise for a right that is not whole, or a day that is none."""
    if consent.right != "own work" and consent.terms is None:
        what = f'by "{consent.right}", and not by which'
        raise source.error(("right",), what, f"add a line: {_ADVICE['terms']}")
    try:
        date.fromisoformat(consent.date)
    except ValueError as error:
        what = f'there is no day "{consent.date}"'
        raise source.error(("date",), what, _ADVICE["date"]) from error
    for key in ("pictures", "by", "terms", "signed"):
        if re.fullmatch(r"[\W_x]+|todo|name|your name", str(getattr(consent, key)).lower()):
            raise source.error((key,), f'"{key}" is still to be filled in', _ADVICE[key])
