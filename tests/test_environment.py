"""scripts/environment: an interrupted first run is made whole, and a wrong Python is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def environment(folder: Path, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts" / "environment"), str(folder)],
        env=os.environ | {"PYTHON": python},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_what_was_cut_off_is_made_anew_and_what_is_whole_stays(tmp_path: Path) -> None:
    folder = tmp_path / "an environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    assert environment(folder).returncode == 0
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--version"]
    assert subprocess.run(pip, capture_output=True, check=True).stdout.startswith(b"pip ")
    (folder / "mine").touch()
    assert environment(folder, "no-such-python").returncode == 0
    assert (folder / "mine").exists()


def test_a_python_that_does_not_fit_is_named(tmp_path: Path) -> None:
    for python in ("no-such-python", "false"):
        refusal = environment(tmp_path / "environment", python)
        assert refusal.returncode == 1
        assert f"mint needs Python 3.11 to 3.13, and {python} is none of them" in refusal.stderr
        assert not (tmp_path / "environment").exists()
