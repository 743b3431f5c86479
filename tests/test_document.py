"""Records: one canonical JSON, equal to RFC 8785; frozen; nothing unknown, nothing converted."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from mint.document import Document, Number, canonical, sha256

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(PLAIN)
@example(1e-05)
@example([1e16, 2.0, -0.0, 1e21, 5e-324, 0.1])
@example({"\ufb33": 1, "\U0001f600": 2, "\r": 3})  # UTF-16 order is not code point order
@example({"a": "one-of-one 3e-5 1.0, \u2028 \x7f"})
def test_canonical_is_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON|float"):
        canonical(value)


class Point(Document):
    x: Number
    label: str | None = None


def test_absent_fields_change_no_digest() -> None:
    assert Point(x=1.0).canonical() == b'{"x":1}'
    assert Point(x=1.0).digest == sha256(b'{"x":1}')
    assert Point(x=0.5, label="").canonical() == b'{"label":"","x":0.5}'


@given(st.floats(allow_nan=False, allow_infinity=False), st.none() | st.text())
def test_a_record_survives_its_canonical_form(x: float, label: str | None) -> None:
    point = Point(x=x, label=label)

    assert Point.parse(point.canonical()) == point


@pytest.mark.parametrize("text", ['{"x": "1"}', '{"x": 1, "y": 2}', "{}", '{"x": 1, "label": 5}'])
def test_records_are_strict(text: str) -> None:
    with pytest.raises(ValidationError):
        Point.parse(text.encode())


def test_records_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Point(x=1).x = 2  # type: ignore[misc]  # that it cannot be set is what is tested


def test_canonical_json_is_json() -> None:
    assert json.loads(canonical({"b": [1, 2.5], "a": "é"})) == {"a": "é", "b": [1, 2.5]}
