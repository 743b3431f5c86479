"""A manifest -> the contract that it fixes, deployed once: on a network by a plan that was agreed.

The local chain is for rehearsing: there every build deploys what it built, and nobody is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mint.chain.account import Account
from mint.chain.blockhash import recording, refuse_unmeasured_draw
from mint.chain.deployment import Deployment
from mint.chain.evidence import counts
from mint.chain.fairmint import deploy as deploy_contract
from mint.chain.network import results
from mint.chain.networks import network_of
from mint.chain.payee import refuse_deaf_payees
from mint.chain.send import progress
from mint.errors import LaunchError
from mint.launch.consent import Consent
from mint.launch.contract import Contract
from mint.launch.plan import Plan, plan_of
from mint.launch.sentences import amount, sentences
from mint.launch.source import source_from, write_source
from mint.launch.standing import forget_unsent, refuse_second, standing
from mint.record.folders import Folders
from mint.record.launches import Launch, LaunchFolder, begin, complete
from mint.record.manifest import Manifest, fair_mint_terms
from mint.sale.airdrop import outstanding
from mint.sale.commitment import commit
from mint.sale.offer import gifts
from mint.sale.terms import committed, sale_terms
from mint.spec.sale_times import BEFORE

if TYPE_CHECKING:
    from mint.chain.constructor import SaleTerms


def deploy(
    open_account: Callable[[], AbstractContextManager[Account]],
    manifest: Manifest,
    folders: Folders,
    consent: Consent,
    *,
    minting: bool,
) -> Deployment:
    """Deploy the contract whose immutables are this manifest's; finds its own if it is there.

    `minting` says whether the plan is to show what is minted after it. Elsewhere than on the local
    chain the plan is agreed first. Raises ChainError, LaunchError.
    """
    with open_account() as account:
        if not account.chain.local:
            return _launch(account, manifest, folders, consent, minting=minting)
        if manifest.collection.sale is None:
            return deploy_contract(account, fair_mint_terms(manifest))
        offer = sale_terms(account, manifest, folders.file)
        commitment = commit(account, manifest, offer, folders)
        offer = committed(offer, commitment)
        origin = {"secret_origin": commitment.origin}
        if not _too_late(account, manifest, offer):
            return _deploy_rehearsal(account, manifest, offer).model_copy(update=origin)
        account.journal.forget(account.chain.genesis)
    _set_aside(folders.state / "chain")
    with open_account() as account:
        return _deploy_rehearsal(account, manifest, offer).model_copy(update=origin)


_UNDER_WAY = ("pending", "settling", "unknown")


class Prepared(NamedTuple):
    """A launch that is planned: `deployment` is there where the contract stands already."""

    contract: Contract
    deployment: Deployment | None
    plan: Plan


def prepare(
    account: Account,
    manifest: Manifest,
    folders: Folders,
    consent: Consent,
    *,
    minting: bool = True,
) -> Prepared:
    """What a launch of this published manifest has still to send; sends nothing.

    Raises LaunchError for a second contract that nobody agreed to.
    """
    contract, deployment = standing(account, manifest, folders, consent.ask_password)
    deploying = deployment is None and not account.chain.is_development
    if deploying and not consent.again:
        refuse_second(account, contract, folders)
    free = gifts(manifest.collection, folders.file)
    about = sentences(manifest, contract, folders, account.chain.line.coin)
    if deployment is not None:
        since = deployment.since
        free, why = outstanding(account, deployment.address, free, since)
        if why:
            about = about.model_copy(update={"for_ever": (*about.for_ever, why)})
    if contract.sale is not None and deploying:
        measurement = refuse_unmeasured_draw(account.chain)
        draw = recording(measurement, account.chain.line.block_time)
        payees = [payee for payee, _ in contract.sale.payees]
        doubts = refuse_deaf_payees(account.chain, payees, account.address)
        about = about.model_copy(update={"draw": (draw,), "money": (*about.money, *doubts)})
    under_way = deployment is None and progress(account, contract.purpose) in _UNDER_WAY
    plan = plan_of(
        account, contract, deployment, free if minting else None, about, under_way=under_way
    )
    return Prepared(contract, deployment, plan)


def _launch(
    account: Account, manifest: Manifest, folders: Folders, consent: Consent, *, minting: bool
) -> Deployment:
    if account.chain.is_development:
        contract, deployment = standing(account, manifest, folders, consent.ask_password)
        return deployment or _deploy(account, contract)
    contract, deployment, plan = prepare(account, manifest, folders, consent, minting=minting)
    if plan.steps:
        refuse_unfit(plan)
        _ask(plan, consent)
    forget_unsent(account, folders)
    place = begin(folders, manifest, _record(account, contract, folders))
    if deployment is None:
        deployment = _deploy(account, contract)
    _complete(place, manifest, contract, deployment)
    return deployment


def remember(account: Account, manifest: Manifest, folders: Folders, prepared: Prepared) -> None:
    """Record the contract of a plan, if it stands: one that somebody else signed, perhaps."""
    if prepared.deployment is not None:
        place = begin(folders, manifest, _record(account, prepared.contract, folders))
        _complete(place, manifest, prepared.contract, prepared.deployment)


def _complete(
    place: LaunchFolder, manifest: Manifest, contract: Contract, deployment: Deployment
) -> None:
    complete(place, manifest.model_copy(update={"deployment": deployment}))
    if source := source_from(bytes.fromhex(contract.init[2:])):
        write_source(place.folder, deployment.chain_id, deployment.address, source)


def _deploy(account: Account, contract: Contract) -> Deployment:
    deployment = deploy_contract(account, contract.terms, contract.sale)
    return deployment.model_copy(update={"secret_origin": contract.origin})


def _record(account: Account, contract: Contract, folders: Folders) -> Launch:
    chain = account.chain
    with results(chain.label):
        nonce = counts(account)[1]
    return Launch(
        file=folders.file.name,
        network=chain.network,
        chain_id=chain.chain_id,
        genesis=chain.genesis,
        owner=account.address,
        purpose=contract.purpose,
        code=contract.code,
        nonce=nonce,
    )


def refuse_unfit(plan: Plan) -> None:
    """Before anything is sent: a launch that stops half way has cost something already."""
    if int(plan.balance) < int(plan.needed):
        raise LaunchError(
            f"{plan.wallet} has {amount(plan.balance, plan.chain_id)} on {plan.network}, and this "
            f"launch needs {amount(plan.needed, plan.chain_id)} there",
            hint=f"send test coins to {plan.wallet}{_faucet(plan)}, then run this again; --dry-run "
            "shows the whole plan",
        )
    for step in plan.steps:
        if step.forecast.outcome == "would revert":
            raise LaunchError(
                f"{step.what}: {plan.network} would refuse it: {step.forecast.why}",
                hint="nothing was sent; mend that first",
            )


def _faucet(plan: Plan) -> str:
    faucet = network_of(plan.chain_id).faucet
    return f" ({faucet} gives them away)" if faucet else ""


def _ask(plan: Plan, consent: Consent) -> None:
    if consent.agree is None:
        raise LaunchError(
            f"{len(plan.steps)} transactions on {plan.network} cost coins, and nobody agreed",
            hint="run `mint launch` in a terminal, or add --yes",
        )
    consent.agree(plan)


def _deploy_rehearsal(account: Account, manifest: Manifest, offer: SaleTerms) -> Deployment:
    """The contract and its twin, an hour before the first phase."""
    from mint.chain.local import travel

    travel(account.chain.web3, offer.phases[0].start - BEFORE)
    launch = fair_mint_terms(manifest)
    deployment = deploy_contract(account, launch, offer)
    twin = deploy_contract(account, launch, offer, purpose="deploy twin")
    return deployment.model_copy(update={"twin": twin})


def _too_late(account: Account, manifest: Manifest, offer: SaleTerms) -> bool:
    """Whether the local chain's clock is past the sale, of which it knows nothing."""
    from mint.chain.fairmint import find_deployed

    now = int(account.chain.web3.eth.get_block("latest")["timestamp"])
    if now < offer.phases[0].start:
        return False
    return find_deployed(account, fair_mint_terms(manifest), offer) is None


def _set_aside(chain: Path) -> None:
    """Time does not run backwards: an edited sale is rehearsed on a new local chain."""
    number = 1
    while (aside := chain.with_name(f"{chain.name}-{number}")).exists():
        number += 1
    chain.rename(aside)
