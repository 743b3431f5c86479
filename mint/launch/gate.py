"""Before anything is painted: the wallet is opened, and what could not be launched is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from mint.chain.account import open_account
from mint.chain.network import answers
from mint.errors import LaunchError
from mint.launch.consent import Consent
from mint.launch.standing import refuse_edited

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.record.folders import Folders
    from mint.spec.collection import Collection

OpenAccount = Callable[[], AbstractContextManager["Account"]]


def wallet(
    network: str,
    collection: Collection,
    folders: Folders,
    environ: Mapping[str, str],
    ask_password: Callable[[str], str] | None,
    consent: Consent,
    choice: str | None,
    announce: Callable[[str], None],
    stack: ExitStack,
) -> OpenAccount:
    """How a stage gets at the wallet: elsewhere than on the local chain it is opened here, once.

    So a password is asked for, and what cannot be launched refused, before hours of painting.
    `choice` is what `--wallet` says. Raises ChainError, LaunchError.
    """
    opening = partial(open_account, folders.state, network, environ, ask_password, choice, announce)
    if network == "local":
        return opening
    account = stack.enter_context(opening())
    refuse_unlaunchable(account, collection, folders, consent)
    _warn_of_empty(account, announce)

    def opened() -> AbstractContextManager[Account]:
        return nullcontext(account)

    return opened


def refuse_unlaunchable(
    account: Account, collection: Collection, folders: Folders, consent: Consent
) -> None:
    """Raise LaunchError for a launch that would show nothing, or deploy a second contract.

    On a chain that others see nobody may look at pictures that nobody keeps, and no file that was
    launched and then edited gets a second contract, unless the artist insists on it.
    """
    if account.chain.is_development:
        return
    network = account.chain.network
    if collection.storage.pin == "none" and not consent.unpinned:
        raise LaunchError(
            f"the tokens on {network} would show nothing: no service keeps the pictures "
            "(storage.pin is none)",
            hint="write `storage: {pin: kubo}` (your own node), or another service, into the file; "
            "or insist with --unpinned",
        )
    if not consent.again:
        refuse_edited(account, collection, folders)


def _warn_of_empty(account: Account, announce: Callable[[str], None]) -> None:
    """While it paints there is time to fetch coins; what exactly is needed the plan says."""
    chain = account.chain
    with answers(chain.label):
        balance = chain.web3.eth.get_balance(chain.web3.to_checksum_address(account.address))
    if not balance and not chain.is_development:
        faucet = f": {chain.line.faucet} gives them away" if chain.line.faucet else ""
        announce(
            f"warning: {account.address} has no {chain.line.coin} on {chain.network}, and a launch "
            f"needs some{faucet}"
        )
