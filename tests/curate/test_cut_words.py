"""Words that the model does not read to their end, and that no error can take back: warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.check import preflight
from tests.builds import painted, run
from tests.conftest import edit

LONG = "fox, " * 14 + "blue crown, gray cap"
EDIT = "{token: 1, attempt: 1000, of: 0, strength: 0.5, prompt: "


def cut(file: Path) -> list[str]:
    """What `mint check` says of words that fall off."""
    return [line for line in preflight(file) if "falls off" in line]


@pytest.fixture
def negated(tiny: Path) -> Path:
    """A collection whose negative prompt is too long by a few words."""
    edit(tiny, "  guidance_scale: 1\n", f'  guidance_scale: 3\n  negative_prompt: "{LONG}"\n')
    return tiny


def test_the_end_of_a_negative_prompt_is_named(negated: Path) -> None:
    (line,) = cut(negated)

    assert "yaml:11:20: the negative prompt needs 35 places, the model reads 32: " in line
    assert '"crown, gray cap" falls off; shorten it' in line
    edit(negated, 'negative_prompt: "fox, fox, fox, ', 'negative_prompt: "')
    assert not cut(negated)


def test_one_that_is_not_read_is_not_counted(negated: Path) -> None:
    edit(negated, "guidance_scale: 3", "guidance_scale: 1")

    assert not cut(negated)


def test_a_build_says_so_and_has_an_end_all_the_same(negated: Path) -> None:
    warnings: list[str] = []
    run(negated, until="publish", warn=warnings.append)
    _, progress, _ = run(negated, until="publish", warn=warnings.append)

    assert len([line for line in warnings if '"crown, gray cap" falls off' in line]) == 2
    assert not painted(progress)
    assert "comparing" not in {step for step, _, _ in progress}  # it is sealed


@pytest.mark.parametrize("is_kept", [True, False])
def test_the_prompt_of_an_edit_is_counted_where_it_is_kept(tiny: Path, is_kept: bool) -> None:
    text = f'edit:\n  - {EDIT}"{LONG}"}}\n' + "keep: {1: {attempt: 1000}}\n" * is_kept
    tiny.with_name("decisions.yaml").write_text(text)

    lines = cut(tiny)

    assert len(lines) == is_kept
    if is_kept:
        assert "decisions.yaml:2:5: the prompt of attempt 1000 of token 1 needs 35" in lines[0]
