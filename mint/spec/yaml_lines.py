"""YAML text that no parser reads -> its lines, and what is open at the place where one gave up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

QUOTES = "\"'"
LONGEST = 4_000  # characters of a line; rules take time with its square
PARTNER = {"{": "}", "[": "]"}
_REST = {'"': re.compile(r'(?:[^"\\]|\\.)*"'), "'": re.compile(r"(?:[^']|'')*'")}


@dataclass(frozen=True)
class Mistake:
    """What is wrong at a line and column (1-based), and the edit that mends it."""

    line: int
    column: int
    message: str
    hint: str


@dataclass(frozen=True)
class Opening:
    """A bracket or quote, where it stands (0-based), and the line where it is closed, if it is."""

    character: str
    line: int
    column: int
    closed: int | None = None


@dataclass(frozen=True)
class Stop:
    """The text, and where a parser stopped: line and column, 0-based."""

    text: str
    line: int
    column: int

    @cached_property
    def lines(self) -> list[str]:
        """All lines, without their ends, as far as anybody reads them; an empty one behind them."""
        lines = re.split("\r\n|[\r\n\x85\u2028\u2029]", self.text)
        return [*(line[:LONGEST] for line in lines), ""]

    @property
    def here(self) -> str:
        """The line where the parser stopped."""
        return self.lines[self.line] if self.line < len(self.lines) else ""

    @property
    def character(self) -> str:
        """The character where it stopped; empty at the end of a line."""
        return self.here[self.column : self.column + 1]

    @cached_property
    def above(self) -> int:
        """The number of the next line above that says something; -1 if none does."""
        return self.content(self.line)

    def content(self, line: int) -> int:
        """The number of the next line above `line` that says something; -1 if none does."""
        above = range(min(line, len(self.lines)) - 1, -1, -1)
        return next((i for i in above if says_something(self.lines[i])), -1)

    def mistake(self, line: int, column: int, message: str, hint: str) -> Mistake:
        """A Mistake at a 0-based line and column."""
        return Mistake(line + 1, column + 1, message, hint)

    @cached_property
    def openings(self) -> tuple[list[Opening], list[Opening]]:
        """Brackets that are open where the parser stopped, and quoted texts that began before."""
        brackets: list[Opening] = []
        quotes: list[Opening] = []
        for line, column, character in _marks(self.lines[: self.line + 1]):
            if (line, column) >= (self.line, self.column) and character not in QUOTES:
                break
            if character in PARTNER:
                brackets.append(Opening(character, line, column))
            elif character in QUOTES:
                _quote(quotes, Opening(character, line, column))
            elif brackets:
                brackets.pop()
        return brackets, quotes


def says_something(line: str) -> bool:
    """Whether a line is neither empty nor a comment alone."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def is_heading(stop: Stop) -> bool:
    """Whether the line above has nothing behind its colon."""
    return stop.lines[stop.above].split(" #")[0].rstrip().endswith(":")


def indent(line: str) -> int:
    """How many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def plural(number: int, noun: str) -> str:
    """`1 space`, `2 spaces`, `no spaces`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def quoted(text: str) -> str:
    """Text, or its beginning, in the quotes that leave most of it as it is."""
    text = text.strip()
    text = text if len(text) <= 100 else text[:97] + "..."
    if "'" not in text and ('"' in text or "\\" in text):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _quote(quotes: list[Opening], mark: Opening) -> None:
    """A quote closes the one that is open, or opens another."""
    if quotes and quotes[-1].closed is None:
        last = quotes.pop()
        quotes.append(Opening(last.character, last.line, last.column, mark.line))
    else:
        quotes.append(mark)


def _marks(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Brackets and the two ends of quoted texts, as far as they are no part of a plain text."""
    depth, quote = 0, ""
    for number, line in enumerate(lines):
        column, last = 0, ""  # the last character that is no space
        while column < len(line):
            character = line[column]
            begins = not last or last in ":,[{-"
            if quote:
                end = _REST[quote].match(line, column)
                if end is None:
                    break
                column, character, quote = end.end() - 1, quote, ""
                yield number, column, character
            elif character == "#" and line[column - 1 : column].strip() == "":
                break
            elif character in QUOTES and begins:
                quote = character
                yield number, column, character
            elif character in "{[" and (depth or begins):
                depth += 1
                yield number, column, character
            elif character in "}]" and depth:
                depth -= 1
                yield number, column, character
            last = last if character.isspace() else character
            column += 1
