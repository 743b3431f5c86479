"""Words that a model paints without, because its text encoder cuts them off: in warnings.

What collection.yaml says of a token is refused where it is too long (mint.paint.prompt_length).
This is the rest, which was painted so before anybody counted, and what is published stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mint.curate.decisions_file import DecisionsFile
from mint.curate.edits import leading_to_keep
from mint.models.checkpoint import taught_words
from mint.models.families import class_name, family_of
from mint.models.weights import Files
from mint.paint.prompt_length import WordCounter, word_counter
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source

MOST = 60  # characters of what falls off that a warning repeats
SHORTEN = "shorten it; what matters goes first"


def cut_words(
    collection: Collection, source: Source, wishes: DecisionsFile, folder: Path, files: Files
) -> Iterator[str]:
    """A warning for the negative prompt, and for that of each edit that leads to what is kept.

    `folder` and `files` are those of the painting model.
    """
    negative = collection.image.negative_prompt
    edits = [each for each in leading_to_keep(wishes.decisions) if each.prompt]
    if not (negative or edits):
        return
    counter = word_counter(folder, taught_words(files))
    if counter is None:
        return
    scale = collection.painting.guidance_scale
    is_read = negative and family_of(class_name(folder)).guides(scale)
    if is_read and (cut := _cut(counter, negative)):
        yield source.warning(("image", "negative_prompt"), f"the negative prompt {cut}", SHORTEN)
    for each in edits:
        if cut := _cut(counter, each.prompt or ""):
            command = "retouch" if each.mask else "vary"
            yield (
                f"warning: {wishes.place(each)}: the prompt of attempt {each.attempt} of token "
                f"{each.token} {cut}; {SHORTEN}, and paint it again: mint {command}"
            )


def _cut(counter: WordCounter, text: str) -> str | None:
    """What is cut off of a text, as the end of a sentence about it; None where nothing is."""
    places = counter.count(text)
    if places <= counter.window:
        return None
    words = text.split()
    fits = (
        i for i in range(len(words), -1, -1) if counter.count(" ".join(words[:i])) <= counter.window
    )
    rest = " ".join(words[next(fits, 0) :])
    ellipsis = "..." if len(rest) > MOST else ""
    return (
        f"needs {places} places, the model reads {counter.window}: "
        f'"{rest[:MOST]}{ellipsis}" falls off'
    )
