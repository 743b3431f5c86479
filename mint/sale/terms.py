"""The terms on which a wallet sells a built collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mint.chain.account import Session
from mint.record.manifest import Manifest
from mint.record.tree import final_uri
from mint.sale.draw import salt_of, secret_hash, uri_hash
from mint.sale.offer import Caps, lists, payees, phases, roots
from mint.sale.secret import secret_of
from mint.spec.collection import Sale
from mint.spec.sale_times import deadline

if TYPE_CHECKING:
    from mint.chain.constructor import Terms


def offered(session: Session, manifest: Manifest, file: Path) -> Terms:
    """The terms on which this wallet sells; raises CollectionError for a list that is wrong."""
    from mint.chain.constructor import Terms

    sale, publication = manifest.collection.sale, manifest.publication
    assert sale is not None
    assert publication is not None
    secret, allowed = secret_of(session, manifest), lists_of(session, sale, file)
    return Terms(
        secret_hash=secret_hash(secret),
        uri_hash=uri_hash(salt_of(secret), final_uri(publication)),
        reveal_deadline=deadline(sale),
        draw_delay=1 if session.chain.worthless else sale.draw_delay,
        phases=phases(manifest.collection, roots(allowed)),
        payees=payees(sale, session.wallet.address),
    )


def lists_of(session: Session, sale: Sale, file: Path) -> list[Caps | None]:
    """Each phase's allowlist, on the local chain with the rehearsal's buyers on it."""
    from mint.sale.rehearse import rehearsing

    return lists(sale, file, rehearsing() if session.chain.local else None)
