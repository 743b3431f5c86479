"""The terms on which a wallet sells a built collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.account import Account
from mint.record.manifest import Manifest
from mint.sale.offer import Caps, lists, payees, phases, reserve, roots
from mint.spec.sale_terms import Sale
from mint.spec.sale_times import deadline

if TYPE_CHECKING:
    from mint.chain.constructor import SaleTerms
    from mint.sale.commitment import Commitment


def sale_terms(account: Account, manifest: Manifest, file: Path) -> SaleTerms:
    """The terms on which this wallet sells; raises CollectionError for a list that is wrong.

    Their hashes are zeros, which the contract refuses, until `committed` sets them.
    """
    from mint.chain.constructor import SaleTerms

    sale = manifest.collection.sale
    assert sale is not None
    return SaleTerms(
        secret_hash=bytes(32),
        uri_hash=bytes(32),
        reveal_deadline=deadline(sale),
        draw_delay=1 if account.chain.is_development else sale.draw_delay,
        reserve=reserve(manifest.collection, file),
        phases=phases(manifest.collection, roots(lists_of(account, sale, file))),
        payees=payees(sale, account.wallet.address),
    )


def committed(terms: SaleTerms, commitment: Commitment) -> SaleTerms:
    """The terms with what the sale commits to (mint.sale.commitment)."""
    return terms._replace(
        secret_hash=bytes.fromhex(commitment.secret_hash),
        uri_hash=bytes.fromhex(commitment.uri_hash),
    )


def lists_of(account: Account, sale: Sale, file: Path) -> list[Caps | None]:
    """Each phase's allowlist, on the local chain with the rehearsal's buyers on it."""
    from mint.sale.rehearse import rehearsal_caps

    return lists(sale, file, rehearsal_caps() if account.chain.local else None)
