"""`mint check`: what is wrong with a collection.yaml, and what it would make."""

from __future__ import annotations

from typing import Annotated

import typer

from mint.cli.say import File, said_when_slow, tell


def check(
    file: File,
    number: Annotated[
        int,
        typer.Option(
            "--try",
            min=0,
            help="Also paint so many tokens for each trait, those of its rarest values first, and "
            "say what of their traits is to be seen. A later build uses these pictures.",
        ),
    ] = 0,
) -> None:
    """Find mistakes in the file, and show what it would make.

    It prints how many tokens get each trait, how long painting takes, how much disk it needs, and
    warnings: of what is hardly meant, and of words and sizes that the model never learned. Without
    --try it paints nothing, writes nothing, costs nothing, and takes seconds.
    """
    from mint.check import preflight

    with said_when_slow("still looking for traits that keep every count and rule ..."):
        lines = list(preflight(file))
    for line in lines:
        tell(line)
    if number:
        from mint.audition import audition
        from mint.cli.drawing import drawn_progress

        with drawn_progress() as news:
            lines = list(audition(file, number, news))
        for line in lines:
            tell(line)
