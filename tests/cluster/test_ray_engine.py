"""Two nodes paint what one machine paints, whatever befalls them."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from mint.errors import RenderError
from tests.builds import recorded
from tests.cluster.clusters import SUPPLY, Build, Nodes, collection, manifest_bytes
from tests.cluster.faults import alone, bucket, kill_a_painter, killed_driver, other_model
from tests.commands import mint_here
from tests.conftest import ROOT
from tests.killed_builds import renders


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    nodes = Nodes()
    yield nodes
    nodes.close()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The manifest of a build on this machine alone."""
    return alone(tmp_path_factory.mktemp("alone"))


def test_painters_and_machines_die_and_come(
    tmp_path: Path, nodes: Nodes, expected: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes.fill()
    capsys.readouterr()

    def exchange(each: Build) -> None:
        nodes.kill(nodes.nodes[0])
        nodes.add()

    befall = {4: kill_a_painter, 9: exchange}

    built = Build(collection(tmp_path), nodes.address).run(befall)

    assert manifest_bytes(built.file) == expected
    assert len(built.machines) >= 2
    assert built.again <= 2  # second answers, of calls that two painters had
    assert built.painted == SUPPLY
    lines = [line for line in built.about_painters() if "waiting" not in line]  # a busy machine
    assert all("stopped; another one paints" in line for line in lines), lines
    assert built.about_painters()
    assert capsys.readouterr().out == ""  # where results belong, and Ray reports deaths


def test_a_driver_that_was_killed_goes_on_while_the_bucket_fails(
    tmp_path: Path, nodes: Nodes, expected: bytes
) -> None:
    with bucket(nodes) as pause:
        built = killed_driver(nodes, tmp_path, "s3://pictures/many")
        before = renders(built.file)
        built.run({6: lambda each: threading.Thread(target=pause).start()})

    assert manifest_bytes(built.file) == expected
    assert built.painted == SUPPLY - before
    assert built.about_painters() == []


@pytest.mark.root
def test_machines_with_other_weights_or_a_full_disk_are_named(tmp_path: Path, nodes: Nodes) -> None:
    nodes.only()
    shared = tmp_path / "shared"
    shared.mkdir()
    model, other = other_model(nodes, tmp_path)
    built = Build(collection(tmp_path / "here", str(model)), nodes.address, f"file://{shared}")

    empty = tmp_path / "empty"
    empty.mkdir()
    without = nodes.apart(f"mount --bind {empty} {ROOT}/mint")

    def relieve(line: str) -> None:
        if len(built.about_painters()) == 3:  # else who is well has painted all before they begin
            nodes.add()

    built.heard = relieve

    with other, without, nodes.apart(f"mount -t tmpfs -o nr_inodes=1 tmpfs {shared}"):
        built.run()

    assert manifest_bytes(built.file) == alone(tmp_path / "alone", str(model))
    lines = sorted(built.about_painters())
    assert all(line.startswith("no longer painting on ") for line in lines)
    assert any("its model has other weights" in line for line in lines), lines
    assert any("No space left on device" in line for line in lines), lines
    assert any("No module named" in line for line in lines), lines
    assert len(lines) == 3


def test_a_batch_that_painters_die_of_ends_the_build(tmp_path: Path, nodes: Nodes) -> None:
    nodes.fill()
    built = Build(collection(tmp_path), nodes.address)
    ended = threading.Event()

    def kill_all() -> None:
        while not ended.wait(0.02):
            for worker in built.engine.pool.crew.ready if built.engines else ():
                if worker.calls and worker.introduction:
                    with suppress(ProcessLookupError):
                        os.kill(worker.introduction.process, signal.SIGKILL)

    killer = threading.Thread(target=kill_all)
    killer.start()
    try:
        with pytest.raises(RenderError, match="3 painters stopped at the same batch"):
            built.run()
    finally:
        ended.set()
        killer.join()


@pytest.mark.root
def test_machines_of_two_kinds_paint_where_the_artist_agrees(tmp_path: Path, nodes: Nodes) -> None:
    nodes.fill()
    nodes.only(nodes.nodes[0])
    info = tmp_path / "cpuinfo"
    info.write_text(
        "vendor_id : GenuineIntel\ncpu family : 6\nmodel : 1\nstepping : 1\nflags : avx2 fma\n\n"
    )
    file = collection(tmp_path / "here")
    file.write_text(file.read_text().replace("float64", "float32"))
    built = Build(file, nodes.address, on_runtime="mixed")

    with nodes.apart(f"mount --bind {info} /proc/cpuinfo"):
        built.run()

    manifest = recorded(file)
    devices = {runtime.device for runtime in manifest.runtimes.values()}
    assert len(devices) == 2
    assert "cpu Intel 6-1-1 AVX2" in devices
    used = Counter(token.recipe.runtime for token in manifest.tokens)
    assert sorted(used.values()) == [12, 12]
    assert built.again == 0
    again = Build(file, nodes.address, on_runtime="mixed").run()
    assert again.painted == 0
    assert recorded(file) == manifest


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
