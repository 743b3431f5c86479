"""Ray clusters of two nodes on this machine, builds on them, and what may befall a painter.

`python -m tests.cluster.clusters --times 20` lets each fault happen so often, and prints a table.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from mint.build import Options, build
from mint.cluster.ray_engine import Cluster, RayEngine, open_cluster
from mint.record.folders import read_manifest
from mint.record.manifest import Manifest
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.stages import Progress, Step
from mint.store import Store
from tests.builds import folders
from tests.conftest import ROOT
from tests.killed_builds import renders

SUPPLY = 24


class Nodes:
    """A head that paints nothing, and nodes of one painter each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster as RayCluster

        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        settings = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500,
                    "health_check_timeout_ms": 500, "health_check_failure_threshold": 3}  # fmt: skip
        head = {"num_cpus": 0, "include_dashboard": False, "_system_config": settings}
        self.cluster = RayCluster(initialize_head=True, head_node_args=head)
        self.address = str(self.cluster.address)
        self.nodes: list[Any] = []

    def add(self, **environ: str) -> Any:
        """One more machine, with these variables in its environment."""
        more = {"env_vars": environ} if environ else {}
        node = self.cluster.add_node(num_cpus=1, object_store_memory=80 * 2**20, **more)
        self.nodes.append(node)
        return node

    def kill(self, node: Any) -> None:
        """Power off a machine."""
        self.nodes.remove(node)
        self.cluster.remove_node(node, allow_graceful=False)

    def fill(self) -> None:
        """Have two machines."""
        while len(self.nodes) < 2:
            self.add()

    def close(self) -> None:
        self.cluster.shutdown()


class Build:
    """One build on a cluster; `befall` is called once, when so many pictures are painted."""

    def __init__(self, file: Path, address: str, objects: str | None = None) -> None:
        self.file, self.cluster = file, Cluster(address, 1, objects)
        self.warnings: list[str] = []
        self.engines: list[RayEngine] = []

    def about_painters(self) -> list[str]:
        """What the artist was told of painters."""
        return [line for line in self.warnings if "paint" in line and "collection.yaml" not in line]

    @property
    def engine(self) -> RayEngine:
        return self.engines[-1]

    @contextmanager
    def open(
        self, collection: Collection, source: Source, store: Store, progress: Progress, warn: Any
    ) -> Iterator[RayEngine]:
        with open_cluster(self.cluster, collection, source, store, progress, warn) as engine:
            self.engines.append(engine)
            yield engine

    def run(self, befall: Callable[[Build], None] | None = None, at: int = 6) -> Manifest:
        waiting = befall

        def hear(step: Step, done: int, total: int) -> None:
            nonlocal waiting
            if waiting and step == "painting" and done >= at:
                act, waiting = waiting, None
                act(self)

        options = Options(until="metadata", open_engine=self.open, warn=self.warnings.append)
        return build(self.file, options, hear)[0]


def collection(folder: Path, dtype: str = "float64", model: str = "atelier") -> Path:
    """A collection of small pictures, which no judge looks at."""
    file = folder / "collection.yaml"
    folder.mkdir(exist_ok=True)
    file.write_text(
        f"""truth: {{judge: off}}
name: Many
symbol: MANY
description: Pictures for several machines.
supply: {SUPPLY}
seed: 1
image:
  model: {model}
  prompt: "a {{Body}} {{Species}}, {{Headwear}}, {{Background}} background"
  steps: 2
  guidance_scale: 1
  scheduler: dpm++
  width: 64
  height: 64
  batch: 2
  dtype: {dtype}
traits:
  Species: {{fox: 1, cat: 1, bear: 1}}
  Body: {{orange: 1, blue: 1, pink: 1}}
  Headwear: {{none: 1, crown: 1, cap: 1}}
  Background: {{blue: 1, green: 1, gray: 1}}
"""
    )
    return file


def manifest_bytes(file: Path) -> bytes:
    return folders(file).manifest.read_bytes()


def kill_painter(built: Build) -> None:
    hand = built.engine.pool.ready()[0]
    assert hand.introduction
    os.kill(hand.introduction.process, signal.SIGKILL)


def killed_driver(file: Path, address: str) -> int:
    """`mint build` in a process of its own, killed among its pictures; how many it had painted."""
    command = [sys.executable, "-m", "mint", "build", str(file), "--until", "metadata"]
    command += ["--engine", "ray", "--address", address, "--cpus-per-painter", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    while renders(file) < 4:
        assert process.poll() is None, "the build ended before it was killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return renders(file)
