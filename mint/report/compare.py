"""Builds side by side: what differs, and how true, varied and costly each is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

from mint.document import Document
from mint.record.manifest import Manifest
from mint.report import figures
from mint.report.figures import Build, Figures, Value
from mint.report.settings import settings


class Line(Document):
    """A figure of each build; None for a build that does not have it."""

    name: str
    values: tuple[Value, ...]


class Part(Document):
    """Lines that belong together; `notes` say what they are of, and what cannot be compared."""

    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]


class Comparison(Document):
    """Builds side by side, part by part."""

    parts: tuple[Part, ...]


def compare(builds: Sequence[Build]) -> Comparison:
    """What differs between builds, two or more, and the figures of each."""
    return Comparison(parts=tuple(_parts(builds)))


def letters(builds: Sequence[object]) -> list[str]:
    """What builds are called: A, B, C."""
    return [chr(ord("A") + i) for i in range(len(builds))]


def _parts(builds: Sequence[Build]) -> Iterator[Part]:
    every = [build.manifest for build in builds]
    title = "The file, and what painted"
    yield _only_different(title, [settings(each) for each in every], "settings")
    yield _pictures(every)
    yield _traits(every)
    truth = [figures.truth(each) for each in every]
    yield _part("Truth", truth, without="no picture was judged")
    yield _likeness(every)
    yield _fit(every)
    yield _variety(every)
    yield _part("Speed and cost", [figures.cost(build) for build in builds])


def _lines(sides: Sequence[Figures]) -> tuple[Line, ...]:
    names = dict.fromkeys(name for side in sides for name in side)
    return tuple(Line(name=n, values=tuple(side.get(n) for side in sides)) for n in names)


def _part(title: str, sides: Sequence[Figures], *notes: str, without: str = "not measured") -> Part:
    """A Part; where none has figures, its only note is `without`."""
    lines = _lines(sides)
    return Part(title=title, lines=lines, notes=notes if lines else (without,))


def _only_different(title: str, sides: Sequence[Figures], noun: str) -> Part:
    lines = _lines(sides)
    other = tuple(line for line in lines if len(set(line.values)) > 1)
    equal = f"{len(lines) - len(other)} {noun} are equal" if other else f"all {noun} are equal"
    return Part(title=title, lines=other, notes=(equal,))


def _pictures(every: Sequence[Manifest]) -> Part:
    first, *rest = [{t.token_id: t.image.pixels for t in each.tokens} for each in every]
    same = sum(all(other.get(i) == pixels for other in rest) for i, pixels in first.items())
    note = f"{same:,} tokens have the same picture in {'both' if len(every) == 2 else 'all'}"
    return _part("Pictures", [figures.pictures(each) for each in every], note)


def _traits(every: Sequence[Manifest]) -> Part:
    title = "Tokens of each trait value, by their metadata"
    part = _only_different(title, [figures.counts(each) for each in every], "counts")
    if len({len(each.tokens) for each in every}) == 1:
        return part
    return part.model_copy(update={"notes": (*part.notes, _of_each(every, "{} has {:,} tokens"))})


def _of_each(every: Sequence[Manifest], text: str) -> str:
    """`A has 12 tokens, B has 14 tokens`."""
    pairs = zip(letters(every), every, strict=True)
    return ", ".join(text.format(letter, len(each.tokens)) for letter, each in pairs)


def _likeness(every: Sequence[Manifest]) -> Part:
    notes = ["0 is the same picture"]
    if len({all(token.nearest for token in each.tokens) for each in every}) > 1:
        notes.append("measured in two ways, which cannot be compared")
    sides = [figures.likeness(each) for each in every]
    return _part("Distance to the nearest other picture", sides, *notes, *_incomparable(every))


def _fit(every: Sequence[Manifest]) -> Part:
    note = "0 to 2.5; good is what lies far above the mean with other tokens' prompts"
    sides = [figures.fit(each.quality) for each in every]
    return _part("Fit of picture and prompt (CLIPScore)", sides, note, *_incomparable(every))


def _variety(every: Sequence[Manifest]) -> Part:
    """At the largest number of pictures that was measured in all: larger sets score higher."""
    size_sets = [sizes for each in every if (sizes := figures.sizes(each.quality))]
    common: set[int] = reduce(set.__and__, size_sets) if size_sets else set()
    if size_sets and not common:
        return _part("Variety", [], without="too few pictures in one of them")
    size = max(common, default=0)
    origins = _of_each(every, "{}'s {:,}")
    note = f"of {size:,} pictures each, drawn from {origins}"
    sides = [figures.variety(each.quality, size) for each in every]
    return _part("Variety", sides, note, *_incomparable(every))


def _incomparable(every: Sequence[Manifest]) -> Iterator[str]:
    """A warning where what measured one is not what measured another."""
    if len({each.quality.embedder for each in every if each.quality}) > 1:
        yield "measured with different models (dedup.embedder), which cannot be compared"
