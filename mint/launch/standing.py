"""What stands on a chain of a collection already, so that no launch deploys it a second time."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mint.chain.deployment import Deployment
from mint.chain.evidence import counts
from mint.chain.fairmint import find_deployed, read
from mint.chain.gas import market_fees
from mint.chain.network import results
from mint.chain.send import progress
from mint.errors import LaunchError
from mint.launch.contract import Contract, contract_like, new_contract
from mint.launch.sentences import amount
from mint.record.launches import LaunchFolder, drop, launched_list, launches_on, list_files
from mint.store import content

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.record.folders import Folders
    from mint.record.manifest import Manifest
    from mint.spec.collection import Collection

_SHORT = 60  # characters of a value in a message


def standing(
    account: Account,
    manifest: Manifest,
    folders: Folders,
    ask_password: Callable[[str], str] | None = None,
) -> tuple[Contract, Deployment | None]:
    """The manifest's contract, and its deployment where it stands already, read from the chain.

    By a launch's record, else by the journal. Raises LaunchError where it is another wallet's.
    """
    for one in reversed(launches_on(folders, account.chain.genesis)):
        if one.launch.address is not None and _sells(one) == bool(manifest.collection.sale):
            contract = contract_like(account, manifest, folders, one.launch.address)
            if _is(account, one, contract) and (deployment := one.read_manifest().deployment):
                return contract, _own(account, deployment)
    contract = new_contract(account, manifest, folders, ask_password)
    earlier = find_deployed(account, contract.terms, contract.sale)
    if earlier is None:
        return contract, None
    earlier = earlier.model_copy(update={"secret_origin": contract.origin})
    return contract, _own(account, earlier)


def _sells(one: LaunchFolder) -> bool:
    """Whether it launched a contract with a sale: another one's questions would fail there."""
    return one.read_manifest().collection.sale is not None


def _is(account: Account, one: LaunchFolder, contract: Contract) -> bool:
    """Whether the launched contract is `contract`, by its record and by its code on the chain."""
    address = one.launch.address
    assert address is not None
    same = (one.launch.purpose, one.launch.code) == (contract.purpose, contract.code)
    return same and read(account.chain, address).code == contract.code


def _own(account: Account, deployment: Deployment) -> Deployment:
    if deployment.owner != account.address:
        raise _foreign(account, deployment.address, deployment.owner)
    return deployment


def _foreign(account: Account, what: str, owner: str) -> LaunchError:
    return LaunchError(
        f"{what} on {account.chain.network} belongs to {owner}, and your wallet is "
        f"{account.address}",
        hint="use the wallet that deployed it: `mint wallet list` shows yours, --wallet chooses",
    )


def launched(account: Account, folders: Folders) -> list[LaunchFolder]:
    """The collection's launches on this chain, oldest first.

    One that was begun, and of which nothing can have been sent, is none.
    """
    every = launches_on(folders, account.chain.genesis)
    return [one for one in every if not _is_unsent(account, one)]


def forget_unsent(account: Account, folders: Folders) -> None:
    """Remove the records of launches of which nothing can have been sent.

    For whoever holds the lock of the build: else another process may just be sending one.
    """
    for one in launches_on(folders, account.chain.genesis):
        if _is_unsent(account, one):
            drop(one)


def _is_unsent(account: Account, one: LaunchFolder) -> bool:
    """Whether the launch was begun, and its deployment cannot come to be any more.

    A journal that knows nothing of it may be another one, of a copied folder: then the wallet must
    not have sent anything since.
    """
    if one.launch.owner != account.address or one.launch.address is not None:
        return False
    match progress(account, one.launch.purpose):
        case "failed":
            return True
        case "absent":
            with results(account.chain.label):
                return one.launch.nonce is None or counts(account)[1] <= one.launch.nonce
    return False


def refuse_edited(account: Account, collection: Collection, folders: Folders) -> None:
    """Raise LaunchError, before anything is painted, for a file that was launched and then edited.

    The contract has the file's digest, so an edited one would need a second contract.
    """
    earlier = [(one, one.read_manifest().collection) for one in launched(account, folders)]
    if earlier and all(before.public != collection.public for _, before in earlier):
        one, before = earlier[-1]
        raise _second(account, one, "; ".join(changed(before.public, collection.public)))


def refuse_second(account: Account, contract: Contract, folders: Folders) -> None:
    """Raise LaunchError where a contract of other terms stands: something besides the file changed.

    That is the pictures, an allowlist, the wallet, or mint itself. Where the journal is lost, this
    contract may stand itself.
    """
    earlier = [
        one
        for one in launched(account, folders)
        if one.launch.purpose != contract.purpose
        or progress(account, one.launch.purpose) == "absent"
    ]
    if not earlier:
        return
    one = earlier[-1]
    if one.launch.owner != account.address:
        raise _foreign(account, one.launch.address or "a contract on its way", one.launch.owner)
    if one.launch.purpose == contract.purpose:
        raise _unheard_of(account, one, folders)
    before = one.read_manifest()
    lists = [
        path.name
        for path in list_files(before.collection, folders.file)
        if content(path) != content(launched_list(one.folder, path, folders.file))
    ]
    what = f"the list {', '.join(lists)}" if lists else "mint's own contract"
    if before.provenance != contract.terms.provenance:
        what = "the pictures or their metadata"
    raise _second(account, one, what)


def _second(account: Account, one: LaunchFolder, what: str) -> LaunchError:
    where = one.launch.address or "that is still on its way"
    return LaunchError(
        f"this collection is on {one.launch.network} already, contract {where}. Since then this "
        f"changed: {what.rstrip('.')}. A contract has its file's digest for ever and cannot "
        f"follow; so a second one would be deployed{_cost(account, one)}, and share nothing with "
        "the first",
        hint=f"undo the change: {one.folder} has everything as it was. Or, if a second contract "
        "is what you want, add --again; the first one and its record stay",
    )


def _unheard_of(account: Account, one: LaunchFolder, folders: Folders) -> LaunchError:
    """A launch that was cut off, whose journal is gone: the wallet has sent something since."""
    owner, network = one.launch.owner, one.launch.network
    page = account.chain.line.address(owner) or "your wallet's history"
    track = f"mint launch {shlex.quote(str(folders.file))} --network {network} --track HASH"
    return LaunchError(
        f"a launch of this collection on {network} was cut off, and its contract may be on the "
        f"chain already: {one.folder} has it, and the journal in {folders.state} does not",
        hint=f"look at {page}: if a transaction made a contract, give its hash: {track} --from "
        f"{owner}; if none did, add --again",
    )


def _cost(account: Account, one: LaunchFolder) -> str:
    """What the first deployment would cost today."""
    deployment = one.read_manifest().deployment
    if deployment is None:
        return ""
    with results(account.chain.label):
        price = market_fees(account.chain)["maxFeePerGas"]
    gas = deployment.transactions[0].gas
    return f" for {gas:,} gas, at most {amount(gas * price, account.chain.chain_id)}"


def changed(before: Collection, now: Collection) -> Iterator[str]:
    """What differs between two files, `key: old -> new`, in the order of the new one."""
    yield from _changes("", before.model_dump(mode="json"), now.model_dump(mode="json"))


def _changes(key: str, before: Any, now: Any) -> Iterator[str]:
    if before == now:
        return
    before, now = _by_name(before), _by_name(now)
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*now, *before]):
            inner = f"{key}.{name}" if key else str(name)
            yield from _changes(inner, before.get(name), now.get(name))
        return
    yield f"{key}: {_short(before)} -> {_short(now)}"


def _by_name(value: Any) -> Any:
    """A list of things that have names, by them: traits, their values, phases."""
    if isinstance(value, list) and all(isinstance(one, Mapping) and "name" in one for one in value):
        return {one["name"]: one for one in value}
    return value


def _short(value: Any) -> str:
    text = "absent" if value is None else str(value)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}..."
