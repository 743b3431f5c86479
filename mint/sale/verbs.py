"""A sale after its deployment: `mint sale VERB TARGET`, for its owner, its buyers and everybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mint.addresses import receiver
from mint.chain.network import results
from mint.chain.payee import refuse_deaf_payees
from mint.errors import ChainError, CollectionError, StoreError
from mint.pinning.patience import PATIENCE
from mint.pinning.published import pin, refuse_other_car
from mint.pinning.uploading import spoken
from mint.record.launches import launched_list, launches_on, note_draw
from mint.sale import contract, purchase
from mint.sale.allowlist import proof, read_list
from mint.sale.finality import refuse_unfinal
from mint.sale.history import draw_facts
from mint.sale.phases import find_phase
from mint.sale.secret import reveal_arguments
from mint.sale.watch import watch as watching
from mint.spec.collection import beside
from mint.spec.sale_times import MOST_CAP
from mint.store import lock

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.network import Chain
    from mint.chain.send import Sent
    from mint.sale.locate import DeployedSale
    from mint.sale.purchase import Purchase


def buy(
    account: Account,
    sale: DeployedSale,
    phase: str | None,
    quantity: int,
    allowlist: Path | None = None,
    agree: purchase.Agree | None = None,
) -> Purchase:
    """Buy `quantity` tokens in the phase called `phase`, else in the open one.

    A purchase that an earlier command did not see the end of is finished instead. Without
    `allowlist` a listed phase uses the list that the collection.yaml names; `agree` hears of the
    price. Raises MintError.
    """
    with results(account.chain.label):
        now = int(account.chain.web3.eth.get_block("latest")["timestamp"])
    state = contract.state(account.chain, sale.address)
    if quantity > state.max_supply:
        raise ChainError(
            f"the collection has {state.max_supply:,} tokens in all, and {quantity:,} were asked "
            "for",
            hint=sale.command("status"),
        )
    index = purchase.unreported(account, sale.address) if phase is None else None
    if index is None:
        index = find_phase(sale, state, now, phase)
    grant = None
    if path := allowlist or _own_list(account.chain, sale, index):
        caps = read_list(path, MOST_CAP)
        if account.address not in caps:
            raise CollectionError(
                f"{account.address} is not on {path}", hint="use a wallet that is on the list"
            )
        grant = caps[account.address], proof(caps, account.address)
    return purchase.buy(account, sale.address, index, quantity, grant, agree)


def _own_list(chain: Chain, sale: DeployedSale, index: int) -> Path | None:
    """The allowlist that the collection.yaml names for phase `index`, as it was launched.

    The contract has that one's root; the file may have been edited since.
    """
    terms = sale.manifest and sale.manifest.collection.sale
    if not terms or index >= len(terms.phases):
        return None
    name = terms.phases[index].allowlist
    if name is None:
        return None
    file = sale.folders.file
    path = beside(name, file)
    for one in launches_on(sale.folders, chain.genesis):
        if one.launch.address == sale.address:
            return launched_list(one.folder, path, file)
    return path


def arm(account: Account, sale: DeployedSale) -> Sent:
    """Name the block that decides."""
    return contract.arm(account, sale.address)


def record(account: Account, sale: DeployedSale) -> Sent:
    """Write its hash down in the contract."""
    return contract.record(account, sale.address)


def reveal(
    account: Account,
    sale: DeployedSale,
    environ: Mapping[str, str],
    ask_password: Callable[[str], str] | None = None,
    opening: tuple[bytes, bytes, str] | None = None,
) -> Sent:
    """Pin everything, then open the secret; refused while the block that decides is not final, but
    for the last two hours.

    `ask_password` is for a secret in an encrypted file; nobody is asked where `opening` has what
    the reveal opens. Raises ChainError.
    """
    manifest = sale.manifest
    if manifest is None:
        raise ChainError(
            "a reveal needs the collection, not an address", hint="mint sale reveal FILE"
        )
    now = contract.state(account.chain, sale.address)
    draw = now.draw
    arguments = opening or (bytes(32), bytes(32), "")  # out of turn the contract says so
    if draw.step == "recorded":
        refuse_unfinal(account, draw.number, now.reveal_deadline)
    if opening is None and draw.step in ("recorded", "revealed"):
        arguments = reveal_arguments(account, manifest, environ, ask_password)
    if draw.step == "recorded":
        folders = sale.folders
        if manifest.publication is not None:
            refuse_other_car(folders.car, manifest.publication.root, folders.file)
        hear, patience = spoken(account.announce), PATIENCE._replace(note=account.announce)
        pin(manifest.collection.storage.pin, folders.car, folders, environ, hear, patience)
    if draw.step == "revealed":
        _record_draw(account, sale)  # by another machine, or by a command that was cut off
    transaction = contract.reveal(account, sale.address, *arguments)
    _record_draw(account, sale)
    return transaction


def _record_draw(account: Account, sale: DeployedSale) -> None:
    """Write down that the pictures are no secret any more: `mint pin` and `mint archive` look."""
    manifest = sale.manifest
    if manifest is None or manifest.deployment is None or account.chain.local:
        return
    try:
        facts = draw_facts(account.chain, sale.address, manifest.deployment.since)
        if facts is None:  # a node behind a balancer may lag by a block
            raise ChainError(f"{account.chain.label} does not know of the reveal yet")
        with lock(sale.folders.state):
            note_draw(sale.folders, account.chain.genesis, manifest.deployment, facts)
    except (ChainError, StoreError) as error:  # the reveal itself is done
        account.announce(f"the draw is not recorded here: {error}; run mint build later")


def watch(
    account: Account,
    sale: DeployedSale,
    environ: Mapping[str, str],
    announce: Callable[[str], None],
    ask_password: Callable[[str], str] | None = None,
    *,
    reveals: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Sent]:
    """Arm and record as soon as that can be, and reveal if `reveals`; see mint.sale.watch.

    What a reveal opens is made before the waiting begins: a wrong wallet is noticed then, and
    nobody is asked for a password at night. Raises MintError.
    """
    if account.chain.local:
        raise ChainError(
            "a rehearsal has lived its whole life, and nothing is left to wait for",
            hint=sale.command("status"),
        )
    opening = None
    if reveals:
        if sale.manifest is None:
            raise ChainError(
                "a reveal needs the collection, not an address",
                hint="mint sale watch FILE --reveal",
            )
        opening = reveal_arguments(account, sale.manifest, environ, ask_password)
    act = partial(reveal, account, sale, environ, opening=opening)
    yield from watching(account, sale, opening, act, announce, sleep)


def withdraw(account: Account, sale: DeployedSale) -> list[Sent]:
    """Send every payee its share."""
    return contract.withdraw(account, sale.address)


def refund(account: Account, sale: DeployedSale, ids: Sequence[int], to: str | None) -> Sent:
    """Burn the wallet's tokens and take back what was paid for them.

    Raises ChainError for a token that cannot be, and for a receiver that is no address, or is
    mistyped (EIP-55).
    """
    if to is not None:
        to = receiver(to)
    most = contract.state(account.chain, sale.address).max_supply
    for token_id in ids:
        if not 1 <= token_id <= most:
            number = str(token_id) if len(str(token_id)) < 20 else f"{str(token_id)[:12]}..."
            raise ChainError(
                f"the collection has no token {number}", hint=f"they are numbered 1 to {most}"
            )
    return contract.refund(account, sale.address, ids, to or account.wallet.address)


def redirect(account: Account, sale: DeployedSale, to: str) -> list[Sent]:
    """Have this wallet's own share of the proceeds go to `to`; raises ChainError.

    One that takes no money is refused: the share would be locked in the sale for ever.
    """
    to = receiver(to)
    if to == sale.address:
        raise ChainError(
            f"{to} is the sale itself, which cannot pay itself: the share would be locked for ever",
            hint="name a wallet that is yours",
        )
    for doubt in refuse_deaf_payees(account.chain, [to], account.address):
        account.announce(doubt)
    state = contract.state(account.chain, sale.address)
    shares = [i for i, (payee, _) in enumerate(state.payees) if payee == account.address]
    if not shares:
        names = ", ".join(payee for payee, _ in state.payees)
        raise ChainError(
            f"{account.address} is no payee of this sale; those are {names}",
            hint="only a payee's own wallet says where its share goes",
        )
    deployment = sale.manifest.deployment if sale.manifest else None
    since = deployment.since if deployment else 0
    return [contract.redirect(account, sale.address, i, to, since) for i in shares]
