"""The judges: who can say which value of a trait a picture shows, each a function in a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mint.curate.calibrate import LOG_SCALES, calibrate
from mint.curate.labels import (
    Assignment,
    Phrases,
    assign,
    combinations,
    heads_of,
    probabilities,
    shows,
)
from mint.curate.memo import Embed, EmbedTexts, memoised_embedder
from mint.curate.question import Choice, Question
from mint.curate.truth import Judge, LogProbabilities
from mint.document import sha256
from mint.models.classifier import image_classifier, labels_of
from mint.models.embedder import Vectors
from mint.models.runtime import device_of
from mint.models.softmax import log_softmax
from mint.models.vlm import Ask, image_text_model, template_digest
from mint.models.vocabulary import read_vocabulary
from mint.models.weights import Model
from mint.paint.picture import Picture
from mint.plan.recipe import Runtime
from mint.spec.painting import JudgeName
from mint.stages import Progress, underway
from mint.store import Store


class Court(NamedTuple):
    """What a judge may use: its model, what it will be asked, and who remembers and hears of it.

    `phrases` are the words of the painter's captions by label; `embed` and `embed_texts` give the
    vectors of the comparing model.
    """

    model: Model
    questions: tuple[Question, ...]
    phrases: Phrases
    embed: Embed
    embed_texts: EmbedTexts
    runtime: Runtime
    store: Store
    progress: Progress


def phrases_by_label(folder: Path) -> Phrases:
    """`theme/group: value` -> the words that the captions of the model in `folder` have for it."""
    vocabulary = read_vocabulary(folder)
    return {
        f"{theme}/{group}: {value}": words
        for theme, content in (vocabulary.themes if vocabulary else {}).items()
        for group, values in content.phrases.items()
        for value, words in values.items()
    }


def classifier(court: Court) -> Judge:
    """An image-classification model whose labels are values: `species: fox`, or `fox` alone."""
    names = labels_of(court.model.path)
    columns = {label: i for i, label in enumerate(names)}
    heads = dict(heads_of(names))
    assignments = assign(court.questions, names, court.phrases)
    words = json.dumps({trait: _plain(each) for trait, each in assignments.items()})
    digest = sha256(f"classifier/{court.model.digest}/{words}".encode())
    key = sha256(f"logits/{court.model.digest}".encode())

    def load() -> Callable[[Sequence[bytes]], Vectors]:
        with underway(court.progress, "loading"):
            # In float64 what it says is the same on every machine.
            return image_classifier(court.model.path, court.runtime.threads, "float64")

    logits = memoised_embedder(court.store, key, load, court.progress, "judging")

    def knows(question: Question) -> tuple[bool, ...]:
        nothing = Assignment((), (None,) * len(question.choices))
        return tuple(
            match is not None for match in assignments.get(question.trait, nothing).matches
        )

    def look(pictures: Sequence[Picture], question: Question) -> LogProbabilities:
        assignment, rows = assignments[question.trait], logits(pictures).astype(np.float64)
        shares = {
            group: log_softmax(rows[:, [columns[label] for label in heads[group]]])
            for group in assignment.groups
        }
        return probabilities(assignment, heads, shares)

    def others(question: Question) -> tuple[str, ...]:
        assignment = assignments[question.trait]
        return tuple(
            " ".join(label.rpartition(": ")[2] for label in each)
            for each in combinations(assignment, heads)
            if not any(shows(assignment, place, each) for place in range(len(question.choices)))
        )

    # Only what the painter's captions say can be painted, if they are what the labels are for.
    complete = bool(court.phrases) and set(court.phrases) <= set(names)
    return Judge("classifier", digest, knows, look, others, complete=complete)


def _plain(assignment: Assignment) -> list[object]:
    """As it goes into a judge's digest: one group and its labels, or two and pairs of them."""
    if len(assignment.groups) > 1:
        return list(assignment)
    return [assignment.groups[0], [match and match[0] for match in assignment.matches]]


def clip(court: Court) -> Judge:
    """Zero-shot: the cosine of a picture with the words of each value, calibrated later.

    A value's vector is the mean over its wordings (arXiv 2103.00020, section 3.1.4).
    """
    here = court.runtime
    digest = sha256(f"clip/{court.model.digest}/{here.threads}/{here.version('torch')}".encode())

    @cache
    def vectors() -> dict[str, Vectors]:
        """Of all wordings of all questions: what remembers texts reads many to know one."""
        every = (
            wordings(question, each) for question in court.questions for each in question.choices
        )
        texts = list(dict.fromkeys(text for texts in every for text in texts))
        return dict(zip(texts, court.embed_texts(texts), strict=True))

    @cache
    def words(question: Question) -> Vectors:
        means = [
            np.stack([vectors()[text] for text in wordings(question, choice)]).mean(axis=0)
            for choice in question.choices
        ]
        return np.stack([mean / np.linalg.norm(mean) for mean in means])

    def look(pictures: Sequence[Picture], question: Question) -> LogProbabilities:
        return (court.embed(pictures) @ words(question).T).astype(np.float64)

    return Judge("clip", digest, _all_of_it, look, calibrate=calibrate)


def vlm(court: Court) -> Judge:
    """A model that reads a picture and a question, and says which of the answers fits.

    It is calibrated where it is asked of every picture, as `clip` is.
    """
    here, folder = court.runtime, court.model.path
    versions = "/".join(map(here.version, ("torch", "transformers")))
    parts = (court.model.digest, template_digest(folder), here.device, here.threads, versions)
    digest = sha256("/".join(("vlm", *map(str, parts))).encode())

    @cache
    def model() -> Ask:
        with underway(court.progress, "loading"):
            return image_text_model(folder, device_of(here), here.threads)

    @cache
    def interview(text: str, choices: tuple[str, ...]) -> Embed:
        key = sha256(f"{digest}/{json.dumps([text, choices])}".encode())

        def load() -> Callable[[Sequence[bytes]], Vectors]:
            ask = model()
            return lambda files: ask(files, text, choices)

        return memoised_embedder(court.store, key, load, court.progress, "judging")

    def look(pictures: Sequence[Picture], question: Question) -> LogProbabilities:
        scores = interview(question_text(question), tuple(map(answer, question.choices)))(pictures)
        return scores.astype(np.float64)

    correct = partial(calibrate, scales=LOG_SCALES)
    return Judge("vlm", digest, _all_of_it, look, calibrate=correct, slow=True)


def question_text(question: Question) -> str:
    """What is asked: the artist's own words, or the trait's name in a sentence."""
    return question.text or f"Which {question.trait} does the picture show?"


def answer(choice: Choice) -> str:
    """How a value is offered as an answer: as the prompt says it."""
    return choice.texts[0] if choice.texts else "none of these" if choice.absent else choice.value


def wordings(question: Question, choice: Choice) -> tuple[str, ...]:
    """How a caption may say a value: as the prompt does, and with the trait's name."""
    trait = question.trait.lower()
    if choice.texts:
        return (*choice.texts, f"{choice.texts[0]} {trait}")
    return (f"no {trait}",)


def _all_of_it(question: Question) -> tuple[bool, ...]:
    """A judge by words has words for every value."""
    return (True,) * len(question.choices)


JUDGES: dict[JudgeName, Callable[[Court], Judge]] = {
    "classifier": classifier,
    "clip": clip,
    "vlm": vlm,
}
