"""A short part of scripts/attack-sender: nobody gets more or less than the list says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chain.sender_attacks import ATTACKS, Stage, stage

SHORT = (
    "several of these at once",
    "another program takes a nonce",
    "gifts.csv edited between runs",
    "two folders, one key, at once",
)
pytestmark = pytest.mark.anvil


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("attacked"), seed=7) as ready:
        yield ready


@pytest.mark.parametrize("name", SHORT)
def test_everybody_gets_what_the_list_says(attacked: Stage, name: str) -> None:
    outcome = ATTACKS[name](attacked)
    assert (outcome.extra, outcome.missing) == (0, 0)
