"""`mint tune`: a LoRA of the artist's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mint.cli.say import quoted, say, tell

if TYPE_CHECKING:
    from mint.paint.tune.tune import Learned
    from mint.spec.painting import ImageSettings

PLACE = "collection.yaml"


def tune(
    pictures: Annotated[
        Path,
        typer.Argument(
            help="A folder of 10 to 30 pictures (PNG, JPEG, WebP). Beside each, in a text file of "
            "the same name, stands what it shows; and consent.yaml says whose they are.",
            show_default=False,
        ),
    ],
    name: Annotated[
        str,
        typer.Option(help="What the file is to be called, such as my-style.", show_default=False),
    ],
    collection: Annotated[
        Path | None,
        typer.Option(
            help="A collection.yaml: its model learns, at its size, and the file is put beside it.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="Without --collection, the model that learns: atelier, or a folder.",
            show_default="atelier",
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100_000,
            help="How many times the model looks at your pictures.",
            show_default="400 for atelier, else 500",
        ),
    ] = None,
    rank: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=256,
            help="How much the file can say, and how large it is.",
            show_default="8",
        ),
    ] = None,
    layers: Annotated[
        Literal["attention", "all"] | None,
        typer.Option(
            help="What may change: how words are read, or also how shapes are drawn.",
            show_default="attention",
        ),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(
            min=1e-7,
            max=0.1,
            help="How much each look changes.",
            show_default="0.001 for atelier, else 0.0001",
        ),
    ] = None,
    batch: Annotated[
        int, typer.Option(min=1, max=64, help="How many of your pictures a step looks at.")
    ] = 2,
    seed: Annotated[
        int, typer.Option(min=0, max=2**53 - 1, help="Another number, another file.")
    ] = 0,
    own: Annotated[
        int,
        typer.Option(
            min=0,
            max=10_000,
            help="How many pictures the model paints of its own words first, so as not to forget "
            "them while it learns.",
        ),
    ] = 48,
    keep: Annotated[
        Path | None,
        typer.Option(
            help="A text file of prompts, one a line, that are to stay as they are. Without it: "
            "the model's own list of words, if it has one, as atelier has.",
            show_default=False,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=4096,
            help="How many cores learn; one is quickest while others are busy. Another number, "
            "another file.",
            show_default="all",
        ),
    ] = None,
) -> None:
    """Teach the model your own style or creature, from your own pictures.

    It makes a LoRA, a small file that is used under image.adapters, and paints samples while it
    learns; they are in the .html and .png beside the file. The folder must hold consent.yaml:
    whose pictures they are, and by what right a model learns from them. Its SHA-256 is in the file,
    and so in every picture's record. A run that was stopped goes on when you start it again.
    """
    from mint.cli.drawing import drawn_progress
    from mint.errors import MintError
    from mint.paint.tune.tune import Request
    from mint.paint.tune.tune import tune as learn

    if collection is not None and model is not None:
        raise MintError("--model and --collection both name a model", hint="leave one out")
    image, file = _settings(collection, model or "atelier")
    request = Request(
        pictures, name, image, file, steps, rank, layers, rate, batch, seed, own, keep, threads
    )
    with drawn_progress() as news:
        learned = learn(request, news, news.note)
    for line in _result(learned):
        tell(line)
    if learned.known:
        say("it was learned before; nothing was done")


def _settings(collection: Path | None, model: str) -> tuple[ImageSettings, Path]:
    """How the model paints, and where its collection.yaml is or would be."""
    from mint.errors import RenderError
    from mint.spec.collection import model_folder
    from mint.spec.load import load
    from mint.spec.painting import ImageSettings

    if collection is not None:
        return load(collection)[0].image, collection
    file = Path.cwd() / PLACE
    if (folder := model_folder(model, file)) is None or not folder.is_dir():
        raise RenderError(
            f'"{model}" is no folder',
            hint="a hub model needs its revision: write both into a collection.yaml, and give that "
            "with --collection",
        )
    settings, side = ImageSettings(model=model, prompt="-"), _side(folder)
    if side is not None:
        settings = settings.model_copy(update={"width": side, "height": side})
    return settings, file


def _side(folder: Path) -> int | None:
    """The pixels of a side of what the model in `folder` paints; None where it does not say."""
    from mint.document import plain

    try:
        unet = plain((folder / "unet" / "config.json").read_bytes())
        vae = plain((folder / "vae" / "config.json").read_bytes())
        side = unet["sample_size"] * 2 ** (len(vae["block_out_channels"]) - 1)
    except (OSError, ValueError, TypeError, LookupError):
        return None
    return side if isinstance(side, int) and side >= 64 and side % 8 == 0 else None


def _result(learned: Learned) -> Iterator[str]:
    tuning, consent = learned.tuning, learned.consent.consent
    size = learned.file.stat().st_size
    yield f"learned     {tuning.steps} steps from {len(tuning.lessons)} pictures"
    yield f"file        {quoted(learned.file)}, {size / 1000:,.0f} kB, SHA-256 {learned.digest}"
    yield f"look at     {quoted(learned.file.with_suffix('.html'))}"
    yield f"consent     {consent.right}, signed by {consent.signed} on {consent.date}"
    yield 'write       below image: in collection.yaml, and pip install "peft>=0.21,<0.22"'
    yield "  adapters:"
    yield f"    - {{file: {learned.file.name}, scale: 1, consent: {learned.consent.digest}}}"
    yield f"prompt      in the words of your captions: {tuning.lessons[0].caption}"
    yield (
        f"licence     {tuning.model}'s also binds this file, and the pictures' "
        f"({consent.terms or consent.right}): see both before you give it away"
    )
