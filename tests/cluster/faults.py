"""What may befall a build on a cluster, each made to happen to real Ray nodes.

`python -m tests.cluster.faults --times 20` lets each happen so often, and prints what came of it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from mint.build import Options, build
from tests.cluster.clusters import Build, Nodes, collection, manifest_bytes, s3_server
from tests.conftest import ROOT
from tests.families import FAMILIES
from tests.killed_builds import renders


class Fault(NamedTuple):
    """A build to which something happens; `says` is what the artist reads of it, if anything."""

    befall: Callable[[Nodes, Path], Build]
    says: str = ""


def kill_a_painter(each: Build) -> None:
    """SIGKILL, as the kernel sends where memory runs out."""
    worker = each.engine.pool.crew.ready[0]
    assert worker.introduction
    os.kill(worker.introduction.process, signal.SIGKILL)


def killed_painter(nodes: Nodes, folder: Path) -> Build:
    return Build(collection(folder), nodes.address).run({6: kill_a_painter})


def machine_gone(nodes: Nodes, folder: Path) -> Build:
    """A machine without power."""
    gone = {6: lambda each: nodes.kill(nodes.nodes[0])}
    return Build(collection(folder), nodes.address).run(gone)


def machine_added(nodes: Nodes, folder: Path) -> Build:
    """One machine, and a second one while the first paints."""
    nodes.only(nodes.nodes[0])
    return Build(collection(folder), nodes.address).run({1: lambda each: nodes.fill()})


def killed_driver(nodes: Nodes, folder: Path, objects: str | None = None) -> Build:
    """`mint build` killed in the middle; then what goes on."""
    file = collection(folder)
    command = [sys.executable, "-m", "mint", "build", str(file), "--until", "metadata"]
    command += ["--engine", "ray", "--address", nodes.address, "--cpus-per-painter", "1"]
    command += ["--objects", objects] if objects else []
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    while renders(file) < 4:
        assert process.poll() is None, "the build ended before it was killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return Build(file, nodes.address, objects)


@contextmanager
def bucket(nodes: Nodes) -> Iterator[Callable[[], None]]:
    """Two machines that share the bucket s3://pictures; what is yielded stops it for a while."""
    with s3_server() as (environ, pause), patch.dict(os.environ, environ):
        machines = [nodes.add(**environ) for _ in range(2)]
        nodes.only(*machines)
        yield pause
        nodes.only()


def failing_store(nodes: Nodes, folder: Path) -> Build:
    """The bucket in which machines share pictures is away for two seconds."""
    with bucket(nodes) as pause:
        built = Build(collection(folder), nodes.address, "s3://pictures/many")
        return built.run({6: lambda each: threading.Thread(target=pause).start()})


def other_model(nodes: Nodes, folder: Path) -> tuple[Path, AbstractContextManager[None]]:
    """A model, and a machine that has it with one bit changed."""
    model, other = folder / "model", folder / "other"
    FAMILIES["sd"](model)
    shutil.copytree(model, other)
    weights = other / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    return model, nodes.apart(f"mount --bind {other} {model}")


def other_weights(nodes: Nodes, folder: Path) -> Build:
    """A third machine whose model differs in a bit."""
    model, machine = other_model(nodes, folder)
    with machine:
        return Build(collection(folder / "here", str(model)), nodes.address).run()


def full_disk(nodes: Nodes, folder: Path) -> Build:
    """A third machine that has no room for a picture."""
    shared = folder / "shared"
    shared.mkdir()
    built = Build(collection(folder / "here"), nodes.address, f"file://{shared}")
    with nodes.apart(f"mount -t tmpfs -o nr_inodes=1 tmpfs {shared}"):
        return built.run()


FAULTS = {
    "a painter killed": Fault(killed_painter, "stopped; another one paints what it had"),
    "a machine gone": Fault(machine_gone, "stopped; another one paints what it had"),
    "a machine added": Fault(machine_added),
    "the driver killed": Fault(lambda nodes, folder: killed_driver(nodes, folder).run()),
    "a store that fails for a while": Fault(failing_store),
    "other weights": Fault(other_weights, "its model has other weights"),
    "a full disk": Fault(full_disk, "No space left on device"),
}


def alone(folder: Path, model: str = "atelier") -> bytes:
    """The manifest of a build of the same collection on this machine alone."""
    file = collection(folder, model)
    build(file, Options(until="metadata"), lambda *news: None)
    return manifest_bytes(file)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS))
    options = parser.parse_args()
    nodes = Nodes()
    print("| what happens | times | the same manifest | said so | second answers | seconds |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        expected = alone(Path(home) / "alone")
        for name in options.only:
            same, named, again, began = 0, 0, 0, time.monotonic()
            for time_ in range(options.times):
                nodes.fill()
                folder = Path(home) / f"{time_}"
                folder.mkdir()
                built = FAULTS[name].befall(nodes, folder)
                model = folder / "model"
                whole = alone(folder / "alone", str(model)) if model.exists() else expected
                same += manifest_bytes(built.file) == whole
                says = FAULTS[name].says
                named += not says or any(says in line for line in built.about_painters())
                again += built.again
                shutil.rmtree(folder)
            seconds = (time.monotonic() - began) / options.times
            print(
                f"| {name} | {options.times} | {same} | {named} | {again} | {seconds:.1f} |",
                flush=True,
            )
    nodes.close()


if __name__ == "__main__":
    main()
