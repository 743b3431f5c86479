"""docs/: derived pages are what their sources say, examples run, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("*.md")),
    ROOT / "contracts/README.md",
]


def test_format_and_commands_are_derived() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/docs", "--check"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_the_manifests_example_runs(built: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/manifest.md").read_text(), re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=built.parent,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The Only Robot {'One of one': ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_contributing_names_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    for name in re.findall(r"`([a-z_/]+\.(?:py|md))`", text):
        assert (ROOT / "mint" / name).exists() or (ROOT / name).exists(), name
    for name in re.findall(r"`(scripts/[a-z-]+)", text):
        assert (ROOT / name).exists(), name
