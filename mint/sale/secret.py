"""The secret of a draw: the owner's wallet makes it again on any machine, and nobody else can."""

from __future__ import annotations

from mint.chain.account import Account
from mint.record.manifest import Manifest
from mint.record.tree import final_uri
from mint.sale.draw import salt_of

_WORDS = """mint: the secret of a draw
Sign this nowhere but in mint: whoever has the signature knows the order before the others.
chain {genesis}
collection {collection}
provenance {provenance}"""


def secret_of(account: Account, manifest: Manifest) -> bytes:
    """The draw's secret: the owner's wallet makes it again on any machine, and nobody else can."""
    from eth_hash.auto import keccak

    assert manifest.provenance is not None
    words = _WORDS.format(
        genesis=account.chain.genesis,
        collection=manifest.collection.digest,
        provenance=manifest.provenance,
    )
    return keccak(account.wallet.signature(words))  # the digest tells nothing of the signature


def reveal_arguments(account: Account, manifest: Manifest) -> tuple[bytes, bytes, str]:
    """What a reveal opens: the secret, the salt, the final base URI."""
    assert manifest.publication is not None
    secret = secret_of(account, manifest)
    return secret, salt_of(secret), final_uri(manifest.publication)
