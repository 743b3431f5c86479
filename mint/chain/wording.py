"""A transaction -> what it does, in plain words, read from its own bytes and not from who sends it.

For whoever must decide whether to sign it: the page of a browser's wallet, a multisig's members.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain.artefact import artefact

if TYPE_CHECKING:
    from mint.chain.networks import Network

CONTRACTS = {"FairSale": "a collection that is sold", "FairMint": "a collection"}
# By the contracts' functions; braces name an argument.
VERBS = {
    "airdrop": "Mint {quantity} to {to}",
    "airdropMany": "Mint {gifts}",
    "mint": "Buy {quantity} in phase {index}",
    "mintListed": "Buy {quantity} in phase {index}, as a wallet on its list",
    "arm": "End the sale for good, and name the block that decides the order",
    "record": "Write down the hash of the block that decides the order",
    "reveal": "Open the secret of the draw: every token shows its picture",
    "setPayee": "Have the share of payee {payee} go to another address, {to}",
    "withdraw": "Send payee {payee} its share of the money",
    "refund": "Give back {tokenIds}, and take the money that was paid to {to}",
    "setPhase": "Change phase {index}, which has not begun",
    "setRoyaltyReceiver": "Have royalties sent to {receiver}",
    "transferOwnership": "Offer the contract to another owner, {newOwner}",
    "acceptOwnership": "Take the contract over from its owner",
    "renounceOwnership": "Give the contract up: nobody owns it any more",
}


class Wording(NamedTuple):
    """What a transaction does, where it goes, and what it costs at most, each as a person reads it.

    `to` is an address, or says that a new contract is made.
    """

    what: str
    to: str
    value: str
    gas: str
    fee: str
    total: str


def wording(network: Network, transaction: dict[str, Any]) -> Wording:
    """The words for a transaction with gas and EIP-1559 fees, in wei."""
    value, gas = int(transaction.get("value", 0)), int(transaction["gas"])
    fee = gas * int(transaction["maxFeePerGas"])
    return Wording(
        what=what(transaction),
        to=str(transaction.get("to") or "a new contract"),
        value=coins(value, network.coin) if value else f"no {network.coin}",
        gas=f"at most {gas:,}",
        fee=most(fee, network.coin),
        total=most(value + fee, network.coin),
    )


def what(transaction: dict[str, Any]) -> str:
    """What it does, in one sentence."""
    data = str(transaction.get("data", "0x"))
    if not transaction.get("to"):
        return _deployment(data)
    if len(data) < 10:
        return "Send coins, and nothing else"
    for name in CONTRACTS:
        if sentence := _call(name, data):
            return sentence
    return f"Call something that mint does not know, {data[:10]}"


def coins(wei: int, coin: str) -> str:
    """`0.025 ETH`, exactly."""
    return f"{Decimal(wei).scaleb(-18).normalize():f} {coin}"


def most(wei: int, coin: str) -> str:
    """`at most 0.0068 ETH`, rounded up to four digits after the point, or to two that count."""
    amount = Decimal(wei).scaleb(-18)
    places = 4 if amount >= Decimal("0.01") or not wei else 1 - amount.adjusted()
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_CEILING)
    return f"at most {rounded.normalize():f} {coin}"


def _deployment(data: str) -> str:
    for name, kind in CONTRACTS.items():
        if data.startswith(artefact(name)["bytecode"]):
            return f"Make a new contract: {kind} ({name})"
    return "Make a new contract that mint does not know"


def _call(name: str, data: str) -> str | None:
    """The sentence for a call of one of the contracts' functions, None if it is none."""
    from web3 import Web3

    contract: Any = Web3().eth.contract(abi=artefact(name)["abi"])
    try:
        function, arguments = contract.decode_function_input(data)
    except Exception:  # whatever stands there is no call of this contract
        return None
    verb = VERBS.get(function.fn_name)
    if verb is None:
        return f"Call {function.fn_name} of the contract"
    return verb.format(**{name: _argument(name, value) for name, value in arguments.items()})


def _argument(name: str, value: Any) -> str:
    if name == "quantity":
        return "1 token" if value == 1 else f"{value:,} tokens"
    if name in ("index", "payee"):
        return f"{value + 1}"  # as people count
    if name == "gifts":
        gifts = [tuple(each.values() if isinstance(each, dict) else each) for each in value]
        tokens = _argument("quantity", sum(quantity for _, quantity in gifts))
        return f"{tokens} to {gifts[0][0] if len(gifts) == 1 else f'{len(gifts):,} wallets'}"
    if name == "tokenIds":
        return f"{'token' if len(value) == 1 else 'tokens'} {', '.join(map(str, value))}"
    return str(value)
