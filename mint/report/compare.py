"""Two builds side by side: what differs, and how true, varied and costly each is. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mint.document import Document
from mint.record.manifest import Manifest
from mint.report import figures
from mint.report.figures import Build, Figures, Value
from mint.report.settings import settings


class Line(Document):
    """A figure of both builds; None for a build that does not have it."""

    name: str
    a: Value = None
    b: Value = None


class Part(Document):
    """Lines that belong together; `notes` say what they are of, and what cannot be compared."""

    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]


class Comparison(Document):
    """Two builds side by side, part by part."""

    parts: tuple[Part, ...]


def compare(a: Build, b: Build) -> Comparison:
    """What differs between two builds, and the figures of both."""
    return Comparison(parts=tuple(_parts(a, b)))


def _parts(a: Build, b: Build) -> Iterator[Part]:
    one, other = a.manifest, b.manifest
    yield _only_different("The file, and what painted", settings(one), settings(other), "settings")
    yield _pictures(one, other)
    yield _traits(one, other)
    yield _part("Truth", figures.truth(one), figures.truth(other), without="no picture was judged")
    yield _likeness(one, other)
    yield _fit(one, other)
    yield _variety(one, other)
    yield _part("Speed and cost", figures.cost(a), figures.cost(b))


def _lines(a: Figures, b: Figures) -> tuple[Line, ...]:
    names = [*a, *(name for name in b if name not in a)]
    return tuple(Line(name=name, a=a.get(name), b=b.get(name)) for name in names)


def _part(title: str, a: Figures, b: Figures, *notes: str, without: str = "not measured") -> Part:
    """A Part; where neither has figures, its only note is `without`."""
    lines = _lines(a, b)
    return Part(title=title, lines=lines, notes=notes if lines else (without,))


def _only_different(title: str, a: Figures, b: Figures, noun: str) -> Part:
    lines = _lines(a, b)
    other = tuple(line for line in lines if line.a != line.b)
    equal = f"{len(lines) - len(other)} {noun} are equal" if other else f"all {noun} are equal"
    return Part(title=title, lines=other, notes=(equal,))


def _pictures(a: Manifest, b: Manifest) -> Part:
    first = {token.token_id: token.image.pixels for token in a.tokens}
    same = sum(first.get(token.token_id) == token.image.pixels for token in b.tokens)
    note = f"{same:,} tokens have the same picture in both"
    return _part("Pictures", figures.pictures(a), figures.pictures(b), note)


def _traits(a: Manifest, b: Manifest) -> Part:
    title = "Tokens of each trait value, by their metadata"
    part = _only_different(title, figures.counts(a), figures.counts(b), "counts")
    if len(a.tokens) == len(b.tokens):
        return part
    of = f"A has {len(a.tokens):,} tokens, B has {len(b.tokens):,}"
    return part.model_copy(update={"notes": (*part.notes, of)})


def _likeness(a: Manifest, b: Manifest) -> Part:
    notes = ["0 is the same picture"]
    if all(t.nearest for t in a.tokens) != all(t.nearest for t in b.tokens):
        notes.append("measured in two ways: A and B cannot be compared")
    sides = figures.likeness(a), figures.likeness(b)
    return _part("Distance to the nearest other picture", *sides, *notes, *_incomparable(a, b))


def _fit(a: Manifest, b: Manifest) -> Part:
    note = "0 to 2.5; good is what lies far above the mean with other tokens' prompts"
    sides = figures.fit(a.quality), figures.fit(b.quality)
    return _part("Fit of picture and prompt (CLIPScore)", *sides, note, *_incomparable(a, b))


def _variety(a: Manifest, b: Manifest) -> Part:
    """At the largest number of pictures that was measured in both: larger sets score higher."""
    one, other = figures.sizes(a.quality), figures.sizes(b.quality)
    common = one & other if one and other else one | other
    if (one or other) and not common:
        return _part("Variety", {}, {}, without="too few pictures in one of them")
    size = max(common, default=0)
    note = f"of {size:,} pictures each, drawn from A's {len(a.tokens):,} and B's {len(b.tokens):,}"
    sides = figures.variety(a.quality, size), figures.variety(b.quality, size)
    return _part("Variety", *sides, note, *_incomparable(a, b))


def _incomparable(a: Manifest, b: Manifest) -> Iterator[str]:
    """A warning where what measured A is not what measured B."""
    if a.quality and b.quality and a.quality.embedder != b.quality.embedder:
        yield "measured with different models (dedup.embedder): A and B cannot be compared"
