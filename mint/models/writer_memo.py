"""A language model that writes nothing twice, and is opened only if there is work for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mint.document import canonical, sha256
from mint.models.vlm import template_digest
from mint.models.writer import LONGEST, Writer, open_writer
from mint.store import Store

LIBRARIES = ("torch", "transformers", "tokenizers")


def remembering(folder: Path, weights: str, store: Store) -> Writer:
    """The language model in `folder`, of this digest, with a memory in `store`.

    What it answers depends on its files, its libraries and the text alone, so a run that was
    killed goes on where it was.
    """
    writer = cache(lambda: open_writer(folder))
    cause = [weights, template_digest(folder), LONGEST, *(version(name) for name in LIBRARIES)]

    def recalled(step: str, question: Sequence[Any], produce: Any) -> Any:
        key = sha256(canonical([*cause, *question]))
        return json.loads(store.cached(step, key, lambda: json.dumps(produce()).encode()))

    def write(text: str) -> str:
        answer: str = recalled("written", [text], lambda: writer().write(text))
        return answer

    def likelihoods(text: str, endings: Sequence[str]) -> list[float]:
        question = [text, list(endings)]
        scores: list[float] = recalled(
            "likelihood", question, lambda: writer().likelihoods(text, endings)
        )
        return scores

    return Writer(write, likelihoods)
