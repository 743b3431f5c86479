"""What judges say of pictures: by hand-made numbers whose right answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mint.curate.calibrate import SCALES, area, calibrate
from mint.curate.labels import Assignment, assign, heads_of, probabilities
from mint.curate.question import Choice, Question, questions
from mint.curate.token import Judgement
from mint.curate.truth import (
    SOMETHING_ELSE,
    Judge,
    LogProbabilities,
    contradictions,
    judgements_of,
    seat,
)
from mint.models.softmax import log_softmax
from mint.paint.picture import Picture
from mint.spec.load import load

NAMES = ("none", "cap")
HAT = Question("Hat", (Choice("none", True, ("no hat",)), Choice("cap", False, ("cap",))))


def scores(*shares: float) -> LogProbabilities:
    logarithms: LogProbabilities = np.log(np.array(shares))
    return logarithms


def judgement(
    names: Sequence[str], said: LogProbabilities, promised: int, certainty: float
) -> Judgement | None:
    """Of one picture."""
    (only,) = judgements_of(names, said[None], np.array([promised]), certainty)
    return only


@pytest.mark.parametrize(
    ("shares", "value", "verdict"),
    [
        ((0.05, 0.95), "cap", "seen"),
        ((0.2, 0.8), "cap", "seen"),
        ((0.9, 0.1), "none", "contradicted"),
        ((0.5, 0.45), "none", "unsure"),
        ((0.1, 0.1), SOMETHING_ELSE, "contradicted"),  # the rest is neither
    ],
)
def test_a_verdict_is_as_sure_as_its_certainty(
    shares: tuple[float, float], value: str, verdict: str
) -> None:
    said = judgement(NAMES, scores(*shares), HAT.place("cap"), 0.8)
    assert said is not None
    assert (said.value, said.probability, said.verdict) == (value, shares[1], verdict)


def test_what_is_seen_besides_the_values_has_its_name() -> None:
    said = judgement((*NAMES, "crown"), scores(0.05, 0.05, 0.9), HAT.place("cap"), 0.8)
    assert said is not None
    assert (said.value, said.verdict) == ("crown", "contradicted")


def test_a_value_that_the_judge_does_not_know_is_not_judged() -> None:
    assert judgement(NAMES, np.array([0.0, np.nan]), HAT.place("cap"), 0.8) is None


def test_what_is_seen_of_a_picture_depends_on_no_other() -> None:
    draw = np.random.default_rng(2)
    many = np.log(draw.dirichlet([0.2] * 3, 200) * draw.random((200, 1)))
    many[draw.random(many.shape) < 0.1] = np.nan
    promised = draw.integers(0, 2, 200)

    together = judgements_of((*NAMES, "crown"), many, promised, 0.8)

    alone = [
        judgement((*NAMES, "crown"), row, place, 0.8)
        for row, place in zip(many, promised, strict=True)
    ]
    assert together == alone
    assert {said.verdict for said in together if said} == {"seen", "contradicted", "unsure"}
    assert [said is None for said in together] == np.isnan(many[range(200), promised]).tolist()


def test_an_absent_trait_is_the_choice_called_none() -> None:
    assert HAT.place(None) == HAT.place("none") == 0


def test_a_contradiction_says_what_is_promised_and_what_is_seen() -> None:
    said = judgement(NAMES, scores(0.9, 0.1), HAT.place("cap"), 0.8)
    assert said is not None
    assert contradictions({"Hat": "cap"}, {"Hat": said}) == (
        "Hat: cap is promised, and none is seen",
    )


def test_the_scale_of_a_calibration_has_the_greatest_likelihood() -> None:
    draw = np.random.default_rng(5)
    promised = draw.integers(0, 3, 9000)  # more than are computed at once
    said = draw.normal(size=(9000, 3)) * 0.05 + 0.1 * np.eye(3)[promised] + [0.3, 0.1, 0.2]

    fitted = calibrate(said, promised)

    prior = np.log((np.bincount(promised) + 1) / 9003)
    logits = (said - said.mean(axis=0)) * SCALES[:, None, None] + prior
    likelihoods = log_softmax(logits)[:, range(9000), promised].mean(axis=1)
    assert fitted.scale == SCALES[likelihoods.argmax()]
    assert SCALES[0] < fitted.scale < SCALES[-1]


def picture(number: int) -> Picture:
    return Picture(pixels=f"{number}", file=f"{number}", size=1)


def fixed(name: str, said: dict[str, tuple[float, float]]) -> Judge:
    """A judge with fixed shares for each picture, by its digest."""

    def look(pictures: Sequence[Picture], question: Question) -> LogProbabilities:
        shares: LogProbabilities = np.array([said[each.pixels] for each in pictures])
        return np.asarray(np.log(shares))

    return Judge(name, name, lambda question: (True, True), look)


def test_the_next_judge_is_asked_only_where_the_one_before_cannot_say() -> None:
    first = fixed("first", {"1": (0.01, 0.99), "2": (0.5, 0.5)})
    second = fixed("second", {"2": (0.9, 0.1)})  # a KeyError if asked of picture 1
    pictures = [picture(1), picture(2)]
    traits = [{"Hat": "cap"}, {"Hat": "cap"}]
    jury = seat([first, second], [HAT], 0.8, pictures, traits)
    one, two = jury.judge(pictures, traits)
    assert (one["Hat"].verdict, two["Hat"].verdict) == ("seen", "contradicted")
    assert [judging.thresholds for judging in jury.record()] == [
        {"Hat": {"none": 0.8, "cap": 0.8}}
    ] * 2


def test_a_one_of_one_is_not_judged() -> None:
    judge = fixed("judge", {})
    jury = seat([judge], [HAT], 0.8, [picture(1)], [None])
    assert jury.judge([picture(1)], [None]) == [{}]


def noisy(shift: float, spread: float, seed: int = 3) -> tuple[LogProbabilities, np.ndarray]:
    """Cosines of 200 pictures with two values: the promised one's is larger by `shift`."""
    random = np.random.default_rng(seed)
    promised = np.arange(200) % 2
    cosines = random.normal(0.25, spread, (200, 2))
    cosines[:, 1] += 0.1  # a word that suits every picture
    cosines[np.arange(200), promised] += shift
    return cosines, promised


def test_calibration_takes_off_what_a_word_always_scores() -> None:
    cosines, promised = noisy(shift=0.05, spread=0.01)
    assert (cosines.argmax(1) == 1).mean() > 0.95  # uncalibrated it always says the second
    said = calibrate(cosines, promised).apply(cosines)
    assert (said.argmax(1) == promised).mean() > 0.98
    assert np.allclose(np.exp(said).sum(1), 1)


def test_calibration_abstains_where_pictures_do_not_tell_the_values_apart() -> None:
    cosines, promised = noisy(shift=0.0, spread=0.01)
    assert np.isnan(calibrate(cosines, promised).apply(cosines)).all()


def test_a_lie_stays_a_lie_after_calibration() -> None:
    cosines, promised = noisy(shift=0.05, spread=0.01)
    lied = promised.copy()
    lied[:10] = 1 - lied[:10]  # one in twenty is promised what the picture does not show
    said = np.exp(calibrate(cosines, lied).apply(cosines))[np.arange(200), lied]
    assert (said[:10] < 0.2).sum() >= 9
    assert (said[:10] < 0.5).all()
    assert (said[10:] > 0.8).mean() > 0.95


def test_area_counts_pairs() -> None:
    assert area(np.array([3.0, 1.0]), np.array([2.0, 1.0])) == pytest.approx(0.625)
    assert np.isnan(area(np.array([]), np.array([1.0])))


LABELS = (
    *("beasts/species: fox", "beasts/species: cat"),
    *("beasts/body: blue", "beasts/body: red"),
    *("beasts/background: blue", "beasts/background: red"),
    *("beasts/hat: none", "beasts/hat: cap"),
    *("plants/flower: rose", "plants/flower: tulip"),
)
PHRASES = {"beasts/hat: none": ("no hat",), "plants/flower: tulip": ("tulip", "tulips")}


def asked(prompt: str, traits: str, tmp_path: Path) -> tuple[Question, ...]:
    file = tmp_path / "collection.yaml"
    file.write_text(
        "name: Q\nsymbol: Q\ndescription: Q\nsupply: 8\nseed: 1\n"
        f"image: {{prompt: '{prompt}'}}\ntraits:\n{traits}"
    )
    return questions(load(file)[0])


def test_colours_of_two_groups_go_to_the_group_beside_them(tmp_path: Path) -> None:
    both = "  Fur: [blue, red]\n  Wall: [blue, red]\n  Kind: [fox, cat]\n"
    found = assign(asked("a {Fur} {Kind}, {Wall} background", both, tmp_path), LABELS, PHRASES)
    assert {trait: groups for trait, (groups, _) in found.items()} == {
        "Fur": ("beasts/body",),
        "Wall": ("beasts/background",),
        "Kind": ("beasts/species",),
    }


def test_a_phrase_of_the_captions_is_its_label_and_an_unknown_one_is_none(tmp_path: Path) -> None:
    traits = "  Flower: {tulip: {weight: 1, prompt: tulips}, orchid: 1}\n"
    found = assign(asked("{Flower}", traits, tmp_path), LABELS, PHRASES)
    assert found == {"Flower": (("plants/flower",), (("plants/flower: tulip",), None))}


def test_a_silent_none_is_the_label_of_absence(tmp_path: Path) -> None:
    found = assign(asked("a fox, {Hat}", "  Hat: [none, cap]\n", tmp_path), LABELS, PHRASES)
    assert found == {"Hat": (("beasts/hat",), (("beasts/hat: none",), ("beasts/hat: cap",)))}


DYED = (
    *LABELS[:8],
    "beasts/hat: beret",
    *("beasts/hat colour: none", "beasts/hat colour: blue", "beasts/hat colour: red"),
    *("beasts/scarf: none", "beasts/scarf: scarf"),
    *("beasts/scarf colour: none", "beasts/scarf colour: red"),
)


def test_a_thing_with_its_colour_is_a_label_of_either_group(tmp_path: Path) -> None:
    traits = (
        "  Fur: [blue, red]\n"
        "  Hat: {none: {weight: 1, prompt: no hat}, red cap: 1, blue cap: 1, beret: 1}\n"
    )
    found = assign(asked("a {Fur} fox, {Hat}", traits, tmp_path), DYED, PHRASES)
    red, blue = (f"beasts/hat colour: {colour}" for colour in ("red", "blue"))
    assert found == {
        "Fur": (("beasts/body",), (("beasts/body: blue",), ("beasts/body: red",))),
        "Hat": (
            ("beasts/hat colour", "beasts/hat"),
            (
                ("beasts/hat: none",),
                (red, "beasts/hat: cap"),
                (blue, "beasts/hat: cap"),
                ("beasts/hat: beret",),
            ),
        ),
    }


@pytest.mark.parametrize(
    ("prompt", "traits"),
    [
        # Beside the trait of its thing, and beside the thing as the prompt itself names it.
        ("a {Fur} fox, {Tint} {Hat}", "  Tint: [blue, red]\n  Hat: [cap, beret]\n"),
        ("a {Fur} fox, {Tint} cap", "  Tint: [blue, red]\n"),
    ],
)
def test_a_colour_is_looked_for_where_the_prompt_has_it(
    prompt: str, traits: str, tmp_path: Path
) -> None:
    both = f"{traits}  Fur: [blue, red]\n"
    found = assign(asked(prompt, both, tmp_path), DYED, PHRASES)
    assert found["Tint"].groups[0] == "beasts/hat colour"
    assert found["Fur"].groups == ("beasts/body",)


def test_a_red_cap_is_as_likely_as_red_and_a_cap_together() -> None:
    heads = {"hat colour": ("c: none", "c: red"), "hat": ("h: none", "h: cap", "h: beret")}
    matches = (("h: none",), ("c: red", "h: cap"), ("h: cap",), None)
    assignment = Assignment(("hat colour", "hat"), matches)
    shares = {"hat colour": scores(0.3, 0.7)[None], "hat": scores(0.1, 0.6, 0.3)[None]}
    said = np.exp(probabilities(assignment, heads, shares))[0]
    # No hat of any colour; a red cap; a cap that is not red; unknown; berets, each by itself.
    assert said[:3] == pytest.approx([0.1, 0.42, 0.18])
    assert np.isnan(said[3])
    assert said[4:] == pytest.approx([0.09, 0.21])


def test_a_trait_of_which_no_group_knows_a_value_is_left_out(tmp_path: Path) -> None:
    assert assign(asked("{Mood}", "  Mood: [none, wild]\n", tmp_path), LABELS, PHRASES) == {}


def test_labels_without_groups_are_one_group() -> None:
    assert heads_of(("fox", "cat")) == (("", ("fox", "cat")),)


def test_a_value_that_others_leave_nothing_of_is_not_known(tmp_path: Path) -> None:
    every = "  Hat: [none, cap, red cap, blue cap]\n"
    labels = [each for each in DYED if "hat colour: none" not in each]
    found = assign(asked("a fox, {Hat}", every, tmp_path), labels, PHRASES)
    assert [bool(match) for match in found["Hat"].matches] == [True, False, True, True]
