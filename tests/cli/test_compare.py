"""`mint compare` as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builds import run
from tests.commands import mint_here as mint
from tests.conftest import edit


@pytest.fixture(scope="module")
def other(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same collection with more steps, unfinished."""
    home = tmp_path_factory.mktemp("other")
    file = home / "collection.yaml"
    file.write_bytes(built.read_bytes())
    edit(file, "steps: 2", "steps: 3")
    edit(file, "description: Six pictures, to test with.", f"description: {'long ' * 9}\\e[31m")
    run(file, until="render")
    return file


def test_two_builds_stand_side_by_side(built: Path, other: Path) -> None:
    before = _times(built.parent)

    text = mint("compare", str(built), str(other)).stdout

    lines = text.splitlines()
    assert [line[:3] for line in lines[:2]] == ["A  ", "B  "]
    assert str(built) in lines[0]
    assert lines[1].endswith(": Tiny")
    assert "  image.steps  2  3" in lines
    place = lines.index("  description")
    assert lines[place + 1] == "    A  Six pictures, to test with."
    assert "\x1b" not in text
    assert any(line.split() == ["tokens", "6", "6"] for line in lines)
    (seconds,) = (line.split() for line in lines if "seconds a picture" in line)
    assert all(float(each) > 0 for each in seconds[-2:])
    (network,) = (line.split() for line in lines if line.startswith("  network"))
    assert network == ["network", "local", "-"]
    assert _times(built.parent) == before


def test_json_holds_the_same(built: Path, other: Path) -> None:
    manifest = built.parent / "build/tiny/manifest.json"

    parts = json.loads(mint("compare", str(manifest), str(other), "--json").stdout)["parts"]

    lines = {line["name"]: line for part in parts for line in part["lines"]}
    assert lines["image.steps"] == {"name": "image.steps", "values": ["2", "3"]}
    # A manifest holds no clock.
    assert lines["seconds a picture, on this computer"]["values"][0] is None
    assert lines["different pictures (Vendi score)"]["values"][0] > 1


def test_a_third_build_stands_beside_them(built: Path, other: Path) -> None:
    lines = mint("compare", str(built), str(other), str(built)).stdout.splitlines()

    assert lines[2].startswith("C  ")
    assert any(line.split() == ["tokens", "6", "6", "6"] for line in lines)
    assert any(line.split() == ["image.steps", "2", "3", "2"] for line in lines)
    place = lines.index("  description")
    assert lines[place + 3] == "    C  Six pictures, to test with."


def test_what_was_not_built_says_what_to_do(tiny: Path, built: Path) -> None:
    assert "try: run mint build first" in mint("compare", str(built), str(tiny), code=1).stderr
    assert "is corrupt" in mint("compare", str(_spoilt(tiny)), str(built), code=1).stderr
    assert "No such file" in mint("compare", "nowhere.yaml", str(built), code=1).stderr


def _times(folder: Path) -> dict[Path, int]:
    """When each file was last written. SQLite's are not among them: whoever closes one last, which
    may be an earlier test's build, folds the log beside it into it, and changes their folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".sqlite" not in path.name)
    return {path: path.stat().st_mtime_ns for path in files}


def _spoilt(tiny: Path) -> Path:
    path = tiny.parent / "manifest.json"
    path.write_text("{}")
    return path
