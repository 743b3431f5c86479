"""Two nodes paint what one machine paints, whatever befalls them."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from mint.build import Options, build
from tests.cluster.clusters import (
    SUPPLY,
    Build,
    Nodes,
    collection,
    kill_painter,
    killed_driver,
    manifest_bytes,
    s3_server,
)
from tests.commands import mint_here
from tests.conftest import ROOT


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
    hands: set[str] = set()

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


def test_pictures_go_through_a_bucket_that_fails_for_a_while(
    tmp_path: Path, nodes: Nodes, expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server() as (environ, pause):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        machines = [nodes.add(**environ) for _ in range(2)]
        for other in nodes.nodes[:-2]:
            nodes.kill(other)
        built = Build(collection(tmp_path), nodes.address, "s3://pictures/many")

        built.run(lambda each: threading.Thread(target=pause).start())

        for machine in machines:
            nodes.kill(machine)
    assert manifest_bytes(built.file) == expected
    assert built.about_painters() == []


@pytest.mark.root
def test_a_machine_with_other_weights_is_refused_and_named(
    tmp_path: Path, two: Nodes, family: Callable[[str], Path]
) -> None:
    model, other = tmp_path / "model", tmp_path / "other"
    shutil.copytree(family("sd"), model)
    shutil.copytree(model, other)
    weights = other / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    file = collection(tmp_path / "here", model=str(model))
    built = Build(file, two.address)

    with two.apart(f"mount --bind {other} {model}"):
        built.run()

    (line,) = built.about_painters()
    assert "no longer painting on" in line
    assert "its model has other weights" in line
    alone = collection(tmp_path / "alone", model=str(model))
    build(alone, Options(until="metadata"), lambda *news: None)
    assert manifest_bytes(file) == manifest_bytes(alone)


@pytest.mark.root
def test_a_machine_whose_disk_is_full_paints_no_more(
    tmp_path: Path, two: Nodes, expected: bytes
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    built = Build(collection(tmp_path / "here"), two.address, f"file://{shared}")

    with two.apart(f"mount -t tmpfs -o size=4k tmpfs {shared}"):
        built.run()

    assert manifest_bytes(built.file) == expected
    (line,) = built.about_painters()
    assert "no longer painting on" in line
    assert "No space left on device" in line or "does not arrive here" in line


def test_the_recipe_for_a_cloud_holds_by_rays_own_schema() -> None:
    import jsonschema
    import ray

    schema = Path(ray.__file__).parent / "autoscaler" / "ray-schema.json"
    recipe = yaml.safe_load((ROOT / "docs" / "cluster" / "aws.yaml").read_bytes())

    jsonschema.validate(recipe, json.loads(schema.read_bytes()))
    assert recipe["head_node_type"] in recipe["available_node_types"]


def test_options_of_a_cluster_go_with_it(tiny: Path) -> None:
    result = mint_here("build", str(tiny), "--address", "auto", code=2)

    assert "it goes with --engine ray" in result.stderr


def test_a_cluster_that_is_not_there_is_named(tiny: Path) -> None:
    options = ["--engine", "ray", "--address", "127.0.0.1:1", "--until", "render"]
    result = mint_here("build", str(tiny), *options, code=1)

    assert "cannot reach the Ray cluster at 127.0.0.1:1" in result.stderr
    assert "try: start one with `ray start --head`" in result.stderr
