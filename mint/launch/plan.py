"""What a launch has still to send: each transaction, its cost, and what the chain would say to it.

Reads the chain and sends nothing. What is done already is in no plan, so a launch that was cut off
has a shorter one the next time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.chain.artefact import contract as contract_at
from mint.chain.data_fee import data_fees
from mint.chain.fairmint import mint_batches, supply
from mint.chain.gas import limit_of, market_fees
from mint.chain.network import results
from mint.counting import count
from mint.document import Document
from mint.launch.dry_run import DryRun, dry_run
from mint.launch.sentences import Sentences
from mint.sale.airdrop import airdrop_batches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mint.chain.account import Account
    from mint.chain.deployment import Deployment
    from mint.launch.contract import Contract


_UNKNOWN = 5_000_000  # gas of a step that no node could try: above any of ours


class Call(NamedTuple):
    """A transaction to be: what it does, and its 0x hex data; `to` is None where it deploys."""

    what: str
    data: str
    to: str | None = None

    @property
    def transaction(self) -> dict[str, str]:
        """As `send` takes it."""
        return {"data": self.data} | ({} if self.to is None else {"to": self.to})


class Step(Document):
    """A transaction to be, and what a dry run on the chain says of it.

    `what` it does, its 0x hex `data`; `to` is absent where it deploys the contract. To a contract
    that an earlier step deploys it goes at the address that this will have.
    """

    what: str
    to: str | None = None
    data: str
    forecast: DryRun

    def fields(self, plan: Plan) -> dict[str, Any]:
        """As eth_sendTransaction takes it, numbers in wei and gas."""
        fields: dict[str, Any] = {"data": self.data}
        if self.to is not None:
            fields["to"] = self.to
        if self.forecast.gas is not None:
            fields["gas"] = limit_of(self.forecast.gas)
        highest, price = int(plan.highest_price), int(plan.gas_price)
        # The highest is twice the base fee and the tip, today's is the base fee and the tip.
        return fields | {"maxFeePerGas": highest, "maxPriorityFeePerGas": 2 * price - highest}


class Plan(Document):
    """What a launch is about to do; amounts in wei are decimal text, since JSON's numbers end.

    `gas_price` is today's, in wei; at `highest_price` the transactions are still sent. `cost` is
    the sum at today's price, with what a parent chain takes for their bytes; `needed` what the
    wallet must hold for the node to take all of them.
    """

    version: int = 1
    network: str
    chain_id: int
    coin: str
    wallet: str
    contract: str | None = None
    under_way: bool = False
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
    gifts: Mapping[str, int] | None,
    meaning: Sentences,
    *,
    under_way: bool = False,
) -> Plan:
    """What is left to do for `contract`, which `deployment` is if it stands already.

    `under_way` if its deployment was sent before and is in no block yet: it is waited for, and is
    no step. `gifts` are what a sale has still to give away; None where nothing is minted now.
    Raises ChainError.
    """
    chain, address = account.chain, deployment.address if deployment else None
    calls = list(_calls(account, contract, address, gifts))
    runs = dry_run(chain, account.address, [call.transaction for call in calls])
    with results(chain.label):
        fees = market_fees(chain)
        owner = chain.web3.to_checksum_address(account.address)
        balance = int(chain.web3.eth.get_balance(owner))
    carried = sum(data_fees(chain, [call.data for call in calls]))
    highest = fees["maxFeePerGas"]  # twice the base fee, and the tip
    price = (highest + fees["maxPriorityFeePerGas"]) // 2
    steps = tuple(
        Step(what=call.what, to=call.to, data=call.data, forecast=run)
        for call, run in zip(calls, runs, strict=True)
    )[under_way:]
    return Plan(
        network=chain.network,
        chain_id=chain.chain_id,
        coin=chain.line.coin,
        wallet=account.address,
        contract=address,
        under_way=under_way,
        steps=steps,
        gas_price=str(price),
        highest_price=str(highest),
        balance=str(balance),
        cost=str(sum(step.forecast.gas or 0 for step in steps) * price + carried),
        needed=str(_need(steps, price, highest) + 2 * carried),  # the parent's fee may double
        meaning=meaning,
    )


def _calls(
    account: Account, contract: Contract, address: str | None, gifts: Mapping[str, int] | None
) -> Iterator[Call]:
    """Each transaction that is left, in the order of sending."""
    chain, minted = account.chain, 0
    if address is None:
        kind = "FairSale: it sells, draws and reveals" if contract.sale else "FairMint"
        yield Call(f"deploy the contract ({kind})", contract.init)
        address = _next_address(account)
    elif contract.sale is None:
        minted, _ = supply(chain, address)
    if gifts is None:
        return
    encode = contract_at(chain.web3, address, "FairSale").encode_abi
    if contract.sale is None:
        for first, last in mint_batches(minted, contract.terms.max_supply):
            data = encode("airdrop", [account.address, last - first + 1])
            yield Call(f"mint tokens {first:,} to {last:,} to your wallet", data, address)
        return
    for batch in airdrop_batches(gifts):
        tokens, wallets = sum(number for _, number in batch), len(batch)
        what = f"give {count(tokens, 'token')} to {count(wallets, 'wallet')}"
        yield Call(what, encode("airdropMany", [batch]), address)


def _next_address(account: Account) -> str:
    """Where the wallet's next contract will be, https://eips.ethereum.org/EIPS/eip-161."""
    import rlp  # type: ignore[import-untyped]  # it brings no types
    from eth_hash.auto import keccak

    web3 = account.chain.web3
    with results(account.chain.label):
        nonce = int(web3.eth.get_transaction_count(web3.to_checksum_address(account.address)))
    place = rlp.encode([bytes.fromhex(account.address[2:]), nonce])
    return str(web3.to_checksum_address("0x" + keccak(place)[12:].hex()))


def _need(steps: Sequence[Step], price: int, highest: int) -> int:
    """Wei that a node asks for: before each transaction its gas limit at the highest price."""
    spent, most = 0, 0
    for step in steps:
        gas = step.forecast.gas or _UNKNOWN
        most = max(most, spent + limit_of(gas) * highest)
        spent += gas * price
    return most
