"""A network, the wallet that sends there, and the journal of what it sent: one noun for three."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mint.chain.journal import Journal
    from mint.chain.network import Chain
    from mint.chain.wallet import Delegate, Wallet


@dataclass(frozen=True)
class Account:
    """A wallet on an open chain, and the journal of what it may have sent there."""

    chain: Chain
    wallet: Wallet
    journal: Journal

    @property
    def address(self) -> str:
        """The wallet's checksummed address."""
        return self.wallet.address

    def of(self, wallet: Wallet) -> Account:
        """Another wallet on the same chain, with the same journal."""
        return Account(self.chain, wallet, self.journal)

    def purposes(self, stem: str) -> list[str]:
        """What this wallet signed here for purposes that begin with `stem`, oldest first."""
        return self.journal.purposes(self.chain.genesis, self.address, stem)

    def settle(self, purpose: str) -> None:
        """Write down that the outcome of `purpose` was reported to the user."""
        self.journal.settle(self.chain.genesis, self.address, purpose)

    def is_settled(self, purpose: str) -> bool:
        """Whether it was."""
        return self.journal.is_settled(self.chain.genesis, self.address, purpose)


@contextmanager
def open_account(
    state: Path,
    network: str,
    environ: Mapping[str, str],
    ask_password: Callable[[str], str] | None = None,
    wallet: str | Wallet | Delegate | None = None,
    announce: Callable[[str], None] = lambda line: None,
) -> Iterator[Account]:
    """Connect to `network` and open the wallet, and the journal in the folder `state`.

    `wallet` is one that is open already, or what `--wallet` says: see mint.chain.wallet.
    Raises ChainError.
    """
    from mint.chain.journal import Journal
    from mint.chain.network import connect
    from mint.chain.wallet import open_wallet

    chain = connect(network, state / "chain", environ)
    with closing(Journal(state / "journal.sqlite")) as journal:
        if wallet is None or isinstance(wallet, str):
            wallet = open_wallet(chain, wallet, environ, ask_password, announce)
        # A Delegate, as soon as `send` takes one.
        yield Account(chain, wallet, journal)  # type: ignore[arg-type]
