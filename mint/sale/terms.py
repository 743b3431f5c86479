"""The terms on which a wallet sells a built collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.account import Account
from mint.record.manifest import Manifest
from mint.record.tree import final_uri
from mint.sale.draw import salt_of, secret_hash, uri_hash
from mint.sale.offer import Caps, lists, payees, phases, roots
from mint.sale.secret import secret_of
from mint.spec.sale_terms import Sale
from mint.spec.sale_times import deadline

if TYPE_CHECKING:
    from mint.chain.constructor import SaleTerms


def sale_terms(account: Account, manifest: Manifest, file: Path) -> SaleTerms:
    """The terms on which this wallet sells; raises CollectionError for a list that is wrong."""
    from mint.chain.constructor import SaleTerms

    sale, publication = manifest.collection.sale, manifest.publication
    assert sale is not None
    assert publication is not None
    secret, allowed = secret_of(account, manifest), lists_of(account, sale, file)
    return SaleTerms(
        secret_hash=secret_hash(secret),
        uri_hash=uri_hash(salt_of(secret), final_uri(publication)),
        reveal_deadline=deadline(sale),
        draw_delay=1 if account.chain.is_development else sale.draw_delay,
        phases=phases(manifest.collection, roots(allowed)),
        payees=payees(sale, account.wallet.address),
    )


def lists_of(account: Account, sale: Sale, file: Path) -> list[Caps | None]:
    """Each phase's allowlist, on the local chain with the rehearsal's buyers on it."""
    from mint.sale.rehearse import rehearsal_caps

    return lists(sale, file, rehearsal_caps() if account.chain.local else None)
