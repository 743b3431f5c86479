"""What a language model wrote for the values of a collection: the words that its prompts say.

They stand in prompts.lock, beside collection.yaml (mint.spec.prompts_lock), and go on record with
the collection, so that collection.json alone says how every prompt came about.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from mint.spec.forms import Revision, Section
from mint.spec.traits import Name, Text

MOST = 500  # characters of one value's words, as of its `prompt:`
FORBIDDEN = "{}|"  # what stands for something else, here or in other programs


def wrong_in(words: str) -> str | None:
    """Why these are no words for a prompt, or None."""
    if not words.strip():
        return "is empty"
    if len(words) > MOST:
        return f"has {len(words)} characters, of {MOST} at most"
    if odd := next((c for c in words if not c.isprintable()), None):
        return f"has the character {odd!a}, which nobody sees"
    if odd := next((c for c in words if c in FORBIDDEN), None):
        return f"has a {odd}, which is no word"
    return None


def _plain(words: str) -> str:
    if reason := wrong_in(words):
        raise ValueError(reason)
    return words


Words = Annotated[str, AfterValidator(_plain)]


class Expansions(Section):
    """Words of prompts in place of short phrases, and who wrote them.

    `model` is the language model's name, on the hub or of its folder, `weights` the SHA-256 over
    its files, `instruction` what it was to do. `words` are by trait and value; a one-of-one stands
    under the trait ONE_OF_ONE. `edited` names the lines that are not as the model wrote them.
    """

    model: Name
    revision: Annotated[Revision | None, Field(exclude_if=lambda revision: revision is None)] = None
    weights: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    instruction: Text
    words: dict[Name, dict[Name, Words]]
    edited: Annotated[dict[Name, tuple[Name, ...]], Field(exclude_if=lambda lines: not lines)] = (
        Field(default_factory=dict)
    )

    def said(self, trait: str, value: str, phrase: str) -> str:
        """What the prompt says for a value: these words, or else its own phrase."""
        return self.words.get(trait, {}).get(value, phrase)

    @property
    def lines(self) -> int:
        """How many values have words of their own."""
        return sum(map(len, self.words.values()))

    @property
    def edited_lines(self) -> int:
        """How many of them are the artist's."""
        return sum(map(len, self.edited.values()))

    @property
    def by(self) -> str:
        """Who wrote the words: `gpt2, 12 lines; 2 by the artist`."""
        edits = self.edited_lines
        text = f"{self.model}, {_lines(self.lines - edits)}"
        return f"{text}; {_lines(edits)} by the artist" if edits else text


def _lines(number: int) -> str:
    return f"{number} line" if number == 1 else f"{number} lines"
