"""A small collection by the real model, built once, and copies of it to retouch."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mint.build import Options, build
from tests.retouch.easels import COLLECTION


@pytest.fixture(scope="session")
def sat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection after a build, for tests that leave it as it is."""
    file = tmp_path_factory.mktemp("sat") / "collection.yaml"
    file.write_text(COLLECTION)
    build(file, Options(until="publish"), lambda *news: None)
    return file


@pytest.fixture
def sitter(sat: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    home = tmp_path / "sitter"
    shutil.copytree(sat.parent, home)
    return home / sat.name
