"""`mint prompts`: words by a language model for the values of a collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mint.cli.say import File, quoted, say, tell

if TYPE_CHECKING:
    from mint.paint.expand import Author, Expanded
    from mint.store import Store

LanguageModel = Annotated[
    str,
    typer.Option(
        "--model",
        help="The language model that writes: a folder with one of transformers (safetensors and "
        "tokenizer), or org/name on the Hugging Face hub, with --revision.",
        show_default=False,
    ),
]
Revision = Annotated[
    str | None,
    typer.Option(help="The commit of a hub model, 40 digits from its page.", show_default=False),
]


def prompts(
    file: File,
    model: LanguageModel,
    revision: Revision = None,
    ones: Annotated[
        bool, typer.Option("--one-of-ones", help="Write the prompts of one-of-ones longer, too.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Write every line anew, also those that you have changed."),
    ] = False,
) -> None:
    """Have a language model write more words for each value, for you to look at and change.

    They go to prompts.lock, beside your file, a line for each value: mint build paints them in
    place of the short words, which the metadata keeps and the judge looks for. Change a line, and
    it is yours; run the command again, and it writes only what is missing. Delete prompts.lock,
    and all is as before. Where the model that paints has a list of the words it knows, as atelier
    does, only such words are written.
    """
    from mint.cli.drawing import drawn_progress
    from mint.paint.expand import expand, painter_here
    from mint.record.folders import folders_of
    from mint.spec.load import load
    from mint.store import Store

    collection, _ = load(file, locked=False)
    painter = painter_here(collection, file)
    with drawn_progress() as news:
        author = _author(model, revision, Store(folders_of(file, collection).state))
        result = expand(file, collection, author, painter, news, again=again, ones=ones)
    for wish, words in result.written.items():
        tell(f"{wish.trait}: {wish.value}   {words}")
    _sum_up(file, result, is_counted=painter.counter is not None)


def _author(model: str, revision: str | None, store: Store) -> Author:
    from mint.models.weights import fingerprint
    from mint.models.writer import locate_writer
    from mint.models.writer_memo import remembering
    from mint.paint.expand import Author

    folder = locate_writer(model, revision)
    weights = fingerprint(folder, store)
    writer = remembering(folder, weights, store)
    if Path(model).expanduser().is_dir():
        # Its name alone: where it lies on this machine is nobody's business.
        return Author(folder.name[:120] or "model", None, weights, writer)
    return Author(model[:120], revision, weights, writer)


def _sum_up(file: Path, result: Expanded, *, is_counted: bool) -> None:
    if result.unchanged:
        values = ", ".join(f"{wish.trait}: {wish.value}" for wish in result.unchanged)
        say(f"left as they are, since nothing more fits or is known: {values}")
    if result.dropped:
        say(f"out of the file: {', '.join(f'{t}: {v}' for t, v in result.dropped)}")
    if not is_counted:
        say("their length was not counted: the vocabulary of the model that paints is not here")
    words = result.expansions
    edited = f", {words.edited_lines} yours" if words.edited_lines else ""
    say(f"{quoted(result.path)}: {words.lines} lines, {len(result.written)} new{edited}")
    say(f"next: look at the lines, then mint check {quoted(file)}")
