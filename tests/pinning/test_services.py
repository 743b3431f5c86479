"""The list of pinning services, and what one of them needs besides."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from mint.build import Options, build
from mint.errors import PublishError
from mint.ipfs.car import root_of
from mint.pinning.pin import PINNERS, pin_car
from mint.pinning.published import published
from mint.spec.collection import Storage
from mint.spec.services import ABOUT, PinningService
from mint.stages import STAGES, Stage
from tests.commands import mint_here as mint
from tests.conftest import ROOT
from tests.pinning.raw_server import Asked, Pieces, raw_server, sized, status


def test_every_service_has_its_name_and_its_function() -> None:
    names = set(get_args(PinningService))
    assert names - set(PINNERS) == set()
    assert set(PINNERS) - names == set()
    assert set(ABOUT) == names


def test_the_file_and_the_commands_take_every_service() -> None:
    for service in PINNERS:
        assert Storage(pin=service).pin == service  # type: ignore[arg-type]  # the test above
    assert f"<{'|'.join(get_args(PinningService))}>" in mint("pin", "--help").stdout


def test_each_library_is_an_extra_of_its_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    libraries = {name: pinner.library for name, pinner in PINNERS.items() if pinner.library}
    assert libraries == {"filebase": "boto3"}
    for service, library in libraries.items():
        (requirement,) = project["optional-dependencies"][service]
        assert requirement.startswith(library)
        assert not [line for line in project["dependencies"] if line.startswith(library)]


@pytest.fixture
def without_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)  # as if it were not installed


@pytest.mark.usefixtures("without_boto3")
def test_filebase_without_its_library_sends_nothing(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="needs boto3, which is not installed") as caught:
        list(pin_car(tmp_path / "absent.car", ["filebase"], {}, tmp_path / "pins.jsonl"))
    assert caught.value.hint == "pip install boto3"
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_nobody_keeps_is_on_record_as_published(tiny: Path) -> None:
    with tiny.open("a") as file:
        file.write("storage: {pin: pinata}\n")
    empty = b'{"data": {"files": []}}'

    def says(asked: Asked) -> Pieces:
        return [sized(len(empty)) + empty if asked.head.startswith("GET") else status(413)]

    with raw_server(says) as server:
        environ = {"PINATA_API": server.url, "PINATA_UPLOADS": server.url, "PINATA_JWT": "x"}
        with pytest.raises(PublishError, match="does not take an upload of this size") as caught:
            build(tiny, Options("publish", environ=environ), lambda *news: None)
    assert "mint pin FILE --to" in caught.value.hint
    folders, keepers, (pair,) = published(tiny, ["kubo"])
    assert (keepers, pair) == (("kubo",), (root_of(folders.car), folders.car))


@pytest.mark.usefixtures("without_boto3")
@pytest.mark.parametrize("until", STAGES[STAGES.index("publish") :])
def test_a_build_for_filebase_without_its_library_paints_nothing(tiny: Path, until: Stage) -> None:
    with tiny.open("a") as file:
        file.write("storage: {pin: filebase}\n")
    with pytest.raises(PublishError, match="needs boto3"):
        build(tiny, Options(until), lambda *news: None)
    assert not (tiny.parent / "build").exists()
    assert not (tiny.parent / ".mint").exists()
