"""What a launch has still to send: each transaction, its cost, and what the chain would say to it.

Reads the chain and sends nothing. What is done already is in no plan, so a launch that was cut off
has a shorter one the next time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from mint.chain.artefact import contract as contract_at
from mint.chain.fairmint import mint_batches, supply
from mint.chain.gas import limit_of, market_fees
from mint.chain.network import answers
from mint.document import Document
from mint.launch.sentences import Sentences
from mint.launch.simulate import Call, Outcome, simulate
from mint.sale.airdrop import airdrop_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mint.chain.account import Account
    from mint.chain.deployment import Deployment
    from mint.launch.contract import Contract

_ZERO = "0x" + "00" * 20
Forecast = Literal["would succeed", "would revert", "unknown"]


class Step(Document):
    """A transaction to be: what it does, its 0x hex data, and what a dry run on the chain says.

    `to` is absent where it deploys the contract, and where it goes to the contract that the first
    step deploys. `gas` is what it would use, `reason` why it would revert or why nobody knows.
    """

    what: str
    to: str | None = None
    data: str
    outcome: Forecast
    gas: int | None = None
    reason: str | None = None


class Plan(Document):
    """What a launch is about to do; amounts in wei are decimal text, since JSON's numbers end.

    `gas_price` is today's, in wei; at `highest_price` the transactions are still sent. `cost` is
    the sum at today's price, `needed` what the wallet must hold for the node to take all of them.
    """

    version: int = 1
    network: str
    chain_id: int
    coin: str
    wallet: str
    contract: str | None = None
    steps: tuple[Step, ...]
    gas_price: str
    highest_price: str
    balance: str
    cost: str
    needed: str
    meaning: Sentences


def plan_of(
    account: Account,
    contract: Contract,
    deployment: Deployment | None,
    gifts: Mapping[str, int],
    meaning: Sentences,
) -> Plan:
    """What is left to do for `contract`, which `deployment` is if it stands already.

    Raises ChainError.
    """
    chain, address = account.chain, deployment.address if deployment else None
    calls = list(_calls(account, contract, address, gifts))
    outcomes = simulate(chain, account.address, [call for _, call in calls])
    with answers(chain.label):
        fees = market_fees(chain)
        base = int(chain.web3.eth.get_block("latest")["baseFeePerGas"])
        owner = chain.web3.to_checksum_address(account.address)
        balance = int(chain.web3.eth.get_balance(owner))
    price, highest = base + fees["maxPriorityFeePerGas"], fees["maxFeePerGas"]
    steps = tuple(_step(what, call, out) for (what, call), out in zip(calls, outcomes, strict=True))
    return Plan(
        network=chain.network,
        chain_id=chain.chain_id,
        coin=chain.line.coin,
        wallet=account.address,
        contract=address,
        steps=steps,
        gas_price=str(price),
        highest_price=str(highest),
        balance=str(balance),
        cost=str(sum(step.gas or 0 for step in steps) * price),
        needed=str(_needed(steps, price, highest)),
        meaning=meaning,
    )


def _calls(
    account: Account, contract: Contract, address: str | None, gifts: Mapping[str, int]
) -> Iterator[tuple[str, Call]]:
    """(what it does, the call) of each transaction that is left, in the order of sending."""
    chain, ask = account.chain, contract_at(account.chain.web3, address or _ZERO, "FairSale")
    if address is None:
        kind = "FairSale, which sells, draws and reveals" if contract.sale else "FairMint"
        yield f"deploy the contract ({kind})", Call(contract.init, deploys=True)
    if contract.sale is None:
        minted = supply(chain, address)[0] if address else 0
        for first, last in mint_batches(minted, contract.terms.max_supply):
            data = ask.encode_abi("airdrop", [account.address, last - first + 1])
            yield f"mint tokens {first:,} to {last:,} to your wallet", Call(data, address)
        return
    for batch in airdrop_batches(gifts):
        tokens, wallets = sum(number for _, number in batch), len(batch)
        data = ask.encode_abi("airdropMany", [batch])
        yield f"give {_count(tokens, 'token')} to {_count(wallets, 'wallet')}", Call(data, address)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _step(what: str, call: Call, outcome: Outcome) -> Step:
    forecast: Forecast = "unknown"
    if outcome.gas is not None:
        forecast = "would succeed"
    elif outcome.refusal is not None:
        forecast = "would revert"
    return Step(
        what=what,
        to=call.to,
        data=call.data,
        outcome=forecast,
        gas=outcome.gas,
        reason=outcome.refusal or outcome.why_unknown,
    )


def _needed(steps: Sequence[Step], price: int, highest: int) -> int:
    """Wei that a node asks for: before each transaction its gas limit at the highest price."""
    spent, most = 0, 0
    for step in steps:
        gas = step.gas or 0
        most = max(most, spent + limit_of(gas) * highest)
        spent += gas * price
    return most
