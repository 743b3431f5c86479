"""YAML text -> values and places; what could hurt is refused quickly."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mint.errors import CollectionError
from mint.spec.yaml_source import MAX_BYTES, parse, read, scalar

HERE = Path("collection.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),  # YAML 1.1 says false; a trait may be called no
        ("off", "off"),
        ("12:30", "12:30"),  # YAML 1.1 says 750
        ("2026-12-01", "2026-12-01"),
        ("1_000", "1_000"),
        ("true", True),
        ("~", None),
        ("", None),
        ("7", 7),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("0x10", "0x10"),
        ("9" * 60, "9" * 60),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_quotes_make_text() -> None:
    assert parse('a: "5"\nb: 5\nc: "null"', HERE).values == {"a": "5", "b": 5, "c": "null"}


def test_places_are_one_based_lines_and_columns() -> None:
    source = parse("name: x\nimage:\n  steps: 3\nlist: [1, {k: v}]\n", HERE)

    assert source.at(("image", "steps")) == "collection.yaml:3:10"
    assert source.at(("image", "steps"), key=True) == "collection.yaml:3:3"
    assert source.at(("list", 1, "k")) == "collection.yaml:4:15"
    assert source.at(("image", "absent", "deeper")) == "collection.yaml:3:3"


@given(
    st.dictionaries(
        st.text("abcXYZ é", min_size=1).map(str.strip).filter(bool), st.integers(-(2**53), 2**53)
    )
)
def test_every_key_has_a_place(values: dict[str, int]) -> None:
    text = "\n".join(f'"{key}": {value}' for key, value in values.items())

    source = parse(text, HERE)

    assert source.values == (values or None)
    for line, key in enumerate(values, start=1):
        assert source.at((key,), key=True) == f"collection.yaml:{line}:1"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 1\na: 2", "2:1", '"a" is written twice'),
        ("a: &x 1", "1:4", "anchors and aliases"),
        ("a: *x", "1:4", "anchors and aliases"),
        ("a: !!python/object:os.system x", "1:4", "the tag"),
        ("a: 1\n---\nb: 2", "2:1", "a second YAML document"),
        ("{a: 1}: 2", "1:1", "a key must be plain text"),
        ("a: [1, 2", "1:4", "is never closed"),
        ("a: b: c", "1:5", "a colon inside the text"),
        ("a:\n\t- 1", "2:1", "a TAB"),
        ("a: \x01", "1:4", "an invisible character"),
    ],
)
def test_refusals_name_the_place(text: str, place: str, says: str) -> None:
    with pytest.raises(CollectionError, match=says) as caught:
        parse(text, HERE)

    assert str(caught.value).startswith(f"collection.yaml:{place}")
    assert caught.value.hint


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "{b: " * 5_000, "- " * 50_000])
def test_deep_nesting_is_refused_quickly(text: str) -> None:
    start = time.perf_counter()

    with pytest.raises(CollectionError):
        parse(text, HERE)

    assert time.perf_counter() - start < 2


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "collection.yaml"
    file.write_text("a: " + "x" * 10_000_000)
    start = time.perf_counter()

    with pytest.raises(CollectionError, match=r"10\.0 MB is too large"):
        read(file)

    assert time.perf_counter() - start < 0.5
    assert file.stat().st_size > MAX_BYTES


def test_unreadable_files_are_explained(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("name: Zoë".encode("latin-1"))

    with pytest.raises(CollectionError, match="not UTF-8"):
        read(tmp_path / "latin.yaml")
    with pytest.raises(CollectionError, match="No such file"):
        read(tmp_path / "absent.yaml")
    with pytest.raises(CollectionError, match="Is a directory") as caught:
        read(tmp_path)
    assert str(tmp_path / "collection.yaml") in caught.value.hint
    with pytest.raises(CollectionError, match="too large"):
        read(Path("/dev/zero"))
