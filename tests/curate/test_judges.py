"""The judge that compares pictures with words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mint.curate.judges import JUDGES, Court, wordings
from mint.curate.question import Choice, Question
from mint.models.runtime import runtime
from mint.models.weights import Model
from mint.paint.picture import Picture
from mint.store import Store

if TYPE_CHECKING:
    from mint.models.embedder import Vectors

HAT = Question("Hat", (Choice("none", True, ()), Choice("cap", False, ("red cap", "a red cap"))))
EYES = Question("Eyes", (Choice("round", False, ("round",)), Choice("wide", False, ("wide",))))


def embedded(texts: Sequence[str]) -> Vectors:
    rows = np.stack([np.random.default_rng([*text.encode()]).normal(size=8) for text in texts])
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_clip_asks_for_the_words_of_all_questions_at_once(tmp_path: Path) -> None:
    requests = list[list[str]]()

    def embed_texts(texts: Sequence[str]) -> Vectors:
        requests.append(list(texts))
        return embedded(texts)

    def embed(pictures: Sequence[Picture]) -> Vectors:
        return embedded([picture.pixels for picture in pictures])

    here, model = runtime("0" * 64, device="cpu", threads=1), Model(tmp_path, "0" * 64)
    store = Store(tmp_path)
    court = Court(model, (HAT, EYES), {}, embed, embed_texts, here, store, lambda *news: None)
    judge, pictures = JUDGES["clip"](court), [Picture(pixels="x", file="x", size=1)] * 3

    for question in (HAT, EYES, HAT):
        said = judge.look(pictures, question)

        for place, choice in enumerate(question.choices):
            mean = embedded(wordings(question, choice)).mean(axis=0)
            cosine = embedded(["x"])[0] @ mean / np.linalg.norm(mean)
            assert said[:, place] == pytest.approx(np.full(3, cosine), abs=1e-6)
    (texts,) = requests
    assert len(texts) == len(set(texts)) == 4 + 4
