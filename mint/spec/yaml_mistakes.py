"""Where a YAML parser gave up -> what is wrong there in an artist's words, and the edit.

Each rule knows one slip by the text alone, whatever the parser says; the first that fits speaks.
"""

from __future__ import annotations

import re

from mint.spec.keys import KEYS, TOP, holds_keys
from mint.spec.yaml_brackets import bracket, comma
from mint.spec.yaml_characters import control, fence, odd_character, stray, tab
from mint.spec.yaml_lines import (
    PARTNER,
    Mistake,
    Stop,
    indent,
    is_heading,
    plural,
    quoted,
    says_something,
)

_ENTRY = re.compile(r"(?P<lead>\s*(?:- +)?)(?P<key>[^\s:#{\[\"'][^:#{\[]*?):(?P<rest>.*)")
_PAIRS = re.compile(r"[^:,{}]+:\s*[\d.]+(\s*,[^:,{}]+:\s*[\d.]+)*")
_NO_START = "@%`*&!|>?-,"  # what plain text must not begin with


def explain(text: str, line: int, column: int) -> Mistake:
    """The mistake behind a parser's stop at `line` and `column`, 0-based."""
    stop = Stop(text, line, column)
    for rule in RULES:
        if mistake := rule(stop):
            return mistake
    hint = (
        "put text that holds : # { } [ ] or quotes in quotes, and begin lines as their neighbours"
    )
    return stop.mistake(line, column, "this line cannot be read", hint)


def _no_space(stop: Stop) -> Mistake | None:
    """`supply:24` and `-never: ...`; the parser notices some lines later."""
    for number in (stop.line, stop.above):
        line = stop.lines[number] if number >= 0 else ""
        if dash := re.match(r"(\s*)-(?=[A-Za-z{\"'])(?!--)(.*)", line):
            message = "a dash needs a space behind it"
            return stop.mistake(number, len(dash[1]), message, f"write `- {dash[2].strip()}`")
        entry = _ENTRY.fullmatch(line)
        if entry and entry["rest"][:1] not in ("", " ", "\t", "/") and "://" not in line[:12]:
            message = f'no space stands behind the colon of "{entry["key"]}"'
            hint = f"write `{entry['key']}: {entry['rest'].strip()}`"
            return stop.mistake(number, entry.end("key"), message, hint)
    return None


def _quotes(stop: Stop) -> Mistake | None:
    """A quote without its partner, and text behind one that has it."""
    for mark in reversed(stop.openings[1]):
        if mark.closed != mark.line and (mark.closed is None or mark.closed >= stop.line):
            message = (
                f"the text that begins with {mark.character} has no {mark.character} at its end"
            )
            hint = f"write {mark.character} at the end of line {mark.line + 1}"
            return stop.mistake(mark.line, mark.column, message, hint)
    value = re.match(r"\s*(?:- +)?[^:\"']+:\s+([\"'])(.*)", stop.here)
    if not value:
        return None
    whole = value[1] + value[2].rstrip()
    end = re.match(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'", whole)
    if end is None or end.end() < len(whole):
        if "\\" in whole[: end.end() if end else None] and end is None:
            return None
        inner = whole[1:-1] if whole.endswith(whole[0]) else whole
        if re.match(r"'[^']*\w'\w", whole):  # an apostrophe, not the closing quote
            inner = whole.strip("'")
        message = f"the text goes on behind its closing {value[1]}"
        return stop.mistake(
            stop.line, value.start(1), message, f"put all of it in quotes: {quoted(inner)}"
        )
    if value[1] == '"' and "\\" in whole:
        message = "a backslash has a meaning of its own in double quotes"
        return stop.mistake(
            stop.line, value.start(1), message, f"use single quotes: '{whole[1:-1]}'"
        )
    return None


def _text_that_begins_so(stop: Stop) -> Mistake | None:
    """`prompt: {Body} fox` and `description: @me`: text whose first character YAML needs."""
    entry = _ENTRY.fullmatch(stop.here)
    value = entry["rest"].strip() if entry else ""
    if not entry or not value:
        return None
    first, partner = value[0], PARTNER.get(value[0])
    if partner is None and first not in _NO_START:
        return None
    if partner and (holds_keys(entry["key"]) or not _goes_on(value, entry["key"], stop)):
        return None
    message = f"text that begins with {first} must stand in quotes"
    hint = f"write `{entry['key']}: {quoted(value)}`"
    return stop.mistake(stop.line, entry.end("key") + 2, message, hint)


def _goes_on(value: str, key: str, stop: Stop) -> bool:
    """Whether a value in braces is a text that goes on behind them: `{Body} fox`."""
    end, depth = 0, 1
    while depth and end + 1 < len(value):
        end += 1
        depth += (value[end] in "{[") - (value[end] in "}]")
    behind = value[end + 1 :].split(" #")[0]
    return key in KEYS or (not stop.openings[0] and behind.strip(" ,}]") != "")


def _colon_in_text(stop: Stop) -> Mistake | None:
    """`description: Beasts: six` wants quotes, `never: Fur: orange` wants braces."""
    entry = _ENTRY.fullmatch(stop.here)
    if not entry or entry.end("key") >= stop.column or ": " not in f"{entry['rest'].strip()} ":
        return None
    key, rest = entry["key"], entry["rest"].split(" #")[0].strip()
    if holds_keys(key) or _PAIRS.fullmatch(rest):
        message = f'what "{key}" holds must stand in braces when it is on the same line'
        hint = f"write `{key}: {{{rest.strip('{}')}}}`"
    else:
        message = f'a colon inside the text of "{key}" ends the text'
        hint = f"put the text in quotes: `{key}: {quoted(rest)}`"
    return stop.mistake(stop.line, stop.column, message, hint)


def _dash(stop: Stop) -> Mistake | None:
    """An entry with a dash beside keys without one."""
    number = stop.above
    while number >= 0 and indent(stop.lines[number]) > indent(stop.here):
        number = stop.content(number)
    above = stop.lines[number] if number >= 0 else ""
    here, column = stop.here, indent(above)
    if column != indent(here) or not here.strip():
        return None
    if above.lstrip().startswith("- ") == here.lstrip().startswith("- "):
        return None
    if (entry := _ENTRY.fullmatch(here)) and entry["key"].strip() in TOP and column:
        message = f'"{entry["key"].strip()}" is no entry of the list above'
        return stop.mistake(stop.line, column, message, "begin its line with no spaces")
    dashed = number if above.lstrip().startswith("- ") else stop.line
    message = "one of two neighbours has a dash, the other has none"
    hint = "delete the dash, or indent what belongs to its entry by two spaces more"
    return stop.mistake(dashed, column, message, hint)


def _no_colon(stop: Stop) -> Mistake | None:
    """`supply 24`, `supply = 24`, `// a comment`, and text that goes on without indentation."""
    number = stop.above
    line = stop.lines[number] if number >= 0 else ""
    words = re.match(r"\s*(?:- +)?(\w+)\s*=?\s*(.*)", line)
    if line.lstrip().startswith(("//", "--", "/*")):
        message = "a comment begins with #"
        return stop.mistake(number, indent(line), message, f"write `# {line.strip(' /*-')}`")
    if not line.strip() or ":" in line or line.lstrip().startswith("- "):
        return None
    if words and words[1].lower() in KEYS:
        message = f'no colon stands behind "{words[1]}"'
        return stop.mistake(number, words.end(1), message, f"write `{words[1]}: {words[2]}`")
    message = "this line is no `key: value`"
    hint = "begin it with two spaces more than the key it belongs to, or write all on one line"
    return stop.mistake(number, indent(line), message, hint)


def _open_levels(stop: Stop) -> tuple[list[int], int]:
    """How far lines are indented that this one may go on from, and the last line left of it."""
    levels: list[int] = []
    heading = -1
    for number, line in enumerate(stop.lines[: stop.line]):
        if says_something(line):
            levels = [*(level for level in levels if level < indent(line)), indent(line)]
            heading = number if indent(line) < indent(stop.here) else heading
    return levels, heading


def _indentation(stop: Stop) -> Mistake | None:
    if stop.above < 0:
        return None
    here, above = indent(stop.here), indent(stop.lines[stop.above])
    levels, heading = _open_levels(stop)
    before = stop.content(heading)
    number, spaces, target = stop.line, here, above
    if here not in levels and before >= 0 and indent(stop.lines[before]) == here:
        number, spaces, target = heading, indent(stop.lines[heading]), here  # it lost its spaces
    elif here < above and stop.here.lstrip().startswith("- ") and is_heading(stop):
        target = above + 2
    elif min(levels) < here < above and here not in levels:
        target = min(levels, key=lambda level: abs(level - here - 0.5))
    elif here < above:  # its level is right, but the first line's is not
        first = next(i for i, line in enumerate(stop.lines) if says_something(line))
        number, spaces, target = first, indent(stop.lines[first]), 0
    if spaces == target:
        return None
    message = (
        f"this line begins with {plural(spaces, 'space')}, its neighbours with {target or 'none'}"
    )
    return stop.mistake(number, spaces, message, f"begin it with {plural(target, 'space')}")


RULES = (
    control, tab, odd_character, fence, stray, _no_space, _text_that_begins_so, _quotes,
    bracket, comma, _colon_in_text, _dash, _no_colon, _indentation,
)  # fmt: skip
