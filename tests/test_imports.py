"""Imports go one way, heavy ones wait until they are needed, and collections/ holds only data."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree

import pytest

from tests.conftest import ROOT

HEAVY = {
    "torch",
    "diffusers",
    "transformers",
    "web3",
    "ray",
    "eth_tester",
    "ipfshttpclient",
    "ortools",
    "spandrel",
    "c2pa",
    "av",
}

# Each folder (or module beside them) may import those before it, type-only imports included.
ORDER = [
    # the ground
    *("errors", "document", "urls", "counting", "addresses", "merkle"),
    *("database", "memos", "store", "stages"),
    *("spec", "plan", "models", "paint", "curate"),
    *("ipfs", "chain", "record", "pinning"),
    *(
        "sale",
        "verify",
        "launch",
        "report",
        "preview",
        "inspectors",
        "estimates",
        "check",
        "audition",
    ),
    *("tryout", "retouch", "vary", "banner"),
    *("job", "cluster", "build", "cli", "__main__"),
]


def modules() -> list[Path]:
    return sorted((ROOT / "mint").rglob("*.py"))


def layer(path: Path) -> str:
    return path.relative_to(ROOT / "mint").with_suffix("").parts[0]


def imported(path: Path, *, everywhere: bool) -> set[str]:
    """Modules that `path` imports: at run time when it is imported, or anywhere at all."""
    tree = ast.parse(path.read_text())
    modules: set[str] = set()
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        typing_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        later = typing_only or isinstance(node, ast.FunctionDef)
        if node in skipped or (later and not everywhere):
            skipped.update(ast.walk(node))
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "mint":
            modules.update(f"mint.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
    return modules


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    own = layer(path)
    if own == "__init__":
        return
    for module in imported(path, everywhere=True):
        if module.startswith("mint."):
            other = module.split(".")[1]
            assert other == own or ORDER.index(other) < ORDER.index(own), f"{path} imports {module}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_imports_live_in_functions(path: Path) -> None:
    assert not {m.split(".")[0] for m in imported(path, everywhere=False)} & HEAVY


def loaded_by(*command: str) -> set[str]:
    """Top-level modules in sys.modules after `mint command`."""
    script = (
        "import sys\nfrom mint.cli import main\nsys.argv = ['mint', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n' + ' '.join({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_and_check_load_nothing_heavy(tiny: Path) -> None:
    assert not loaded_by("--help") & HEAVY
    assert not loaded_by("check", str(tiny)) & HEAVY
    assert not loaded_by("schema") & HEAVY


def test_what_needs_no_model_imports_none(built: Path, tmp_path: Path) -> None:
    file = copytree(built.parent, tmp_path / "copy") / built.name
    for command in (("build", str(file)), ("verify", "--sample", "0", str(file))):
        loaded = loaded_by(*command)
        assert "web3" in loaded  # it went on to the contract
        assert not loaded & {"torch", "diffusers", "transformers"}


def test_finding_the_models_of_the_demo_imports_none(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom mint.models.find import find_models\n"
        "from mint.spec.load import load\nfrom mint.store import Store\n"
        "find_models(*load(Path(sys.argv[1])), Store(Path(sys.argv[2])), 'refuse')\n"
        "assert not sys.modules.keys() & {'torch', 'diffusers', 'transformers'}"
    )
    demo = str(ROOT / "collections" / "menagerie" / "collection.yaml")
    subprocess.run([sys.executable, "-c", script, demo, str(tmp_path)], check=True)


def seconds(code: str) -> float:
    """The fastest of five runs of a Python process."""
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        times.append(time.perf_counter() - begin)
    return min(times)


def test_help_costs_at_most_three_times_typer() -> None:
    shown = "import sys; sys.argv = ['mint', '--help']\nfrom mint.cli import main\n"
    shown += "try:\n    main()\nexcept SystemExit:\n    pass"

    assert seconds(shown) <= 3 * seconds("import typer")


def test_no_test_file_is_imported() -> None:
    # What two test files share stands in a module of its own, or in conftest.py.
    named = re.compile(r"^\s*(?:from|import) .*\btest_\w+", re.MULTILINE)
    sources = [*(ROOT / "scripts").iterdir(), *(ROOT / "tests").rglob("*.py")]
    for path in sources:
        if path.is_file() and "node_modules" not in path.parts:
            assert not named.findall(path.read_text(encoding="utf-8")), path


def test_collections_is_no_package() -> None:
    # A .py file there would shadow the standard library's `collections`.
    assert not list((ROOT / "collections").rglob("*.py"))


def test_files_stay_short() -> None:
    long = {str(p): n for p in modules() if (n := len(p.read_text().splitlines())) > 250}
    assert not long
