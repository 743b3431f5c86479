"""The words of a style stand around every prompt, and tokens draw the rest from the seed."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.plan.recipe import diffusion
from mint.plan.style import Draw, fullest
from mint.plan.tokens import plan
from mint.spec.collection import Collection
from mint.spec.style import Style
from tests import exhibit

JITTER, ODD = ("close up", "seen from the side", "in rain"), ("upside down", "melting")
ONES: list[dict[str, Any]] = [{"name": "One", "prompt": "a white robot", "token_id": 3}]
TRAITS = {
    "Species": dict.fromkeys(("fox", "bear", "robot", "frog", "cat", "dog"), 1),
    "Hat": {f"hat {i}": 1 for i in range(40)},
}
seeds, tokens = st.integers(0, 2**53 - 1), st.integers(1, 10_000)


def styled(supply: int, **style: Any) -> Collection:
    return exhibit.collection(supply, style=style or None, one_of_ones=ONES, traits=TRAITS)


def prompts(collection: Collection) -> list[str]:
    return [slot.prompt for slot in plan(collection)]


def test_the_words_stand_around_each_prompt_and_traits_stay() -> None:
    plain, collection = styled(12), styled(12, before="ink drawing of", after="on paper ")

    assert prompts(collection) == [f"ink drawing of {text}, on paper" for text in prompts(plain)]
    assert [s.traits for s in plan(collection)] == [s.traits for s in plan(plain)]


def test_a_style_without_words_changes_no_prompt() -> None:
    assert prompts(styled(12, guidance_scale=5)) == prompts(styled(12))
    assert diffusion(styled(12, guidance_scale=5)) != diffusion(styled(12))


def test_at_most_chaos_and_weird_every_token_but_a_one_of_one_draws_two_phrases() -> None:
    collection = styled(40, after="on paper", chaos=100, weird=3000, jitter=JITTER, odd=ODD)

    drawn = Counter[str]()
    for plain, text in zip(prompts(styled(40)), prompts(collection), strict=True):
        assert text.startswith(f"{plain}, on paper")
        drawn.update(text.removeprefix(f"{plain}, on paper").split(", ")[1:])
    assert set(drawn) == {*JITTER, *ODD}
    assert sum(drawn[phrase] for phrase in JITTER) == sum(drawn[phrase] for phrase in ODD) == 39
    assert prompts(collection)[2] == "a white robot, on paper"


@given(seeds, tokens)
def test_without_chaos_nothing_is_drawn(seed: int, token_id: int) -> None:
    assert Draw(seed, token_id).phrases(Style(jitter=JITTER, odd=ODD)) == []


@given(seeds, tokens, st.integers(0, 100), st.integers(0, 100))
def test_more_chaos_keeps_what_is_drawn(seed: int, token_id: int, one: int, two: int) -> None:
    less, more = sorted((one, two))
    draw = Draw(seed, token_id)

    few = draw.phrases(Style(chaos=less, jitter=JITTER))
    assert few in ([], draw.phrases(Style(chaos=more, jitter=JITTER)))


@given(seeds, tokens, st.integers(1, 100))
def test_a_style_of_a_stranger_without_phrases_draws_none(seed: int, token: int, n: int) -> None:
    assert Draw(seed, token).phrases(Style(chaos=n, weird=30 * n)) == []


@pytest.mark.parametrize(("chaos", "weird"), [(10, 0), (50, 300), (100, 3000), (1, 1500)])
def test_the_share_is_what_the_knobs_say(chaos: int, weird: int) -> None:
    style, number = Style(chaos=chaos, weird=weird, jitter=JITTER, odd=ODD), 4000
    drawn = [Draw(7, token_id).phrases(style) for token_id in range(1, number + 1)]

    for phrases, share in ((JITTER, chaos / 100), (ODD, weird / 3000)):
        each = Counter(phrase for few in drawn for phrase in few if phrase in phrases)
        # Five standard deviations of a binomial draw, for all and for each phrase.
        assert each.total() / number == pytest.approx(share, abs=5 * deviation(share, number))
        for phrase in phrases:
            part = share / len(phrases)
            assert each[phrase] / number == pytest.approx(part, abs=5 * deviation(part, number))


def deviation(share: float, number: int) -> float:
    return math.sqrt(share * (1 - share) / number)


def test_what_a_token_draws_is_fixed_for_ever() -> None:
    # printf 7/style/1 | sha256sum
    digest = "f180a32c9e7993cb36a2437fb2f1a78f1d05baaa4a2ebddd05a4aaf5435a350e"
    luck, choice = int(digest[:16], 16), int(digest[16:32], 16)

    assert [f"{number:016x}" for number in Draw(7, 1).numbers] == [
        digest[i : i + 16] for i in range(0, 64, 16)
    ]
    assert 94 < 100 * luck / 2**64 < 95
    assert Draw(7, 1).phrases(Style(chaos=94, jitter=JITTER)) == []
    assert Draw(7, 1).phrases(Style(chaos=95, jitter=JITTER)) == [JITTER[choice % 3]]


def test_a_larger_supply_keeps_what_is_drawn() -> None:
    style = {"chaos": 50, "weird": 1000, "jitter": JITTER, "odd": ODD}
    small, large = plan(styled(24, **style)), plan(styled(48, **style))

    same = [(a, b) for a, b in zip(small, large, strict=False) if a.traits == b.traits]
    assert len(same) > 20
    assert all(a.prompt == b.prompt for a, b in same)


def test_the_fullest_prompt_is_the_longest_that_can_be_drawn() -> None:
    collection = styled(200, before="a", chaos=90, weird=2900, jitter=JITTER, odd=ODD)
    everything = [text for text in prompts(collection) if "robot" in text]

    possible = fullest(collection, max(prompts(styled(200)), key=len), len)

    assert possible.endswith(", seen from the side, upside down")
    assert len(possible) >= max(map(len, everything))


def test_another_seed_draws_others() -> None:
    style = Style(chaos=50, jitter=JITTER)
    rows = [tuple(map(tuple, (Draw(s, i).phrases(style) for i in range(20)))) for s in range(5)]

    assert len(set(rows)) == 5
