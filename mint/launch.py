"""The manifest -> a contract, its tokens minted or sold, and read back as a stranger would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.contract import Deployment, Drawn, drawn_from
from mint.chain.contract import deploy as deploy_contract
from mint.chain.contract import deployed as is_deployed
from mint.chain.contract import mint as mint_tokens
from mint.chain.draw import salt_of, secret_hash, uri_hash
from mint.collection import Sale
from mint.ipfs.car import open_car
from mint.manifest import Manifest, final_uri, terms
from mint.offer import Caps, gifts, lists, payees, phases, roots
from mint.onchain import check_chain
from mint.place import Place
from mint.sale import deadline

if TYPE_CHECKING:
    from mint.chain.journal import Journal
    from mint.chain.network import Chain
    from mint.chain.sale import Terms
    from mint.chain.send import Sent
    from mint.chain.wallet import Wallet

_WORDS = """mint: the secret of a draw
Sign this nowhere but in mint: whoever has the signature knows the order before the others.
chain {genesis}
collection {collection}
provenance {provenance}"""


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


def mint(session: Session, manifest: Manifest, place: Place) -> Deployment:
    """Mint what is missing to the owner, or give away what a sale gives away, and read it back.

    On the local chain a sale lives its whole life: see mint.rehearse.
    """
    deployment, collection = manifest.deployment, manifest.collection
    assert deployment is not None  # the stage before set it
    if collection.sale is None:
        done = mint_tokens(session.chain, session.wallet, session.journal, deployment)
    else:
        done = _sell(session, manifest, deployment, collection.sale, place)
    with closing(open_car(place.car)) as blocks:
        told = manifest.model_copy(update={"deployment": done})
        check_chain(told, blocks, session.chain, _allowed(session, manifest, place.file))
    return done


def _allowed(session: Session, manifest: Manifest, file: Path) -> list[Caps | None] | None:
    sale = manifest.collection.sale
    return None if sale is None else _lists(session, sale, file)


def secret_of(session: Session, manifest: Manifest) -> bytes:
    """The draw's secret: the owner's wallet makes it again on any machine, and nobody else can."""
    assert manifest.provenance is not None
    words = _WORDS.format(
        genesis=session.chain.genesis,
        collection=manifest.collection.digest,
        provenance=manifest.provenance,
    )
    return session.wallet.secret(words)


def offered(session: Session, manifest: Manifest, file: Path) -> Terms:
    """The terms on which this wallet sells; raises CollectionError for a list that is wrong."""
    from mint.chain.sale import Terms

    sale, publication = manifest.collection.sale, manifest.publication
    assert sale is not None
    assert publication is not None
    secret, allowed = secret_of(session, manifest), _lists(session, sale, file)
    return Terms(
        secret_hash=secret_hash(secret),
        uri_hash=uri_hash(salt_of(secret), final_uri(publication)),
        reveal_deadline=deadline(sale),
        draw_delay=1 if session.chain.worthless else sale.draw_delay,
        phases=phases(manifest.collection, roots(allowed)),
        payees=payees(sale, session.wallet.address),
    )


def _lists(session: Session, sale: Sale, file: Path) -> list[Caps | None]:
    from mint.rehearse import rehearsing

    return lists(sale, file, rehearsing() if session.chain.local else None)


def _deploy(session: Session, manifest: Manifest, offer: Terms | None) -> Deployment:
    return deploy_contract(session.chain, session.wallet, session.journal, terms(manifest), offer)


def _deploy_rehearsal(session: Session, manifest: Manifest, offer: Terms) -> Deployment:
    """The contract and its twin, an hour before the first phase."""
    from mint.chain.local import travel
    from mint.rehearse import BEFORE

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


def _sell(
    session: Session, manifest: Manifest, deployment: Deployment, sale: Sale, place: Place
) -> Deployment:
    from mint.chain.sale import airdrop

    chain, wallet, journal = session.chain, session.wallet, session.journal
    airdrop(chain, wallet, journal, deployment.address, gifts(manifest.collection, place.file))
    wallets, twin = [wallet], None
    if chain.local:
        from mint.rehearse import Stage, buyers, play

        assert deployment.twin is not None
        stage = Stage(chain, wallet, journal, _lists(session, sale, place.file))
        play(stage, deployment.address, deployment.twin.address, opened(session, manifest))
        wallets += buyers()
        twin = deployment.twin.model_copy(
            update={"transactions": _history(session, deployment.twin, wallets)}
        )
    return deployment.model_copy(
        update={
            "transactions": _history(session, deployment, wallets),
            "drawn": drawn(chain, deployment.address),
            "twin": twin,
        }
    )


def opened(session: Session, manifest: Manifest) -> tuple[bytes, bytes, str]:
    """What a reveal opens: the secret, the salt, the final base URI."""
    assert manifest.publication is not None
    secret = secret_of(session, manifest)
    return secret, salt_of(secret), final_uri(manifest.publication)


def drawn(chain: Chain, address: str) -> Drawn | None:
    """The draw's facts, None before the reveal."""
    from mint.chain.sale import revealed, state

    draw = state(chain, address).draw
    if draw.step != "revealed":
        return None
    block, found, secret = revealed(chain, address)
    return drawn_from(block, found, secret, draw.entropy)


def _history(session: Session, deployment: Deployment, wallets: list[Wallet]) -> tuple[Sent, ...]:
    """Every transaction of ours to the contract that the chain holds, in the chain's order."""
    from mint.chain.send import find

    chain, journal = session.chain, session.journal
    sent = list(deployment.transactions[:1])
    for wallet in wallets:
        for purpose in journal.purposes(chain.genesis, wallet.address, ""):
            if purpose.split()[1:2] == [deployment.address]:
                sent += filter(None, [find(chain, wallet, journal, purpose)])
    return tuple(sorted(sent, key=lambda each: each.block))
