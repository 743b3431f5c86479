"""`mint prompts`: a language model's words for the values of a collection -> prompts.lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mint.errors import CollectionError, RenderError
from mint.models.checkpoint import taught_words
from mint.models.locate_painter import locate_painter, on_hub
from mint.models.variations import variations
from mint.models.vocabulary import Vocabulary, read_vocabulary
from mint.models.writer import Writer
from mint.paint.fitting import Words, fitting
from mint.paint.known_expansion import INSTRUCTION as RANKING
from mint.paint.known_expansion import KnownExpansion, chosen
from mint.paint.prompt_length import WordCounter, word_counter
from mint.paint.wording import INSTRUCTION, Wish, naming, request, wishes, worded
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.expansions import Expansions
from mint.spec.prompts_lock import Lock, lock_path, read_lock
from mint.spec.prompts_lock_merge import Head, merge
from mint.spec.prompts_lock_text import comments_of, lock_text
from mint.stages import Progress
from mint.store import write


class Author(NamedTuple):
    """A language model: its name, its commit if the hub has it, the SHA-256 of its files."""

    name: str
    revision: str | None
    weights: str
    writer: Writer


class Painter(NamedTuple):
    """What the model that paints says of words; each part is None where it is not known."""

    counter: WordCounter | None
    vocabulary: Vocabulary | None
    variations: tuple[str, ...]


class Expanded(NamedTuple):
    """What became of the lock: words written now, values left as they are, lines dropped."""

    path: Path
    written: Mapping[Wish, str]
    unchanged: Sequence[Wish]
    dropped: Sequence[tuple[str, str]]
    expansions: Expansions


def painter_here(collection: Collection, file: Path) -> Painter:
    """What is known of the painter without asking the network."""
    image = collection.image
    try:
        folder, files = locate_painter(image, file, fetch=False)
    except RenderError:
        if not on_hub(image, file):
            raise
        return Painter(None, None, image.variations)
    vocabulary = read_vocabulary(folder)
    with_themes = vocabulary if vocabulary and vocabulary.themes else None
    turns = image.variations or variations(folder)
    return Painter(word_counter(folder, taught_words(files)), with_themes, turns)


def expand(
    file: Path,
    collection: Collection,
    author: Author,
    painter: Painter,
    progress: Progress,
    *,
    again: bool = False,
    ones: bool = False,
) -> Expanded:
    """Write words for each value that has none; with `again` for each, with `ones` of one-of-ones.

    `collection` is without its lock. Lines that the artist edited stay as they are, unless `again`.
    The file is replaced whole, or not at all; raises CollectionError where another model wrote it.
    """
    before = read_lock(file)
    ones = ones or bool(before and before.expansions.words.get(ONE_OF_ONE))
    all_wishes = wishes(collection, ones=ones)
    new = [wish for wish in all_wishes if again or not _stays(before, wish)]
    if new and before and not again:
        _refuse_other(before, author)
    earlier = [wish for wish in all_wishes if wish not in new]
    answers = _answers(collection, all_wishes, new, author.writer, painter, progress)
    words = _fitted(collection, before, earlier, new, answers, painter)
    instruction = f"{RANKING}, ..." if painter.vocabulary else INSTRUCTION
    head = Head(author.name, author.revision, author.weights, instruction)
    # Read again: the artist may have edited the file while the model wrote.
    latest = read_lock(file)
    merged = merge(collection, latest, words, head, again=again)
    path = lock_path(file)
    if latest is None or merged.written or merged.dropped:
        text = lock_text(merged.expansions, merged.was, comments_of(latest), merged.notes)
        write(path, text.encode())
    lines = {wish: merged.written[wish.key] for wish in new if wish.key in merged.written}
    changes = {wish: line for wish, line in lines.items() if line != wish.phrase}
    unchanged = [wish for wish in lines if wish not in changes]
    return Expanded(path, changes, unchanged, merged.dropped, merged.expansions)


def _stays(lock: Lock | None, wish: Wish) -> bool:
    """Whether a value's line is the artist's, or of the phrase that it still has."""
    if lock is None:
        return False
    if wish.value not in lock.expansions.words.get(wish.trait, {}):
        # Tried before, and nothing more was known. Of a line that the artist deleted, other words
        # are on record.
        return lock.written(*wish.key) == (wish.phrase, wish.phrase)
    if lock.is_edited(wish.trait, wish.value):
        return True
    return lock.was[wish.trait][wish.value].phrase == wish.phrase


def _refuse_other(lock: Lock, author: Author) -> None:
    wrote = lock.expansions
    if wrote.weights != author.weights:
        same = " of other weights" if wrote.model == author.name else ""
        raise CollectionError(
            f"{lock.source.at(('model',))}: {wrote.model}{same} wrote these words, "
            f"and {author.name} would write the missing ones",
            hint="name the same model; or add --again, and every line is written anew by this one",
        )


def _answers(
    collection: Collection,
    all_wishes: Sequence[Wish],
    new: Sequence[Wish],
    writer: Writer,
    painter: Painter,
    progress: Progress,
) -> Words:
    """(trait, value) -> words, not yet shortened; of values that nothing is known for, none."""
    names, words = naming(collection), dict[tuple[str, str], str]()
    vocabulary = painter.vocabulary
    choices = KnownExpansion(collection, vocabulary).choices(all_wishes) if vocabulary else None
    if new:
        progress("writing", 0, len(new))
    for done, wish in enumerate(new, 1):
        if choices is None:
            answer = worded(writer.write(request(wish)), wish, names)
        elif wish in choices:
            others = [
                each.phrase for each in all_wishes if each.trait == wish.trait and each != wish
            ]
            answer = chosen(wish, choices[wish], others, writer.likelihoods)
        else:
            answer = wish.phrase
        words[wish.key] = answer
        progress("writing", done, len(new))
    return words


def _fitted(
    collection: Collection,
    before: Lock | None,
    earlier: Sequence[Wish],
    new: Sequence[Wish],
    answers: Words,
    painter: Painter,
) -> Words:
    """The new words as far as they fit beside those that stay."""
    if painter.counter is None:
        return answers
    here = collection
    if before:
        lines: dict[str, dict[str, str]] = {}
        for wish in earlier:
            line = before.expansions.said(wish.trait, wish.value, wish.phrase)
            lines.setdefault(wish.trait, {})[wish.value] = line
        here = collection.model_copy(
            update={"expansions": before.expansions.model_copy(update={"words": lines})}
        )
    return fitting(here, new, answers, painter.counter, painter.variations)
