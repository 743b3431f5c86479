"""A collection.yaml and axes -> the cells of a sheet: collections, and the lines that give them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.yaml_source import Location, Source, nearest
from mint.tryout.axes import AXES, Values

MOST_AXES, MOST_VALUES = 2, 16


class Cell(NamedTuple):
    """A collection with a value of each axis; `lines` are what to write for it in the file."""

    values: tuple[str, ...]
    collection: Collection
    source: Source
    lines: str

    def blame(self, axes: Sequence[str], error: CollectionError) -> CollectionError:
        """What is wrong with the file as this cell has it."""
        pairs = zip(axes, self.values, strict=True)
        return blamed(", ".join(f"{axis} {value}" for axis, value in pairs), error)


def blamed(cell: str, error: CollectionError) -> CollectionError:
    """The error of a file that has a cell's values in place of its own."""
    return CollectionError(f"with {cell}: {error}", hint=error.hint)


class Grid(NamedTuple):
    """Axes, the values of each, and a cell for each combination, row by row.

    The first axis goes across, the second down.
    """

    axes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    cells: tuple[Cell, ...]


def grid_of(file: Path, axes: Sequence[str], requests: Mapping[str, Sequence[str]]) -> Grid:
    """The cells of `axes`, by `requests` or else proposed values; raises CollectionError."""
    _refuse(axes, requests)
    collection, _ = load(file)
    values = tuple(tuple(requests.get(axis) or AXES[axis].propose(collection)) for axis in axes)
    # Down is the outer loop, so that cells come row by row.
    rows = product(*reversed(values))
    cells = tuple(_cell(file, axes, tuple(reversed(row))) for row in rows)
    return Grid(tuple(axes), values, cells)


def _refuse(axes: Sequence[str], requests: Mapping[str, Sequence[str]]) -> None:
    for axis in (*axes, *requests):
        if axis not in AXES:
            raise CollectionError(f'"{axis}" is nothing to try', hint=nearest(axis, AXES))
    hint = "name one thing, or two different ones, such as --over style,seed"
    if not 1 <= len(axes) <= MOST_AXES:
        raise CollectionError(f"a sheet has one axis or two, not {len(axes)}", hint=hint)
    if len(set(axes)) < len(axes):
        raise CollectionError(f'both axes of the sheet are "{axes[0]}"', hint=hint)
    for axis, values in requests.items():
        if axis not in axes:
            hint = f"add it to --over, or leave --values {axis}= out"
            raise CollectionError(f'values for "{axis}", which is not tried', hint=hint)
        if len(values) > MOST_VALUES or len(set(values)) < len(values):
            hint = f"name at most {MOST_VALUES} different ones"
            raise CollectionError(f"{len(values)} values for {axis}, or one twice", hint=hint)


def _cell(file: Path, axes: Sequence[str], values: tuple[str, ...]) -> Cell:
    choice = dict(zip(axes, values, strict=True))
    originals: list[Any] = []

    def edited(source: Source) -> Source:
        originals.append(source.values)
        content = copy.deepcopy(source.values)
        if isinstance(content, dict) and isinstance(content.get("image"), dict):
            for axis in AXES:
                if axis in choice:
                    AXES[axis].edit(content, choice[axis])
        return _with_values(source, content)

    try:
        collection, source = load(file, edited)
    except CollectionError as error:
        raise blamed(", ".join(f"{k} {v}" for k, v in choice.items()), error) from error
    return Cell(values, collection, source, _lines(originals[0], source.values))


def _with_values(source: Source, values: Any) -> Source:
    """The file with other values: what is gone has no place, and is not spelled as it was."""

    def stands(location: Location) -> bool:
        value = values
        for step in location:
            if isinstance(value, dict) and step not in value:
                return False
            value = value[step]
        return True

    def same(location: Location) -> bool:
        return stands(location) and variant.value_at(location) == source.value_at(location)

    variant = replace(source, values=values)
    return replace(
        variant,
        keys={at: place for at, place in source.keys.items() if stands(at)},
        marks={at: place for at, place in source.marks.items() if stands(at)},
        written={at: text for at, text in source.written.items() if same(at)},
    )


def _lines(before: Values, after: Values) -> str:
    """What to write in place of lines with these keys: `style: {preset: ink}`."""
    lines = [
        f"{key}: {_flow(after[key])}"
        for key in ("seed", "style")
        if key in after and before.get(key) != after[key]
    ]
    if "style" in before and "style" not in after:
        lines.append("# no line `style:`")
    old, new = before["image"], after["image"]
    if keys := [key for key in new if old.get(key) != new[key]]:
        lines += ["image:", *(f"  {key}: {_flow(new[key])}" for key in keys)]
    return "\n".join(lines) or "# as the file is"


def _flow(value: Any) -> str:
    """A value on one line of YAML."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000
    )
    return text.removesuffix("\n").removesuffix("\n...")
