"""A network, the wallet that sends there, and the journal of what it sent: one noun for three."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.lock import state_home
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.journal import Journal
    from mint.chain.network import Chain
    from mint.chain.wallet import Delegate, Wallet


def _silent(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Account:
    """A wallet on an open chain, and the journal of what it may have sent there.

    `max_fee` is the most that the user pays, in wei per gas; None is a ceiling of our own.
    `announce` says what a wait is for. After `patience` seconds without a block a fee is raised:
    five Ethereum slots. Locks lie in the folder `home`; None is the user's own. `environ` and
    `ask_password` are for an encrypted file that is needed besides the wallet.
    """

    chain: Chain
    wallet: Wallet | Delegate
    journal: Journal
    max_fee: int | None = None
    announce: Callable[[str], None] = field(default=_silent, repr=False)
    home: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    ask_password: Callable[[str], str] | None = field(default=None, repr=False)
    patience: float = 60.0

    @property
    def address(self) -> str:
        """The wallet's checksummed address."""
        return self.wallet.address

    def of(self, wallet: Wallet | Delegate) -> Account:
        """Another wallet on the same chain, with the same journal."""
        return replace(self, wallet=wallet)

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
    announce: Callable[[str], None] = _silent,
    max_fee: float | None = None,
) -> Iterator[Account]:
    """Connect to `network` and open the wallet, and the journal in the folder `state`.

    `wallet` is one that is open already, or what `--wallet` says: see mint.chain.wallet. `max_fee`
    (gwei per gas, else MINT_MAX_FEE_GWEI) is the most a transaction pays; `announce` says what a
    wait is for. Raises ChainError.
    """
    from mint.chain.journal import Journal
    from mint.chain.network import connect
    from mint.chain.wallet import open_wallet

    bound = fee_bound(environ, max_fee)
    chain = connect(network, state / "chain", environ)
    with closing(Journal(state / "journal.sqlite")) as journal:
        if wallet is None or isinstance(wallet, str):
            wallet = open_wallet(chain, wallet, environ, ask_password, announce)
        home = state_home(environ)
        yield Account(chain, wallet, journal, bound, announce, home, environ, ask_password)


def fee_bound(environ: Mapping[str, str], gwei: float | None = None) -> int | None:
    """`gwei`, else MINT_MAX_FEE_GWEI, in wei per gas; None if nobody set a bound.

    Raises ChainError for what is no positive number.
    """
    from decimal import Decimal, InvalidOperation

    text = environ.get("MINT_MAX_FEE_GWEI") if gwei is None else str(gwei)
    if not text:
        return None
    try:
        wei = int(Decimal(text).scaleb(9))
    except (InvalidOperation, ValueError, OverflowError):
        wei = 0
    if wei <= 0:
        name = "MINT_MAX_FEE_GWEI" if gwei is None else "--max-fee"
        value = repr(text) if gwei is None else f"{gwei:g}"
        raise ChainError(
            f"{name} is {value}, and the most to pay for gas is a number of gwei above 0",
            hint=f"set {name} to a number such as 50, or leave it out",
        )
    return wei
