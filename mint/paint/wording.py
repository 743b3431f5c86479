"""A phrase of collection.yaml -> what a language model is asked; its answer -> words of a prompt.

Pure. What stands for a trait must fit where the prompt has it: before other words only more words
before it do ("deep orange" in "a {Body} {Species}"), and further clauses only at a clause's end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal, NamedTuple

from mint.plan.prompts import JOINING, clauses_of
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.expansions import FORBIDDEN, MOST, wrong_in
from mint.spec.names import find, known_names
from mint.spec.prompts_lock import phrases_of
from mint.spec.traits import is_absent

# Where a phrase stands in the prompt: before other words of its clause, before a little word that
# joins on more, at the clause's end, or as a whole prompt.
Place = Literal["before", "joined", "end", "whole"]
MOST_WORDS = 24  # of one value
AFTER = """\
Write each short description of a thing in a picture as a longer one. Add what can be seen: \
shapes, materials, light. Begin with the same words, stay on one line, name no artist and no brand.

Short: lighthouse
Long: lighthouse with peeling white paint and a glowing lamp
Short: wool scarf
Long: wool scarf, loosely knotted, with frayed ends
Short: at dusk
Long: at dusk, long blue shadows
Short: round eyes
Long: round eyes with bright reflections
Short: {}
Long:"""
BEFORE = """\
Put one or two words before each word that describes a thing in a picture, so that it says more \
precisely what can be seen. End with the same word, stay on one line.

Short: red
Long: deep glossy red
Short: wooden
Long: weathered wooden
Short: round
Long: perfectly round
Short: striped
Long: finely striped
Short: {}
Long:"""
INSTRUCTION = f"{AFTER}\n\n{BEFORE}"
_LABEL = re.compile(r"(?:[-*•>\s]|\d+[.)]\s|(?:long|short|answer|description|prompt)\s*:)+", re.I)
# What a model may write and no prompt needs: marks of other programs, and of text in print.
_MARKS = FORBIDDEN + "<>[]\\#\ufffd"
_TAG = re.compile("<[^<>]*>")
_QUOTES = "\"'`“”‘’„«»*_"
_WORD = re.compile(r"[^\s,]+")


class Wish(NamedTuple):
    """A value that is to have more words: its phrase, and where that stands in the prompt."""

    trait: str
    value: str
    phrase: str
    place: Place

    @property
    def key(self) -> tuple[str, str]:
        """Trait and value."""
        return self.trait, self.value


def wishes(collection: Collection, *, ones: bool) -> list[Wish]:
    """Every value of which the prompt says something; with `ones` the one-of-ones, too."""
    return [
        Wish(trait, value, phrase, place_of(collection.image.prompt, trait))
        for trait, values in phrases_of(collection).items()
        if ones or trait != ONE_OF_ONE
        for value, phrase in values.items()
        # More words for what is absent would have the model paint it.
        if wrong_in(phrase) is None and not is_absent(value)
    ]


def place_of(template: str, trait: str) -> Place:
    """Where a trait's phrase stands; of several places the one that leaves least room."""
    if trait == ONE_OF_ONE:
        return "whole"
    hole, places = f"{{{trait}}}", set[Place]()
    for clause in clauses_of(template):
        for rest in clause.split(hole)[1:]:
            words = rest.split()
            joined = bool(words) and words[0].lower() in JOINING
            places.add("joined" if joined else "before" if words else "end")
    order: tuple[Place, ...] = ("before", "joined", "end")
    return next(place for place in order if place in places)


def request(wish: Wish) -> str:
    """What the model reads."""
    return (BEFORE if wish.place == "before" else AFTER).replace("{}", wish.phrase)


def naming(collection: Collection) -> Callable[[str], bool]:
    """Whether a text names an artist, a brand or a real person (mint.spec.names)."""
    names = known_names(collection)
    return lambda text: any(True for _ in find(text, names))


def worded(answer: str, wish: Wish, names: Callable[[str], bool]) -> str:
    """The answer as words of a prompt; the phrase itself where nothing of it can stay."""
    text = tidied(answer)
    if names(text) and not names(wish.phrase):
        clauses = [clause for clause in text.split(", ") if not names(clause)]
        text = ", ".join(clauses)
    if wish.place == "before":
        return _ending(text, wish.phrase)
    if wish.place == "joined":
        text = text.partition(",")[0]
    if not _says(text, wish.phrase):
        text = f"{wish.phrase}, {text}" if text and wish.place != "joined" else wish.phrase
    return _bounded(text, wish.phrase)


def shorter(words: str, wish: Wish) -> str:
    """The words without their last part, or their first where the phrase comes last."""
    if wish.place == "before":
        rest = words.split(" ", 1)[-1]
        return rest if _says(rest, wish.phrase) else wish.phrase
    head = words.rpartition(",")[0] or _before_joint(words)
    return head if _says(head, wish.phrase) else wish.phrase


def _before_joint(words: str) -> str:
    """What stands before the last little word: "fox with fur and teeth" -> "fox with fur"."""
    parts = words.split(" ")
    joints = [i for i, word in enumerate(parts) if word.lower() in JOINING]
    return _without_loose_end(" ".join(parts[: joints[-1]])) if joints else ""


def tidied(answer: str) -> str:
    """What a model wrote, as far as it says something that a prompt may say."""
    return _without_loops(_tidy(answer))


def _tidy(answer: str) -> str:
    """One sentence on one line, of characters that everybody sees, without what is around it."""
    text = unicodedata.normalize("NFC", answer)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = "".join(c for c in _TAG.sub(" ", text) if c not in _MARKS)
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    text = re.split(r"[.!?;](?:\s|$)", text.strip(f" {_QUOTES}"), maxsplit=1)[0]
    clauses = (" ".join(clause.strip(_QUOTES + " ").split()) for clause in text.split(","))
    return ", ".join(clause for clause in clauses if any(map(str.isalnum, clause)))


def _without_loops(text: str) -> str:
    """Up to where three words come again in a row, as small models have them; no clause twice."""
    clauses = ", ".join(dict.fromkeys(text.split(", ")))
    triples: set[tuple[str, ...]] = set()
    words = list(_WORD.finditer(clauses))
    for i, match in enumerate(words[2:], 2):
        three = tuple(each[0].lower() for each in words[i - 2 : i + 1])
        if three in triples or len({*three}) == 1:
            return _without_loose_end(clauses[: words[i - 2].start()])
        triples.add(three)
        if i >= MOST_WORDS:
            return _without_loose_end(clauses[: match.start()])
    return _without_loose_end(clauses)


def _without_loose_end(text: str) -> str:
    """Without little words at its end that join on nothing."""
    words = text.rstrip(" ,").split(" ")
    while words and words[-1].strip(",").lower() in JOINING:
        words.pop()
    return " ".join(words).rstrip(" ,")


def _says(text: str, phrase: str) -> bool:
    """Whether the phrase stands in the text, word by word."""
    pattern = r"\s+".join(re.escape(word) for word in phrase.split())
    return re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None


def _ending(text: str, phrase: str) -> str:
    """The last words before the phrase, and the phrase; no other clause."""
    pattern = r"\s+".join(re.escape(word) for word in phrase.split())
    match = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    if match is None:
        return phrase
    before = text[: match.start()].rpartition(",")[2].split()
    small = {word.lower() for word in before} & JOINING
    return phrase if small else _bounded(" ".join([*before[-3:], phrase]), phrase)


def _bounded(text: str, phrase: str) -> str:
    while len(text) > MOST and ", " in text:
        text = text.rpartition(", ")[0]
    return text if text and len(text) <= MOST else phrase
