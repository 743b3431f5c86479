"""`mint banner`: the picture above a collection's page, painted around one of its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.drawing import drawn_progress
from mint.cli.say import File, quoted, say, tell
from mint.spec.beside import Beside, Place

if TYPE_CHECKING:
    from pathlib import Path


WALLPAPER = "1920x1080"
BANNER = "1400x350"


def banner(
    file: File,
    token: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Whose picture the banner goes on from. Without it: the report's cover.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            help="Width and height in pixels, each 64 to 4096. Without it: 1400x350, and 1920x1080 "
            "for a wallpaper.",
            show_default=False,
        ),
    ] = None,
    place: Annotated[
        Place,
        typer.Option(
            help="Where the token's picture stands. In a tall picture left is above, right below."
        ),
    ] = "centre",
    beside: Annotated[
        Beside,
        typer.Option(
            help="What is painted beside it. company: others like it, each whole, as suits "
            "characters and things. scenery: the same place going on, as suits landscapes."
        ),
    ] = "company",
    prompt: Annotated[
        str | None,
        typer.Option(
            help="The words for what is beside it. Without them: the token's own; of scenery "
            "without what a token may lack, such as a house.",
            show_default=False,
        ),
    ] = None,
    strength: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1.0,
            help="How freely it is painted, from above 0 to 1. Little keeps the colours of the "
            "picture's edge. Without it: 0.9, and 0.75 for scenery.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**53 - 1,
            help="Any whole number: another one paints another banner.",
            show_default=False,
        ),
    ] = None,
    featured: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="The token that marketplaces show for the collection. Without --token nothing "
            "else is done.",
            show_default=False,
        ),
    ] = None,
    early: Annotated[
        bool,
        typer.Option(
            "--early",
            help="Show a sale's banner before its reveal, too: buyers then see this token's "
            "picture. The contract keeps what it was deployed with, so without this its page "
            "never has a banner.",
        ),
    ] = False,
    wallpaper: Annotated[
        bool,
        typer.Option(
            "--wallpaper",
            help="Only paint a picture for a screen, into the build's folder wallpapers: it is "
            "not published, and no banner.",
        ),
    ] = False,
) -> None:
    """Paint the collection's banner: a token's picture, going on to both sides.

    The collection's own model paints what is beside the picture; the picture itself stays. The
    banner is written to decisions.yaml, beside your file, in one line: the next build publishes it,
    and paints it again if its cause changes. Delete the line to take it back.
    """
    from mint.banner import frame_of, open_framer

    settings: dict[str, object] = {"place": place, "beside": beside, "prompt": prompt}
    settings |= {"strength": strength, "seed": seed}
    # A mistake is named before a model is loaded.
    frame = frame_of(token or 1, size or (WALLPAPER if wallpaper else BANNER), **settings)
    with drawn_progress() as news, open_framer(file, news) as here:
        if featured is not None:
            here.token(featured)  # a wrong number leaves everything alone
        if token is not None or featured is None:
            frame = frame.model_copy(update={"token": here.token(token).token_id})
            path = here.wallpaper(frame) if wallpaper else here.banner(frame, early=early)
            line = f"{'wallpaper' if wallpaper else 'banner':<11} {quoted(path)}"
            news.interrupt(lambda: tell(line))
        if featured is not None:
            here.feature(featured)
    _advise(file, wallpaper=wallpaper and featured is None)


def _advise(file: Path, *, wallpaper: bool) -> None:
    from mint.curate.decisions_file import decisions_path

    if wallpaper:
        say("another one: --seed 2, another --beside, or words of your own with --prompt")
    else:
        say(f"written to {quoted(decisions_path(file))}; next: mint build {quoted(file)}")
