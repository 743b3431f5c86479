"""The text of prompts.lock: a line for each value, with the artist's comments where they stood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mint.spec.expansions import Expansions
from mint.spec.prompts_lock import Lock, Was
from mint.spec.starter import key_text, quoted
from mint.spec.yaml_source import Location

HEADER = """\
# What a language model wrote for the values of your collection: mint paints these words in place
# of the short ones, which metadata and judges keep. Change a line, and it is yours: mint prompts
# leaves it alone. Delete a line, and the short words are painted until mint prompts writes it
# again. Delete the file, and everything is as it was without it.
"""
NOTE = "# The phrase that the model was given, and its words: by them mint knows your own lines."
# A key, a value in quotes or without, and the comment behind it.
_BEHIND = re.compile(
    r"""\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^"'#:][^:]*)\s*:"""
    r"""\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?!["'#]).*?)\s+(\#.*)"""
)


class Comments(NamedTuple):
    """An earlier file's comments: above everything, above and behind a key, and below all words."""

    head: tuple[str, ...] = ()
    above: Mapping[Location, tuple[str, ...]] = {}
    behind: Mapping[Location, str] = {}
    rest: tuple[str, ...] = ()


def comments_of(lock: Lock | None) -> Comments:
    """The artist's comments in a lock, without those that mint writes itself."""
    if lock is None:
        return Comments()
    ours = {*HEADER.splitlines(), NOTE}
    keys = _first_keys(lock)
    above: dict[Location, tuple[str, ...]] = {}
    behind: dict[Location, str] = {}
    pending: list[str] = []
    below: Location = ()
    for number, line in enumerate(lock.source.lines, 1):
        if place := keys.get(number):
            above[place], pending, below = tuple(pending), [], place
            if match := _BEHIND.fullmatch(line):
                behind[place] = match[1]
        elif line.lstrip().startswith("#") and below != ("instruction",):
            pending += [line.strip()] if line.strip() not in ours else []
    first = min(keys.values(), key=lambda place: lock.source.keys[place], default=())
    lines_of_words = {place: lines for place, lines in above.items() if place[:1] == ("words",)}
    elsewhere = [line for place, lines in above.items() if place not in (*lines_of_words, first)
                 for line in lines]  # fmt: skip
    return Comments(above.get(first, ()), lines_of_words, behind, (*elsewhere, *pending))


def _first_keys(lock: Lock) -> dict[int, Location]:
    """Line -> the first key that begins there."""
    lines: dict[int, Location] = {}
    for place, (line, _) in lock.source.keys.items():
        lines.setdefault(line, place)
    return lines


def lock_text(
    expansions: Expansions,
    was: Mapping[str, Mapping[str, Was]],
    comments: Comments,
    notes: Iterable[str] = (),
) -> str:
    """The whole file; `notes` are comments that go below all words, after the earlier ones."""
    head = "".join(f"{line}\n" for line in comments.head)
    lines = [HEADER + head + f"model: {quoted(expansions.model)}"]
    lines += [f"revision: {quoted(expansions.revision)}"] if expansions.revision else []
    lines += [f"weights: {quoted(expansions.weights)}", "instruction: |-"]
    lines += [f"  {line}" if line else "" for line in expansions.instruction.split("\n")]
    lines += _above(comments, ("words",), "")
    lines.append("words:" if any(expansions.words.values()) else "words: {}")
    for trait, values in expansions.words.items():
        if values:
            lines += [*_above(comments, ("words", trait), "  "), f"  {key_text(trait)}:"]
        for value, words in values.items():
            place = "words", trait, value
            behind = f"  {comments.behind[place]}" if place in comments.behind else ""
            lines += _above(comments, place, "    ")
            lines.append(f"    {key_text(value)}: {quoted(words)}{behind}")
    lines += [*comments.rest, *notes, NOTE, "was:" if any(was.values()) else "was: {}"]
    for trait, pairs in was.items():
        lines += [f"  {key_text(trait)}:"] if pairs else []
        lines += [
            f"    {key_text(v)}: [{quoted(p.phrase)}, {quoted(p.words)}]" for v, p in pairs.items()
        ]
    return "\n".join(lines) + "\n"


def _above(comments: Comments, place: Location, indent: str) -> list[str]:
    return [f"{indent}{line}" for line in comments.above.get(place, ())]
