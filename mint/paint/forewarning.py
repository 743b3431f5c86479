"""What a model will not paint as collection.yaml says it, in warnings before anything is painted.

`mint check` prints them, and `mint build` before it paints. Nothing is refused: the artist may
want just that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from mint.models.readings import Readings
from mint.models.refiners import DETAIL_SIZE
from mint.models.vocabulary import Vocabulary
from mint.paint.known_words import PROMPT, Finding, KnownWords
from mint.spec.collection import DETAIL, Collection
from mint.spec.painting import ImageSettings
from mint.spec.refiner import refined
from mint.spec.traits import Trait, Value
from mint.spec.yaml_source import Location, Source

FEW = 4  # warnings of one trait that are still read one by one
MANY = 9  # and those of all traits together
NAMED = 12  # phrases that one line names
# How many times as long as learned a side is when pictures fail as a whole; atelier was looked at
# from 64 to 512. Between them single parts do: at 288 ears float about, at 192 a hat is cut off.
DOUBLE, HALF = 1.5, 0.5


class Forewarning(NamedTuple):
    """`known` says how much of the words the model knows; the warnings come with their places."""

    known: str
    warnings: list[str]


def forewarning(
    collection: Collection, source: Source, vocabulary: Vocabulary | None
) -> Forewarning:
    """What a model with this vocabulary will not paint as the collection says; pure."""
    sizes = list(_detail_size(collection.image, source))
    if vocabulary is None:
        return Forewarning("not compared: the model has no list of the words it knows", sizes)
    sizes += _size(collection.image, source, vocabulary.sizes)
    if not vocabulary.themes:
        return Forewarning("not compared: the model's list has no words", sizes)
    lexicon = _known_words(collection, vocabulary)
    findings = lexicon.findings()
    silent = [_silent(source, *each) for each in lexicon.silent_absences()]
    lines = [*sizes, *_lines(source, findings), *silent, *_expanded(collection, source, lexicon)]
    return Forewarning(_summary(collection, findings), lines)


def prompt_warning(
    collection: Collection, vocabulary: Vocabulary | None, prompt: str | None
) -> str | None:
    """A warning for the words of --prompt that the model has never seen; pure."""
    if prompt is None or vocabulary is None or not vocabulary.themes:
        return None
    finding = _known_words(collection, vocabulary).whole(prompt, PROMPT, ())
    return finding and f"warning: --prompt: {finding.message}; {finding.hint}"


def _known_words(collection: Collection, vocabulary: Vocabulary) -> KnownWords:
    """With the words that the collection's embeddings stand for."""
    taught = tuple(embedding.token for embedding in collection.image.embeddings)
    vocabulary = vocabulary.model_copy(update={"between": (*vocabulary.between, *taught)})
    return KnownWords(Readings(collection, vocabulary))


def _expanded(collection: Collection, source: Source, lexicon: KnownWords) -> Iterator[str]:
    """A warning for each line of prompts.lock with words that no caption has."""
    words = collection.expansions.words if collection.expansions and source.lock else {}
    for trait, lines in words.items():
        for value, text in lines.items():
            short = lexicon.readings.phrases.get(trait, {}).get(value, "")
            if unseen := [
                f'"{word}"' for word in lexicon.unseen(text) if word not in lexicon.unseen(short)
            ]:
                assert source.lock is not None
                message = f"the model has never seen {', '.join(unseen)}"
                hint = "write what it knows: docs/vocabulary.md, or its vocabulary.json"
                yield source.lock.warning(("words", trait, value), message, hint)


def _summary(collection: Collection, findings: Sequence[Finding]) -> str:
    spoken = sum(bool(value.phrase) for trait in collection.traits for value in trait.values)
    unknown = sum(finding.location[0] == "traits" for finding in findings)
    if not findings:
        return f"the model knows what the prompt says for all {spoken} values"
    return f"the model knows what the prompt says for {spoken - unknown} of {spoken} values"


def _lines(source: Source, findings: Sequence[Finding]) -> Iterator[str]:
    """A warning for each finding, or, of many, one for each trait."""
    for subject, each in groupby(findings, key=lambda finding: finding.subject):
        group = list(each)
        limit = 1 if len(findings) > MANY else FEW
        if len(group) > limit:
            yield _together(source, subject, group)
        else:
            yield from (_warning(source, f.location, f.message, f.hint) for f in group)


def _together(source: Source, subject: str, group: Sequence[Finding]) -> str:
    """`the model does not know 12 phrases of Hat: "sombrero" (line 20), ... and 3 more`."""
    first, line = group[0], _line(source, group[0].location)
    names = []
    for finding in group[:NAMED]:
        before, line = line, _line(source, finding.location)
        names.append(f'"{finding.words}"' + (f" (line {line})" if line != before else ""))
    more = f" and {len(group) - NAMED} more" if len(group) > NAMED else ""
    message = f"the model does not know {len(group)} phrases of {subject}: {', '.join(names)}{more}"
    return _warning(source, first.location, message, first.general_hint)


def _silent(source: Source, trait: Trait, value: Value, phrase: str) -> str:
    """`none` that leaves the model free to paint one."""
    amount = f"count: {value.count}" if value.count else f"weight: {value.weight or 1:g}"
    name = f"name: {value.name}, " if _is_list(source, trait.name) else ""
    record = f"{{{name}{amount}, prompt: {phrase}}}"
    return _warning(
        source,
        ("traits", trait.name, value.name),
        f"for {trait.name}: {value.name} the prompt says nothing, so the model often paints one",
        f"write {record if name else f'{value.name}: {record}'}",
    )


def _size(image: ImageSettings, source: Source, sizes: Sequence[tuple[int, int]]) -> Iterator[str]:
    """A warning if the pictures are of no size that the model learned."""
    if not sizes or (image.width, image.height) in sizes:
        return
    width, height = min(sizes, key=lambda size: _stretch(image, size))
    sides = image.width / width, image.height / height
    if max(sides) >= DOUBLE:
        effect = "it tends to paint things twice, such as two heads"
    elif min(sides) <= HALF:
        effect = "hardly anything fits in whole, and few traits are to be seen"
    else:
        effect = "parts go astray" if max(sides) > 1 else "things are cut off"
    side = "width" if image.width != width else "height"
    remedy = f"write width: {width} and height: {height}"
    if max(sides) > 1 and image.upscale is None:
        remedy += ", and upscale: atelier, which enlarges the finished pictures 4 times"
    message = (
        f"the model learned pictures of {width} x {height}, and at "
        f"{image.width} x {image.height} {effect}"
    )
    yield _warning(source, ("image", side), message, remedy)


def _detail_size(image: ImageSettings, source: Source) -> Iterator[str]:
    """A warning for each atelier-detail whose pictures are of another size than it learned."""
    for i, refiner in enumerate(image.refiners):
        size = refined((image.width, image.height), image.refiners[: i + 1])
        if refiner.model in DETAIL and size != DETAIL_SIZE:
            learned, here = ("{} x {}".format(*each) for each in (DETAIL_SIZE, size))
            key = next((key for key in ("width", "height") if getattr(refiner, key)), "model")
            message = (
                f"{refiner.model} learned pictures of {learned}, and nobody tried it at {here}"
            )
            remedy = "write width: {} and height: {}".format(*DETAIL_SIZE)
            yield _warning(source, ("image", "refiners", i, key), message, remedy)


def _stretch(image: ImageSettings, size: tuple[int, int]) -> float:
    """How many times the side that differs most is larger or smaller."""
    pairs = zip((image.width, image.height), size, strict=True)
    return max(max(a / b, b / a) for a, b in pairs)


def _warning(source: Source, location: Location, message: str, hint: str) -> str:
    place, key = _place(source, location)
    return source.warning(place, message, hint, key=key)


def _line(source: Source, location: Location) -> int:
    place, key = _place(source, location)
    return int(source.at(place, key=key).rsplit(":", 2)[1])


def _place(source: Source, location: Location) -> tuple[Location, bool]:
    """Where a finding stands: at the phrase of a value, if it has one, else at its name."""
    if location[0] != "traits":
        return location, False
    _, trait, value = location
    if _is_list(source, trait):
        values = source.value_at(location[:2])
        names = [each.get("name") if isinstance(each, dict) else each for each in values]
        location = "traits", trait, names.index(value)
    phrase = (*location, "prompt")
    return (phrase, False) if phrase in source.keys else (location, True)


def _is_list(source: Source, trait: Any) -> bool:
    """Whether a trait's values are written as a list."""
    return isinstance(source.value_at(("traits", trait)), list)
