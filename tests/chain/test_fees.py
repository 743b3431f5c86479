"""What a transaction pays where another of ours has its nonce."""

from __future__ import annotations

import pytest

from mint.chain.gas import outbid
from mint.errors import ChainError

GWEI = 10**9


def test_another_at_the_same_nonce_is_outbid_within_the_bound_of_the_artist() -> None:
    fees = {"maxFeePerGas": 10 * GWEI, "maxPriorityFeePerGas": GWEI}
    older = {"maxFeePerGas": 16 * GWEI, "maxPriorityFeePerGas": GWEI}

    assert outbid(fees, [], bound=5 * GWEI) == fees
    dearer = outbid(fees, [older], bound=20 * GWEI)
    assert dearer == {"maxFeePerGas": 18 * GWEI + 1, "maxPriorityFeePerGas": GWEI * 9 // 8 + 1}
    with pytest.raises(ChainError, match=r"more than 18 gwei: 18\.000000001 are needed"):
        outbid(fees, [older], bound=18 * GWEI)
