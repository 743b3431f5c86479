"""`safety:` of collection.yaml: what looks for unsafe pictures, and names that prompts avoid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from mint.spec.forms import Revision, Section, Share
from mint.spec.traits import Name, Text

# What image-classification models call a picture that not everybody wants to see.
UNSAFE = (
    *("nsfw", "unsafe", "unsafe content", "explicit"),
    *("porn", "pornography", "hentai", "sexy", "sexual", "nude", "nudity", "gore"),
)


class Safety(Section):
    """Pictures that not everybody wants to see, and names that a prompt had better not use."""

    model: Annotated[Text, Field(examples=["off", "clip", "./my-classifier", "org/name"])] = "off"
    """What looks at the pictures: `off`, nothing does; an image-classification model of
    transformers, which is a folder, or a hub model with its `revision`; or `clip`, the model of
    `dedup.embedder` if that is not atelier's."""
    revision: Revision | None = None
    """The commit of a hub model, 40 digits. Needed with a hub model only."""
    unsafe: Annotated[tuple[Name, ...], Field(examples=[["porn", "hentai"]])] = ()
    """The labels of the model that make a picture unsafe. Without it, those called nsfw, unsafe,
    porn, hentai, sexy, nude, gore and the like."""
    threshold: Share = 0.5
    """From which certainty on a picture counts as unsafe, a share from 0 to 1. Lower finds more,
    and more that is harmless."""
    action: Literal["flag", "redraw", "stop"] = "flag"
    """What happens to an unsafe picture: `flag` keeps it, and the report blurs it until it is
    clicked; `redraw` paints it again, at most `dedup.attempts` times, and then stops; `stop` ends
    the build and names the tokens."""
    names: Annotated[tuple[Name, ...], Field(examples=[["My Gallery"]])] = ()
    """More names of artists, brands and people, of which `mint check` and `mint build` warn where a
    prompt uses them. A list of well-known ones is inside mint."""
    allow: Annotated[tuple[Name, ...], Field(examples=[["Hello Kitty"]])] = ()
    """Names that you may use: no warning comes of them."""

    def unchecked(self, embedder: str) -> str | None:
        """Why nothing looks at the pictures, which `embedder` compares; None where a model does."""
        if self.model == "off":
            return "safety.model is off"
        if self.model == "clip" and embedder == "atelier":
            return "atelier's own CLIP has never seen an unsafe picture; name a dedup.embedder"
        return None

    @property
    def rule(self) -> str:
        """`from 0.5 on it is flagged`: what happens to an unsafe picture."""
        fates = {
            "flag": "it is flagged",
            "redraw": "it is painted again",
            "stop": "the build stops",
        }
        return f"from {self.threshold:g} on {fates[self.action]}"

    @property
    def classifier(self) -> str | None:
        """The image-classification model by its name, if one is wanted."""
        return None if self.model in ("off", "clip") else self.model


def unsafe_columns(labels: Sequence[str], unsafe: Iterable[str]) -> tuple[int, ...]:
    """Which of a model's `labels` are among `unsafe`, in any case; without any, among UNSAFE."""
    names = {_plain(name) for name in (tuple(unsafe) or UNSAFE)}
    return tuple(column for column, label in enumerate(labels) if _plain(label) in names)


def unknown_labels(labels: Sequence[str], unsafe: Iterable[str]) -> list[str]:
    """Those of `unsafe` that are no label of the model."""
    plain_labels = {_plain(label) for label in labels}
    return [name for name in unsafe if _plain(name) not in plain_labels]


def _plain(label: str) -> str:
    return " ".join(label.replace("_", " ").replace("-", " ").casefold().split())
