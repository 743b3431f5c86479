"""Names of artists, brands and people in prompts: warned of where they stand, and only there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from mint.build import Options, build
from mint.check import preflight
from mint.spec.collection import ATELIER
from mint.spec.load import load
from mint.spec.names import GROUPS, LIST, find, names, well_known, words
from mint.spec.starter import filled
from tests.conftest import ROOT, edit
from tests.spec.jargon import JARGON


def matches(text: str) -> list[str]:
    return [text[start:end] for start, end, _ in find(text, well_known())]


FOUND = [
    ("a fox by Greg Rutkowski", ["Greg Rutkowski"]),
    ("a fox, GREG   RUTKOWSKI, oil", ["GREG   RUTKOWSKI"]),
    ("Pikachu's friend", ["Pikachu"]),
    ("pokemon and Pokémon and POKE\u0301MON", ["pokemon", "Pokémon", "POKE\u0301MON"]),
    ("spider-man, spider man, Spider–Man, spiderman", ["spider-man", "spider man", "Spider–Man",
                                                       "spiderman"]),
    ("McDonald’s and McDonald's", ["McDonald’s", "McDonald's"]),
    ("simon stalenhag, Simon Stålenhag", ["simon stalenhag", "Simon Stålenhag"]),
    ("winnie-the-pooh", ["winnie-the-pooh"]),
    ("{Yoda} fox", ["Yoda"]),
    ("Star Wars Star Trek", ["Star Wars", "Star Trek"]),
    ("Studio Ghibli", ["Ghibli"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_names_are_found_whatever_their_case_accents_and_hyphens(
    text: str, expected: list[str]
) -> None:
    assert matches(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a starship at war",
        "star, wars",  # two things
        "stars warsaw",
        "a disneyesque castle",
        "greg",
        "legolas, begonia, superhuman, batmanly",
        "hello, kitty",
        "a trump card, a prince, an apple, a swift taylor",
        "",
        "—",
    ],
)
def test_parts_of_words_and_common_words_are_no_names(text: str) -> None:
    assert matches(text) == []


def test_the_longest_name_counts() -> None:
    text = "a b c d"
    known = {("a",): "own", ("a", "b", "c"): "own", ("b", "c", "d"): "own", ("d",): "own"}

    assert [text[start:end] for start, end, _ in find(text, known)] == ["a b c", "d"]


def test_words_say_where_they_stand() -> None:
    text = "é-Łódź,\u00a0ﬁn"

    read = [(word.plain, text[word.start : word.end], word.goes_on) for word in words(text)]

    assert read == [("e", "é", False), ("lodz", "Łódź", True), ("fin", "ﬁn", False)]


# (what stands in collections/tiny, what the artist writes, line:column, what is said)
NAMED = {
    "in the prompt": ("a {Body}", "a Banksy {Body}", "8:14", '"Banksy" is an artist\'s name'),
    "in a value": ("fox: 1", "Pikachu: 1", "16:13", '"Pikachu" is a trademark'),
    "in a value's words": (
        "blue: {count: 2}", "blue: {count: 2, prompt: as Elon Musk}", "17:49", "a real person"
    ),
    "in a list of values": (
        "Species: {fox: 1, cat: 1, bear: 1}", "Species: [fox, bear, Shrek]", "16:24", '"Shrek"'
    ),
    "in a one-of-one": ("a white robot,", "R2 by KAWS,", "22:43", '"KAWS"'),
    "in a one-of-one's name": ("The Only Robot", "The Only Rihanna", "22:21", '"Rihanna"'),
    "in the collection's name": ("name: Tiny", "name: Tiny Minecraft", "2:12", '"Minecraft"'),
    "in folded text": (
        'prompt: "a {Body} {Species}, {Headwear}"',
        "prompt: >-\n    a {Body} {Species},\n    {Headwear} by WLOP", "10:19", '"WLOP"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMED)
def test_a_name_is_warned_of_where_it_stands(tiny: Path, case: str) -> None:
    old, new, place, says = NAMED[case]
    edit(tiny, old, new)

    lines = list(names(*load(tiny)))

    assert len(lines) == 1
    assert f"collection.yaml:{place}: " in lines[0]
    assert says in lines[0]
    assert not JARGON.search(lines[0])


def test_check_and_build_warn_before_anything_is_painted(tiny: Path) -> None:
    edit(tiny, "a {Body}", "a Banksy {Body}")
    (warning,) = names(*load(tiny))
    lines: list[str] = []

    build(tiny, Options(until="plan", warn=lines.append), lambda *news: None)

    assert warning in lines
    assert warning in preflight(tiny)


def test_a_name_that_may_be_used_is_not_warned_of(tiny: Path) -> None:
    edit(tiny, "a {Body}", "a Banksy and Hello Kitty and my gallery {Body}")
    edit(tiny, "seed: 1", "seed: 1\nsafety: {allow: [hello kitty], names: [My Gallery]}")

    lines = list(names(*load(tiny)))

    assert ['"Banksy"' in lines[0], '"my gallery" is on your own list' in lines[1]] == [True] * 2
    assert "take it off the list" in lines[1]
    assert len(lines) == 2


def test_the_remedy_of_a_warning_silences_it(tiny: Path) -> None:
    edit(tiny, "a {Body}", "a Banksy {Body}")
    (line,) = names(*load(tiny))
    remedy = line.split("`")[1]
    edit(tiny, "seed: 1", f"seed: 1\nsafety:\n  {remedy}")

    assert list(names(*load(tiny))) == []


def test_what_pictures_are_not_to_show_is_not_warned_of(tiny: Path) -> None:
    edit(tiny, "  batch: 2", "  batch: 2\n  negative_prompt: Disney")

    assert list(names(*load(tiny))) == []


@pytest.mark.parametrize("path", sorted((ROOT / "collections").glob("*/collection.yaml")), ids=str)
def test_the_collections_name_nobody(path: Path) -> None:
    assert list(names(*load(path))) == []


def test_the_starter_names_nobody(tmp_path: Path) -> None:
    file = tmp_path / "collection.yaml"
    file.write_text(filled("My beasts"), encoding="utf-8")

    assert list(names(*load(file))) == []


def test_no_name_is_a_word_that_atelier_was_taught() -> None:
    vocabulary = json.loads((ATELIER / "clip" / "tokenizer.json").read_bytes())["model"]["vocab"]
    pieces = {piece.removesuffix("</w>") for piece in vocabulary}

    assert not {key[0] for key in well_known() if len(key) == 1} & pieces


def test_the_list_is_in_order_and_repeats_nothing() -> None:
    groups = yaml.safe_load(LIST.read_text(encoding="utf-8"))

    assert set(groups) | {"own"} == set(GROUPS)
    for group in groups.values():
        assert group == sorted(group, key=str.casefold)
    entries = [entry for group in groups.values() for entry in group]
    assert all(isinstance(entry, str) for entry in entries)
    keys = Counter(tuple(word.plain for word in words(entry)) for entry in entries)
    assert max(keys.values()) == 1
    assert len(well_known()) == len(entries) >= 150


def test_a_long_prompt_is_read_to_its_end() -> None:
    assert matches("star " * 20_000 + "wars") == ["star wars"]
