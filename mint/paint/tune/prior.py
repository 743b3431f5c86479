"""What a model must not forget: pictures that it paints of its own words before it learns.

Taught two dozen owls and nothing else, a model paints owls for foxes. So each step also sees some
of its own pictures, under their own words, as in DreamBooth (Ruiz et al. 2022, arXiv 2208.12242).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random

from mint.errors import RenderError
from mint.models.vocabulary import Theme, plain_words, read_vocabulary

MOST_BYTES = 1_000_000
MOST_PROMPT = 1000  # characters


def read_prompts(file: Path) -> list[str]:
    """The lines of a text file, one prompt each; raises RenderError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        lines = [" ".join(line.split()) for line in data.decode("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise RenderError(
            f"the prompts {file} cannot be read: {reason}", hint="give a text file, a prompt a line"
        ) from error
    prompts = [line for line in lines if line]
    if not prompts or len(data) > MOST_BYTES or max(map(len, prompts)) > MOST_PROMPT:
        raise RenderError(
            f"{file} is no list of prompts",
            hint=f"write one prompt a line, each of at most {MOST_PROMPT} characters",
        )
    return prompts


def own_prompts(folder: Path, count: int, seed: int, captions: Sequence[str]) -> list[str]:
    """`count` prompts in the words of the model's vocabulary.json; none where it has no such list.

    Every other one is of the theme that knows most of the captions' words, since that is what
    learning changes most; the other themes take turns. In a theme all values come about equally
    often.
    """
    vocabulary = read_vocabulary(folder)
    themes = list(vocabulary.themes.values()) if vocabulary else []
    if not themes:
        return []
    words = {word for caption in captions for word in plain_words(caption)}
    home = max(themes, key=lambda theme: len(theme.vocabulary & words))
    random = Random(f"prior/{seed}")
    at_home = _captions(home, random)
    others = [_captions(theme, random) for theme in themes if theme is not home] or [at_home]
    pairs = (stream for other in cycle(others) for stream in (at_home, other))
    return [next(stream) for stream in islice(pairs, count)]


def _captions(theme: Theme, random: Random) -> Iterator[str]:
    """Captions without end; in each group all values come before one comes again."""
    decks: dict[str, list[str]] = {}
    while True:
        caption = f"a {theme.template}"
        for group, values in theme.phrases.items():
            if not decks.get(group):
                decks[group] = random.sample(
                    [phrases[0] for phrases in values.values()], len(values)
                )
            caption = caption.replace(f"{{{group}}}", decks[group].pop())
        yield caption
