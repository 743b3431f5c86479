"""A causal language model of transformers -> words, always the same ones.

Greedy: the likeliest token each time, in float32 on the CPU, one text at a time, and no setting of
the model's folder counts but its end marks. Nothing is fetched, no code from the folder runs.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mint.errors import RenderError
from mint.models.hub import from_hub
from mint.models.missing import refuse_missing
from mint.models.painter import VOCABULARIES
from mint.models.runtime import import_torch, set_deterministic, set_threads
from mint.models.weights import first_line
from mint.spec.model_names import HUB_ID

LONGEST = 80  # tokens of one answer
SMALL = 20_000_000  # weights
WANTED = (
    "name a causal language model of transformers, saved by save_pretrained as safetensors with "
    "its tokenizer"
)
_THOUGHTS = "</think>"  # some chat models write their thoughts before the answer


class Writer(NamedTuple):
    """`write(text)` is what follows a text, to the end of the first line that says something.

    A model with a chat template is asked the text, another one goes on with it.
    `likelihoods(text, endings)` is of each ending the mean log-probability of its tokens after the
    text, as it stands.
    """

    write: Callable[[str], str]
    likelihoods: Callable[[str, Sequence[str]], list[float]]


def locate_writer(model: str, revision: str | None) -> Path:
    """The folder that `model` names from here; a hub model at its revision, fetched if need be.

    Raises RenderError.
    """
    folder = Path(model).expanduser()
    if folder.is_dir() or model.startswith((".", "/", "~")):
        if not folder.is_dir():
            raise RenderError(f"there is no folder {folder}", hint=WANTED)
        if not (folder / "config.json").exists():
            raise RenderError(f"{folder} holds no model: no config.json is in it", hint=WANTED)
        return folder.resolve()
    if not HUB_ID.match(model):
        raise RenderError(f'"{model}" is no folder here, and no name on the hub', hint=WANTED)
    if re.fullmatch("[0-9a-f]{40}", revision or "") is None:
        what = "no revision" if revision is None else f'the revision "{revision[:50]}", no commit'
        raise RenderError(
            f'the hub model "{model}" has {what}',
            hint="add --revision with its commit, 40 digits (on its page: Files, then History): "
            "a branch or tag can move",
        )
    assert revision is not None
    return from_hub(model, revision, fetch=True, instead="--model to a folder on this machine")


def open_writer(folder: Path) -> Writer:
    """The language model in `folder`; raises RenderError for anything else."""
    torch = import_torch()
    set_deterministic(torch, None)
    try:
        model, tokenizer = _load(torch, folder)
        ends = _ends(model, tokenizer)
    except RenderError:
        raise
    except Exception as error:  # loaders raise whatever their parsers raise
        raise RenderError(
            f"the language model in {folder} cannot be loaded: {first_line(error)}", hint=WANTED
        ) from error
    if model.num_parameters() < SMALL:
        set_threads(torch, 1)  # to share out so little takes longer than to do it
    window = getattr(model.config.get_text_config(), "max_position_embeddings", None) or 2**31

    def write(text: str) -> str:
        ids = _token_ids(tokenizer, text)
        _refuse_long(folder, ids.shape[1] + LONGEST, window)
        with torch.inference_mode():
            return _first_line(model, tokenizer, ids, ends)

    def likelihoods(text: str, endings: Sequence[str]) -> list[float]:
        start = tokenizer(text, return_tensors="pt")["input_ids"]
        rows = [_ids(tokenizer, ending) for ending in endings]
        longest = max((row.shape[1] for row in rows), default=0)
        _refuse_long(folder, start.shape[1] + longest, window)
        with torch.inference_mode():
            return _likelihoods(torch, model, start, rows)

    return Writer(_guarded(folder, write), _guarded(folder, likelihoods))


def _guarded(folder: Path, act: Callable[..., Any]) -> Callable[..., Any]:
    """`act`, whose errors of the model's own become a RenderError."""

    def guarded(*arguments: Any) -> Any:
        try:
            return act(*arguments)
        except RenderError:
            raise
        except Exception as error:  # models raise whatever their parts raise
            raise RenderError(
                f"the language model in {folder} cannot write: {first_line(error)}", hint=WANTED
            ) from error

    return guarded


def _load(torch: Any, folder: Path) -> tuple[Any, Any]:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # news of a file that is read in a moment
    local = {"local_files_only": True, "trust_remote_code": False}
    config = AutoConfig.from_pretrained(str(folder), **local)
    if getattr(config, "is_encoder_decoder", False):
        raise _unfit(folder, f"a {config.model_type}, which turns one text into another", config)
    if not any(all((folder / f).exists() for f in files) for files in VOCABULARIES):
        raise RenderError(
            f"{folder} has a language model without its tokenizer",
            hint="save the tokenizer into the same folder: tokenizer.save_pretrained(FOLDER)",
        )
    if type(config) not in AutoModelForCausalLM._model_mapping:
        raise _unfit(folder, f"a {config.model_type}, which writes no text", config)
    model, report = AutoModelForCausalLM.from_pretrained(
        str(folder), config=config, dtype=torch.float32, use_safetensors=True,
        output_loading_info=True, **local,
    )  # fmt: skip
    classes = config.architectures or [type(model).__name__]
    if type(model).__name__ not in classes:
        raise _unfit(folder, f"a {classes[0]}, which goes on with no text", config)
    refuse_missing("it", report["missing_keys"])
    return model.eval(), AutoTokenizer.from_pretrained(str(folder), **local)


def _unfit(folder: Path, what: str, config: Any) -> RenderError:
    return RenderError(f"the model in {folder} is {what}", hint=WANTED)


def _ends(model: Any, tokenizer: Any) -> list[int]:
    """The tokens with which an answer ends."""
    own = getattr(model.generation_config, "eos_token_id", None)
    ends = own if isinstance(own, list) else [own]
    return sorted({end for end in (*ends, tokenizer.eos_token_id) if end is not None})


def _token_ids(tokenizer: Any, text: str) -> Any:
    """The text as the model reads it, of shape (1, tokens)."""
    if not tokenizer.chat_template:
        return tokenizer(text, return_tensors="pt")["input_ids"]
    return tokenizer.apply_chat_template(
        [{"role": "user", "content": text}],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        enable_thinking=False,  # for templates that know it
    )["input_ids"]


def _ids(tokenizer: Any, text: str) -> Any:
    return tokenizer(text, return_tensors="pt", add_special_tokens=False)["input_ids"]


def _refuse_long(folder: Path, length: int, window: int) -> None:
    if length > window:
        raise RenderError(
            f"the language model in {folder} reads {window} tokens, and {length} are needed",
            hint="name a model that reads more",
        )


def _first_line(model: Any, tokenizer: Any, ids: Any, ends: list[int]) -> str:
    """What the model writes after `ids`, to the end of its first line that says something."""
    import torch
    from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

    class Line(StoppingCriteria):  # type: ignore[misc]  # transformers has no types
        """Stops once a line is full."""

        def __call__(self, input_ids: Any, scores: Any, **others: Any) -> Any:
            text = _answer(tokenizer, input_ids[0, ids.shape[1] :])
            return torch.tensor([len(text.splitlines()) > 1 or text.endswith("\n")])

    # Alone: of the folder's own settings, such as a temperature, none is taken over.
    model.generation_config = GenerationConfig(
        do_sample=False,
        num_beams=1,
        max_new_tokens=LONGEST,
        eos_token_id=ends or None,
        pad_token_id=ends[0] if ends else 0,
    )
    output = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        generation_config=model.generation_config,
        stopping_criteria=StoppingCriteriaList([Line()]),
    )
    return next(iter(_answer(tokenizer, output[0, ids.shape[1] :]).splitlines()), "")


def _answer(tokenizer: Any, tokens: Any) -> str:
    """The answer without thoughts and without what is blank before it."""
    text: str = tokenizer.decode(tokens, skip_special_tokens=True)
    return text.rpartition(_THOUGHTS)[2].lstrip()


def _likelihoods(torch: Any, model: Any, start: Any, rows: Sequence[Any]) -> list[float]:
    """The text is read once, and each ending goes on from there."""
    before = model(input_ids=start, use_cache=True)
    first, memory = before.logits[0, -1:], getattr(before, "past_key_values", None)
    means = []
    for row in rows:
        if memory is None:
            logits = model(input_ids=torch.cat([start, row], 1)).logits[0, start.shape[1] - 1 : -1]
        else:
            after = model(input_ids=row, past_key_values=copy.deepcopy(memory), use_cache=True)
            logits = torch.cat([first, after.logits[0, :-1]])
        chances = logits.double().log_softmax(1).gather(1, row[0][:, None])
        means.append(float(chances.mean()))
    return means
