"""A style is written out in the record, and what of it would change nothing is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.errors import CollectionError
from mint.spec.advice import advice
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.names import find, well_known
from mint.spec.schema import json_schema
from mint.spec.style import SETTINGS, Style, presets, stylized
from tests.conftest import ROOT, edit

WORDS = [name for name, fields in presets().items() if "before" in fields]


def with_style(file: Path, style: str) -> Path:
    edit(file, "traits:\n", f"style: {style}\ntraits:\n")
    return file


def test_the_record_holds_the_whole_preset_and_its_name(tiny: Path) -> None:
    collection, _ = load(with_style(tiny, "{preset: ink, chaos: 10, after: on yellow paper}"))

    style = collection.style
    assert style is not None
    fields = presets()["ink"]
    assert (style.preset, style.before, style.chaos) == ("ink", fields["before"], 10)
    assert style.jitter == tuple(fields["jitter"])
    assert style.after == "on yellow paper"  # what the artist writes goes before the preset's
    assert Collection.parse(collection.canonical()) == collection


def test_a_record_is_read_as_it_stands_whatever_its_preset_means_today(tiny: Path) -> None:
    record = load(with_style(tiny, "{preset: ink, chaos: 10}"))[0].canonical()
    for old, new in ((b"ink drawing of", b"etching of"), (b'"preset":"ink"', b'"preset":"later"')):
        assert record.count(old) == 1
        record = record.replace(old, new)

    collection = Collection.parse(record)

    assert collection.canonical() == record
    assert collection.style is not None
    assert collection.style.before == "etching of"


def test_without_a_style_the_record_is_what_it_was(tiny: Path) -> None:
    collection, _ = load(tiny)

    assert b"style" not in collection.canonical()
    assert collection.painting is collection.image


def test_knobs_that_are_not_turned_are_not_in_the_record(tiny: Path) -> None:
    collection, _ = load(with_style(tiny, "{preset: crisp, stylize: 100, chaos: 0, weird: 0}"))

    assert b'"style":{"guidance_scale":4,"preset":"crisp","steps":16}' in collection.canonical()


def test_a_style_goes_before_the_settings_of_the_image(tiny: Path) -> None:
    written = "{guidance_scale: 5, steps: 3, scheduler: euler, stylize: 300}"
    collection, _ = load(with_style(tiny, written))

    painting, image = collection.painting, collection.image
    assert (painting.guidance_scale, painting.steps, painting.scheduler) == (3, 3, "euler")
    assert painting.model_copy(update={k: getattr(image, k) for k in SETTINGS}) == image
    assert set(SETTINGS) <= painting.model_fields_set


# What is written below style, where the mistake is, what is said, what to do.
MISTAKES = {
    "a preset of no list": ("{preset: inc}", "15:17", '"inc" is no preset', '"ink"'),
    "nothing": ("", "15:1", "style is empty", "preset: ink"),
    "a name alone": ("crips", "15:8", "style", "style: {preset: crisp}"),
    "chaos without phrases": ("{chaos: 5}", "15:16", "jitter phrases, and it has none", "jitter:"),
    "weird without phrases": (
        "{preset: crisp, weird: 5}", "15:31", "odd phrases, and it has none", "odd:",
    ),
    "stylize without guidance": (
        "{stylize: 5}", "15:18", "a guidance_scale of 1 has none", "above 1",
    ),
    "too much chaos": ("{preset: ink, chaos: 101}", "15:29", '"chaos" is 101', "write 100 or less"),
    "a knob of none": ("{preset: ink, chaso: 10}", "15:22", 'unknown key "chaso"', '"chaos"'),
    "a trait": ('{before: "a {Body}"}', "15:17", "braces name a trait", "the words themselves"),
    "a list of phrases that is none": (
        "{chaos: 5, jitter: close up}", "15:27", '"jitter" is "close up"', "write a list",
    ),
    "hostile": ('{preset: ink, odd: [""]}', "15:28", 'is ""', "something between the quotes"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_named_at_their_place(tiny: Path, case: str) -> None:
    style, place, message, remedy = MISTAKES[case]

    with pytest.raises(CollectionError) as caught:
        load(with_style(tiny, style))

    assert f":{place}: " in str(caught.value)
    assert message in str(caught.value)
    assert remedy in caught.value.hint


def test_phrases_that_no_token_draws_are_warned_of(tiny: Path) -> None:
    lines = list(advice(*load(with_style(tiny, "{jitter: [avatar], preset: ink, weird: 9}")), 0.0))

    assert any(":15:9: no token gets one of these phrases, because chaos is 0" in x for x in lines)
    assert not any("weird" in line for line in lines)


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_a_style_that_changes_something(name: str) -> None:
    style = Style.model_validate({**presets()[name], "preset": name}, strict=False)

    assert style.before or style.guidance_scale
    assert "braces" not in str(style)
    texts = [text for _, text in style.model_copy(update={"chaos": 1, "weird": 1}).phrases()]
    for text in texts:
        assert not set("{}") & set(text)
        assert not list(find(text, well_known()))
    assert name not in WORDS or (style.jitter and style.odd and style.guidance_scale is None)


def test_editors_and_the_page_know_every_preset() -> None:
    schema = json_schema()["$defs"]["Style"]["properties"]["preset"]
    assert schema["anyOf"][0]["enum"] == [*presets()]
    page = (ROOT / "docs" / "style.md").read_text(encoding="utf-8")
    for name in presets():
        assert f"`{name}`" in page
        assert f"`{name}`" in schema["description"]


@given(st.floats(1.01, 50), st.integers(0, 1000), st.integers(0, 1000))
def test_more_stylize_is_less_guidance_and_never_none(scale: float, one: int, two: int) -> None:
    less, more = sorted((one, two))

    assert stylized(scale, less) >= stylized(scale, more) > 1
    assert stylized(scale, 100) == round(scale, 3)
    assert stylized(7, 0) == 13
    assert stylized(7, 300) == 4
    assert stylized(7, 1000) == pytest.approx(1 + 6 / 5.5, abs=1e-3)
