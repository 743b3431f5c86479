"""A deployed contract -> its tokens minted or sold, and read back as a stranger would."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.account import Account
from mint.chain.deployment import Deployment
from mint.chain.fairmint import mint as mint_tokens
from mint.ipfs.car import open_car
from mint.record.folders import Folders
from mint.record.launches import update
from mint.record.manifest import Manifest
from mint.sale.offer import Caps, gifts, reserve
from mint.sale.secret import reveal_arguments
from mint.sale.terms import lists_of
from mint.spec.sale_terms import Sale
from mint.verify.files import Files
from mint.verify.onchain import check_chain

if TYPE_CHECKING:
    from mint.chain.send import Sent
    from mint.chain.wallet import Delegate, Wallet

SPOT_CHECKS = 100  # token URIs that are followed where this run minted nothing


def mint(account: Account, manifest: Manifest, folders: Folders) -> Deployment:
    """Mint what is missing to the owner, or give away what a sale gives away, and read it back.

    Where there was nothing to do, a few token URIs are read back and not all.

    On the local chain a sale lives its whole life: see mint.sale.rehearse.
    """
    deployment, collection = manifest.deployment, manifest.collection
    assert deployment is not None  # the stage before set it
    if collection.sale is None:
        done = mint_tokens(account, deployment)
    else:
        done = _sell(account, manifest, deployment, collection.sale, folders)
    with closing(open_car(folders.car)) as blocks:
        minted = manifest.model_copy(update={"deployment": done})
        claims = check_chain(
            minted,
            Files(blocks),
            account.chain,
            _allowlists(account, manifest, folders.file),
            reserve=reserve(collection, folders.file),
            most=SPOT_CHECKS if done == deployment else None,
        )
        deque(claims, maxlen=0)  # each is checked as it is said; here only errors count
    update(folders, account.chain.genesis, minted)
    return done


def _allowlists(account: Account, manifest: Manifest, file: Path) -> list[Caps | None] | None:
    sale = manifest.collection.sale
    return None if sale is None else lists_of(account, sale, file)


def _sell(
    account: Account, manifest: Manifest, deployment: Deployment, sale: Sale, folders: Folders
) -> Deployment:
    from mint.sale.airdrop import airdrop, outstanding
    from mint.sale.history import draw_facts

    chain = account.chain
    since = deployment.since
    free = gifts(manifest.collection, folders.file)
    if why := outstanding(account, deployment.address, free, since)[1]:
        account.announce(why)
    else:
        airdrop(account, deployment.address, free, since)
    wallets: list[Wallet | Delegate] = [account.wallet]
    twin = None
    if chain.local:
        from mint.sale.rehearse import Rehearsal, buyers, rehearse

        assert deployment.twin is not None
        caps = lists_of(account, sale, folders.file)
        rehearsal = Rehearsal(account, deployment.address, deployment.twin.address, caps)
        rehearse(rehearsal, reveal_arguments(account, manifest))
        wallets += buyers()
        twin = deployment.twin.model_copy(
            update={"transactions": _history(account, deployment.twin, wallets)}
        )
    return deployment.model_copy(
        update={
            "transactions": _history(account, deployment, wallets),
            "drawn": draw_facts(chain, deployment.address, since),
            "twin": twin,
        }
    )


def _history(
    account: Account, deployment: Deployment, wallets: list[Wallet | Delegate]
) -> tuple[Sent, ...]:
    """Every transaction of ours to the contract that the chain holds, in the chain's order."""
    from mint.chain.send import find

    transactions = list(deployment.transactions[:1])
    for wallet in wallets:
        for purpose in (one := account.of(wallet)).purposes(""):
            if purpose.split()[1:2] == [deployment.address]:
                transactions += filter(None, [find(one, purpose)])
    return tuple(sorted(transactions, key=lambda each: each.block))
