"""`style:` of collection.yaml: the look of all pictures in one place, by knobs that people know.

The knobs have the names and ranges that Midjourney gave them (its parameters `--stylize`, `--chaos`
and `--weird`, documented at docs.midjourney.com). What they do here is ours, and written below.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field

from mint.document import Number
from mint.spec.forms import Section
from mint.spec.painting import ImageSettings, Scheduler
from mint.spec.traits import Name

LIST = Path(__file__).with_name("styles.yaml")
STYLIZE, STYLIZE_MOST = 100, 1000  # the first leaves guidance as it is
CHAOS_MOST, WEIRD_MOST = 100, 3000
GUIDANCE_MOST = 50  # as image.guidance_scale
KNOBS = {"chaos": "jitter", "weird": "odd"}  # what draws phrases, and from which
SETTINGS = ("guidance_scale", "steps", "scheduler")  # which go before those of `image:`

Words = Annotated[str, Field(min_length=1, max_length=500)]


def _presets_in(schema: dict[str, Any]) -> None:
    """Let editors complete the names; a record may have one of another mint."""
    schema["anyOf"] = [{"enum": [*presets()]}, {"type": "null"}]


def _unused(value: object) -> bool:
    """Left out of the record, as in every optional part of it."""
    return not value


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


class Style(Section):
    """The look of all pictures: words around every prompt, how strictly the model follows them, and
    how unlike each other the tokens are. The record of a build has all of it, written out."""

    preset: Annotated[
        Name | None, Field(examples=["ink", "crisp"], json_schema_extra=_presets_in)
    ] = None
    """A style from mint's list, by its name. Each other key that you write below it goes before the
    preset's. `ink`, `watercolour`, `linocut`, `pixel`, `clay` and `film` are words, for models that
    learned them; `loose`, `crisp` and `bold` are guidance and steps, for atelier, too."""
    before: Annotated[Words, Field(examples=["ink drawing of"])] | None = None
    """Words before every prompt, one-of-ones included; a comma between is yours to write."""
    after: Annotated[Words, Field(examples=["black ink on white paper"])] | None = None
    """Words after every prompt, one-of-ones included, behind a comma."""
    guidance_scale: Annotated[Number, Field(ge=0, le=GUIDANCE_MOST, examples=[5])] | None = None
    """How strictly the model follows the prompt, in place of `image.guidance_scale`."""
    steps: Annotated[int, Field(ge=1, le=1000, examples=[20])] | None = None
    """How many steps the model takes, in place of `image.steps`."""
    scheduler: Annotated[Scheduler, Field(examples=["dpm++"])] | None = None
    """How the model gets from noise to picture, in place of `image.scheduler`."""
    stylize: Annotated[
        int, Field(ge=0, le=STYLIZE_MOST, examples=[250], exclude_if=lambda n: n == STYLIZE)
    ] = STYLIZE
    """How much of the model's own taste is in the pictures, 0 to 1000: more follows the words less
    literally. 100 changes nothing. The guidance scale g becomes 1 + (g - 1) x 200 / (100 +
    stylize): at 0 twice as far above 1, at 300 half as far, at 1000 less than a fifth."""
    chaos: Annotated[int, Field(ge=0, le=CHAOS_MOST, examples=[20], exclude_if=_unused)] = 0
    """How unlike each other the tokens are, 0 to 100: so many of a hundred tokens, drawn by the
    seed, get one of the `jitter` phrases after their prompt. Each token has a noise of its own
    anyway. One-of-ones get none."""
    weird: Annotated[int, Field(ge=0, le=WEIRD_MOST, examples=[300], exclude_if=_unused)] = 0
    """How many tokens are strange, 0 to 3000: so many of three thousand, drawn by the seed, get
    one of the `odd` phrases after their prompt. One-of-ones get none."""
    jitter: Annotated[
        tuple[Words, ...],
        Field(max_length=100, examples=[["seen from the side", "close up"]], exclude_if=_unused),
    ] = ()
    """The phrases that `chaos` draws from. Traits stay in the prompt, so choose what hides none."""
    odd: Annotated[
        tuple[Words, ...],
        Field(max_length=100, examples=[["casting two shadows"]], exclude_if=_unused),
    ] = ()
    """The phrases that `weird` draws from. Traits stay in the prompt, so choose what hides none."""

    def applied(self, image: ImageSettings) -> ImageSettings:
        """The settings of `image` in this style; what it changes counts as written."""
        own = {key: getattr(self, key) for key in SETTINGS if getattr(self, key) is not None}
        if self.stylize != STYLIZE:
            own["guidance_scale"] = stylized(own.get("guidance_scale", image.guidance_scale),
                                             self.stylize)  # fmt: skip
        return image.model_copy(update=own)

    def summary(self, image: ImageSettings) -> str:
        """Name, words, what it changes of `image`, and the knobs that are turned, in one line."""
        painting = self.applied(image)
        keys = [key for key in SETTINGS if getattr(painting, key) != getattr(image, key)]
        defaults = {"stylize": STYLIZE, "chaos": 0, "weird": 0}
        parts = [f'"{self.before} ..."'] if self.before else []
        parts += [f'"..., {self.after}"'] if self.after else []
        parts += [f"{key.replace('_', ' ')} {_plain(getattr(painting, key))}" for key in keys]
        parts += [
            f"{k} {getattr(self, k)}" for k, rest in defaults.items() if getattr(self, k) != rest
        ]
        return f"{self.preset or 'your own'}: {', '.join(parts) or 'nothing is changed'}"

    def phrases(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The words that it may add to a prompt, each with its place in `style:`."""
        for key in ("before", "after"):
            if text := getattr(self, key):
                yield (key,), text
        for knob, key in KNOBS.items():
            entries = enumerate(getattr(self, key)) if getattr(self, knob) else ()
            yield from (((key, i), text) for i, text in entries)


def stylized(guidance_scale: float, stylize: int) -> float:
    """The guidance scale that `stylize` makes of another, to three decimals; at most 50.

    1 + (g - 1) * 200 / (100 + stylize): three roundings of IEEE 754, equal on every machine. At 1
    classifier-free guidance is off (Ho and Salimans, arXiv 2207.12598), so it is the far end.
    """
    return min(float(GUIDANCE_MOST), round(1 + (guidance_scale - 1) * 200 / (100 + stylize), 3))


@cache
def presets() -> Mapping[str, Mapping[str, Any]]:
    """Name -> the fields of the packaged styles, in the order of the list."""
    styles: dict[str, dict[str, Any]] = yaml.safe_load(LIST.read_text(encoding="utf-8"))
    return styles


def resolved(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of a collection.yaml with its preset's fields written out below `style:`.

    An unknown preset, and what is no mapping, stays as it is: `problems` and the schema tell.
    """
    style = values.get("style")
    name = style.get("preset") if isinstance(style, dict) else None
    if not isinstance(style, dict) or not isinstance(name, str) or name not in presets():
        return values
    return {**values, "style": {**copy.deepcopy(dict(presets()[name])), **style}}
