"""The bytes of a YAML file -> plain values, and the line and column each of them stands on.

YAML 1.2 core schema, not 1.1: `no` and `12:30` stay text. Tags, anchors, duplicate keys and
anything that could make a small file large are refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from mint.errors import CollectionError

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

    def error(
        self, place: Iterable[str | int], message: str, hint: str, *, key: bool = False
    ) -> CollectionError:
        """A CollectionError that begins with the place."""
        return CollectionError(f"{self.at(place, key=key)}: {message}", hint=hint)


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
    source = Source(path, None, {}, {(): (1, 1)})
    try:
        _refuse_hostile(text, source)
        node = yaml.compose(text, Loader=_BASE)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise CollectionError(
            f"{where}: not valid YAML: {problem}",
            hint="check indentation, quotes and the colon after each key near that line",
        ) from error
    values = _value(node, (), source) if node is not None else None
    return replace(source, values=values)


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?`, or the list of what is known."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
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
    return scalar(node.value)


def _mapping(node: yaml.MappingNode, place: Location, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        mark = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            raise CollectionError(
                f"{source.path}:{mark[0]}:{mark[1]}: a key must be plain text",
                hint="put {braces} or [brackets] at the start of text in quotes",
            )
        key: str = key_node.value
        if key in found:
            raise CollectionError(
                f'{source.path}:{mark[0]}:{mark[1]}: "{key}" is written twice',
                hint="keep one of the two",
            )
        source.keys[(*place, key)] = mark
        found[key] = _value(value_node, (*place, key), source)
    return found


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
