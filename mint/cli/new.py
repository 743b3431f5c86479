"""`mint new`: a commented collection.yaml to start from, or one for a theme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import quoted, say

if TYPE_CHECKING:
    from mint.spec.starter import Draft


def new(
    name: Annotated[str, typer.Argument(help="Your collection's name.", show_default=False)],
    theme: Annotated[
        str | None,
        typer.Option(
            help="What it is about, in a sentence: a language model, --model, then chooses "
            "traits and values for it.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="The language model: a folder with one of transformers (safetensors and "
            "tokenizer), or org/name on the Hugging Face hub, with --revision.",
            show_default=False,
        ),
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option(
            help="The commit of a hub model, 40 digits from its page.", show_default=False
        ),
    ] = None,
    painter: Annotated[
        Path | None,
        typer.Option(
            help="The folder of the model that is to paint. Without it: atelier, and the draft "
            "says only what atelier knows.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Start a collection: write a commented file to edit.

    It is called collection.yaml, and lies in a new folder named after the collection, beside
    schema.json, from which editors complete its keys. A file that exists is never touched.

    With --theme and --model a language model makes the first draft: the same words and files give
    the same draft. Without --theme no model is needed, and nothing is fetched.
    """
    from mint.spec.starter import starter, starter_path

    folder = Path.cwd()
    starter_path(name, folder)  # before a model takes minutes
    path = starter(name, folder, _draft(theme, model, revision, painter))
    print(path)
    say(f"next: mint check {quoted(path)}")


def _draft(
    theme: str | None, model: str | None, revision: str | None, painter: Path | None
) -> Draft | None:
    from mint.errors import CollectionError
    from mint.paint.draft import draft, sentence

    if theme is None:
        if model or revision or painter:
            hint = 'add --theme "what the collection is about", or leave the model out'
            raise CollectionError("a model is named, and no theme to choose for", hint=hint)
        return None
    about = sentence(theme)
    if model is None:
        raise CollectionError(
            "a theme needs a language model that chooses for it, and none is fetched unasked",
            hint="add --model with the folder of a causal language model of transformers, or with "
            "org/name on the hub and --revision; without --theme no model is needed",
        )
    from mint.cli.drawing import drawn_progress
    from mint.models.writer import locate_writer, open_writer

    home = locate_writer(model, revision)
    author = home.name if Path(model).expanduser().is_dir() else f"{model} at {revision}"
    with drawn_progress() as news:
        return draft(about, painter, open_writer(home), news)._replace(author=author)
