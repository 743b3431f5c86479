"""Ray clusters of two nodes on this machine, builds on them, and an S3 server for pictures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mint.build import Options, build
from mint.cluster.connect import Cluster, open_cluster
from mint.cluster.ray_engine import RayEngine
from mint.stages import OnRuntime, Step
from tests.builds import folders

SUPPLY = 24


class Nodes:
    """A head that paints nothing, and nodes of one painter each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster as RayCluster

        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        # A machine that answers no more is gone after two seconds, one that is busy after ten.
        health = {"initial_delay": 0, "period": 500, "timeout": 2500}
        settings = {f"health_check_{name}_ms": each for name, each in health.items()}
        settings["health_check_failure_threshold"] = 4
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

    @contextmanager
    def apart(self, *mounts: str) -> Iterator[None]:
        """One more machine that sees other files than the rest: `mounts` are shell commands."""
        ray = Path(sys.executable).with_name("ray")
        start = f"exec {ray} start --address={self.address} --num-cpus=1 --block"
        more = "--object-store-memory=80000000 --disable-usage-stats --log-style=record"
        command = ["unshare", "-m", "sh", "-c", " && ".join([*mounts, f"{start} {more}"])]
        before = self.alive()
        process = subprocess.Popen(
            command,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            # Not by their number: one that was killed before may be noticed just now.
            while not self.alive() - before:
                assert process.poll() is None, "the machine did not start"
                time.sleep(0.1)
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def alive(self) -> set[str]:
        """The machines that Ray knows to be there."""
        import ray

        ray.init(address=self.address, log_to_driver=False, logging_level="error")
        try:
            return {node["NodeID"] for node in ray.nodes() if node["Alive"]}
        finally:
            ray.shutdown()

    def kill(self, node: Any) -> None:
        """Power off a machine; Ray notices after a while."""
        self.nodes.remove(node)
        self.cluster.remove_node(node, allow_graceful=False)

    def only(self, *nodes: Any) -> None:
        """Power off all other machines, and wait until Ray has noticed."""
        for other in [node for node in self.nodes if node not in nodes]:
            self.kill(other)
        self.cluster.wait_for_nodes()

    def fill(self) -> None:
        """Have two machines."""
        while len(self.nodes) < 2:
            self.add()

    def close(self) -> None:
        self.cluster.shutdown()


class Build:
    """One build on a cluster, and what the pool of painters was told and answered."""

    def __init__(
        self,
        file: Path,
        address: str,
        objects: str | None = None,
        on_runtime: OnRuntime = "refuse",
    ) -> None:
        self.file, self.cluster = file, Cluster(address, 1, objects)
        self.on_runtime = on_runtime
        self.warnings: list[str] = []
        self.heard: Callable[[str], object] = lambda line: None  # what else hears of each
        self.engines: list[RayEngine] = []
        self.painted = 0  # pictures
        self.machines: set[str] = set()  # whose batches were

    @property
    def engine(self) -> RayEngine:
        return self.engines[-1]

    @property
    def again(self) -> int:
        """Batches that were painted, and whose pictures were there already."""
        return sum(map(len, self.engine.pool.seconds.values())) - len(self.engine.pool.marks)

    def warn(self, line: str) -> None:
        self.warnings.append(line)
        self.heard(line)

    def about_painters(self) -> list[str]:
        """What the artist was told of painters."""
        return [line for line in self.warnings if "paint" in line and "collection.yaml" not in line]

    @contextmanager
    def open(self, *parts: Any) -> Iterator[RayEngine]:
        with open_cluster(self.cluster, *parts) as engine:
            self.engines.append(engine)
            yield engine

    def run(self, befall: Mapping[int, Callable[[Build], object]] | None = None) -> Build:
        """Build; each of `befall` is called once, when so many pictures are painted."""
        waiting = dict(befall or {})

        def hear(step: Step, done: int, total: int) -> None:
            if step != "painting":
                return
            self.machines |= {worker.node for worker in self.engine.pool.crew.ready}
            self.painted += done > 0
            for number in [number for number in waiting if done >= number]:
                waiting.pop(number)(self)

        options = Options(
            until="metadata",
            open_engine=self.open,
            warn=self.warn,
            on_runtime=self.on_runtime,
        )
        build(self.file, options, hear)
        return self


def collection(folder: Path, model: str = "atelier") -> Path:
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
  dtype: float64
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


@contextmanager
def s3_server() -> Iterator[tuple[dict[str, str], Callable[[], None]]]:
    """An S3 server with a bucket `pictures`: the environment that leads there, and a pause.

    During the pause, of two seconds, it answers that it is not available.
    """
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environ = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "k",
               "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
    client: Any = boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1",
        aws_access_key_id="k", aws_secret_access_key="s",
    )  # fmt: skip
    client.create_bucket(Bucket="pictures")
    assert server._server
    serving: Any = server._server

    def pause() -> None:
        app = serving.app

        def away(environ: Any, start: Any) -> list[bytes]:
            start("503 Service Unavailable", [("Content-Length", "0")])
            return []

        # Its port is not let go: another test's server could get it.
        serving.app = away
        time.sleep(2)
        serving.app = app

    try:
        yield environ, pause
    finally:
        server.stop()
