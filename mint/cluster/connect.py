"""`mint build --engine ray`: the Ray cluster that the options name, at work for one build.

Ray Core starts painters, carries calls and notices deaths (https://docs.ray.io/en/latest/ray-core);
Ray Data is no fit, since it composes batches itself, and the batch decides pixels.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from mint.cluster.hands import Share
from mint.cluster.objects import open_objects
from mint.cluster.painter import Commission
from mint.cluster.pool import Pool
from mint.cluster.ray_engine import RayEngine
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
    objects = open_objects(cluster.objects, store.root) if cluster.objects else None
    with underway(progress, "loading"):
        _connect(ray, cluster.address)
    seals = store.root / "cluster"
    shutil.rmtree(seals, ignore_errors=True)  # of builds that were killed
    seal = seals / secrets.token_hex(8)
    write(seal, b"", durable=False)
    pool = None
    try:
        share = _share(ray, cluster.cpus)
        cores = None if share.gpus else share.cpus
        where = store.root.absolute(), f"{seals.name}/{seal.name}", cluster.objects
        commission = Commission(collection, source, *where, cores)
        engine = RayEngine(store, objects, collection, progress, warn, on_runtime)
        pool = engine.pool = Pool(ray, commission, share, engine.memos, engine.refusal, warn)
        yield engine
    finally:
        if pool:
            pool.close()
        ray.shutdown()
        shutil.rmtree(seals, ignore_errors=True)


def _share(ray: Any, cpus: int | None) -> Share:
    """A GPU for each painter where there are GPUs, unless cores were asked for."""
    if cpus is None and ray.cluster_resources().get("GPU", 0) >= 1:
        return Share(cpus=0, gpus=1)
    return Share(cpus=cpus or 1, gpus=0)


def _connect(ray: Any, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    host, _, port = where.removeprefix("ray://").rpartition(":")
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
            hint='pip install "mint[ray]" on every machine',
        ) from error
    return ray
