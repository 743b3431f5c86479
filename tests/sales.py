"""A sale of collections/tiny: two phases, an airdrop, two payees."""

from __future__ import annotations

from pathlib import Path

from mint.chain.network import Chain
from tests.anvil_node import rpc
from tests.conftest import copy_collection

SALE = """sale:
  reveal_by: 2027-03-01T00:00Z
  airdrop: gifts.csv
  payees:
    - {address: '0x00000000000000000000000000000000000A11cE', bps: 9000}
    - {address: '0x0000000000000000000000000000000000000B0b', bps: 1000}
  phases:
    - {name: friends, start: 2027-01-01T00:00Z, price: '0.01', supply: 2, allowlist: friends.csv}
    - name: public
      start: 2027-01-02T00:00Z
      end: 2027-01-03T12:00:30+01:00
      price: '0.02'
      wallet_cap: 3
"""
OPENS, SECOND, ENDS = 1798761600, 1798848000, 1798974030  # Unix seconds of SALE's phases
ALICE = "0x00000000000000000000000000000000000A11cE"
# Anvil's accounts 1 and 2; everybody knows their keys.
BUYERS = [
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
]


def at_time(chain: Chain, time: int) -> None:
    """Anvil makes a block whose time that is."""
    rpc(chain, "evm_setNextBlockTimestamp", time)
    rpc(chain, "evm_mine")


def offered(folder: Path) -> Path:
    """collections/tiny with a sale, its lists beside it."""
    from eth_account import Account as Key  # half a second

    file = copy_collection("tiny", folder)
    file.write_text(file.read_text() + SALE)
    (file.parent / "gifts.csv").write_text(f"wallet,quantity\n{ALICE},1\n")
    listed = Key.from_key(BUYERS[0]).address
    (file.parent / "friends.csv").write_text(f"wallet,cap\n{listed},2\n{ALICE},1\n")
    return file
