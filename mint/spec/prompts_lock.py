"""prompts.lock, beside collection.yaml: read with line and column, and held to the collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from mint.errors import CollectionError
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.expansions import Expansions, wrong_in
from mint.spec.yaml_source import Location, Source, nearest, read

KEYS = ("model", "revision", "weights", "instruction", "words", "was")
AGAIN = "mint prompts FILE --model FOLDER --again writes the file anew"
Table = Mapping[str, Mapping[str, Any]]  # trait -> value -> what is noted of it


class Was(NamedTuple):
    """What the model was given for a value, and what it wrote."""

    phrase: str
    words: str


class Lock(NamedTuple):
    """What prompts.lock says, and where; `was` is by trait and value, like the words."""

    expansions: Expansions
    was: Mapping[str, Mapping[str, Was]]
    source: Source

    def written(self, trait: str, value: str) -> Was | None:
        """What the model wrote for a value, if it did."""
        return self.was.get(trait, {}).get(value)

    def is_edited(self, trait: str, value: str) -> bool:
        """Whether the artist wrote the words of a value, all or in part."""
        was = self.written(trait, value)
        return was is None or was.words != self.expansions.words[trait][value]


def lock_path(file: Path) -> Path:
    """Beside collection.yaml; another file in the same folder has a lock of its own."""
    name = "prompts.lock" if file.stem == "collection" else f"{file.stem}.prompts.lock"
    return file.parent / name


def read_lock(file: Path) -> Lock | None:
    """The words for the collection in `file`; None where there is no such lock.

    Raises CollectionError, which begins `file:line:column:`.
    """
    path = lock_path(file)
    # A link that leads nowhere is a broken lock, not an absent one.
    if not (path.exists() or path.is_symlink()):
        return None
    source = read(path)
    values = source.values
    if not isinstance(values, dict):
        raise source.error((), "these are no words of a model", f"delete the file; {AGAIN}")
    for key in values:
        if key not in KEYS:
            raise source.error((key,), f'"{key}" is unknown', nearest(key, KEYS), key=True)
    words, was = _words(source), _was(source)
    edited = {
        trait: tuple(v for v in lines if _is_edited(was.get(trait, {}).get(v), lines[v]))
        for trait, lines in words.items()
    }
    head = {key: values[key] for key in KEYS[:4] if values.get(key) is not None}
    try:
        edited = {trait: names for trait, names in edited.items() if names}
        expansions = Expansions(**head, words=words, edited=edited)
    except ValidationError as error:
        raise _bad_head(source, str(error.errors()[0]["loc"][0])) from error
    return Lock(expansions, was, source)


def _is_edited(was: Was | None, words: str) -> bool:
    return was is None or was.words != words


def _bad_head(source: Source, key: str) -> CollectionError:
    what = "is missing" if source.values.get(key) is None else "is not what mint wrote there"
    hint = f"bring the line back from a copy, or delete the file; {AGAIN}"
    return source.error((key,), f'"{key}" {what}', hint)


def _words(source: Source) -> dict[str, dict[str, str]]:
    table = _table(source, "words")
    for trait, lines in table.items():
        for value, words in lines.items():
            place: Location = ("words", trait, value)
            if not isinstance(words, str):
                hint = 'write them in "quotes", or delete the line'
                raise source.error(place, f'the words of "{value}" are no text', hint)
            if reason := wrong_in(words):
                hint = "write plain words, or delete the line"
                raise source.error(place, f'what stands for "{value}" {reason}', hint)
            _refuse_long_name(source, trait, value)
    return table


def _refuse_long_name(source: Source, trait: str, value: str) -> None:
    for place, name in ((("words", trait), trait), (("words", trait, value), value)):
        if not 1 <= len(name) <= 120:
            message = f"a name of {len(name)} characters is no trait's or value's"
            raise source.error(place, message, "delete the line", key=True)


def _was(source: Source) -> dict[str, dict[str, Was]]:
    table = _table(source, "was")
    for trait, lines in table.items():
        for value, pair in lines.items():
            if not (isinstance(pair, list) and [type(each) for each in pair] == [str, str]):
                hint = (
                    "leave `was:` as mint wrote it, or delete this line: then the words are yours"
                )
                message = f'what the model wrote for "{value}" is no pair of texts'
                raise source.error(("was", trait, value), message, hint)
    return {t: {v: Was(*pair) for v, pair in lines.items()} for t, lines in table.items()}


def _table(source: Source, key: str) -> dict[str, dict[str, Any]]:
    """Trait -> value -> what stands there."""
    table = source.values.get(key)
    if table is None and key == "was":
        return {}
    if not isinstance(table, dict):
        raise source.error((key,), f'"{key}" has no lines', f"delete the file; {AGAIN}")
    for trait, lines in table.items():
        if lines is not None and not isinstance(lines, dict):
            hint = "write a line for each value, `fox: words`, two spaces further in"
            raise source.error((key, trait), f'"{trait}" has no lines of values', hint)
    return {trait: dict(lines) for trait, lines in table.items() if lines}


def phrases_of(collection: Collection) -> dict[str, dict[str, str]]:
    """Trait -> value -> the phrase of collection.yaml; one-of-ones under ONE_OF_ONE."""
    table = {t.name: {v.name: v.phrase for v in t.values} for t in collection.traits}
    names = [one.name for one in collection.one_of_ones]
    ones = {o.name: o.prompt for o in collection.one_of_ones if names.count(o.name) == 1}
    return table | ({ONE_OF_ONE: ones} if ones else {})


def problems(collection: Collection, lock: Lock, file: Path) -> Iterator[CollectionError]:
    """Lines that name what is not in collection.yaml, or were written for another phrase."""
    phrases, source = phrases_of(collection), lock.source
    drop = f"mint prompts {file.name} --model FOLDER takes the line out; or delete it yourself"
    for trait, lines in lock.expansions.words.items():
        if trait not in phrases:
            hint = f"{_guess(trait, phrases)}{drop}"
            message = f'"{trait}" is no trait of {file.name}'
            yield source.error(("words", trait), message, hint, key=True)
            continue
        for value in lines:
            place, phrase = ("words", trait, value), phrases[trait].get(value)
            if phrase is None:
                hint = f"{_guess(value, phrases[trait])}{drop}"
                message = f'"{trait}" has no value "{value}" in {file.name}'
                yield source.error(place, message, hint, key=True)
            elif not lock.is_edited(trait, value) and lock.was[trait][value].phrase != phrase:
                message = (
                    f'these words were written for "{lock.was[trait][value].phrase}", '
                    f'and {file.name} says "{phrase}" now'
                )
                hint = (
                    f"mint prompts {file.name} --model FOLDER writes them anew; or delete the line"
                )
                yield source.error(place, message, hint)


def _guess(name: str, names: Mapping[str, Any]) -> str:
    guess = nearest(name, names)
    return f"{guess} Else " if guess.startswith("did you") else ""
