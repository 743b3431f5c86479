"""What a transaction may use and pays: its gas limit and its EIP-1559 fees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.network import Chain

GAS_CAP = 2**24  # per transaction, EIP-7825
_GWEI = 10**9
_CEILING = 2_000 * _GWEI
# Fixed, so that the local chain gives the same hashes to the same actions.
_LOCAL = {"maxFeePerGas": 100 * _GWEI, "maxPriorityFeePerGas": _GWEI}


def complete(chain: Chain, sender: str, nonce: int, tx: dict[str, Any]) -> dict[str, Any]:
    """`tx` with everything a signature covers.

    Raises web3's exceptions when the node cannot estimate it, ChainError when it exceeds GAS_CAP.
    """
    gas = GAS_CAP if chain.local else _limit(chain, sender, tx)
    fees = _LOCAL if chain.local else _sane(_market(chain))
    known = {"type": 2, "chainId": chain.chain_id, "nonce": nonce, "gas": gas, "value": 0}
    return {**known, **fees, **tx}


def raised(chain: Chain, fields: dict[str, Any]) -> dict[str, Any]:
    """The same transaction with both fees an eighth higher: geth replaces from a tenth on."""
    market = _market(chain)
    fees = {name: max(market[name], fields[name] * 9 // 8 + 1) for name in market}
    return {**fields, **_sane(fees)}


def _sane(fees: dict[str, int]) -> dict[str, int]:
    if fees["maxFeePerGas"] > _CEILING:
        raise ChainError(f"gas costs more than {_CEILING // _GWEI:,} gwei", hint="try later")
    return fees


def _limit(chain: Chain, sender: str, tx: dict[str, Any]) -> int:
    call: Any = {"from": sender, **tx}
    estimate = chain.web3.eth.estimate_gas(call)
    if estimate > GAS_CAP:
        raise ChainError(
            f"{estimate:,} gas are more than the {GAS_CAP:,} a transaction may use",
            hint="shorten the collection's texts",
        )
    return min(GAS_CAP, estimate * 6 // 5)  # earlier transactions of its block may make it dearer


def _market(chain: Chain) -> dict[str, int]:
    """Fees in wei per gas that stay good while the base fee doubles (EIP-1559)."""
    tip = int(chain.web3.eth.max_priority_fee)
    base = int(chain.web3.eth.get_block("latest")["baseFeePerGas"])
    return {"maxFeePerGas": 2 * base + tip, "maxPriorityFeePerGas": tip}
