"""The committed artefact is what solc makes of the sources, and forge agrees with the contract."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mint.chain.artefact import artefact
from tests.anvil_node import MODULES, binary

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "compile-contracts"
FILES = ("FairMint.json", "FairMint.input.json", "FairSale.json", "FairSale.input.json")
pytestmark = pytest.mark.node  # solc is JavaScript, and forge comes from npm


def run(*arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    binary("forge")  # says what to run when contracts/node_modules is missing
    command = [sys.executable, str(root / "scripts" / "compile-contracts"), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The contracts, script and artefact somewhere else, over the same node_modules."""
    binary("forge")
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    ignored = shutil.ignore_patterns("node_modules", "out", "cache")
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts", ignore=ignored)
    (tmp_path / "contracts" / "node_modules").symlink_to(MODULES)
    (tmp_path / "mint" / "chain").mkdir(parents=True)
    for file in FILES:
        shutil.copy(ROOT / "mint" / "chain" / file, tmp_path / "mint" / "chain")
    return tmp_path


def test_artefact_is_what_solc_makes_of_the_sources(copy: Path) -> None:
    """Made again, in another folder: the same bytes."""
    records = [copy / "mint" / "chain" / file for file in FILES]
    for file in records:
        file.write_bytes(b"")
    done = run(root=copy)
    assert done.returncode == 0, done.stderr
    for file in records:
        assert file.read_bytes() == (ROOT / "mint" / "chain" / file.name).read_bytes()


@pytest.mark.parametrize(("name", "stale"), [("Collection", "FairMint"), ("FairSale", "FairSale")])
def test_changed_source_is_noticed(copy: Path, name: str, stale: str) -> None:
    source = copy / "contracts" / "src" / f"{name}.sol"
    source.write_text(source.read_text() + "// changed")
    done = run("--check", root=copy)
    assert done.returncode == 1
    assert f"sources changed since {stale}.json" in done.stderr


def test_changed_code_is_noticed(copy: Path) -> None:
    file = copy / "mint" / "chain" / "FairMint.json"
    record = json.loads(file.read_bytes())
    record["bytecode"] = record["bytecode"].replace("6080", "6081", 1)
    file.write_text(json.dumps(record))
    done = run("--check", root=copy)
    assert done.returncode == 1
    assert "is not what solc makes" in done.stderr


def test_another_input_is_noticed(copy: Path) -> None:
    (copy / "mint" / "chain" / "FairMint.input.json").write_text("{}")
    done = run("--check", root=copy)
    assert done.returncode == 1
    assert "FairMint.input.json is not what solc is given" in done.stderr


def test_wrong_usage_is_refused() -> None:
    assert "usage:" in run("--chekc").stderr


def test_contract_passes_its_own_suite() -> None:
    done = run("--forge", "test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed; 0 skipped" in done.stdout


@pytest.mark.parametrize(("name", "most"), [("FairMint", 8_000), ("FairSale", 15_400)])
def test_artefact_holds_only_code_and_how_it_was_made(name: str, most: int) -> None:
    record = artefact(name)
    assert set(record) == {"name", "abi", "bytecode", "deployed_bytecode"} | {
        "compiler",
        "settings",
        "source_digest",
        "immutables",
    }
    assert record["name"] == name
    assert record["compiler"].startswith("0.8.37+commit.")
    assert record["settings"]["optimizer"] == {"enabled": True, "runs": 200}
    size = len(bytes.fromhex(record["deployed_bytecode"][2:]))
    assert size < most < 24_576  # EIP-170


def test_every_custom_error_is_tested() -> None:
    """One revert, one forge test."""
    read = [each.read_text("utf-8") for each in (ROOT / "contracts" / "test").glob("*.t.sol")]
    tested = "\n".join(read)
    ours = 0
    for source in sorted((ROOT / "contracts" / "src").glob("*.sol")):
        for name in re.findall(r"^ +error (\w+)\(", source.read_text("utf-8"), re.MULTILINE):
            ours += 1
            assert f"{source.stem}.{name}.selector" in tested, name
    assert ours == 48
