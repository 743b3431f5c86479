"""What `mint repin` and `mint pin` say of what is no CAR, no collection.yaml and no service."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from mint.cli.car_file import car_file
from mint.cli.ipfs import service
from mint.errors import PublishError
from mint.ipfs.car import open_car, root_of
from mint.ipfs.tree import write_tree
from tests.commands import mint_here as mint


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        (".", ". is a folder", "build/NAME/collection.car"),
        ("ar://abc", "ar://abc is no archive's name", "43 letters"),
        ("ipfs://bafyroot/1.png", "is an address", "https://ipfs.io/ipfs/bafyroot?format=car"),
        ("https://host/c.car", "https://host/c.car is an address", "download it"),
        ("none.car", "there is no file none.car", "build/NAME/collection.car"),
    ],
)
def test_what_is_no_file(given: str, message: str, hint: str) -> None:
    with pytest.raises(PublishError) as caught:
        car_file(Path(given))
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_a_folder_with_a_car_in_it(tmp_path: Path) -> None:
    write_tree(tmp_path / "collection.car", {"a": b"1"})
    with pytest.raises(PublishError) as caught:
        car_file(tmp_path)
    assert caught.value.hint.endswith("collection.car")
    assert car_file(tmp_path / "collection.car") == tmp_path / "collection.car"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "is a zip file"),
        (b"\x89PNG\r\n\x1a\n", "is a PNG picture"),
        (b"\n<!DOCTYPE html>", "is a web page"),
    ],
)
def test_another_kind_of_file(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "c.car").write_bytes(data)
    with pytest.raises(PublishError, match=message) as caught:
        open_car(tmp_path / "c.car")
    assert "ipfs.io" not in caught.value.hint  # nobody knows the root


def test_a_truncated_car_is_downloaded_by_its_root(tmp_path: Path) -> None:
    path = tmp_path / "c.car"
    write_tree(path, {"a": b"1"})
    root = root_of(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(PublishError) as caught:
        open_car(path)
    assert f"https://ipfs.io/ipfs/{root}?format=car" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pinnata", "did you mean pinata"),
        ("kubo,pinata", "--to kubo --to pinata"),
        ("nowhere", "choose one of kubo, filebase"),
    ],
)
def test_a_service_that_is_none(name: str, message: str) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        service(name)


def test_pin_takes_a_file_and_then_all() -> None:
    said = mint("pin", "--check", "all", "collection.yaml", code=2).stderr
    assert "mint pin FILE --check all" in " ".join(said.split())
    said = mint("pin", "c.car", "--to", "kubo", code=2).stderr
    assert "mint repin c.car --to kubo" in " ".join(said.split())
