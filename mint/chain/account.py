"""A network, the wallet that sends there, and the journal of what it sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mint.record.folders import Place

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
