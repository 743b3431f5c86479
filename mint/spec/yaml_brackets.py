"""Slips inside braces and brackets: one without its partner, entries without a comma."""

from __future__ import annotations

import re

from mint.spec.keys import KEYS
from mint.spec.yaml_lines import PARTNER, Mistake, Stop, indent, quoted


def bracket(stop: Stop) -> Mistake | None:
    """A bracket without its partner, or with the wrong one."""
    brackets = stop.openings[0]
    if not brackets:
        if stop.character and stop.character in "}]":
            message = f"one {stop.character} too many"
            return stop.mistake(stop.line, stop.column, message, "delete it")
        return None
    last = brackets[-1]
    partner = PARTNER[last.character]
    if stop.character and stop.character in "}]" and stop.character != partner:
        message = f"{stop.character} closes a {last.character}"
        return stop.mistake(stop.line, stop.column, message, f"write {partner} instead")
    deeper = indent(stop.here) > indent(stop.lines[last.line]) and stop.here.strip()
    if last.line == stop.line or deeper:
        return None
    where = f"at the end of line {stop.above + 1}"
    message = f"this {last.character} is never closed"
    return stop.mistake(last.line, last.column, message, f"write {partner} {where}")


def comma(stop: Stop) -> Mistake | None:
    """Inside brackets: two entries without a comma between them, or a colon in a text."""
    if not stop.openings[0]:
        return None
    before = stop.here[: stop.column]
    part = re.split(r"[,{\[]", before)[-1]
    if ";" in part:
        message = "entries are separated by commas, not by semicolons"
        return stop.mistake(stop.line, before.rindex(";"), message, "write , instead of each ;")
    slip = re.fullmatch(r"\s*([^:]+):\s+(.*?)\s+(\S+)\s*", part)
    if slip and stop.character == ":" and not (_is_amount(slip[2]) or slip[3] in KEYS):
        rest = re.split(r"[,}\]]", stop.here[stop.column :])[0]
        text = f"{slip[2]} {slip[3]}{rest}"
        message = "a colon inside a text ends the text"
        hint = f"put the text in quotes: `{slip[1]}: {quoted(text)}`"
        return stop.mistake(stop.line, stop.column, message, hint)
    word = slip[3] if slip and stop.character == ":" else _word(stop.here[stop.column :])
    column = stop.here.rfind(word, 0, stop.column + len(word)) if word else stop.column
    if not before.strip(" -"):  # it is missing at the end of the line above
        hint = f"write a comma at the end of line {stop.above + 1}"
    else:
        hint = f"write a comma before {word}" if word else "write a comma between the two"
    return stop.mistake(stop.line, max(column, 0), "a comma is missing between two entries", hint)


def _is_amount(text: str) -> bool:
    return re.fullmatch(r"[\d.,%]+|.*[}\]\"']", text) is not None


def _word(text: str) -> str:
    """The first word of a rest, with its quotes."""
    word = re.match(r"\s*([\"']?[^\s:,{}\[\]]+)", text)
    return word[1] if word else ""
