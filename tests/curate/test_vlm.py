"""The judge that asks a model which reads pictures and questions."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.curate.judges import JUDGES, Court, answer, question_text
from mint.curate.question import Choice, Question
from mint.curate.truth import Judge, LogProbabilities, seat
from mint.errors import CollectionError
from mint.models.runtime import runtime
from mint.models.weights import Model, fingerprint
from mint.paint.picture import Picture
from mint.spec.load import load
from mint.store import Store
from tests import small_models

HAT = Question("Hat", (Choice("none", True, ()), Choice("cap", False, ("red cap", "a red cap"))))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_models.image_text(tmp_path_factory.mktemp("vlm") / "model")


def court(folder: Path, store: Store) -> Court:
    def nothing(pictures: object) -> np.ndarray:
        raise AssertionError("the judge vlm compares no vectors")

    model = Model(folder, fingerprint(folder, store))
    here = runtime("0" * 64, device="cpu", threads=1)
    return Court(model, (HAT,), {}, nothing, nothing, here, store, lambda *news: None)


def pictures(store: Store, count: int) -> list[Picture]:
    chance, files = np.random.default_rng(5), []
    for _ in range(count):
        out = io.BytesIO()
        Image.fromarray(chance.integers(0, 256, (32, 32, 3), np.uint8)).save(out, "PNG")
        files.append(out.getvalue())
    digests = [store.put(file) for file in files]
    return [
        Picture(pixels=digest, file=digest, size=len(file))
        for digest, file in zip(digests, files, strict=True)
    ]


def test_a_question_is_made_from_the_traits_name_unless_the_artist_wrote_one() -> None:
    assert question_text(HAT) == "Which Hat does the picture show?"
    assert question_text(HAT._replace(text="What is on its head?")) == "What is on its head?"


def test_answers_are_what_the_prompt_says() -> None:
    assert [answer(choice) for choice in HAT.choices] == ["none of these", "red cap"]
    assert answer(Choice("none", True, ("no hat",))) == "no hat"
    assert answer(Choice("plain", False, ())) == "plain"


def test_what_it_said_is_remembered_without_its_model(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    some, own = pictures(store, 3), small_models.image_text(tmp_path / "model")
    first = JUDGES["vlm"](court(own, store)).look(some, HAT)
    assert first.shape == (3, 2)
    assert np.allclose(np.exp(first).sum(axis=1), 1, atol=1e-6)

    there = court(own, store)
    (own / "model.safetensors").unlink()
    judge = JUDGES["vlm"](there)
    assert np.array_equal(judge.look(some, HAT), first)
    assert np.array_equal(judge.look(some[1:2], HAT), first[1:2])
    with pytest.raises(Exception, match="cannot be loaded"):
        judge.look(some, HAT._replace(text="What is on its head?"))


def test_who_it_is_depends_on_model_and_chat_template(folder: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    other = small_models.image_text(tmp_path / "model")
    assert JUDGES["vlm"](court(other, store)).digest == JUDGES["vlm"](court(folder, store)).digest
    template = other / "chat_template.jinja"
    template.write_text(template.read_text().replace("Assistant", "Judge"))
    assert JUDGES["vlm"](court(other, store)).digest != JUDGES["vlm"](court(folder, store)).digest


def sure_of(first: Picture) -> Judge:
    """A judge that sees a cap in `first`, and cannot say of any other picture."""

    def look(some: Sequence[Picture], question: Question) -> LogProbabilities:
        shares = [(0.01, 0.99) if picture == first else (0.5, 0.5) for picture in some]
        return np.asarray(np.log(shares))

    return Judge("classifier", "0" * 64, lambda question: (True, True), look)


def test_in_a_list_it_is_asked_only_where_the_one_before_abstains(
    folder: Path, tmp_path: Path
) -> None:
    store, shown = Store(tmp_path / "state"), list[Picture]()
    some = pictures(store, 3)
    vlm = JUDGES["vlm"](court(folder, store))

    def look(these: Sequence[Picture], question: Question) -> LogProbabilities:
        shown.extend(these)
        return vlm.look(these, question)

    judges = [sure_of(some[0]), vlm._replace(look=look)]
    traits = [{"Hat": "cap"}] * 3
    jury = seat(judges, [HAT], 0.8, some, traits)
    said = jury.judge(some, traits)

    assert shown == some[1:]
    assert said[0]["Hat"].verdict == "seen"
    shares = np.exp(vlm.look(some[1:], HAT))[:, 1]
    assert [each["Hat"].probability for each in said[1:]] == [round(float(p), 4) for p in shares]


def test_asked_of_every_picture_it_is_corrected_and_abstains_where_it_cannot_tell(
    folder: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "state")
    some = pictures(store, 12)
    traits: list[dict[str, str] | None] = [{"Hat": "cap"}, {}] * 6  # of noise nothing is true
    jury = seat([JUDGES["vlm"](court(folder, store))], [HAT], 0.8, some, traits)
    assert set(jury.calibrations) == {("vlm", "Hat")}
    assert jury.judge(some, traits) == [{}] * 12
    assert jury.record()[0].thresholds == {}


def test_more_values_than_letters_are_refused(tmp_path: Path) -> None:
    (tmp_path / "vlm").mkdir()
    (tmp_path / "vlm" / "config.json").write_text("{}")
    file = tmp_path / "collection.yaml"
    names = ", ".join(f"kind{i}" for i in range(27))
    file.write_text(
        "name: Q\nsymbol: Q\ndescription: Q\nsupply: 27\nseed: 1\nimage: {prompt: 'a {Kind}'}\n"
        f"traits:\n  Kind: [{names}]\ntruth: {{judge: vlm, model: ./vlm}}\n"
    )
    with pytest.raises(CollectionError, match="Kind has 27 values, and the judge vlm"):
        load(file)
