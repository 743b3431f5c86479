"""What the painter's captions said, for `mint check`: `vocabulary.json` in the model's folder.

`vocabulary.py` writes it to mint/atelier/pipeline, `vocabulary.py FOLDER` to another painter's.
docs/vocabulary.md says what stands in it.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from types import ModuleType
from typing import Any

from editions import EDITIONS, first

SIZE = 256  # of the pictures, in pixels; data.py's default
PIPELINE = Path(__file__).parents[2] / "mint" / "atelier" / "pipeline"


def vocabulary(art: ModuleType = first) -> dict[str, Any]:
    """The file's content; the same in every process."""
    themes = {name: described(module, art) for name, module in art.THEMES.items()}
    return {"sizes": [[SIZE, SIZE]], "between": sorted(between(art)), "themes": themes}


def between(art: ModuleType) -> set[str]:
    """Words that stand between traits; "an" is what captions make of "a" before a vowel."""
    return {*" ".join([*art.OPENINGS, *art.JOINERS, "an"]).replace(",", " ").split()}


def described(theme: ModuleType, art: ModuleType = first) -> dict[str, Any]:
    """One theme: which groups share a clause, words that stand for no value, and the phrases."""
    phrases = {g: {v: list(said) for v, said in vs.items()} for g, vs in theme.PHRASES.items()}
    words = {word for group, _, phrase in every(theme) for word in alone(theme, group, phrase)[1]}
    for group, value, phrase in every(theme):
        forms = [alone(theme, group, phrase)[0], *inflected(theme, group, phrase, words)]
        phrases[group][value] = list(dict.fromkeys([*phrases[group][value], *forms]))
    return {
        "clauses": shared(theme),
        "words": sorted(words - between(art)),
        "prompt": ", ".join(theme.clauses({group: f"{{{group}}}" for group in phrases})),
        "phrases": phrases,
    }


def every(theme: ModuleType) -> Iterator[tuple[str, str, str]]:
    """Each phrase with its group and value."""
    for group, values in theme.PHRASES.items():
        for value, said in values.items():
            for phrase in said:
                yield group, value, phrase


def alone(theme: ModuleType, group: str, phrase: str) -> tuple[str, list[str]]:
    """What a caption says of this trait alone, and its words that are not the phrase's.

    Traits are dropped from captions at random, and then "blue background" is all that is said.
    """
    text = next(clause for clause in theme.clauses({group: phrase}) if phrase in clause)
    return text, text.replace(phrase, " ", 1).split()


def inflected(theme: ModuleType, group: str, phrase: str, words: set[str]) -> Iterator[str]:
    """The forms that a phrase takes beside others: tulips after "pair of"."""
    for other, _, said in every(theme):
        if other == group:
            continue
        text = " ".join(theme.clauses({group: phrase, other: said}))
        if phrase not in text.split() and f" {phrase} " not in f" {text} ":
            rest = text.replace(said, " ", 1).split()
            yield from dict.fromkeys(word for word in rest if word not in words)


def shared(theme: ModuleType) -> list[list[str]]:
    """The groups of each clause, in the captions' order."""
    first = {group: next(iter(values.values()))[0] for group, values in theme.PHRASES.items()}
    clauses = {group: {group} for group in first}
    for one, other in permutations(first, 2):
        for text in theme.clauses({one: first[one], other: first[other]}):
            # Without the one first, since "red" also stands in "red ribbon".
            if first[one] in text and first[other] in text.replace(first[one], "", 1):
                clauses[one].add(other)
                clauses[other].add(one)
    ordered = (tuple(group for group in first if group in clause) for clause in clauses.values())
    return [list(clause) for clause in dict.fromkeys(ordered)]


def write(folder: Path, edition: int = 1) -> None:
    """Write the list into a painter's folder; `edition` is of the art that it learned."""
    text = json.dumps(vocabulary(EDITIONS[edition]), indent=1, ensure_ascii=False)
    (folder / "vocabulary.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=PIPELINE)
    parser.add_argument("--edition", type=int, choices=list(EDITIONS), default=1)
    o = parser.parse_args()
    write(o.folder, o.edition)


if __name__ == "__main__":
    main()
