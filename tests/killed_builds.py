"""Builds in child processes that tests kill.

The children are forked from a server that has imported the heavy libraries and computed nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from mint.build import Options, build
from mint.stages import Step
from tests import memos

FORK_SERVER = multiprocessing.get_context("forkserver")
FORK_SERVER.set_forkserver_preload(["tests.preload"])


def doomed(file: str, last: int, only: Step | None = None) -> None:
    """A build that kills itself at its `last`-th report of progress, or of one step's; 0 never."""
    left = last

    def count_down(step: Step, done: int, total: int) -> None:
        nonlocal left
        left -= only in (None, step)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    build(Path(file), Options(), count_down)


def start(file: Path, last: int, only: Step | None = None) -> ForkServerProcess:
    """A child that builds `file` and kills itself as `doomed` says."""
    process = FORK_SERVER.Process(target=doomed, args=(str(file), last, only))
    process.start()
    return process


def renders(file: Path) -> int:
    """Pictures in the store."""
    return len(memos.keys(file.parent / ".mint", "render"))
