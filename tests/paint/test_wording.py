"""What a language model is asked, and what of its answer stands in a prompt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.paint.wording import MOST_WORDS, Place, Wish, naming, place_of, request, shorter, worded
from mint.paint.wording import wishes as wishes_of
from mint.plan.prompts import JOINING
from mint.spec.collection import ONE_OF_ONE
from mint.spec.expansions import wrong_in
from tests import exhibit

TEMPLATE = "a {Body} {Species} in a {Coat} with {Hat}, {Eyes} eyes, {Sky}"
NOBODY: Callable[[str], bool] = lambda text: False  # noqa: E731  # a constant of the tests


def wish(phrase: str, place: Place = "end") -> Wish:
    return Wish("Trait", phrase, phrase, place)


@pytest.mark.parametrize(
    ("trait", "place"),
    [
        ("Body", "before"),
        ("Species", "joined"),
        ("Coat", "joined"),
        ("Hat", "end"),
        ("Eyes", "before"),
        ("Sky", "end"),
        (ONE_OF_ONE, "whole"),
    ],
)
def test_where_a_phrase_stands(trait: str, place: Place) -> None:
    assert place_of(TEMPLATE, trait) == place


def test_of_two_places_the_one_with_less_room_counts() -> None:
    assert place_of("{A}, a {A} hat", "A") == "before"
    assert place_of("{A}, a {A} in rain", "A") == "joined"


def test_what_is_absent_or_says_nothing_gets_no_words() -> None:
    traits = {
        "Hat": {"none": {"weight": 1, "prompt": "no hat"}, "cap": 1},
        "Bow": {"None": 1, "odd": {"weight": 1, "prompt": "a | b"}, "red": 1},
    }
    ones = [{"name": "X", "prompt": "a white robot"}, {"name": "Y", "prompt": "two\nlines"}]
    collection = exhibit.collection(
        4, traits=traits, image={"prompt": "{Hat}, {Bow}"}, one_of_ones=ones
    )

    assert [w.value for w in wishes_of(collection, ones=False)] == ["cap", "red"]
    assert [w.value for w in wishes_of(collection, ones=True)] == ["cap", "red", "X"]


@pytest.mark.parametrize(
    ("phrase", "place", "answer", "words"),
    [
        ("fox", "end", "fox with russet fur", "fox with russet fur"),
        ("fox", "end", 'Long: "Fox with russet fur."', "Fox with russet fur"),
        ("fox", "end", "1. **fox with red fur**", "fox with red fur"),
        ("fox", "end", "- an old fox; it sleeps", "an old fox"),
        ("fox", "end", "an animal. It sleeps.", "fox, an animal"),
        ("fox", "end", "foxglove in bloom", "fox, foxglove in bloom"),
        ("fox", "end", "", "fox"),
        ("fox", "end", "!!! ... ???", "fox"),
        ("fox", "end", "fox {with} <lora:x:1> [fur]|\x1b[31m", "fox with fur 31m"),
        ("fox", "end", "fox \ufffd\ufffd fur", "fox fur"),
        ("fox", "end", "fox, red fur, red fur, red fur", "fox, red fur"),
        ("fox", "end", "fox and fox and fox and fox", "fox"),
        ("fox", "end", "fox ha ha ha ha ha", "fox"),
        ("fox", "end", "fox with a", "fox"),
        ("fox", "joined", "fox with fur, big ears", "fox with fur"),
        ("fox", "joined", "an animal", "fox"),
        ("red", "before", "deep glossy red", "deep glossy red"),
        ("red", "before", "deep red like fire", "deep red"),
        ("red", "before", "one two three four five red", "three four five red"),
        ("red", "before", "a colour of red", "red"),
        ("red", "before", "dark, deep red", "deep red"),
        ("red", "before", "scarlet", "red"),
        (
            "a robot in rain",
            "whole",
            "a robot in rain, wet streets",
            "a robot in rain, wet streets",
        ),
    ],
)
def test_of_an_answer_stays_what_a_prompt_can_say(
    phrase: str, place: Place, answer: str, words: str
) -> None:
    assert worded(answer, wish(phrase, place), NOBODY) == words


def test_clauses_with_a_name_of_somebody_s_are_dropped() -> None:
    named = naming(exhibit.collection(1))
    answer = "fox in the style of Pikachu, red fur"

    assert worded(answer, wish("fox"), named) == "fox, red fur"
    allowed = exhibit.collection(1, safety={"allow": ["Pikachu"]})
    assert worded(answer, wish("fox"), naming(allowed)) == answer


@pytest.mark.parametrize(
    ("place", "words", "parts"),
    [
        (
            "end",
            "fox with fur and a tail, red sky",
            ["fox with fur and a tail", "fox with fur", "fox"],
        ),
        ("before", "one two red", ["two red", "red"]),
    ],
)
def test_words_are_shortened_part_by_part(place: Place, words: str, parts: list[str]) -> None:
    asked = wish("red" if place == "before" else "fox", place)
    for part in parts:
        words = shorter(words, asked)
        assert words == part
    assert shorter(words, asked) == words


def test_the_question_has_the_phrase_once_and_nothing_to_fill_in() -> None:
    for place in ("before", "end"):
        text = request(wish("blue {x} wig", place))
        assert text.count("blue {x} wig") == 1
        assert text.endswith("Short: blue {x} wig\nLong:")
        assert "{}" not in text


@given(answer=st.text(max_size=300), place=st.sampled_from(["before", "joined", "end", "whole"]))
def test_whatever_a_model_answers_is_a_prompt_s_words(answer: str, place: Place) -> None:
    asked = wish("gold crown", place)
    words = worded(answer, asked, NOBODY)

    assert wrong_in(words) is None
    assert "gold crown" in words.lower()
    assert len(words.split()) <= MOST_WORDS + 3
    assert words.split()[-1].lower() not in JOINING
    if place == "before":
        assert words.lower().endswith("gold crown")
    if place in ("before", "joined"):
        assert "," not in words
    for _ in range(60):
        words = shorter(words, asked)
    assert words == asked.phrase
