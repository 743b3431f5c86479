"""The bytes of a YAML file -> plain values, and the line and column each of them stands on.

YAML 1.2 core schema, not 1.1: `no` and `12:30` stay text. Tags, anchors, duplicate keys and
anything that could make a small file large are refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from mint.errors import CollectionError
from mint.spec.yaml_mistakes import explain
from mint.spec.yaml_slips import refuse_slip, refuse_weight

MAX_BYTES = 1_000_000
MAX_DEPTH = 16  # the schema needs 6
Location = tuple[str | int, ...]  # ("traits", "Fur", "orange"), ("rules", 0, "never")

_BASE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# https://yaml.org/spec/1.2.2/#103-core-schema
_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")


@dataclass(frozen=True)
class Source:
    """A parsed file: its values, and where (1-based line, column) each key and value stands.

    `written` is how the file spells its unquoted scalars: 007 is the number 7.
    """

    path: Path
    values: Any
    keys: dict[Location, tuple[int, int]] = field(repr=False)
    marks: dict[Location, tuple[int, int]] = field(repr=False)
    written: dict[Location, str] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)
    lock: Source | None = field(default=None, repr=False)  # the prompts.lock beside collection.yaml

    @cached_property
    def lines(self) -> list[str]:
        """The file's lines, as YAML counts them."""
        return re.split("\r\n|[\r\n\x85\u2028\u2029]", self.text)

    def at(self, place: Iterable[str | int], *, key: bool = False) -> str:
        """`file:line:column` of the nearest ancestor of `place` that the file really has."""
        where = tuple(place)
        tables = (self.keys, self.marks) if key else (self.marks, self.keys)
        while True:
            for table in tables:
                if where in table:
                    line, column = table[where]
                    return f"{self.path}:{line}:{column}"
            where = where[:-1]

    def value_at(self, location: Location) -> Any:
        """The value that stands at a location of the file."""
        value = self.values
        for step in location:
            value = value[step]
        return value

    def texts(self) -> Iterator[tuple[Location, str]]:
        """All values that are text, with their locations."""
        for location in self.marks:
            value = self.value_at(location)
            if isinstance(value, str) and value:
                yield location, value

    def comment_at(self, location: Location) -> str | None:
        """The comment right behind a key, from its # on; None where the key is followed by none."""
        if location not in self.keys:
            return None
        line, column = self.keys[location]
        rest = self.lines[line - 1][column - 1 :]
        comment = re.match(r"[^:#]*:\s+(#\S.*)", rest)
        return comment[1].strip() if comment else None

    def error(
        self, place: Iterable[str | int], message: str, hint: str, *, key: bool = False
    ) -> CollectionError:
        """A CollectionError that begins with the place."""
        return CollectionError(f"{self.at(place, key=key)}: {message}", hint=hint)

    def warning(
        self, place: Iterable[str | int], message: str, hint: str, *, key: bool = False
    ) -> str:
        """A line that says what is suspicious, where, and what to do about it."""
        return f"warning: {self.at(place, key=key)}: {message}; {hint}"


def read(path: Path) -> Source:
    """Parse `path`; raises CollectionError with the line and column of what is wrong."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:  # by its content: /dev/zero has no size
            size = max(path.stat().st_size, len(data))
            raise CollectionError(
                f"{path}: {size / 1e6:.1f} MB is too large for a collection.yaml",
                hint=f"keep it under {MAX_BYTES / 1e6:.0f} MB; pictures and lists live elsewhere",
            )
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CollectionError(
            f"{path}: not UTF-8 text (byte {error.start})", hint="save the file as UTF-8"
        ) from error
    except IsADirectoryError as error:
        raise CollectionError(
            f"{path}: {error.strerror}", hint=f"give the file in it: {path / 'collection.yaml'}"
        ) from error
    except OSError as error:
        raise CollectionError(
            f"{path}: {error.strerror or error}", hint="mint new NAME writes one to start from"
        ) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Source:
    """Parse YAML text that came from `path`; see `read`."""
    source = Source(path, None, {}, {(): (1, 1)}, text=text)
    try:
        _refuse_hostile(text, source)
        node = yaml.compose(text, Loader=_BASE)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        mistake = explain(text, mark.line if mark else 0, mark.column if mark else 0)
        where = f"{path}:{mistake.line}:{mistake.column}"
        raise CollectionError(f"{where}: {mistake.message}", hint=mistake.hint) from error
    values = _value(node, (), source) if node is not None else None
    return replace(source, values=values)


def nearest(word: str, vocabulary: Iterable[str]) -> str:
    """`did you mean "x"?`, or the list of what is known."""
    names = list(vocabulary)
    same = [name for name in names if name.casefold() == word.strip().casefold()]
    close = same or [
        name
        for cutoff in (0.75, 0.6)
        for name in difflib.get_close_matches(word, names, n=3, cutoff=cutoff)
        # A slip of the finger rarely hits the first letter: "Krone" does not mean "none".
        if cutoff > 0.7 or name[:1].casefold() == word[:1].casefold()
    ]
    return f'did you mean "{close[0]}"?' if close else "use one of: " + ", ".join(names)


def _refuse_hostile(text: str, source: Source) -> None:
    """Stop at deep nesting, aliases, tags and second documents, before anything is built."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_BASE):
        mark = event.start_mark
        where = f"{source.path}:{mark.line + 1}:{mark.column + 1}" if mark else str(source.path)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > MAX_DEPTH:
            raise CollectionError(
                f"{where}: nested deeper than {MAX_DEPTH} levels",
                hint="no part of a collection.yaml needs that; see mint schema",
            )
        if documents > 1:
            raise CollectionError(
                f"{where}: a second YAML document begins here",
                hint="keep one collection to a file; remove the `---`",
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise CollectionError(
                f"{where}: anchors and aliases (& and *) are not read",
                hint="write the value out where it is used",
            )
        if tag := getattr(event, "tag", None):
            raise CollectionError(
                f"{where}: the tag {tag} is not read",
                hint='write plain values; put text that begins with ! in "quotes"',
            )


def _value(node: yaml.Node, place: Location, source: Source) -> Any:
    source.marks[place] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, source)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, i), source) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return node.value
    source.written[place] = node.value
    if place[:1] == ("traits",) and isinstance(place[-1], int):
        refuse_weight(node.value, source.at(place))
    return scalar(node.value)


def _mapping(node: yaml.MappingNode, place: Location, source: Source) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        mark = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        where = f"{source.path}:{mark[0]}:{mark[1]}"
        if not isinstance(key_node, yaml.ScalarNode):
            raise CollectionError(
                f"{where}: a key must be plain text",
                hint="put {braces} or [brackets] at the start of text in quotes",
            )
        key: str = key_node.value
        if not key_node.style and value_node.start_mark.index == value_node.end_mark.index:
            refuse_slip(key, key_node.start_mark.index, where, source.text)
        if key in values:
            raise CollectionError(f'{where}: "{key}" is written twice', hint="keep one of the two")
        source.keys[(*place, key)] = mark
        values[key] = _value(value_node, (*place, key), source)
    return values


def scalar(text: str) -> Any:
    """An unquoted YAML 1.2 scalar as None, bool, int, float or str."""
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text.lower() == "true"
    if _INT.match(text):
        return int(text) if len(text) < 40 else text
    if _FLOAT.match(text):
        return float(text)
    return text
