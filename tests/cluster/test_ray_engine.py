"""Two nodes paint what one machine paints, whatever befalls them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mint.build import Options, build
from tests.cluster.clusters import (
    SUPPLY,
    Build,
    Nodes,
    collection,
    kill_painter,
    killed_driver,
    manifest_bytes,
)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    nodes = Nodes()
    yield nodes
    nodes.close()


@pytest.fixture
def two(nodes: Nodes) -> Nodes:
    nodes.fill()
    return nodes


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The manifest of a build on this machine alone."""
    file = collection(tmp_path_factory.mktemp("alone"))
    build(file, Options(until="metadata"), lambda *news: None)
    return manifest_bytes(file)


def test_the_manifest_is_that_of_one_machine(tmp_path: Path, two: Nodes, expected: bytes) -> None:
    built = Build(collection(tmp_path), two.address)
    hands = set()

    built.run(lambda each: hands.update(hand.node for hand in each.engine.pool.ready()))

    assert manifest_bytes(built.file) == expected
    assert len(hands) == 2
    assert built.about_painters() == []


def test_a_painter_that_is_killed_costs_nothing(
    tmp_path: Path, two: Nodes, expected: bytes
) -> None:
    built = Build(collection(tmp_path), two.address)

    built.run(kill_painter)

    assert manifest_bytes(built.file) == expected
    assert "stopped; another one paints what it had" in built.about_painters()[0]


def test_a_machine_that_is_gone_and_one_that_comes(
    tmp_path: Path, two: Nodes, expected: bytes
) -> None:
    built = Build(collection(tmp_path), two.address)

    def befall(each: Build) -> None:
        two.add()
        two.kill(two.nodes[0])

    built.run(befall)

    assert manifest_bytes(built.file) == expected
    assert any("stopped" in line for line in built.about_painters())


def test_a_driver_that_is_killed_goes_on(tmp_path: Path, two: Nodes, expected: bytes) -> None:
    file = collection(tmp_path)

    before = killed_driver(file, two.address)
    built = Build(file, two.address)
    built.run()

    assert manifest_bytes(file) == expected
    assert len(built.engine.pool.seconds) <= (SUPPLY - before) // 2 + 2
