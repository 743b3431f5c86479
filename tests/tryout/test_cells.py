"""The cells of a sheet: what each would change in the file, and what cannot be tried."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.plan.recipe import diffusion
from mint.plan.tokens import plan
from mint.spec.load import load
from mint.tryout.axes import AXES
from mint.tryout.cells import grid_of
from tests.conftest import edit

PHRASES = "jitter: [avatar], odd: [portrait]"


def pasted(file: Path, lines: str) -> Path:
    """A copy of the file in which somebody wrote a cell's lines in place of its own."""
    text, section = file.read_text(encoding="utf-8"), ""
    for line in lines.splitlines():
        key = line.partition(":")[0]
        if line == "image:":
            section = line
        elif line == "# no line `style:`":
            text = re.sub(r"(?m)^style:.*\n", "", text)
        elif re.search(rf"(?m)^{key}:", text):
            text = re.sub(rf"(?m)^{key}:.*$", lambda match, line=line: line, text)  # type: ignore[misc]  # a default holds the loop's value
        elif not line.startswith("#"):
            text = text.replace(
                section or "traits:", f"{section}\n{line}\n{'' if section else 'traits:'}"
            )
    copy = file.with_name("pasted.yaml")
    copy.write_text(text, encoding="utf-8")
    return copy


@pytest.mark.parametrize("style", ["", "{preset: crisp, " + PHRASES + "}", "{before: a, steps: 9}"])
@pytest.mark.parametrize("axis", [name for name in AXES if name != "style"])
def test_the_lines_of_a_cell_give_its_pictures(tiny: Path, axis: str, style: str) -> None:
    edit(tiny, "  guidance_scale: 1\n", "  guidance_scale: 3\n")
    if style:
        edit(tiny, "traits:\n", f"style: {style}\ntraits:\n")
    knob = {"chaos": "jitter", "weird": "odd"}.get(axis)
    if knob and knob not in style:
        with pytest.raises(
            CollectionError, match=rf"with style \w+, {axis} \d+: .* {knob} phrases"
        ):
            grid_of(tiny, ["style", axis], {"style": ["own"]})
        return

    grid = grid_of(tiny, ["style", axis], {"style": ["own", "loose", "none"]} if not knob else
                   {"style": ["own"]})  # fmt: skip

    assert len(grid.cells) == len(grid.values[0]) * len(grid.values[1])
    assert len({(c.collection.canonical(), c.lines) for c in grid.cells}) > 1
    for cell in grid.cells:
        written, _ = load(pasted(tiny, cell.lines))
        assert diffusion(written) == diffusion(cell.collection), cell.lines
        assert plan(written) == plan(cell.collection), cell.lines


def test_the_first_axis_goes_across_and_the_second_down(tiny: Path) -> None:
    grid = grid_of(tiny, ["seed", "steps"], {"seed": ["1", "2", "3"], "steps": ["2", "4"]})

    assert [cell.values for cell in grid.cells] == [
        ("1", "2"), ("2", "2"), ("3", "2"), ("1", "4"), ("2", "4"), ("3", "4"),
    ]  # fmt: skip
    assert grid.cells[0].lines == "# as the file is"
    assert grid.cells[5].lines == "seed: 3\nimage:\n  steps: 4"


def test_what_is_proposed_suits_the_model(tiny: Path) -> None:
    assert grid_of(tiny, ["style"], {}).values == (("none", "loose", "crisp", "bold"),)
    edit(tiny, "image:\n", f"image:\n  model: org/name\n  revision: {'a' * 40}\n")
    assert grid_of(tiny, ["style"], {}).values == (("none", "ink", "watercolour", "linocut"),)


def test_a_stylized_scale_is_not_stylized_twice(tiny: Path) -> None:
    edit(tiny, "image:\n", "style: {stylize: 250}\nimage:\n")
    edit(tiny, "guidance_scale: 1", "guidance_scale: 3")
    own = load(tiny)[0].painting.guidance_scale
    cells = grid_of(tiny, ["guidance"], {}).cells
    scales = [cell.collection.painting.guidance_scale for cell in cells]
    assert scales[1] == own
    assert scales[0] < own < scales[2]


REFUSED = {
    "nothing known": (["stile"], {}, '"stile" is nothing to try', 'did you mean "style"'),
    "three axes": (["style", "seed", "steps"], {}, "one axis or two, not 3", "--over style,seed"),
    "one twice": (["seed", "seed"], {}, 'both axes .* are "seed"', "two different ones"),
    "values of none": (["seed"], {"steps": ["2"]}, '"steps", which is not tried', "--over"),
    "values of nothing": (["seed"], {"cfg": ["2"]}, '"cfg" is nothing to try', "use one of"),
    "too many": (["seed"], {"seed": [str(n) for n in range(17)]}, "17 values", "at most 16"),
    "a value twice": (["seed"], {"seed": ["1", "1"]}, "or one twice", "different"),
    "no preset": (["style"], {"style": ["inc"]}, 'with style inc: .*"inc" is no preset', '"ink"'),
    "no number": (["steps"], {"steps": ["few"]}, 'with steps few: .*:9:10: "steps" is "few"', ""),
    "too many steps": (["steps"], {"steps": ["9999"]}, "with steps 9999", "1000 or less"),
    "nothing at all": (["seed"], {"seed": [""]}, '"seed" has no value', "write it"),
    "hostile": (["seed"], {"seed": ["{a: [*x]}"]}, '"seed" is', "a whole number"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_tried_is_said_in_words(tiny: Path, case: str) -> None:
    axes, values, message, remedy = REFUSED[case]

    with pytest.raises(CollectionError, match=message) as caught:
        grid_of(tiny, axes, values)

    assert remedy in caught.value.hint
