"""A prompt with a variation is proved when the plan and its attempt allow it, and refused else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError, VerifyError
from mint.plan.recipe import varied
from mint.plan.tokens import plan
from mint.verify.plan import check_plan
from tests.builds import run
from tests.conftest import edit

WORDS = ["round eyes", "wink"]


def test_prompts_are_those_of_the_plan_and_its_variations(tiny: Path) -> None:
    edit(tiny, "  steps: 2\n", f"  steps: 2\n  variations: [{', '.join(WORDS)}]\n")
    settings = "dedup: {threshold: 0.01, attempts: 4, exhausted: keep}\n"
    edit(tiny, "one_of_ones:\n", settings + "one_of_ones:\n")

    manifest, _, _ = run(tiny, until="render")

    slots = plan(manifest.collection)
    attempts = {token.attempt for token in manifest.tokens}
    assert 4 in attempts
    for slot, token in zip(slots, manifest.tokens, strict=True):
        assert token.recipe.prompt == varied(slot.prompt, WORDS, token.attempt)
    assert "6 tokens have the planned" in check_plan(manifest)
    last = next(token for token in manifest.tokens if token.attempt == 4)
    for prompt in (slots[last.token_id - 1].prompt, f"{last.recipe.prompt}, a crown"):
        recipe = last.recipe.model_copy(update={"prompt": prompt})
        forged = last.model_copy(update={"recipe": recipe})
        tokens = tuple(forged if token is last else token for token in manifest.tokens)
        with pytest.raises(VerifyError, match=f"token {last.token_id}: its recipe"):
            check_plan(manifest.model_copy(update={"tokens": tokens}))


def test_a_variation_that_the_model_would_cut_is_refused(tiny: Path) -> None:
    edit(tiny, "  steps: 2\n", f"  steps: 2\n  variations: [wink, {'fox ' * 30}]\n")

    with pytest.raises(CollectionError, match=r"yaml:10:22: .* falls off") as caught:
        run(tiny, until="render")

    assert caught.value.hint == "shorten it, or the prompt"


def test_an_attempt_after_the_last_is_the_artists_alone(tiny: Path) -> None:
    """Whoever painted on until a picture pleased must have said so in decisions.yaml."""
    edit(tiny, "one_of_ones:\n", "dedup: {attempts: 0, exhausted: keep}\none_of_ones:\n")
    decisions = tiny.parent / "decisions.yaml"
    decisions.write_text("redraw:\n  - {token: 1, after: 0}\n")

    manifest, _, _ = run(tiny, until="render")

    assert manifest.tokens[0].attempt == 1
    assert "1 of them came after dedup.attempts" in check_plan(manifest)
    undecided = manifest.model_copy(update={"decisions": None})
    assert check_plan(undecided, stranger=True) == check_plan(manifest)
    with pytest.raises(VerifyError, match=r"token 1: attempt 1 is beyond dedup\.attempts"):
        check_plan(undecided)
