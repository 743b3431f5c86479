"""`mint new`: a file that loads and plans whatever the collection is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.errors import CollectionError, StoreError
from mint.paint.prompt_length import refuse_long_prompts, word_counter
from mint.plan.tokens import plan
from mint.spec.collection import ATELIER
from mint.spec.load import load
from mint.spec.starter import filled, starter
from mint.spec.yaml_source import parse

NAMES = [
    "Menagerie",
    'Ada\'s "Beasts"',
    "two\nlines\r\n\tand a tab",
    "<script>alert('x')</script>",
    "🦊 in a 👩‍🚀 suit",
    "שלום \u202eolleh\u202c",
    "{braces} [brackets] & *anchors* !tags # comment",
    "key: value",
    "- item",
    "NAME SYMBOL SEED",
    "SEED",
    "SYMBOL",
    "yes",
    "12",
    "null",
    "back\\slash",
    "../../etc/passwd",
    "\u2028\u0085\u2029\ufeff\x7f\x80\x00\x1b",
    "é" * 120,
]


@pytest.mark.parametrize("name", NAMES)
def test_the_file_loads_and_plans(tmp_path: Path, name: str) -> None:
    path = starter(name, tmp_path)

    collection, source = load(path)
    slots = plan(collection, source)

    assert path.parent.parent == tmp_path
    assert collection.name == name
    assert len(slots) == collection.supply
    counter = word_counter(ATELIER / "pipeline")
    assert counter is not None
    assert refuse_long_prompts(collection, source, slots, counter) <= counter.window


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120))
def test_any_name_stays_what_it_is(name: str) -> None:
    source = parse(filled(name), Path("collection.yaml"))

    assert source.values["name"] == name
    assert source.values.keys() == parse(filled("x"), Path("x")).values.keys()


@pytest.mark.parametrize("name", ["", "x" * 121, "\ud800"])
def test_names_that_no_collection_can_have_write_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(CollectionError) as caught:
        starter(name, tmp_path)

    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = starter("Small Beasts", tmp_path)
    path.write_text("the artist's own work")

    with pytest.raises(StoreError, match="exists already") as caught:
        starter("small  BEASTS!", tmp_path)

    assert str(path) in str(caught.value)
    assert "another name" in caught.value.hint
    assert path.read_text() == "the artist's own work"


@pytest.mark.parametrize(
    ("one", "other"), [("Птицы 7", "Рыбы 7"), ("夜の鳥", "夜の魚"), ("की", "का"), ("🦊", "🦉")]
)
def test_two_names_are_two_folders(tmp_path: Path, one: str, other: str) -> None:
    paths = [starter(name, tmp_path) for name in (one, other)]

    assert paths[0] != paths[1]
    assert len({load(path)[0].slug for path in paths}) == 2
    assert [load(path)[0].slug for path in paths] == [path.parent.name for path in paths]


def test_two_names_are_two_seeds_and_one_name_is_one() -> None:
    seeds = [parse(filled(name), Path("x")).values["seed"] for name in ("A", "B", "A")]

    assert seeds[0] == seeds[2] != seeds[1]


@pytest.mark.parametrize(
    ("name", "symbol", "folder"),
    [
        ("Small Beasts", "SMALL", "small-beasts"),
        ("Café 7", "CAFE7", "cafe-7"),
        ("Straße 7", "STRAS", "straße-7"),
        ("Птицы", "ART", "птицы"),
        ("夜の鳥", "ART", "夜の鳥"),
        ("🦊", "ART", "collection-0a9f72e8"),
    ],
)
def test_symbol_and_folder_come_from_the_name(
    tmp_path: Path, name: str, symbol: str, folder: str
) -> None:
    path = starter(name, tmp_path)

    assert path == tmp_path / folder / "collection.yaml"
    assert load(path)[0].symbol == symbol
