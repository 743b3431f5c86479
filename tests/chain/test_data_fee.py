"""What a transaction's bytes cost on the parent chain, by the oracle of the network's line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.chain.data_fee import data_fees
from mint.chain.network import connect
from mint.chain.networks import NETWORKS
from tests.anvil_node import anvil, rpc

# An oracle that takes a gwei for each byte of what it is asked: CALLDATASIZE, MUL, RETURN.
GWEI_A_BYTE = "0x3663" + f"{10**9:08x}" + "025f5260205ff3"


@pytest.mark.anvil
def test_bytes_are_paid_for_where_a_parent_carries_them(tmp_path: Path) -> None:
    oracle = NETWORKS["base-sepolia"].oracle
    with anvil("--chain-id", "84532") as url:
        chain = connect(url, tmp_path)
        assert data_fees(chain, ["0x", "0x" + "ab" * 100]) == [0, 0]  # nobody says
        rpc(chain, "anvil_setCode", oracle, GWEI_A_BYTE)
        small, large = data_fees(chain, ["0x", "0x" + "ab" * 1000])
        assert 150 * 10**9 < small < 300 * 10**9
        assert large - small == pytest.approx(1000 * 10**9, rel=0.05)
        rpc(chain, "anvil_setCode", oracle, "0xfe")
        assert data_fees(chain, ["0x"]) == [0]


def test_nothing_is_paid_besides_gas_elsewhere(tmp_path: Path) -> None:
    assert data_fees(connect("local", tmp_path), ["0x00", "0x"]) == [0, 0]
