"""Characters that YAML does not take where they stand: TABs, wide spaces, stray ones."""

from __future__ import annotations

import re

from mint.spec.yaml_lines import Mistake, Stop, indent, is_heading, plural

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ODD_SPACES = re.compile("[\xa0\u2000-\u200b\u202f\u3000\ufeff]")
_STRAY = "@%`&*!|>,;="


def control(stop: Stop) -> Mistake | None:
    """A character that no editor shows, anywhere in the file."""
    for number, line in enumerate(stop.lines):
        if odd := _CONTROL.search(line):
            name = f"U+{ord(odd[0]):04X}"
            message = f"an invisible character ({name}) stands here"
            return stop.mistake(number, odd.start(), message, "delete it, or type the line again")
    return None


def tab(stop: Stop) -> Mistake | None:
    """A TAB for indentation."""
    lead = stop.here[: len(stop.here) - len(stop.here.lstrip())]
    if "\t" not in lead and stop.character != "\t":
        return None
    above = stop.lines[stop.above] if stop.above >= 0 else ""
    spaces = indent(above) + (2 if stop.above >= 0 and is_heading(stop) else 0)
    return stop.mistake(
        stop.line,
        stop.here.index("\t"),
        "a TAB indents this line, and YAML takes spaces only",
        f"delete the TAB and type {plural(spaces, 'space')}",
    )


def odd_character(stop: Stop) -> Mistake | None:
    """A wide colon, or a space that only looks like one, as copied from a page."""
    for number in (stop.line, stop.above):
        line = stop.lines[number] if 0 <= number < len(stop.lines) else ""
        if (colon := line.find("：")) >= 0:
            message = "this colon is a wide one (：)"
            return stop.mistake(number, colon, message, "type a plain colon and a space")
        lead = line[: len(line) - len(line.lstrip())]
        if odd := _ODD_SPACES.search(lead):
            message = "a space that is no plain one indents this line"
            hint = "delete what stands before the first word, and type spaces"
            return stop.mistake(number, odd.start(), message, hint)
    return None


def fence(stop: Stop) -> Mistake | None:
    """The line with which Markdown begins or ends a block."""
    if stop.here.strip().startswith(("```", "~~~")):
        return stop.mistake(stop.line, 0, "this line is Markdown's, not YAML's", "delete the line")
    return None


def stray(stop: Stop) -> Mistake | None:
    """A character at the beginning of a line that no key begins with."""
    first = stop.here.lstrip(" ")[:1]
    if not first or first not in _STRAY or stop.openings[0]:
        return None
    message = f"a {first} stands before this line's first word"
    return stop.mistake(stop.line, indent(stop.here), message, "delete it")
