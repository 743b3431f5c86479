"""The command, run as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def mint(
    *arguments: str, cwd: Path | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run `python -m mint` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "mint", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == code, done.stderr
    return done
