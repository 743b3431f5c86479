"""`mint compare`: two builds side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import quoted, tell

if TYPE_CHECKING:
    from mint.report.compare import Line, Part
    from mint.report.figures import Build

WIDE = 34  # characters of a column; what is longer stands on lines of its own

Built = Annotated[
    Path,
    typer.Argument(
        help="A collection.yaml that was built, or the manifest.json of a build.",
        show_default=False,
    ),
]


def compare(
    a: Built,
    b: Built,
    json: Annotated[
        bool, typer.Option("--json", help="Print the comparison as JSON, not as a table.")
    ] = False,
) -> None:
    """Set two builds side by side: what differs in them, and how good, varied and costly each is.

    Take it to choose between two models or settings: build the collection with both, in folders of
    their own, and compare. Fewer steps paint faster, often less like the prompt, and more alike;
    this shows all three. It reads what the builds left behind, paints nothing and changes nothing.

    Variety grows with the number of pictures, so it is compared between equally many of each.
    What was measured with different models cannot be compared, and is marked so.
    """
    from mint.report.compare import compare as side_by_side

    one, other = _read(a), _read(b)
    comparison = side_by_side(one, other)
    if json:
        sys.stdout.write(comparison.canonical().decode() + "\n")
        return
    for letter, path, build in (("A", a, one), ("B", b, other)):
        tell(f"{letter}  {quoted(path)}: {build.manifest.collection.name}")
    for part in comparison.parts:
        for line in _table(part):
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


def _table(part: Part) -> Iterator[str]:
    yield ""
    yield part.title
    first = max((len(line.name) for line in part.lines), default=0)
    second = max((len(_text(line.a)) for line in part.lines if not _is_long(line)), default=0)
    if any(not _is_long(line) for line in part.lines):
        yield f"  {'':{first}}  {'A':{second}}  B".rstrip()
    for line in part.lines:
        if _is_long(line):
            yield f"  {line.name}"
            yield from (f"    {letter}  {_text(v)}" for letter, v in (("A", line.a), ("B", line.b)))
        else:
            yield f"  {line.name:{first}}  {_text(line.a):{second}}  {_text(line.b)}"
    for note in part.notes:
        yield f"  ({note})"


def _is_long(line: Line) -> bool:
    return max(len(_text(line.a)), len(_text(line.b))) > WIDE


def _text(value: float | str | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value
