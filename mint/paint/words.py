"""Prompts -> a pipeline's embeddings, each distinct prompt encoded once and alone.

So a token's pixels do not depend on the words of its neighbours in the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from inspect import Parameter, signature
from typing import Any

from mint.errors import RenderError
from mint.models.families import Family

KNOWN = 32  # prompts whose embeddings stay in memory; 8 MB each for the largest models in float32

# (prompts, negative prompts) -> keyword arguments of the pipeline, a row for each.
Encode = Callable[[Sequence[str], Sequence[str]], dict[str, Any]]


def encoder(pipe: Any, family: Family, guided: bool) -> Encode:
    """What turns the words of a batch into arguments of `pipe`.

    A class that gives no embeddings gets the words themselves. Without `guided` nothing is computed
    of negative prompts. An empty one is absent: some models were trained so.
    """
    parameters = signature(pipe.__call__).parameters

    def words(prompts: Sequence[str], negatives: Sequence[str]) -> dict[str, Any]:
        arguments: dict[str, Any] = {"prompt": list(prompts)}
        if family.negative and any(negatives) and "negative_prompt" in parameters:
            arguments["negative_prompt"] = list(negatives)
        return arguments

    pairs: dict[str, Mapping[str, Any]] = {}  # by negative prompt, of which there are few

    @lru_cache(maxsize=KNOWN)
    def encode(prompt: str, negative: str) -> Mapping[str, Any]:
        if not guided:
            return _encode(pipe, family, prompt, negative, guided)
        if pair := pairs.get(negative):
            encoded = _encode(pipe, family, prompt, negative, guided=False)
            own = {name: rows for name, rows in encoded.items() if not name.startswith("negative_")}
            # A class may make the negative prompt as long as the other one.
            if own.keys() <= pair.keys() and all(_sizes(own[n]) == _sizes(pair[n]) for n in own):
                return {**pair, **own}
        pairs[negative] = _encode(pipe, family, prompt, negative, guided)
        return pairs[negative]

    def embeddings(prompts: Sequence[str], negatives: Sequence[str]) -> dict[str, Any]:
        rows = [encode(*pair) for pair in zip(prompts, negatives, strict=True)]
        return {name: _joined([row[name] for row in rows]) for name in rows[0]}

    return embeddings if family.embeddings else words


def _encode(
    pipe: Any, family: Family, prompt: str, negative: str, guided: bool
) -> Mapping[str, Any]:
    """The arguments for one picture. Classes encode both prompts at once, or one at a time."""
    parameters = signature(pipe.encode_prompt).parameters
    call: dict[str, Any] = {name: None for name in ("prompt_2", "prompt_3") if name in parameters}
    call |= _defaults(pipe) | {"prompt": [prompt], "device": pipe._execution_device}
    if "num_images_per_prompt" in parameters:
        call["num_images_per_prompt"] = 1
    if "do_classifier_free_guidance" in parameters:
        call["do_classifier_free_guidance"] = guided
        call["negative_prompt"] = [negative] if negative and guided else _absent(pipe)
        return _arguments(family, family.embeddings, pipe.encode_prompt(**call))
    arguments = _arguments(family, family.embeddings, pipe.encode_prompt(**call))
    if not (guided and family.negative):
        return arguments
    names = [name and f"negative_{name}" for name in family.embeddings]
    outputs = pipe.encode_prompt(**call | {"prompt": [negative or " "]})
    return {**arguments, **_arguments(family, names, outputs)}


def _sizes(rows: Any) -> Any:
    return [_sizes(row) for row in rows] if isinstance(rows, list) else rows.shape


def _absent(pipe: Any) -> list[str] | None:
    """What the class itself takes for no negative prompt: some encode the empty text."""
    own = signature(pipe.__call__).parameters.get("negative_prompt")
    return [""] if own and own.default == "" else None


def _defaults(pipe: Any) -> dict[str, Any]:
    """What the pipeline itself would ask of its encoder: lengths, instructions that go before."""
    own, call = signature(pipe.encode_prompt).parameters, signature(pipe.__call__).parameters
    return {
        name: call[name].default
        for name in own
        if name in call and call[name].default not in (None, Parameter.empty)
    }


def _arguments(family: Family, names: Sequence[str], outputs: Sequence[Any]) -> dict[str, Any]:
    """The outputs of `encode_prompt` under the names of arguments, padded if the class wants it."""
    by_name = {name: out for name, out in zip(names, outputs, strict=True) if name}
    if family.padded is None:
        return {name: out for name, out in by_name.items() if out is not None and len(out)}
    words, mask = names
    return _padded(by_name[words], family.padded, words, mask)


def _padded(rows: Any, length: int, words: str, mask: str) -> dict[str, Any]:
    """Embeddings of shape (1, n, d) -> (1, length, d), and the mask that says which n are words."""
    from torch.nn import functional

    number = rows.shape[1]
    if number > length:
        raise RenderError(
            f"a prompt has {number} places, the model is called with {length}",
            hint="shorten the prompt or the phrases of its traits",
        )
    here = rows.new_ones((1, number)).bool()
    return {
        words: functional.pad(rows, (0, 0, 0, length - number)),
        mask: functional.pad(here, (0, length - number)),
    }


def _joined(rows: Sequence[Any]) -> Any:
    """A row for each picture; some classes want a list of them."""
    import torch

    if isinstance(rows[0], list):
        return [each for row in rows for each in row]
    return torch.cat(list(rows))
