"""What `mint try` can vary: how a value changes a collection.yaml, and which values it proposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mint.spec.collection import EMBEDDED, Collection
from mint.spec.style import presets, resolved
from mint.spec.yaml_source import scalar

Values = dict[str, Any]  # of a collection.yaml, as plain values
AS_WRITTEN, NO_STYLE = "own", "none"
FEW = 3  # values that are proposed


class Axis(NamedTuple):
    """`edit` writes a value into a file's values; `propose` gives some to look at.

    `about` is for the help text.
    """

    about: str
    edit: Callable[[Values, str], None]
    propose: Callable[[Collection], list[str]]


def _style(values: Values, name: str) -> None:
    """Another preset in place of the whole style; `own` is what the file has, `none` no style."""
    if name == AS_WRITTEN:
        return
    values.pop("style", None)
    if name != NO_STYLE:
        values["style"] = {"preset": name}


def _styles(collection: Collection) -> list[str]:
    """Presets with words for a model that may know them; atelier and its like know none."""
    worded = collection.image.model not in EMBEDDED
    fit = [name for name, fields in presets().items() if ("before" in fields) == worded]
    return [NO_STYLE if collection.style is None else AS_WRITTEN, *fit[:FEW]]


def _seed(values: Values, text: str) -> None:
    values["seed"] = scalar(text)


def _seeds(collection: Collection) -> list[str]:
    return [str((collection.seed + i) % 2**53) for i in range(FEW)]


def _setting(key: str) -> Callable[[Values, str], None]:
    """Of `image:`, or of `style:` where the file or its preset has one that would go before it."""

    def edit(values: Values, text: str) -> None:
        style = resolved(values).get("style")
        section = "style" if isinstance(style, Mapping) and key in style else "image"
        values[section] = {**values[section], key: scalar(text)}

    return edit


def _steps(collection: Collection) -> list[str]:
    steps = collection.painting.steps
    return [*dict.fromkeys(str(n) for n in (max(1, steps // 2), steps, min(1000, 2 * steps)))]


def _guidances(collection: Collection) -> list[str]:
    # Before `stylize`, which the copy in the sheet is stylized by, too.
    own = None if collection.style is None else collection.style.guidance_scale
    scale = collection.image.guidance_scale if own is None else own
    if scale <= 1:
        return ["1", "2", "4"]
    return [f"{min(50, 1 + (scale - 1) * times):.4g}" for times in (0.5, 1, 2)]


def _schedulers(collection: Collection) -> list[str]:
    own: str = collection.painting.scheduler
    return [*dict.fromkeys((own, "dpm++", "euler", "unipc"))][:FEW]


def _knob(key: str) -> Callable[[Values, str], None]:
    def edit(values: Values, text: str) -> None:
        values["style"] = {**(values.get("style") or {}), key: scalar(text)}

    return edit


def _proposed(*values: str) -> Callable[[Collection], list[str]]:
    return lambda collection: [*values]


# In the order in which they are written into the file: a style first, then what goes before it.
AXES: dict[str, Axis] = {
    "style": Axis("presets, `none`, or `own`, the file's", _style, _styles),
    "seed": Axis("the collection's seed: other traits, other noise", _seed, _seeds),
    "steps": Axis("from noise to picture", _setting("steps"), _steps),
    "guidance": Axis("the guidance scale", _setting("guidance_scale"), _guidances),
    "scheduler": Axis("how noise becomes a picture", _setting("scheduler"), _schedulers),
    "stylize": Axis("0 to 1000", _knob("stylize"), _proposed("0", "100", "400")),
    "chaos": Axis("0 to 100", _knob("chaos"), _proposed("0", "50", "100")),
    "weird": Axis("0 to 3000", _knob("weird"), _proposed("0", "1500", "3000")),
}
