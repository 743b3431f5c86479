"""Chains and a journal, new for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mint.chain.journal import Journal
from mint.chain.network import Chain, connect
from tests.anvil_node import anvil


@pytest.fixture(params=["local", pytest.param("anvil", marks=pytest.mark.anvil)])
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chain]:
    if request.param == "local":
        yield connect("local", tmp_path / "chain")
    else:
        with anvil() as url:
            yield connect(url, tmp_path / "chain")


@pytest.fixture
def still(tmp_path: Path) -> Iterator[Chain]:
    """An anvil that mines when a test tells it to."""
    with anvil("--no-mining") as url:
        yield connect(url, tmp_path / "chain")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()
