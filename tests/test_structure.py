"""scripts/structure counts what it says it counts."""

from __future__ import annotations

import textwrap
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def structure() -> ModuleType:
    loader = SourceFileLoader("structure", str(ROOT / "scripts" / "structure"))
    spec = spec_from_loader("structure", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def package(folder: Path) -> Path:
    """Two folders that import each other, one of them for its types only."""
    files = {
        "__init__.py": "",
        "ground.py": "def keep(told): return told  # held and kept",
        "low/__init__.py": "",
        "low/one.py": "from mint import ground\nfrom mint.low.two import b",
        "low/two.py": """
            from typing import TYPE_CHECKING
            if TYPE_CHECKING:
                from mint.high import top
            def b(found_by: int) -> int:

                return 1
        """,
        "high/__init__.py": "",
        "high/top.py": "import mint.low.one\nfrom mint.low import two",
    }
    for name, text in files.items():
        (folder / "mint" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "mint" / name).write_text(textwrap.dedent(text))
    return folder / "mint"


def test_a_small_package(structure: ModuleType, tmp_path: Path) -> None:
    text = "\n".join(structure.report(package(tmp_path)))

    assert "modules: 7, in 2 folders; beside them 1\n  high 2, low 3\n  ground\n" in text
    assert "longest import chain: 4 modules" in text
    assert "arrows between folders: 3 distinct, 4 imports" in text
    assert "circles of folders: 2 (high, low)" in text
    assert "circles of modules: 3 (high.top, low.one, low.two)" in text
    assert "functions: 2\n  lines: median 2, 90th percentile 3\n  longest: 3, low.two.b" in text
    assert "identifiers: 3 (told 2, found 1," in text
    assert "in all: 5 (told 2, found 1, held 1, made 0, shown 0, asked 0, kept 1," in text


@pytest.mark.parametrize(
    ("graph", "chain", "circles"),
    [
        ({1: set()}, [1], []),
        ({1: {2, 3}, 2: {3}, 3: set()}, [1, 2, 3], []),
        ({1: {2}, 2: {1, 3}, 3: {4}, 4: set()}, [1, 2, 3, 4], [{1, 2}]),
    ],
)
def test_chains_and_circles(
    structure: ModuleType, graph: dict[int, set[int]], chain: list[int], circles: list[set[int]]
) -> None:
    assert structure.longest_chain(graph) == chain
    assert structure.circles(graph) == circles
