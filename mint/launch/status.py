"""A collection -> lines that say where it was launched, what stands there, and what comes next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mint.errors import ChainError
from mint.launch.sentences import amount
from mint.record.deployed import deployed_on
from mint.record.folders import Folders, folders_of, read_manifest
from mint.record.launches import launches
from mint.sale.locate import locate
from mint.sale.status import status as sale_status
from mint.spec.load import load
from mint.urls import masked

if TYPE_CHECKING:
    from mint.chain.deployment import Deployment
    from mint.chain.fairmint import OnChain
    from mint.chain.network import Chain
    from mint.record.manifest import Manifest


def status(file: Path, network: str | None, environ: Mapping[str, str]) -> Iterator[str]:
    """Everything in one place: contract, owner, tokens, money, and who can do what next.

    Needs no wallet and sends nothing. Raises MintError.
    """
    collection, _ = load(file)
    folders = folders_of(file, collection)
    yield from _launches(folders)
    where = deployed_on(folders, network, collection.network)
    if line := _next_step(folders, where, file):
        yield line
        return
    manifest = _manifest(where, file)
    deployment = manifest.deployment
    assert deployment is not None
    chain = _connect(network or deployment.network, where, environ)
    if chain.chain_id != deployment.chain_id:
        raise ChainError(
            f"{file} is deployed on {deployment.network} (chain {deployment.chain_id}), and "
            f"{chain.label} is chain {chain.chain_id}",
            hint="name the network it was deployed on with --network",
        )
    from mint.chain.fairmint import read

    contract = read(chain, deployment.address)
    yield from _contract(chain, contract)
    if manifest.collection.sale is None:
        yield from _open(file, network, contract)
    else:
        yield from sale_status(locate(str(file), network), environ)
    if manifest.collection.public != collection.public:
        yield f"edited      {file} was edited since: the contract shows the earlier one"


def _launches(folders: Folders) -> Iterator[str]:
    for one in launches(folders):
        word = "launched" if one.launch.address else "begun"
        address = one.launch.address or "sent, and not heard of yet"
        yield f"{word:<11} {one.launch.network}: {address} ({one.folder})"


def _next_step(folders: Folders, where: Folders, file: Path) -> str | None:
    """What comes next where a launch was begun and nothing stands."""
    starts = [one for one in launches(folders) if one.launch.address is None]
    if not starts or (where.manifest.exists() and read_manifest(where.manifest).deployment):
        return None
    return f"next        mint launch {shlex.quote(str(file))} --network {starts[-1].launch.network}"


def deployed(file: Path, network: str | None) -> tuple[Folders, Deployment]:
    """Where the record of the contract on `network` lies, and the record; raises ChainError."""
    collection, _ = load(file)
    where = deployed_on(folders_of(file, collection), network, collection.network)
    deployment = _manifest(where, file).deployment
    assert deployment is not None
    return where, deployment


def _manifest(where: Folders, file: Path) -> Manifest:
    hint = f"mint launch {shlex.quote(str(file))} --network NAME"
    if not where.manifest.exists():
        raise ChainError(f"{file} is not built yet, and nowhere deployed", hint=hint)
    manifest = read_manifest(where.manifest)
    if manifest.deployment is None:
        raise ChainError(f"{file} is nowhere deployed yet", hint=hint)
    return manifest


def _connect(network: str, where: Folders, environ: Mapping[str, str]) -> Chain:
    from mint.chain.network import connect

    return connect(network, where.state / "chain", environ)


def _contract(chain: Chain, contract: OnChain) -> Iterator[str]:
    """What is so of every contract of ours."""
    from mint.chain.network import results

    page = chain.line.address(contract.address)
    yield f"contract    {contract.address} on {chain.network}{f', {page}' if page else ''}"
    yield f"owner       {contract.owner}"
    burned = contract.total_minted - contract.total_supply
    note = f", {burned:,} of them destroyed since" if burned else ""
    yield f"tokens      {contract.total_minted:,} of {contract.max_supply:,} minted{note}"
    with results(chain.label):
        address = chain.web3.to_checksum_address(contract.address)
        money = int(chain.web3.eth.get_balance(address))
    yield f"money       {amount(money, chain.chain_id)} in the contract"
    if contract.royalty_bps:
        rate = f"{contract.royalty_bps / 100:g} %"
        yield f"royalty     {rate} of a resale for {contract.royalty_receiver}"


def _open(file: Path, network: str | None, contract: OnChain) -> Iterator[str]:
    """What comes next where nothing is sold."""
    words = [shlex.quote(str(file))]
    if network is not None:
        words += ["--network", shlex.quote(masked(network) if "://" in network else network)]
    if contract.total_minted < contract.max_supply:
        left = contract.max_supply - contract.total_minted
        count = "1 token is" if left == 1 else f"{left:,} tokens are"
        yield f"next        {count} left: mint mint {' '.join(words)} --to ADDRESS"
    else:
        yield f"next        everything is minted: mint verify {' '.join(words)}"
