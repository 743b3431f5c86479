"""`storage.pin`: nobody, one service, or several."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.spec.collection import Collection
from mint.spec.load import load
from mint.spec.schema import json_schema


def of(file: Path, pin: str) -> Collection:
    file.write_text(file.read_text().partition("storage:")[0] + f"storage: {{pin: {pin}}}\n")
    return load(file)[0]


def test_a_list_of_one_is_its_name(tiny: Path) -> None:
    assert of(tiny, "[kubo]").storage.pin == "kubo"
    assert of(tiny, "[kubo]").digest == of(tiny, "kubo").digest
    assert of(tiny, "[none]").digest == of(tiny, "none").digest


def test_several_are_no_part_of_what_a_contract_holds(tiny: Path) -> None:
    both = of(tiny, "[kubo, pinata]")
    assert both.storage.pin == ("kubo", "pinata")
    assert Collection.parse(both.canonical()) == both
    assert both.digest != of(tiny, "kubo").digest
    assert both.public.digest == of(tiny, "none").public.digest


@pytest.mark.parametrize(
    ("pin", "message", "hint"),
    [
        ("pinatta", '"pin" is "pinatta"', 'did you mean "pinata"?'),
        ("ipfs", '"pin" is "ipfs"', 'did you mean "kubo"?'),
        ("[kubo, pinatta]", ':23: "pinatta" is no pinning service', 'did you mean "pinata"?'),
        ("[pinatta]", ':17: "pinatta" is no pinning service', 'did you mean "pinata"?'),
        ("[none, kubo]", '"none" stands beside a service', "remove it"),
        ("[kubo, kubo]", ':23: "kubo" is in the list twice', "remove one of them"),
        ("[]", '"pin" is an empty list', "name a service, such as [kubo, pinata]"),
        ("3", '"pin" is 3', "use one of: none, kubo"),
    ],
)
def test_mistakes(tiny: Path, pin: str, message: str, hint: str) -> None:
    with pytest.raises(CollectionError) as caught:
        of(tiny, pin)
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_the_schema_has_both_forms() -> None:
    one, several = json_schema()["$defs"]["Storage"]["properties"]["pin"]["anyOf"]
    assert one["enum"] == ["none", *several["items"]["enum"]]
    assert several["type"] == "array"
