"""A model that reads pictures and questions, opened from a folder as the hub has it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.errors import RenderError
from mint.models.vlm import Ask, image_text_model, questionnaire, template_digest
from tests import small_models

QUESTION, ANSWERS = "Which Hat does the picture show?", ("no hat", "cap", "crown")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_models.image_text(tmp_path_factory.mktemp("vlm") / "model")


@pytest.fixture(scope="module")
def ask(folder: Path) -> Ask:
    return image_text_model(folder, "cpu", threads=1)


def png(seed: int, side: int = 32) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(noise).save(out, "PNG")
    return out.getvalue()


def test_a_row_of_probabilities_for_each_picture(ask: Ask) -> None:
    rows = ask([png(1), png(2), png(3, side=80)], QUESTION, ANSWERS)

    assert rows.shape == (3, 3)
    assert rows.dtype == np.float32
    assert np.allclose(np.exp(rows).sum(axis=1), 1, atol=1e-6)
    assert len(np.unique(rows, axis=0)) == 3
    assert ask([], QUESTION, ANSWERS).shape == (0, 3)


def test_a_row_depends_on_its_picture_alone(ask: Ask) -> None:
    together = ask([png(1), png(2)], QUESTION, ANSWERS)
    assert np.array_equal(ask([png(2)], QUESTION, ANSWERS)[0], together[1])


def test_the_order_of_the_answers_changes_nothing(ask: Ask) -> None:
    rows = ask([png(1), png(2)], QUESTION, ANSWERS)
    assert np.array_equal(ask([png(1), png(2)], QUESTION, ANSWERS[::-1])[:, ::-1], rows)


def test_another_question_has_other_answers(ask: Ask) -> None:
    rows = ask([png(1)], QUESTION, ANSWERS)
    assert not np.allclose(ask([png(1)], "What is on its head?", ANSWERS), rows)


def test_the_answers_are_the_letters_that_the_model_would_begin_with(
    folder: Path, ask: Ask
) -> None:
    import torch
    from transformers import AutoImageProcessor, AutoModelForImageTextToText, AutoTokenizer

    model = AutoModelForImageTextToText.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    image = Image.open(io.BytesIO(png(1)))
    pixels = processor([[image]], return_tensors="pt", do_image_splitting=False)["pixel_values"]
    mark = "<fake_token_around_image>"
    said = []
    for lines in ("A. no hat\nB. cap", "A. cap\nB. no hat"):
        text = (
            f"<|im_start|>User:{mark}<global-img>{'<image>' * 4}{mark}{QUESTION}\n{lines}\n"
            "Answer with the letter of the right choice alone.<end_of_utterance>\nAssistant:"
        )
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            row = model(input_ids=ids, pixel_values=pixels).logits[0, -1]
        said.append(row[tokenizer.convert_tokens_to_ids(["A", "B"])].log_softmax(0))
    mean = ((said[0] + said[1].flip(0)) / 2).log_softmax(0).numpy()
    assert np.allclose(ask([png(1)], QUESTION, ANSWERS[:2])[0], mean, atol=1e-5)


def test_a_questionnaire_has_a_letter_for_each_answer() -> None:
    lines = questionnaire(QUESTION, ANSWERS).splitlines()
    assert lines[:4] == [QUESTION, "A. no hat", "B. cap", "C. crown"]


def test_the_chat_template_is_part_of_who_is_asked(folder: Path, tmp_path: Path) -> None:
    assert template_digest(tmp_path) == ""
    (tmp_path / "chat_template.jinja").write_text("{{ messages }}")
    assert template_digest(tmp_path) not in ("", template_digest(folder))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [("config.json", "cannot be loaded"), ("chat_template.jinja", "no chat template")],
)
def test_a_model_that_takes_no_questions_is_refused(spoil: str, why: str, tmp_path: Path) -> None:
    folder = small_models.image_text(tmp_path / "vlm")
    (folder / spoil).unlink()
    with pytest.raises(RenderError, match=why) as caught:
        image_text_model(folder, "cpu", threads=1)
    assert "truth.model" in (caught.value.hint or "")


def test_a_classifier_takes_no_questions(tmp_path: Path) -> None:
    folder = small_models.classifier(tmp_path / "vit", ("cat", "fox"))
    with pytest.raises(RenderError, match="cannot be loaded"):
        image_text_model(folder, "cpu", threads=1)


def test_a_picture_that_fits_in_one_tile_is_not_cut(ask: Ask) -> None:
    """A larger one is cut as the model's own processor says, and read as well."""
    small = Image.open(io.BytesIO(png(1)))
    out = io.BytesIO()
    small.resize((96, 96), Image.Resampling.NEAREST).save(out, "PNG")
    rows = ask([png(1), out.getvalue()], QUESTION, ANSWERS)
    assert not np.allclose(rows[0], rows[1])
