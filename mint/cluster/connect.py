"""`mint build --engine ray`: the Ray cluster that the options name, at work for one build.

Ray Core starts painters, carries calls and notices deaths (https://docs.ray.io/en/latest/ray-core);
Ray Data is no fit, since it composes batches itself, and the batch decides pixels.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from mint.cluster.crew import Crew, Rules
from mint.cluster.objects import folder_of, open_objects
from mint.cluster.painter import Assignment
from mint.cluster.pool import JOINING, Pool
from mint.cluster.ray_engine import RayEngine
from mint.cluster.workers import Share
from mint.errors import RenderError
from mint.models.weights import first_line
from mint.spec.collection import Collection
from mint.spec.yaml_source import Source
from mint.stages import OnRuntime, Progress, underway
from mint.store import Store, write

ANSWER = 5.0  # seconds that a cluster has to answer the door


class Cluster(NamedTuple):
    """Which cluster paints, as the options of the command say.

    `address` is Ray's (`host:6379`, or `auto` for the one that this machine belongs to), None what
    RAY_ADDRESS says, else a cluster of this machine alone. `cpus` are the cores of a painter, None
    one painter for each GPU. `objects` is where pictures go that all machines see, None the
    collection's own .mint.
    """

    address: str | None = None
    cpus: int | None = None
    objects: str | None = None


@contextmanager
def open_cluster(
    cluster: Cluster,
    collection: Collection,
    source: Source,
    store: Store,
    progress: Progress,
    warn: Callable[[str], None],
    on_runtime: OnRuntime,
) -> Iterator[RayEngine]:
    """The cluster at work for one build; raises RenderError where there is none.

    Painters end with the build. Pictures that they share stay where they are.
    """
    ray = _import_ray()
    objects = open_objects(cluster.objects) if cluster.objects else None
    folder = folder_of(cluster.objects) if cluster.objects else store.root.absolute()
    with underway(progress, "loading"):
        alone = _connect(ray, cluster.address)
    probes = store.root / "cluster"
    shutil.rmtree(probes, ignore_errors=True)  # of builds that were killed
    probe = probes / secrets.token_hex(8)
    crew = None
    try:
        write(probe, b"", durable=False)
        joining = 0.0 if alone else JOINING
        share = _share(ray, cluster.cpus, joining, warn)
        cores = None if share.gpus else share.cpus
        where = store.root.absolute(), f"{probes.name}/{probe.name}", str(folder or cluster.objects)
        assignment = Assignment(collection, source, *where, cores)
        engine = RayEngine(store, objects, collection, progress, on_runtime)
        rules = Rules(engine.memos, engine.refusal, warn)
        crew = Crew(ray, assignment, share, rules, joining)
        engine.pool = Pool(crew)
        yield engine
    except ray.exceptions.RayTaskError:  # a fault of ours on a painter, and no lost cluster
        raise
    except ray.exceptions.RayError as error:
        raise RenderError(
            f"the Ray cluster was lost: {first_line(error)}",
            hint="run the same command again; nothing is done twice",
        ) from error
    finally:
        if crew:
            crew.close()
        ray.shutdown()
        shutil.rmtree(probes, ignore_errors=True)


def _share(ray: Any, cpus: int | None, joining: float, warn: Callable[[str], None]) -> Share:
    """A GPU for each painter where there are GPUs, unless cores were asked for.

    Waits for the first machine that could paint, as long as machines have to join.
    """
    since, warned = time.monotonic(), False
    while True:
        resources = ray.cluster_resources()
        if cpus is None and resources.get("GPU", 0) >= 1:
            return Share(cpus=0, gpus=1)
        if resources.get("CPU", 0) >= 1 or time.monotonic() - since >= joining:
            return Share(cpus=cpus or 1, gpus=0)
        if not warned:
            warn("no machine of the cluster can paint yet: waiting for one to join")
            warned = True
        time.sleep(1)


def _connect(ray: Any, address: str | None) -> bool:
    """Be part of a cluster; whether it is one of this machine alone, made for this build."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    if where.startswith("ray://"):
        raise RenderError(
            f"{where} is the address of a Ray client, through which no build is driven",
            hint="name the cluster's own, such as host:6379, on a machine that belongs to it",
        )
    host, _, port = where.rpartition(":")
    more = {"include_dashboard": False} if where == "local" else {}
    try:
        if port.isdecimal():  # Ray itself asks for minutes where nobody answers
            socket.create_connection((host, int(port)), timeout=ANSWER).close()
        _silence()
        ray.init(address=where, log_to_driver=False, logging_level="error", **more)
    except Exception as error:  # Ray raises many kinds, ConnectionError and ValueError among them
        raise RenderError(
            f"cannot reach the Ray cluster at {where}: {first_line(error)}",
            hint="start one with `ray start --head`, or leave --address out to use this machine",
        ) from error
    return where == "local"


def _silence() -> None:
    """Keep what Ray's machines report off stdout, where results belong; the pool says it."""
    from ray._private import worker  # nothing public turns it off: log_to_driver does not

    worker.print_to_stdstream = lambda *message, **options: None


def _import_ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise RenderError(
            "painting on several machines needs Ray, which is not installed",
            hint='pip install "ray>=2.50" on every machine, beside mint',
        ) from error
    return ray
