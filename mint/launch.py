"""The manifest -> a contract with every token minted, and read back as a stranger would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.contract import Deployment
from mint.chain.contract import deploy as deploy_contract
from mint.chain.contract import mint as mint_tokens
from mint.ipfs.car import open_car
from mint.manifest import Manifest, terms
from mint.place import Place
from mint.verify import check_chain

if TYPE_CHECKING:
    from mint.chain.journal import Journal
    from mint.chain.network import Chain
    from mint.chain.wallet import Wallet


@dataclass(frozen=True)
class Session:
    """An open chain, who sends, and the journal of what was sent."""

    chain: Chain
    wallet: Wallet
    journal: Journal


@contextmanager
def session(
    place: Place,
    network: str,
    environ: Mapping[str, str],
    ask: Callable[[str], str] | None = None,
) -> Iterator[Session]:
    """Connect to `network` and open the wallet and the journal; raises ChainError."""
    from mint.chain.journal import Journal
    from mint.chain.network import connect
    from mint.chain.wallet import load

    chain = connect(network, place.state / "chain", environ)
    with closing(Journal(place.state / "journal.sqlite")) as journal:
        yield Session(chain, load(chain, environ, ask), journal)


def deploy(session: Session, manifest: Manifest) -> Deployment:
    """Deploy the contract whose immutables are this manifest's; finds its own if it is there."""
    return deploy_contract(session.chain, session.wallet, session.journal, terms(manifest))


def mint(session: Session, manifest: Manifest, car: Path) -> Deployment:
    """Mint what is missing to the owner, then read every token back through the chain."""
    assert manifest.deployment is not None  # the stage before set it
    done = mint_tokens(session.chain, session.wallet, session.journal, manifest.deployment)
    with closing(open_car(car)) as blocks:
        check_chain(manifest.model_copy(update={"deployment": done}), blocks, session.chain)
    return done
