"""decisions.yaml, beside collection.yaml: read with line and column, written with its comments."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import ValidationError

from mint.curate.decisions import (
    MOST_REASON,
    BannerWish,
    Decisions,
    Edited,
    Entry,
    FeaturedWish,
    Keep,
    Part,
    Redraw,
    Reject,
)
from mint.curate.decisions_text import HEADER, edit, location_of, whole
from mint.errors import CollectionError, disk_error
from mint.spec.beside import LEAST, LONGEST, MOST
from mint.spec.yaml_source import Location, Source, nearest, parse, read
from mint.store import write

E = TypeVar("E", Keep, Redraw, Reject, Edited, BannerWish, FeaturedWish)
PARTS: tuple[Part, ...] = get_args(Part)
FORMS: dict[Part, str] = {
    "keep": "3: {attempt: 0}",
    "redraw": "- {token: 12, after: 0}",
    "reject": '- {token: 7, after: 1, reason: "six fingers"}',
    "edit": "- {token: 7, attempt: 1000, of: 0, strength: 0.5}",
    "banner": "- {token: 12, width: 1400, height: 350}",
    "featured": "- {token: 7}",
}
_ADVICE = {
    "token": "write a token's number, 1 or more",
    "attempt": "write the number of an attempt; the first is 0",
    "after": "write the number of the attempt that you saw; the first is 0",
    "picture": "write the first 12 digits of the picture, as mint keep does, or leave it out",
    "of": "write the number of the attempt that it begins with; the first is 0",
    "strength": "write how much of the picture goes: above 0, and 1 at most",
    "embedding": "write true or leave it out",
    "blend": "write it as {first: {token: 3, attempt: 0}, second: {token: 7, attempt: 0}, "
    "share: 0.5}; with edits as parents mint blend writes it",
    "traits": "write the traits that the token gets, as {Hat: crown}",
    "prompt": "write the words in quotes, or leave it out",
    "mask": "leave the line to mint retouch, which writes it",
    "mask_file": "write the mask's file, relative to collection.yaml, or leave it out",
    "width": f"write the banner's pixels from left to right, {LEAST} to {MOST}",
    "height": f"write the banner's pixels from top to bottom, {LEAST} to {MOST}",
    "place": "write left, centre or right",
    "beside": "write scenery or company",
    "seed": "write a whole number, or leave it out",
    "early": "write true or leave it out",
    "reason": f'write in "quotes" what is wrong, in at most {MOST_REASON} characters',
}


def decisions_path(file: Path) -> Path:
    """Beside collection.yaml; another file in the same folder has decisions of its own."""
    name = "decisions.yaml" if file.stem == "collection" else f"{file.stem}.decisions.yaml"
    return file.parent / name


class DecisionsFile(NamedTuple):
    """What decisions.yaml says, and where."""

    decisions: Decisions
    source: Source

    def place(self, decision: Entry) -> str:
        """`file:line:column` of a decision."""
        return self.source.at(location_of(decision, self.decisions), key=True)


def read_decisions(file: Path) -> DecisionsFile:
    """What the artist of collection.yaml `file` decided; nothing where there is no such file.

    Raises CollectionError, which begins `file:line:column:`.
    """
    path = decisions_path(file)
    if not path.exists():
        return DecisionsFile(Decisions(), parse("", path))
    source = read(path)
    return DecisionsFile(_decisions(source), source)


def change(file: Path, step: Callable[[Decisions], Decisions]) -> Decisions:
    """Read, change and write the decisions of `file`, one process after the other.

    Comments, order and the artist's own spelling stay where the change leaves them.
    """
    path = decisions_path(file)
    with _alone(path.parent):
        before, source = read_decisions(file)
        after = step(before)
        if after != before:
            text = edit(source.text or HEADER, before, after, lambda t: parse_decisions(t, path))
            write(path, (text or whole(source.text, after)).encode())
    return after


def parse_decisions(text: str, path: Path) -> tuple[Decisions, Source]:
    """The decisions in a text; raises CollectionError."""
    source = parse(text, path)
    return _decisions(source), source


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process writes decisions in `folder`."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise disk_error(error, folder) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _decisions(source: Source) -> Decisions:
    values = source.values or {}
    if not isinstance(values, dict):
        raise source.error((), "decisions are missing their heading", f"begin with {PARTS[0]}:")
    for key in values:
        if key not in PARTS:
            raise source.error((key,), f'"{key}" is no decision', nearest(key, PARTS), key=True)
    decisions = Decisions(
        keep=tuple(_keeps(source, values.get("keep") or {})),
        redraw=tuple(_list(source, "redraw", Redraw)),
        reject=tuple(_list(source, "reject", Reject)),
        edit=tuple(_list(source, "edit", Edited)),
        banner=tuple(_single(source, "banner", BannerWish)),
        featured=tuple(_single(source, "featured", FeaturedWish)),
    )
    _refuse_contradictions(decisions, source)
    return decisions


def _keeps(source: Source, values: Any) -> Iterator[Keep]:
    if not isinstance(values, dict):
        raise _misshapen(source, ("keep",), "keep")
    for token, value in values.items():
        place: Location = ("keep", token)
        fields = {"attempt": value} if isinstance(value, int) else value
        if not isinstance(fields, dict) or "token" in fields:
            raise _misshapen(source, place, "keep")
        if not re.fullmatch("[0-9]{1,7}", token):
            raise source.error(place, f'"{token}" is no token', _ADVICE["token"], key=True)
        yield _entry(source, place, Keep, {"token": int(token), **fields})


def _list(source: Source, verb: Part, form: type[E]) -> Iterator[E]:
    values = source.values.get(verb) or [] if source.values else []
    if not isinstance(values, list):
        raise _misshapen(source, (verb,), verb)
    for i, fields in enumerate(values):
        if not isinstance(fields, dict):
            raise _misshapen(source, (verb, i), verb)
        yield _entry(source, (verb, i), form, fields)


def _single(source: Source, part: Part, form: type[E]) -> list[E]:
    """The only entry of a part, if it has one."""
    entries = list(_list(source, part, form))
    if len(entries) > 1:
        raise source.error((part, 1), f"there is one {part} already", "delete one of the lines")
    return entries


def _entry(source: Source, place: Location, form: type[E], fields: dict[str, Any]) -> E:
    # Twelve digits without a letter would be read as a number.
    literals = {name: source.written.get((*place, name)) for name in ("picture", "reason")}
    texts = {name: text for name, text in literals.items() if text and name in fields}
    try:
        return form.model_validate(fields | texts)
    except ValidationError as error:
        # A misspelt name is also missing.
        findings = error.errors(include_url=False)
        first = next((f for f in findings if f["type"] == "extra_forbidden"), findings[0])
        if not first["loc"]:
            hint = f"write sides of which the longer is at most {LONGEST} times the shorter"
            raise source.error(place, "a banner cannot be so narrow", hint) from error
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            hint = nearest(name, list(form.model_fields)[form is Keep :])
            raise source.error((*place, name), f'"{name}" is unknown', hint, key=True) from error
        what = "is missing" if first["type"] == "missing" else f"cannot be {first['input']}"
        raise source.error((*place, name), f'"{name}" {what}', _ADVICE[name]) from error


def _misshapen(source: Source, place: Location, verb: Part) -> CollectionError:
    return source.error(place, f"this is no entry of {verb}:", f"write it as {FORMS[verb]}")


def _refuse_contradictions(decisions: Decisions, source: Source) -> None:
    for verb in ("redraw", "reject"):
        for i, each in enumerate(getattr(decisions, verb)):
            if decisions.chosen(each.token) == each.attempt:
                raise source.error(
                    (verb, i),
                    f"attempt {each.attempt} of token {each.token} is kept and painted again",
                    "delete this line, or the token's line below keep:",
                )
