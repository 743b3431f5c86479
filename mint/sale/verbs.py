"""A sale after its deployment: `mint sale VERB TARGET`, for its owner, its buyers and everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mint.addresses import checksum_problem, is_address
from mint.chain.network import final_block
from mint.errors import ChainError, CollectionError
from mint.pinning.published import pin
from mint.sale import contract, purchase
from mint.sale.allowlist import proof, read_list
from mint.sale.phases import find_phase
from mint.sale.secret import reveal_arguments
from mint.spec.collection import beside
from mint.spec.sale_times import MOST_CAP

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain
    from mint.chain.send import Sent
    from mint.sale.locate import DeployedSale
    from mint.sale.purchase import Purchase


def buy(
    account: Account,
    sale: DeployedSale,
    phase: str | None,
    quantity: int,
    allowlist: Path | None = None,
) -> Purchase:
    """Buy `quantity` tokens in the phase called `phase`, else in the open one.

    A purchase that an earlier command did not see the end of is finished instead. Without
    `allowlist` a listed phase uses the list that the collection.yaml names. Raises MintError.
    """
    now = int(account.chain.web3.eth.get_block("latest")["timestamp"])
    state = contract.state(account.chain, sale.address)
    index = purchase.unreported(account, sale.address) if phase is None else None
    if index is None:
        index = find_phase(sale, state, now, phase)
    listed = None
    if path := allowlist or _own_list(sale, index):
        caps = read_list(path, MOST_CAP)
        if account.address not in caps:
            raise CollectionError(
                f"{account.address} is not on {path}", hint="use a wallet that is on the list"
            )
        listed = caps[account.address], proof(caps, account.address)
    return purchase.buy(account, sale.address, index, quantity, listed)


def _own_list(sale: DeployedSale, index: int) -> Path | None:
    """The allowlist that the collection.yaml names for phase `index`."""
    terms = sale.manifest and sale.manifest.collection.sale
    if not terms or index >= len(terms.phases):
        return None
    name = terms.phases[index].allowlist
    return beside(name, sale.folders.file) if name else None


def arm(account: Account, sale: DeployedSale) -> Sent:
    """Name the block that decides."""
    return contract.arm(account, sale.address)


def record(account: Account, sale: DeployedSale) -> Sent:
    """Write its hash down in the contract."""
    return contract.record(account, sale.address)


def reveal(
    account: Account,
    sale: DeployedSale,
    environ: Mapping[str, str],
    ask_password: Callable[[str], str] | None = None,
) -> Sent:
    """Pin everything, then open the secret; refused while the block that decides is not final.

    `ask_password` is for a secret in an encrypted file. Raises ChainError.
    """
    manifest = sale.manifest
    if manifest is None:
        raise ChainError(
            "a reveal needs the collection, not an address", hint="mint sale reveal FILE"
        )
    draw = contract.state(account.chain, sale.address).draw
    opened = bytes(32), bytes(32), ""  # out of turn the contract says so, and nobody need sign
    if draw.step == "recorded":
        _refuse_unfinal(account.chain, draw.number)
    if draw.step in ("recorded", "revealed"):
        opened = reveal_arguments(account, manifest, environ, ask_password)
    if draw.step == "recorded":
        folders = sale.folders
        pin(manifest.collection.storage.pin, folders.car, folders, environ)
    return contract.reveal(account, sale.address, *opened)


def _refuse_unfinal(chain: Chain, number: int) -> None:
    """Whoever could still replace that block would choose with the secret in sight."""
    if chain.is_development:
        return
    final = final_block(chain)
    if final < number:
        raise ChainError(
            f"block {number}, which decides, is not final yet on {chain.network}",
            hint=f"wait for {number - final} more blocks; its hash is recorded and safe",
        )


def withdraw(account: Account, sale: DeployedSale) -> list[Sent]:
    """Send every payee its share."""
    return contract.withdraw(account, sale.address)


def refund(account: Account, sale: DeployedSale, ids: Sequence[int], to: str | None) -> Sent:
    """Burn the wallet's tokens and take back what was paid for them.

    Raises ChainError for a receiver that is no address, or is mistyped (EIP-55).
    """
    if to is not None and not is_address(to):
        hint = "a name can change hands: give the address, 0x and 40 digits"
        raise ChainError(f"{to} is no address", hint=hint)
    if to is not None and (problem := checksum_problem(to)):
        raise ChainError(problem, hint="copy it again from the wallet")
    return contract.refund(account, sale.address, ids, to or account.wallet.address)
