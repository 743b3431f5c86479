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


def complete(
    chain: Chain, sender: str, nonce: int, tx: dict[str, Any], bound: int | None = None
) -> dict[str, Any]:
    """`tx` with everything a signature covers; it pays at most `bound` wei per gas.

    Raises web3's exceptions when the node cannot estimate it, ChainError when it exceeds GAS_CAP
    or the bound.
    """
    gas = GAS_CAP if chain.local else _limit(chain, sender, tx)
    fees = _LOCAL if chain.local else _first(chain, bound)
    fields = {"type": 2, "chainId": chain.chain_id, "nonce": nonce, "gas": gas, "value": 0}
    return {**fields, **fees, **tx}


def raised(chain: Chain, fields: dict[str, Any], bound: int | None = None) -> dict[str, Any]:
    """The same transaction with both fees an eighth higher: geth replaces from a tenth on.

    Raises ChainError when that is more than `bound` wei per gas.
    """
    market = market_fees(chain)
    least = {name: fields[name] * 9 // 8 + 1 for name in market}
    fees = {name: max(market[name], least[name]) for name in market}
    if fees["maxFeePerGas"] > (most := bound or _CEILING):
        # The market's fee leaves room for a base fee that doubles: less of it may do.
        fees["maxFeePerGas"] = most
        if least["maxFeePerGas"] > most or _going_price(chain) > most:
            raise _too_dear(max(least["maxFeePerGas"], _going_price(chain)), most)
    fees["maxPriorityFeePerGas"] = min(fees.values())
    return {**fields, **fees}


def _first(chain: Chain, bound: int | None) -> dict[str, int]:
    fees, most = market_fees(chain), bound or _CEILING
    if fees["maxFeePerGas"] > most:
        if (price := _going_price(chain)) > most:
            raise _too_dear(price, most)
        fees["maxFeePerGas"] = most
        fees["maxPriorityFeePerGas"] = min(fees.values())
    return fees


def _too_dear(price: int, most: int) -> ChainError:
    return ChainError(
        f"gas costs more than {_gwei(most)} gwei: {_gwei(price)} are needed",
        hint="run the same command again when the chain is less busy, or allow more by setting "
        "MINT_MAX_FEE_GWEI; nothing is sent twice",
    )


def _gwei(wei: int) -> str:
    return f"{wei / _GWEI:,.9f}".rstrip("0").rstrip(".")


def _limit(chain: Chain, sender: str, tx: dict[str, Any]) -> int:
    estimate = estimate_gas(chain, {"from": sender, **tx})
    if estimate > GAS_CAP:
        raise ChainError(
            f"{estimate:,} gas are more than the {GAS_CAP:,} a transaction may use",
            hint="to deploy, shorten the collection's texts; to give or refund many tokens, name "
            "fewer at a time",
        )
    return limit_of(estimate)


def limit_of(gas: int) -> int:
    """The gas limit of a transaction that would use `gas`: its block may make it dearer."""
    return min(GAS_CAP, gas * 6 // 5)


def estimate_gas(chain: Chain, call: Any) -> int:
    """Gas in the block that will be mined next: a contract may compare its time.

    The newest block can be hours old, on a fresh anvil 50 years.
    """
    from web3.exceptions import Web3Exception

    try:
        return int(chain.web3.eth.estimate_gas(call, "pending"))
    except Web3Exception:
        # Some nodes know no pending block. What is wrong on the newest one is wrong for good.
        return int(chain.web3.eth.estimate_gas(call, "latest"))


def _going_price(chain: Chain) -> int:
    """What a transaction must offer to be in the next block, in wei per gas."""
    base = int(chain.web3.eth.get_block("latest")["baseFeePerGas"])
    return base * 9 // 8 + 1 + int(chain.web3.eth.max_priority_fee)


def market_fees(chain: Chain) -> dict[str, int]:
    """Fees in wei per gas that stay good while the base fee doubles (EIP-1559)."""
    tip = int(chain.web3.eth.max_priority_fee)
    base = int(chain.web3.eth.get_block("latest")["baseFeePerGas"])
    return {"maxFeePerGas": 2 * base + tip, "maxPriorityFeePerGas": tip}


def enough(chain: Chain, fields: dict[str, Any]) -> bool:
    """Whether these fees would do for the next block."""
    return bool(fields["maxFeePerGas"] >= _going_price(chain))


def outbid(
    fields: dict[str, Any], others: list[dict[str, Any]], bound: int | None = None
) -> dict[str, Any]:
    """`fields` with fees an eighth above those of the `others`, which have the same nonce.

    Raises ChainError when that is more than `bound` wei per gas.
    """
    fees = {
        name: max(fields[name], *(other[name] * 9 // 8 + 1 for other in others))
        for name in _LOCAL
        if others
    }
    if fees and fees["maxFeePerGas"] > (most := bound or _CEILING):
        raise _too_dear(fees["maxFeePerGas"], most)
    return {**fields, **fees}
