"""A manifest -> the contract that it fixes, deployed once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.account import Account
from mint.chain.blockhash import refuse_unmeasured_draw
from mint.chain.deployment import Deployment
from mint.chain.fairmint import deploy as deploy_contract
from mint.chain.fairmint import deployed as is_deployed
from mint.record.folders import Folders
from mint.record.manifest import Manifest, fair_mint_terms
from mint.sale.commitment import commit
from mint.sale.terms import committed, sale_terms

if TYPE_CHECKING:
    from mint.chain.constructor import SaleTerms


def deploy(
    open_account: Callable[[], AbstractContextManager[Account]],
    manifest: Manifest,
    folders: Folders,
) -> Deployment:
    """Deploy the contract whose immutables are this manifest's; finds its own if it is there."""
    with open_account() as account:
        if manifest.collection.sale is None:
            return _deploy(account, manifest, None)
        if not account.chain.is_development:
            refuse_unmeasured_draw(account.chain)
        offer = sale_terms(account, manifest, folders.file)
        commitment = commit(account, manifest, offer, folders)
        offer = committed(offer, commitment)
        origin = {"secret_origin": commitment.origin}
        if not account.chain.local:
            return _deploy(account, manifest, offer).model_copy(update=origin)
        if not _too_late(account, manifest, offer):
            return _deploy_rehearsal(account, manifest, offer).model_copy(update=origin)
        account.journal.forget(account.chain.genesis)
    _set_aside(folders.state / "chain")
    with open_account() as account:
        return _deploy_rehearsal(account, manifest, offer).model_copy(update=origin)


def _deploy(account: Account, manifest: Manifest, offer: SaleTerms | None) -> Deployment:
    return deploy_contract(account, fair_mint_terms(manifest), offer)


def _deploy_rehearsal(account: Account, manifest: Manifest, offer: SaleTerms) -> Deployment:
    """The contract and its twin, an hour before the first phase."""
    from mint.chain.local import travel
    from mint.sale.rehearse import BEFORE

    travel(account.chain.web3, offer.phases[0].start - BEFORE)
    launch = fair_mint_terms(manifest)
    deployment = _deploy(account, manifest, offer)
    twin = deploy_contract(account, launch, offer, purpose="deploy twin")
    return deployment.model_copy(update={"twin": twin})


def _too_late(account: Account, manifest: Manifest, offer: SaleTerms) -> bool:
    """Whether the local chain's clock is past the sale, of which it knows nothing."""
    chain = account.chain
    now = int(chain.web3.eth.get_block("latest")["timestamp"])
    return now >= offer.phases[0].start and not is_deployed(
        account, fair_mint_terms(manifest), offer
    )


def _set_aside(chain: Path) -> None:
    """Time does not run backwards: an edited sale is rehearsed on a new local chain."""
    number = 1
    while (aside := chain.with_name(f"{chain.name}-{number}")).exists():
        number += 1
    chain.rename(aside)
