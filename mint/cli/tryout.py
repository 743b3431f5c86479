"""`mint try`: a small sheet of one's collection in several looks."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.say import File, quoted, say, tell
from mint.counting import count


def tryout(
    file: File,
    over: Annotated[
        str,
        typer.Option(
            help="What is tried: one thing, or two with a comma, the first across and the second "
            "down. style (presets, none, or own: what the file has), seed, steps, guidance, "
            "scheduler, stylize, chaos, weird.",
        ),
    ] = "style,seed",
    values: Annotated[
        list[str] | None,
        typer.Option(
            help="Which values of one of them: style=none,ink,film. Give it once for each. "
            "Without it, three or four that are usual.",
            show_default=False,
        ),
    ] = None,
    tokens: Annotated[
        int,
        typer.Option(min=1, max=16, help="How many tokens are painted in each cell, the first."),
    ] = 2,
) -> None:
    """Paint a few tokens in several looks, side by side, and say what to write for each.

    It prints how many pictures that takes and about how long, paints them at the collection's
    size, counts what a judge sees of their traits, and writes a page, build/NAME/try/index.html,
    with the lines of collection.yaml for each cell. The build, its pictures and your decisions
    stay as they are. What is painted is kept: the same sheet again paints nothing, and neither
    does a build of a look that you choose, for these tokens.

    A value of style is a preset in place of the whole style of the file; the other things change
    one key, in the style of the file or of the cell.
    """
    from mint.cli.drawing import drawn_progress
    from mint.record.folders import folders_of
    from mint.tryout.cells import grid_of
    from mint.tryout.sheet import paint_sheet
    from mint.tryout.write import write_sheet

    requests = list(map(_request, values or ()))
    if len(axes := dict(requests)) < len(requests):
        twice = next(axis for axis, _ in requests if [a for a, _ in requests].count(axis) > 1)
        raise typer.BadParameter(f"{twice} has two --values: write {twice}=one,other in one")
    grid = grid_of(file, _names(over), axes)
    cells, each = count(len(grid.cells), "cell"), count(tokens, "token")
    say(f"{cells} of {each}: {count(len(grid.cells) * tokens, 'picture')} at most")
    with drawn_progress() as news:
        results = paint_sheet(file, grid, tokens, news, news.announce)
    page = write_sheet(folders_of(file, results[0].cell.collection), grid, results)
    width = max(len(" ".join(cell.values)) for cell in grid.cells)
    for one in results:
        counts = one.verdicts
        score = f"{counts['seen']} of {counts.total()} traits seen" if counts else "not judged"
        tell(f"{' '.join(one.cell.values):{width}}  {score}")
    tell(f"sheet       {quoted(page)}")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _request(text: str) -> tuple[str, list[str]]:
    """`style=none,ink` -> what is tried, and its values."""
    axis, _, values = text.partition("=")
    if not values.strip():
        raise typer.BadParameter(
            f"{text!r} has no values: write style=none,ink", param_hint="--values"
        )
    return axis.strip(), _names(values)
