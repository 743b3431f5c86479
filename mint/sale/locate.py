"""A collection.yaml or an address -> the deployed sale, and the wallet that acts on it.

The journal lies in `.mint` beside the file, or in the folder one stands in.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mint.addresses import checksum_problem, is_address
from mint.chain.account import Account, open_account
from mint.errors import ChainError
from mint.record.deployed import deployed_on
from mint.record.folders import Folders, folders_of, read_manifest
from mint.spec.load import load
from mint.urls import masked

if TYPE_CHECKING:
    from mint.chain.network import Chain
    from mint.record.manifest import Manifest


@dataclass(frozen=True)
class DeployedSale:
    """Where a sale is; there is a manifest if `target` is its collection.yaml.

    `option` is the network that the command names, None if it names none.
    """

    target: str
    option: str | None
    address: str
    network: str
    folders: Folders
    manifest: Manifest | None

    @property
    def names(self) -> tuple[str, ...]:
        """The artist's names of the phases; none where only the address is known."""
        sale = self.manifest and self.manifest.collection.sale
        return tuple(phase.name for phase in sale.phases) if sale else ()

    def name(self, index: int) -> str:
        """What messages call phase `index` (from 0)."""
        return f'"{self.names[index]}"' if index < len(self.names) else f"phase {index + 1}"

    def command(self, verb: str, *options: str) -> str:
        """`mint sale VERB` on this sale, as one types it."""
        words = ["mint", "sale", verb, self.target, *options]
        if self.option is not None:
            option = masked(self.option) if "://" in self.option else self.option
            words += ["--network", option]
        return shlex.join(words)


def locate(target: str, network: str | None) -> DeployedSale:
    """The sale that `target` names; raises MintError."""
    from eth_utils.address import to_checksum_address

    if is_address(target):
        if problem := checksum_problem(target):
            raise ChainError(problem, hint="copy it again from where it was printed")
        here = Path.cwd()
        nowhere = Folders(here / "collection.yaml", here / ".mint", here / "build")
        address = to_checksum_address(target)
        return DeployedSale(target, network, address, network or "local", nowhere, None)
    file = Path(target)
    collection, _ = load(file)
    folders = deployed_on(folders_of(file, collection), network, collection.network)
    manifest = read_manifest(folders.manifest)
    deployment = manifest.deployment
    if deployment is None or manifest.collection.sale is None:
        hint = f"mint launch {file} --network NAME, with `sale:` in the file"
        raise ChainError(f"no sale of {file} is deployed", hint=hint)
    where = network or deployment.network
    return DeployedSale(target, network, deployment.address, where, folders, manifest)


@contextmanager
def open_sale(
    sale: DeployedSale,
    environ: Mapping[str, str],
    ask_password: Callable[[str], str] | None = None,
    wallet: str | None = None,
    announce: Callable[[str], None] = lambda line: None,
) -> Iterator[Account]:
    """Open the wallet that acts, on the chain of `sale`; raises MintError.

    `wallet` and `announce` as in mint.chain.wallet.open_wallet.
    """
    refuse_absent(sale)
    with open_account(
        sale.folders.state, sale.network, environ, ask_password, wallet, announce
    ) as account:
        refuse_elsewhere(sale, account.chain)
        yield account


def refuse_absent(sale: DeployedSale) -> None:
    """Raise ChainError rather than make a local chain where there is none."""
    if sale.network == "local" and not (sale.folders.state / "chain").exists():
        hint = f"mint build {shlex.quote(sale.target)} rehearses the sale again"
        if sale.manifest is None:
            hint = "name the chain it is on, such as --network hoodi, or run this in the "
            hint += "collection's own folder"
        raise ChainError(
            f"there is no local chain in {sale.folders.state.parent} to find {sale.target} on",
            hint=hint,
        )


def refuse_elsewhere(sale: DeployedSale, chain: Chain) -> None:
    """Raise ChainError if the sale's own record names another chain."""
    deployment = sale.manifest and sale.manifest.deployment
    if deployment and deployment.chain_id != chain.chain_id:
        raise ChainError(
            f"the sale is on chain {deployment.chain_id}, and {chain.network} is {chain.chain_id}",
            hint="name the network it was deployed on with --network",
        )
