"""A real build whose supply grows and shrinks again, and whose words change."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.check import preflight
from mint.stages import Forecast
from mint.verify.plan import check_plan
from tests.builds import painted, run
from tests.conftest import edit

FILE = """\
name: Growing
symbol: GROW
description: Some more each time.
supply: 24
seed: 7
image:
  prompt: "a {Body} {Species}, {Headwear}, {Background}"
  steps: 1
  guidance_scale: 1
  scheduler: dpm++
  width: 64
  height: 64
  batch: 2
dedup: {threshold: 1.0}
truth: {judge: off}
traits:
  Species: {fox: 3, cat: 2, bear: 2, dog: 1}
  Body: {orange: 2, gray: 1, white: 1, blue: {count: 2}}
  Headwear: {none: 2, crown: {count: 1}, cap: 1, beanie: 1}
  Background: {pink: 1, green: 1, yellow: 1}
rules:
  - never: {Species: bear, Headwear: crown}
one_of_ones:
  - {name: The Only Robot, prompt: "a white robot, round eyes"}
"""


@pytest.fixture
def growing(tmp_path: Path) -> Path:
    file = tmp_path / "collection.yaml"
    file.write_text(FILE)
    return file


def recorded(file: Path) -> list[str]:
    return [line for line in preflight(file) if line.startswith("on record")]


def painting(file: Path) -> str:
    (line,) = (line for line in preflight(file) if line.startswith("painting"))
    return line


def test_a_larger_supply_keeps_every_picture_and_a_smaller_one_its_own(growing: Path) -> None:
    assert recorded(growing) == []
    first, _, _ = run(growing, until="metadata")
    forecasts: list[Forecast] = []

    edit(growing, "supply: 24", "supply: 34")
    assert recorded(growing) == ["on record   24 of 24 pictures stay, 10 to paint"]
    assert painting(growing).startswith("painting    about ")
    second, progress, _ = run(growing, until="metadata", announce=forecasts.append)
    assert painted(progress) == 10
    assert (forecasts[0].reused, forecasts[0].to_paint) == (24, 10)
    assert [t.recipe for t in second.tokens[:24]] == [t.recipe for t in first.tokens]
    assert [t.image for t in second.tokens[:24]] == [t.image for t in first.tokens]

    edit(growing, "supply: 34", "supply: 24")
    assert recorded(growing) == ["on record   24 of 34 pictures stay, 0 to paint"]
    assert painting(growing) == "painting    nothing: every picture is there"
    third, progress, _ = run(growing, until="metadata")
    assert painted(progress) == 0
    assert third == first

    edit(growing, "dog: 1", "hound: {weight: 1, prompt: dog}")
    assert recorded(growing) == ["on record   24 of 24 pictures stay, 0 to paint"]
    fourth, progress, _ = run(growing, until="metadata")
    assert painted(progress) == 0
    assert [t.image for t in fourth.tokens] == [t.image for t in first.tokens]

    edit(growing, "{pink: 1,", "{navy: 1,")
    fifth, progress, _ = run(growing, until="metadata")
    assert painted(progress) == sum(t.traits.get("Background") == "pink" for t in first.tokens) > 0
    assert check_plan(fifth).startswith("24 tokens")
