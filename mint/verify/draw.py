"""The draw of a sale: what the reveal opened, held against what was committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mint.record.manifest import Manifest
from mint.record.tree import final_uri
from mint.verify.claims import published

if TYPE_CHECKING:
    from mint.chain.network import Chain
    from mint.sale.contract import State


def draw_facts(
    manifest: Manifest, chain: Chain, address: str, now: State
) -> dict[str, tuple[object, object]]:
    """What the reveal opened against what was committed, and the seed that it gives.

    Each as (what is so, what should be), by what it is called.
    """
    from mint.chain.deployment import drawn_from
    from mint.chain.network import results
    from mint.sale.draw import salt_of, secret_hash, seed_of, uri_hash
    from mint.sale.history import revealed

    deployment = manifest.deployment
    since = deployment.since if deployment else 0
    block, block_hash, secret = revealed(chain, address, since, now.draw.number)
    with results(chain.label):
        hash_there = bytes(chain.web3.eth.get_block(block)["hash"])
    committed_uri = uri_hash(salt_of(secret), final_uri(published(manifest)))
    seed = seed_of(block_hash, secret, address, chain.chain_id)
    facts: dict[str, tuple[object, object]] = {
        "drawing block": (block, now.draw.number),
        "secret": (now.secret_hash, secret_hash(secret)),
        "committed base uri": (now.uri_hash, committed_uri),
        "seed": (now.draw.entropy, seed),
        "block's hash": (hash_there, block_hash),
    }
    if deployment is not None and (record := deployment.drawn):
        on_chain = drawn_from(block, block_hash, secret, now.draw.entropy)
        facts["recorded draw"] = on_chain, record
    return facts
