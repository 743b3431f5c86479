"""A manifest -> the contract that it fixes, deployed once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.account import Session
from mint.chain.deployment import Deployment
from mint.chain.fairmint import deploy as deploy_contract
from mint.chain.fairmint import deployed as is_deployed
from mint.record.folders import Place
from mint.record.manifest import Manifest, terms
from mint.sale.terms import offered

if TYPE_CHECKING:
    from mint.chain.constructor import Terms


def deploy(
    opened: Callable[[], AbstractContextManager[Session]], manifest: Manifest, place: Place
) -> Deployment:
    """Deploy the contract whose immutables are this manifest's; finds its own if it is there."""
    with opened() as session:
        if manifest.collection.sale is None:
            return _deploy(session, manifest, None)
        offer = offered(session, manifest, place.file)
        if not session.chain.local:
            return _deploy(session, manifest, offer)
        if not _too_late(session, manifest, offer):
            return _deploy_rehearsal(session, manifest, offer)
        session.journal.forget(session.chain.genesis)
    _set_aside(place.state / "chain")
    with opened() as session:
        return _deploy_rehearsal(session, manifest, offer)


def _deploy(session: Session, manifest: Manifest, offer: Terms | None) -> Deployment:
    return deploy_contract(session.chain, session.wallet, session.journal, terms(manifest), offer)


def _deploy_rehearsal(session: Session, manifest: Manifest, offer: Terms) -> Deployment:
    """The contract and its twin, an hour before the first phase."""
    from mint.chain.local import travel
    from mint.sale.rehearse import BEFORE

    travel(session.chain.web3, offer.phases[0].start - BEFORE)
    launch = terms(manifest)
    made = _deploy(session, manifest, offer)
    twin = deploy_contract(
        session.chain, session.wallet, session.journal, launch, offer, purpose="deploy twin"
    )
    return made.model_copy(update={"twin": twin})


def _too_late(session: Session, manifest: Manifest, offer: Terms) -> bool:
    """Whether the local chain's clock is past the sale, of which it knows nothing."""
    chain = session.chain
    now = int(chain.web3.eth.get_block("latest")["timestamp"])
    return now >= offer.phases[0].start and not is_deployed(
        chain, session.wallet, session.journal, terms(manifest), offer
    )


def _set_aside(chain: Path) -> None:
    """Time does not run backwards: an edited sale is rehearsed on a new local chain."""
    number = 1
    while (aside := chain.with_name(f"{chain.name}-{number}")).exists():
        number += 1
    chain.rename(aside)
