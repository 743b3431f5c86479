"""A picture and a closed question -> how likely each answer is, by any model that reads both.

One look, no sentence is written: the answers are lettered, and what counts is the probability of
each letter as the first token of the answer (the idea of Soft-TIFA, arXiv 2512.16853). Models
favour letters that stand early, so each question is asked in both orders.
"""

from __future__ import annotations

import inspect
import string
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mint.document import sha256
from mint.errors import RenderError
from mint.models.missing import refuse_missing
from mint.models.runtime import fitting, import_torch, set_deterministic
from mint.models.softmax import log_softmax
from mint.models.vision import open_picture
from mint.models.weights import first_line

LETTERS = string.ascii_uppercase
LAST_LINE = "Answer with the letter of the right choice alone."
TEMPLATE = "chat_template.jinja"
WANTED = (
    "truth.model must name an image-text-to-text model of transformers, saved by save_pretrained "
    "as safetensors with its processor, or use judge: clip"
)
# A family's own processor needs num2words and torchvision, for its videos alone; this one writes
# the same around a picture.
_PROCESSORS = {"smolvlm": "Idefics3Processor"}

Rows = npt.NDArray[np.float32]
# PNG files, a question and its k answers -> log-probabilities of shape (n, k), fp32.
Ask = Callable[[Sequence[bytes], str, Sequence[str]], Rows]


def template_digest(folder: Path) -> str:
    """The digest of the file that says how the model in `folder` is spoken to; "" without one."""
    file = folder / TEMPLATE
    return sha256(file.read_bytes()) if file.exists() else ""


def image_text_model(folder: Path, device: str, threads: int | None) -> Ask:
    """The image-text-to-text model in `folder` as a function, in float32; raises RenderError.

    `device` is `cpu`, or `cuda` where there is one. A picture's row depends on that picture and
    the question alone: each is asked by itself. Nothing is fetched, and no code from the folder
    runs.
    """
    torch = import_torch()
    set_deterministic(torch, threads)
    try:
        model, processor = _load(torch, folder)
        forms = _forms(processor.tokenizer)
    except Exception as error:  # loaders raise whatever their parser raises
        raise RenderError(
            f"the model that answers questions in {folder} cannot be loaded: {first_line(error)}",
            hint=WANTED,
        ) from error
    place = "cuda" if device == "cuda" and torch.cuda.is_available() else "cpu"
    subject = f"the model in {folder}, which answers questions,"
    smaller = "name a smaller one under truth.model, or another judge"
    with fitting(torch, subject, smaller):
        model.to(place)
    # The answer is after the last token; without this every token's row would be computed.
    keeps = "logits_to_keep" in inspect.signature(model.forward).parameters
    options = {"logits_to_keep": 1} if keeps else {}

    def letters(picture: Any, text: str, count: int) -> npt.NDArray[np.float64]:
        """Log-probabilities of the first `count` letters, up to a constant."""
        inputs = _inputs(processor, picture, text).to(place)
        with torch.inference_mode():
            row = model(**inputs, **options, use_cache=False).logits[0, -1].double().cpu()
        return np.asarray(torch.logsumexp(row[forms[:count]], dim=1))

    def ask(files: Sequence[bytes], question: str, answers: Sequence[str]) -> Rows:
        count, rows = len(answers), np.zeros((len(files), len(answers)))
        there, back = questionnaire(question, answers), questionnaire(question, answers[::-1])
        for row, file in enumerate(files):
            picture = open_picture(file)
            try:
                with fitting(torch, subject, smaller):
                    scores = letters(picture, there, count) + letters(picture, back, count)[::-1]
            except RenderError:
                raise
            except Exception as error:  # models raise whatever their parts raise
                raise RenderError(
                    f"the model in {folder} cannot answer a question: {first_line(error)}",
                    hint=WANTED,
                ) from error
            rows[row] = log_softmax(scores / 2)
        return rows.astype(np.float32)

    return ask


def questionnaire(question: str, answers: Sequence[str]) -> str:
    """The question as it is put: a line for each answer, with its letter."""
    lines = (f"{letter}. {text}" for letter, text in zip(LETTERS, answers, strict=False))
    return "\n".join((question, *lines, LAST_LINE))


def _load(torch: Any, folder: Path) -> tuple[Any, Any]:
    """The model, and the processor that prepares its questions."""
    from transformers import AutoModelForImageTextToText

    model, report = AutoModelForImageTextToText.from_pretrained(
        str(folder),
        dtype=torch.float32,
        use_safetensors=True,
        output_loading_info=True,
        local_files_only=True,
        trust_remote_code=False,
    )
    refuse_missing("it", report["missing_keys"])
    return model.eval(), _processor(folder, model.config)


def _processor(folder: Path, config: Any) -> Any:
    """The model's own processor without its part for videos, which would need torchvision."""
    import transformers

    name, local = _PROCESSORS.get(config.model_type), {"local_files_only": True}
    family: Any = (
        getattr(transformers, name) if name else transformers.PROCESSOR_MAPPING[type(config)]
    )

    class Stills(family):  # type: ignore[misc]  # any family's, which is unknown before
        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            """Accept that there is nothing for videos."""
            if argument is None and argument_name == "video_processor":
                return None
            return super().check_argument_for_proper_class(argument_name, argument)

    parts = {
        "image_processor": transformers.AutoImageProcessor.from_pretrained(
            str(folder), backend="pil", trust_remote_code=False, **local
        ),
        "tokenizer": transformers.AutoTokenizer.from_pretrained(
            str(folder), trust_remote_code=False, **local
        ),
    }
    settings, _ = family.get_processor_dict(str(folder), **local)
    settings.setdefault("chat_template", parts["tokenizer"].chat_template)
    arguments = [parts.get(each) for each in family.get_attributes()]
    processor = Stills.from_args_and_dict(arguments, settings)
    if not processor.chat_template:
        raise ValueError("it has no chat template, and takes no questions")
    return processor


def _inputs(processor: Any, picture: Any, text: str) -> Any:
    """What the model reads: the picture and the text, in the form of its own chat."""
    content = [{"type": "image", "image": picture}, {"type": "text", "text": text}]
    images, options = processor.image_processor, {}
    tile = (getattr(images, "max_image_size", None) or {}).get("longest_edge", 0)
    if getattr(images, "do_image_splitting", False) and max(picture.size) <= tile:
        # It would be enlarged to be cut into tiles, which shows nothing more and takes ten times
        # as long.
        options = {"images_kwargs": {"do_image_splitting": False}}
    return processor.apply_chat_template(
        [{"role": "user", "content": content}],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs=options,
    )


def _forms(tokenizer: Any) -> Any:
    """Tensor of shape (26, f): the tokens that an answer of each letter may begin with.

    After some chats a letter follows a space, after others a line: both are counted where the
    vocabulary has them as one token.
    """
    import torch

    columns = []
    for before in ("", " "):
        rows = [tokenizer(before + each, add_special_tokens=False)["input_ids"] for each in LETTERS]
        column = tuple(row[0] for row in rows)
        if all(len(row) == 1 for row in rows) and len({*column}) == len(LETTERS):
            columns.append(column)
    if not columns:
        raise ValueError("its vocabulary has no letters")
    return torch.tensor(sorted({*columns})).T
