"""`mint compare`: builds side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import quoted, tell

if TYPE_CHECKING:
    from mint.report.compare import Line, Part
    from mint.report.figures import Build, Value

WIDE = 34  # characters of a column; what is longer stands on lines of its own

Built = Annotated[
    Path,
    typer.Argument(
        help="A collection.yaml that was built, or the manifest.json of a build.",
        show_default=False,
    ),
]
More = Annotated[
    list[Path] | None,
    typer.Argument(help="More of them, to stand beside these two.", show_default=False),
]


def compare(
    a: Built,
    b: Built,
    more: More = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the comparison as JSON, not as a table.")
    ] = False,
) -> None:
    """Set two or more builds side by side: what differs, and how good, varied and costly each is.

    Take it to choose between models or settings: build the collection with each, in folders of
    their own, and compare. Fewer steps paint faster, often less like the prompt, and more alike;
    this shows all three. It reads what the builds left behind, paints nothing and changes nothing.

    Variety grows with the number of pictures, so it is compared between equally many of each.
    What was measured with different models cannot be compared, and is marked so.
    """
    from mint.report.compare import compare as side_by_side
    from mint.report.compare import letters

    paths = [a, b, *(more or ())]
    builds = [_read(path) for path in paths]
    comparison = side_by_side(builds)
    if json:
        sys.stdout.write(comparison.canonical().decode() + "\n")
        return
    names = letters(builds)
    for letter, path, build in zip(names, paths, builds, strict=True):
        tell(f"{letter}  {quoted(path)}: {build.manifest.collection.name}")
    for part in comparison.parts:
        for line in _table(part, names):
            tell(line)


def _read(path: Path) -> Build:
    """The build that a collection.yaml or a manifest.json names; raises MintError."""
    from mint.record.folders import folders_of, read_manifest
    from mint.record.speed import seconds_per_picture
    from mint.report.figures import Build
    from mint.spec.load import load
    from mint.store import Store

    if path.suffix == ".json":
        return Build(read_manifest(path))
    folders = folders_of(path, load(path)[0])
    manifest = read_manifest(folders.manifest)
    return Build(manifest, seconds_per_picture(Store(folders.state), manifest))


def _table(part: Part, names: list[str]) -> Iterator[str]:
    """The lines as columns of equal width; those with a long text as blocks."""
    yield ""
    yield part.title
    short = [line for line in part.lines if not _is_long(line)]
    if short:
        rows = [["", *names], *([line.name, *map(_text, line.values)] for line in short)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        yield _row(rows[0], widths)
    for line in part.lines:
        if _is_long(line):
            yield f"  {line.name}"
            for letter, value in zip(names, line.values, strict=True):
                yield f"    {letter}  {_text(value)}"
        else:
            yield _row([line.name, *map(_text, line.values)], widths)
    for note in part.notes:
        yield f"  ({note})"


def _row(cells: list[str], widths: list[int]) -> str:
    pairs = zip(cells, widths, strict=True)
    return ("  " + "  ".join(f"{cell:{width}}" for cell, width in pairs)).rstrip()


def _is_long(line: Line) -> bool:
    return max(len(_text(value)) for value in line.values) > WIDE


def _text(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value
