"""Before anything is painted: the wallet is opened, and what could not be launched is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.local import GENESIS_TIME
from mint.chain.network import endpoints, results
from mint.chain.networks import absent, ending, lasting, refuse_unfair_draw
from mint.errors import ChainError, LaunchError, PublishError
from mint.launch.consent import Consent
from mint.launch.standing import launched, refuse_edited
from mint.paint.mp4 import refuse_without_encoder
from mint.paint.signer import find_signer
from mint.pinning.doors import elsewhere
from mint.pinning.pin import PINNERS
from mint.pinning.pin import refuse_unready as unready
from mint.record.launches import launches_on
from mint.sale.dates import refuse_far, refuse_past
from mint.sale.offer import lists, reserve
from mint.spec.collection import Collection
from mint.spec.sale_times import BEFORE
from mint.spec.services import services
from mint.spec.yaml_source import Source
from mint.stages import STAGES, Stage

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.record.folders import Folders

OpenAccount = Callable[[], AbstractContextManager["Account"]]


def refuse_unready(
    collection: Collection,
    until: Stage,
    file: Path,
    environ: Mapping[str, str],
    *,
    pinning: bool = True,
) -> None:
    """Raise before painting where a stage up to `until` lacks a key, a library or a service.

    `pinning` is whether this run gives the CAR to the file's services. Raises
    SigningError, RenderError or PublishError.
    """
    stages = STAGES[: STAGES.index(until) + 1]
    if collection.c2pa and "sign" in stages:
        find_signer(environ, file.absolute().parent)
    if collection.animate and "animate" in stages:
        refuse_without_encoder()
    if "publish" in stages and pinning:
        try:
            unready(services(collection.storage.pin), environ)
        except PublishError as error:
            later = f"or paint first, and pin later: mint build {file} --until metadata"
            raise PublishError(str(error), hint=f"{error.hint}; {later}") from error


def refuse_undeployable(
    collection: Collection, source: Source, network: str | None, environ: Mapping[str, str]
) -> None:
    """Raise before painting what deploying would refuse hours later; no node is called.

    `network` is this run's, if it is not the file's. Raises CollectionError or ChainError.
    """
    if collection.sale is not None:
        lists(collection.sale, source.path)
        reserve(collection, source.path)
        if (network or collection.network) == "local":
            refuse_past(collection, GENESIS_TIME + BEFORE, "the chain inside mint")
    if network is None:
        check_network(collection, source)
    elif collection.sale is not None:
        refuse_unfair_draw(network)
    endpoints(network or collection.network, environ)


def check_network(collection: Collection, source: Source) -> None:
    """Raises CollectionError for a network that is misspelt, over, or unfit for the file's sale."""
    name = collection.network
    if "://" not in name and (refusal := absent(name)):
        raise source.error(("network",), str(refusal), refusal.hint)
    if collection.sale is not None:
        try:
            refuse_unfair_draw(name)
        except ChainError as error:
            raise source.error(("network",), str(error), error.hint) from error


@dataclass(frozen=True)
class Run:
    """What a run's options say of the wallet. `environ` holds endpoints and secrets."""

    until: Stage = "mint"
    network: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    ask_password: Callable[[str], str] | None = None  # of a keystore
    wallet: str | None = None  # what --wallet says
    max_fee: float | None = None  # gwei per gas
    consent: Consent = field(default_factory=Consent)  # to what a launch costs
    warn: Callable[[str], None] = lambda line: None  # what the artist should know


def wallet(
    collection: Collection, source: Source, folders: Folders, run: Run, stack: ExitStack
) -> OpenAccount:
    """How a stage gets at the wallet: elsewhere than on the local chain it is opened here, once.

    So a password is asked for, and what cannot be launched refused, before hours of painting.
    Raises CollectionError, ChainError, LaunchError.
    """
    from mint.chain.account import open_account

    network, environ, consent = run.network or collection.network, run.environ, run.consent
    how = environ, run.ask_password, run.wallet, run.warn, run.max_fee
    opening = partial(open_account, folders.state, network, *how)
    if STAGES.index(run.until) < STAGES.index("deploy"):
        return opening
    refuse_undeployable(collection, source, run.network, environ)
    if network == "local":
        return opening
    account = stack.enter_context(opening())
    if not launched(account, folders) and not account.purposes("deploy"):
        _refuse_dates(account, collection)
    refuse_unlaunchable(account, collection, folders, consent, environ)
    _warn_of_empty(account)
    if line := ending(account.chain.network, time.time()):
        account.announce(f"warning: {line}; {lasting(time.time())} lives longer")

    def opened() -> AbstractContextManager[Account]:
        return nullcontext(account)

    return opened


def _refuse_dates(account: Account, collection: Collection) -> None:
    with results(account.chain.label):
        now = int(account.chain.web3.eth.get_block("latest")["timestamp"])
    refuse_past(collection, now, account.chain.network)
    refuse_far(collection, now, account.chain.network)


def refuse_unlaunchable(
    account: Account,
    collection: Collection,
    folders: Folders,
    consent: Consent,
    environ: Mapping[str, str],
) -> None:
    """Raise LaunchError for a launch that would show nothing, or deploy a second contract.

    On a chain that others see nobody may look at pictures that nobody keeps, or that nobody but
    the node which got them was seen to return; and no file that was launched and then edited gets
    a second contract, unless the artist insists on it.
    """
    if account.chain.is_development:
        return
    if not consent.again:
        refuse_edited(account, collection, folders)
    if consent.unpinned or launches_on(folders, account.chain.genesis):
        return
    network, keepers = account.chain.network, services(collection.storage.pin)
    if not keepers:
        raise LaunchError(
            f"the tokens on {network} would show nothing: no service keeps the pictures "
            "(storage.pin is none)",
            hint="write `storage: {pin: kubo}` (your own node), or another service, into the file; "
            "or insist with --unpinned",
        )
    if not any(elsewhere(service, environ, PINNERS[service].gateways) for service in keepers):
        raise LaunchError(
            f"the tokens on {network} may show nothing: only your own node would say that it has "
            "the pictures, and not whether anybody else can load them from it",
            hint="name a gateway that is not on your machine, through which they are then fetched: "
            "export IPFS_GATEWAY=https://ipfs.io; or let a hosted service keep them too: "
            "storage: {pin: [kubo, pinata]}; or insist with --unpinned",
        )


def _warn_of_empty(account: Account) -> None:
    """While it paints there is time to fetch coins; what exactly is needed the plan says."""
    chain = account.chain
    with results(chain.label):
        balance = chain.web3.eth.get_balance(chain.web3.to_checksum_address(account.address))
    if not balance and not chain.is_development:
        faucet = f": {chain.line.faucet} gives them away" if chain.line.faucet else ""
        account.announce(
            f"warning: {account.address} has no {chain.line.coin} on {chain.network}, and a launch "
            f"needs some{faucet}"
        )
