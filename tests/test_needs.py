"""A test whose browser is missing is skipped and says what to do; in CI it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(("ci", "code", "outcome"), [("", 0, "1 skipped"), ("true", 1, "1 error")])
def test_a_missing_browser(tmp_path: Path, ci: str, code: int, outcome: str) -> None:
    test = "tests/report/test_browser.py::test_every_picture_is_drawn"
    # Otherwise it would count as a worker of the run that this test is a part of.
    outer = ("PYTEST_XDIST_WORKER", "SLIPCOVER_ENABLED")
    bare = {key: value for key, value in os.environ.items() if key not in outer}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test],
        cwd=ROOT,
        env=bare | {"PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
    )

    assert outcome in done.stdout, done.stdout
    assert "no chromium on PATH: `scripts/test` installs it" in done.stdout
    assert done.returncode == code
