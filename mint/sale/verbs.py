"""A sale after its deployment: `mint sale VERB TARGET`, for its owner, its buyers and everybody.

A target is the collection.yaml that was deployed, or the contract's address; the journal lies in
`.mint` beside the file, or in the folder one stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.account import Account, open_account
from mint.errors import ChainError, CollectionError
from mint.pinning.published import pin
from mint.record.folders import Folders, folders_of, read_manifest
from mint.sale import contract
from mint.sale.allowlist import MOST, proof, read_list
from mint.sale.secret import opened
from mint.spec.load import load
from mint.spec.sale_times import moment

if TYPE_CHECKING:
    from mint.chain.network import Chain
    from mint.chain.send import Sent
    from mint.record.manifest import Manifest


_FINAL = 64  # blocks, two of Ethereum's epochs, where a node does not say what is final


@dataclass(frozen=True)
class DeployedSale:
    """Where a sale is; there is a manifest if it was named by its collection.yaml."""

    address: str
    network: str
    folders: Folders
    manifest: Manifest | None


def locate(target: str, network: str | None) -> DeployedSale:
    """The sale that `target` names; raises MintError."""
    from eth_utils.address import to_checksum_address

    if re.fullmatch(r"0x[0-9a-fA-F]{40}", target):
        here = Path.cwd()
        nowhere = Folders(here / "collection.yaml", here / ".mint", here / "build")
        return DeployedSale(to_checksum_address(target), network or "local", nowhere, None)
    file = Path(target)
    folders = folders_of(file, load(file)[0])
    manifest = read_manifest(folders.manifest)
    if manifest.deployment is None or manifest.collection.sale is None:
        raise ChainError(f"no sale of {file} is deployed", hint=f"mint build {file}, with `sale:`")
    made = manifest.deployment
    return DeployedSale(made.address, network or made.network, folders, manifest)


@contextmanager
def open_sale(
    sale: DeployedSale,
    environ: Mapping[str, str],
    ask_password: Callable[[str], str] | None = None,
) -> Iterator[Account]:
    """Open the wallet that acts, on the chain of `sale`; raises MintError."""
    with open_account(sale.folders.state, sale.network, environ, ask_password) as account:
        _refuse_elsewhere(sale, account.chain)
        yield account


def _refuse_elsewhere(sale: DeployedSale, chain: Chain) -> None:
    made = sale.manifest and sale.manifest.deployment
    if made and made.chain_id != chain.chain_id:
        raise ChainError(
            f"the sale is on chain {made.chain_id}, and {chain.network} is {chain.chain_id}",
            hint="name the network it was deployed on with --network",
        )


def status(sale: DeployedSale, environ: Mapping[str, str]) -> Iterator[str]:
    """A line for each phase, for the draw, and for what can be done next; needs no wallet."""
    from mint.chain.network import connect

    chain = connect(sale.network, sale.folders.state / "chain", environ)
    _refuse_elsewhere(sale, chain)
    yield from _told(chain, sale.address)


def _told(chain: Chain, address: str) -> Iterator[str]:
    now = int(chain.web3.eth.get_block("latest")["timestamp"])
    held = contract.state(chain, address)
    for i, (phase, sold) in enumerate(zip(held.phases, held.sold, strict=True)):
        when = "over" if now >= phase.end else "open" if now >= phase.start else "to come"
        who = "listed wallets" if phase.root != bytes(32) else "everybody"
        yield (
            f"phase {i}     {when}: {sold:,} of {phase.supply:,} sold at {_ether(phase.price)} "
            f"to {who}, {moment(phase.start)} UTC to {moment(phase.end)} UTC"
        )
    draw = held.draw
    named = f", block {draw.number} decides" if draw.step == "armed" else ""
    again = f" (the {draw.times}. that was named)" if draw.times > 1 else ""
    yield f"draw        {draw.step}{named}{again}"
    for (payee, bps), paid in zip(held.payees, held.paid, strict=True):
        yield f"payee       {payee} gets {bps / 100:g} %{', and has it' if paid else ''}"
    yield f"next        {_next(held, now, int(chain.web3.eth.block_number))}"


def _next(held: contract.State, now: int, height: int) -> str:
    draw = held.draw
    if held.refunding:
        return "the deadline has passed: holders take their money back (mint sale refund)"
    if draw.step == "revealed":
        return "nothing" if all(held.paid) else "the payees can be paid (mint sale withdraw)"
    until = f", until {moment(held.reveal_deadline)} UTC"
    if draw.step == "recorded":
        return f"the owner reveals (mint sale reveal){until}"
    if draw.step == "armed":
        ready = height > draw.number
        left = "" if ready else f", in {draw.number + 1 - height} blocks"
        return f"anybody records the hash (mint sale record){left}{until}"
    if now < draw.sale_end:
        return f"the sale ends {moment(draw.sale_end)} UTC, or when all is sold; then mint sale arm"
    return f"anybody names the block that decides (mint sale arm){until}"


def buy(
    account: Account, sale: DeployedSale, index: int, quantity: int, allowlist: Path | None
) -> list[Sent]:
    """Buy until this wallet took `quantity` in the phase; see mint.sale.contract.buy."""
    wallet, listed = account.wallet, None
    if allowlist is not None:
        caps = read_list(allowlist, MOST)
        if wallet.address not in caps:
            raise CollectionError(
                f"{wallet.address} is not on {allowlist}", hint="use a wallet that is"
            )
        listed = caps[wallet.address], proof(caps, wallet.address)
    return contract.buy(account, sale.address, index, quantity, listed)


def arm(account: Account, sale: DeployedSale) -> Sent:
    """Name the block that decides."""
    return contract.arm(account, sale.address)


def record(account: Account, sale: DeployedSale) -> Sent:
    """Keep its hash."""
    return contract.record(account, sale.address)


def reveal(account: Account, sale: DeployedSale, environ: Mapping[str, str]) -> Sent:
    """Pin everything, then open the secret; refused while the block that decides is not final."""
    manifest = sale.manifest
    if manifest is None:
        raise ChainError(
            "a reveal needs the collection, not an address", hint="mint sale reveal FILE"
        )
    draw = contract.state(account.chain, sale.address).draw
    if draw.step == "recorded":
        _refuse_unfinal(account.chain, draw.number)
        folders = sale.folders
        pin(manifest.collection.storage.pin, folders.car, folders, environ)
    return contract.reveal(account, sale.address, *opened(account, manifest))


def _refuse_unfinal(chain: Chain, number: int) -> None:
    """Whoever could still replace that block would choose with the secret in sight."""
    from web3.exceptions import Web3Exception

    if chain.worthless:
        return
    try:
        final = int(chain.web3.eth.get_block("finalized")["number"])
    except Web3Exception:
        final = int(chain.web3.eth.block_number) - _FINAL
    if final < number:
        raise ChainError(
            f"block {number}, which decides, is not final yet on {chain.network}",
            hint=f"wait for {number - final} more blocks; its hash is recorded and safe",
        )


def withdraw(account: Account, sale: DeployedSale) -> list[Sent]:
    """Send every payee its share."""
    return contract.withdraw(account, sale.address)


def refund(account: Account, sale: DeployedSale, ids: Sequence[int], to: str | None) -> Sent:
    """Burn the wallet's tokens and take back what was paid for them."""
    return contract.refund(account, sale.address, ids, to or account.wallet.address)


def _ether(price: int) -> str:
    return f"{Decimal(price).scaleb(-18).normalize():f} ether" if price else "no cost"
