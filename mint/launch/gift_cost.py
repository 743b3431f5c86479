"""What it costs to hand out tokens, before it is done: asked of the chain, nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain.artefact import contract
from mint.chain.data_fee import data_fees
from mint.chain.gas import estimate_gas, market_fees
from mint.chain.network import answers, results
from mint.chain.reverts import refused
from mint.sale.airdrop import airdrop_batches
from mint.sale.contract import NAME

if TYPE_CHECKING:
    from mint.chain.account import Account


class Cost(NamedTuple):
    """So many transactions give so many tokens to so many wallets for `wei`, at today's price."""

    transactions: int
    tokens: int
    wallets: int
    wei: int


def gift_cost(account: Account, address: str, to: str, quantity: int) -> Cost:
    """Of `quantity` tokens of the contract at `address` for one wallet; raises ChainError."""
    data = contract(account.chain.web3, address, NAME).encode_abi("airdrop", [to, quantity])
    return Cost(1, quantity, 1, _cost(account, address, [data]))


def list_cost(account: Account, address: str, gifts: Mapping[str, int]) -> Cost:
    """Of a list, wallet -> quantity; raises ChainError."""
    encode = contract(account.chain.web3, address, NAME).encode_abi
    batches = [encode("airdropMany", [batch]) for batch in airdrop_batches(gifts)]
    wei = _cost(account, address, batches)
    return Cost(len(batches), sum(gifts.values()), len(gifts), wei)


def _cost(account: Account, address: str, data: Sequence[str]) -> int:
    """Wei for calls of the contract with this data: each one's gas at the price of the next block,
    and what a parent chain takes for its bytes."""
    chain = account.chain
    with answers(chain.label):
        gas = sum(_gas(account, {"to": address, "data": each}) for each in data)
    with results(chain.label):
        base = int(chain.web3.eth.get_block("latest")["baseFeePerGas"])
        price = base + market_fees(chain)["maxPriorityFeePerGas"]
    return gas * price + sum(data_fees(chain, data))


def _gas(account: Account, call: dict[str, Any]) -> int:
    try:
        return estimate_gas(account.chain, {"from": account.address, **call})
    except OSError:  # requests' errors: the node is down
        raise
    except Exception as error:  # every node has its own; what matters is in the words
        raise refused(account, "to give tokens", error) from error
