"""The text of decisions.yaml: a line for each decision, put among the artist's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence

from mint.curate.decisions import (
    BannerWish,
    Decisions,
    Edited,
    Entry,
    FeaturedWish,
    Keep,
    Reject,
    part_of,
)
from mint.errors import CollectionError
from mint.spec.yaml_source import Location, Source

HEADER = """\
# What you decided about single pictures. `mint build` obeys it; `mint keep`, `mint redraw`,
# `mint reject` and the buttons of `mint preview` write it. Delete a line to take it back.
# `picture` says which picture you saw. Where a token has another one by now, the line is named in
# a warning and not obeyed.
"""
Parse = Callable[[str], tuple[Decisions, Source]]


def edit(text: str, before: Decisions, after: Decisions, parse: Parse) -> str | None:
    """`text` with the lines of `after`; None where its form is not one that lines can be cut from.

    The result is read again, so that whatever the artist's YAML looks like nothing gets lost.
    """
    old, new = ({each.canonical() for each in _all(one)} for one in (before, after))
    try:
        if gone := [each for each in _all(before) if each.canonical() not in new]:
            text = _cut(text, gone, *parse(text))
        for entries in after.parts.values():
            if further := [each for each in entries if each.canonical() not in old]:
                text = _add(text, further, parse(text)[1])
        return text if _same(parse(text)[0], after) else None
    except CollectionError:
        return None


def whole(text: str, decisions: Decisions) -> str:
    """The file written anew, below the comment that it begins with."""
    lines = text.split("\n")
    comment = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    parts = ["\n".join(lines[:comment]) + "\n" if comment else HEADER]
    for part, entries in decisions.parts.items():
        if entries:
            parts += [f"{part}:\n", *(f"  {_line(each)}\n" for each in entries)]
    return "".join(parts)


def _all(decisions: Decisions) -> list[Entry]:
    return [entry for entries in decisions.parts.values() for entry in entries]


def _same(left: Decisions, right: Decisions) -> bool:
    one, other = ({each.canonical() for each in _all(decisions)} for decisions in (left, right))
    return one == other and len(_all(left)) == len(_all(right))


def location_of(entry: Entry, decisions: Decisions) -> Location:
    """Where it stands in the file."""
    part = part_of(entry)
    if isinstance(entry, Keep):
        return part, str(entry.token)
    return part, decisions.parts[part].index(entry)


def _span(location: Location, source: Source) -> tuple[int, int]:
    """The first line (0-based) of what stands at a location, and the first behind it."""
    first, last = _lines(location, source)
    return first, last + 1


def _lines(location: Location, source: Source) -> tuple[int, int]:
    """The first and the last line (0-based) of what stands at a location."""
    marks = [*source.marks.items(), *source.keys.items()]
    lines = [line for place, (line, _) in marks if place[: len(location)] == location]
    return min(lines) - 1, max(lines) - 1


def _cut(text: str, gone: Sequence[Entry], decisions: Decisions, source: Source) -> str:
    """Without the lines of these decisions, nor the heading of a part that is left empty."""
    dropped: set[int] = set()
    for verb, number in Counter(part_of(each) for each in gone).items():
        if number == len(source.values[verb]):
            dropped.update(range(*_span((verb,), source)))
    for each in gone:
        dropped.update(range(*_span(location_of(each, decisions), source)))
    lines = text.split("\n")
    return "\n".join(line for i, line in enumerate(lines) if i not in dropped)


def _add(text: str, decisions: Sequence[Entry], source: Source) -> str:
    """Behind the last entry of their part, indented like it; else in a new part at the end."""
    lines, verb = text.split("\n"), part_of(decisions[0])
    if (verb,) not in source.keys:
        ending = "" if not text or text.endswith("\n") else "\n"
        entries = "".join(f"  {_line(each)}\n" for each in decisions)
        return f"{text}{ending}{verb}:\n{entries}"
    last = _lines((verb,), source)[1]
    entries = source.values[verb]
    indent = "  "
    if entries:
        first = str(next(iter(entries))) if isinstance(entries, dict) else 0
        line = lines[_lines((verb, first), source)[0]]
        indent = line[: len(line) - len(line.lstrip(" "))]
    further = [f"{indent}{_line(each)}" for each in decisions]
    return "\n".join([*lines[: last + 1], *further, *lines[last + 1 :]])


def _line(decision: Entry) -> str:
    if isinstance(decision, Edited | BannerWish | FeaturedWish):
        return f"- {json.dumps(_fields(decision), ensure_ascii=False)}"
    picture = f", picture: {_quoted(decision.picture)}" if decision.picture else ""
    if isinstance(decision, Keep):
        return f"{decision.token}: {{attempt: {decision.attempt}{picture}}}"
    reason = f", reason: {_quoted(decision.reason)}" if isinstance(decision, Reject) else ""
    return f"- {{token: {decision.token}, after: {decision.after}{picture}{reason}}}"


def _fields(edit: Edited | BannerWish | FeaturedWish) -> dict[str, object]:
    """The token first, then in the order of the record, in JSON's form, which YAML reads too."""
    fields = edit.model_dump(mode="json", exclude_none=True)
    return {"token": fields.pop("token"), **fields}


def _quoted(text: str) -> str:
    """In YAML's double quotes; what no editor shows is escaped."""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain)
