"""`adapters:` and `embeddings:` of collection.yaml: small files that a model is changed by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from mint.document import Number
from mint.spec.forms import Revision, Section, shaped
from mint.spec.traits import Text


def _token(text: str) -> str:
    word = re.sub(r"[\s,{}|]+", "-", text.strip("<> ,{}|\t\n"))[:38].strip("-") or "my-style"
    return f'write one word without spaces, commas or braces, such as "<{word}>"'


def _digest(text: str) -> str:
    return f"a SHA-256 has 64 digits, this has {len(text)}: copy the line that mint tune printed"


_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of no bytes
Consent = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=[_EMPTY]), shaped(_digest)]


class WeightsFile(Section):
    """A safetensors file on this machine, or in a hub model."""

    file: Annotated[Text, Field(examples=["ink.safetensors"])]
    """A safetensors file, relative to this file; with `model`, its path in that hub model."""
    model: Annotated[Text, Field(examples=["org/name"])] | None = None
    """The model on the Hugging Face hub that has the file. Without it the file is on this
    machine."""
    revision: Revision | None = None
    """The commit of the hub model, 40 digits. Needed with `model` only."""

    @property
    def name(self) -> str:
        """The file, with the hub model before it."""
        return self.file if self.model is None else f"{self.model}/{self.file}"


class Adapter(WeightsFile):
    """A LoRA: a small file that was trained to change how one family of models paints."""

    scale: Annotated[Number, Field(ge=-4, le=4, examples=[0.8])] = 1.0
    """How strongly it changes the model. 0 is not at all, 1 is as trained; a negative number
    turns it round."""
    consent: Consent | None = None
    """The SHA-256 of the consent.yaml under which `mint tune` made the file: whose pictures it was
    learned from, and by what right. A file with another one is refused."""


class Embedding(WeightsFile):
    """A textual inversion: a word that the model is taught without changing the model."""

    token: Annotated[
        str,
        Field(pattern=r"^[^\s,{}|]{1,40}$", examples=["<my-style>"]),
        shaped(_token),
    ]
    """The word for it in the prompt or in what it says for a value. With <> around it, it is not
    mistaken for a part of another word."""

    def uses(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in `text` the token stands, also as a part of a longer word."""
        return (match.span() for match in re.finditer(re.escape(self.token), text))


# Left out of the record where there are none, so that other collections keep their digest.
Adapters = Annotated[
    tuple[Adapter, ...],
    Field(
        max_length=20,
        examples=[[{"file": "ink.safetensors", "scale": 0.8}]],
        exclude_if=lambda files: not files,
    ),
]
Embeddings = Annotated[
    tuple[Embedding, ...],
    Field(
        max_length=20,
        examples=[[{"file": "my-style.safetensors", "token": "<my-style>"}]],
        exclude_if=lambda files: not files,
    ),
]
