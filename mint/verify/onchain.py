"""A manifest against its contract: what it fixed, how a sale was drawn, where each token leads.

Each check returns a sentence that says what holds, or raises VerifyError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mint.document import plain, sha256
from mint.errors import VerifyError
from mint.ipfs.car import Car
from mint.record.manifest import Manifest, fair_mint_terms
from mint.record.tree import final_uri
from mint.sale.offer import Caps, payees, phases, roots
from mint.spec.sale_times import deadline
from mint.verify.offline import BUILD, by_uri, published, wrong

if TYPE_CHECKING:
    from mint.chain.fairmint import OnChain
    from mint.chain.network import Chain
    from mint.curate.token import Token
    from mint.sale.contract import State


def check_chain(
    manifest: Manifest,
    car: Car,
    chain: Chain,
    allowed: Sequence[Caps | None] | None = None,
) -> str:
    """The contract's immutables are the manifest's, and tokenURI of every token leads to it.

    `allowed` are the allowlists of a sale's phases; None where nobody here knows them.
    """
    from mint.chain.constructor import code_of
    from mint.chain.fairmint import read

    deployment = manifest.deployment
    if deployment is None:
        raise VerifyError("nothing is deployed", hint="run mint build without --until")
    launch, held = fair_mint_terms(manifest), read(chain, deployment.address)
    wanted = {name: value for name, value in launch if name not in _LATER}
    told = {
        "network": (chain.network, deployment.network),
        "chain id": (chain.chain_id, deployment.chain_id),
        **{name.replace("_", " "): (getattr(held, name), value) for name, value in wanted.items()},
        "code": (held.code, deployment.code),
    }
    if manifest.collection.sale is None:
        told["base uri"] = held.base_uri, launch.base_uri
        told["total supply"] = held.total_supply, len(manifest.tokens)
        # Other code could give every answer above, and others tomorrow.
        told[_OURS] = held.code, code_of(launch)
        _agree(deployment.address, told)
        order = list(range(len(manifest.tokens)))
        return _check_uris(manifest, car, chain, order, held.total_minted)
    _agree(deployment.address, told)
    return _check_sale(manifest, car, chain, held, allowed)


_LATER = ("royalty_receiver", "base_uri")  # their owner changes the one, a reveal the other
_OURS = "code, as this version of mint makes it,"


def _agree(address: str, told: Mapping[str, tuple[object, object]]) -> None:
    """Raise VerifyError at the first that the chain says otherwise: name -> (found, wanted)."""
    for name, (found, wanted) in told.items():
        if found != wanted:
            raise VerifyError(
                f"the contract's {name} is {found}, not {wanted}",
                hint=f"{address} is not the contract of this build, "
                "or another version of mint deployed it",
            )


def _check_sale(
    manifest: Manifest,
    car: Car,
    chain: Chain,
    held: OnChain,
    allowed: Sequence[Caps | None] | None,
) -> str:
    """The sale's terms are the file's, and the draw is what the chain's block and secret give."""
    from mint.chain.constructor import SaleTerms, code_of
    from mint.sale.contract import state
    from mint.sale.draw import order

    sale, publication = manifest.collection.sale, published(manifest)
    assert sale is not None
    assert manifest.deployment is not None
    now, launch = state(chain, held.address), fair_mint_terms(manifest)
    on_chain = [phase.root for phase in now.phases]
    agreed = phases(manifest.collection, roots(allowed) if allowed else on_chain)
    fixed = SaleTerms(
        secret_hash=now.secret_hash,
        uri_hash=now.uri_hash,
        reveal_deadline=now.reveal_deadline,
        draw_delay=now.draw_delay,
        phases=agreed,
        payees=payees(sale, manifest.deployment.owner),
    )
    open_to_all = [phase.allowlist is None for phase in sale.phases]
    told: dict[str, tuple[object, object]] = {
        "reveal deadline": (now.reveal_deadline, deadline(sale)),
        "draw delay": (now.draw_delay, 1 if chain.is_development else sale.draw_delay),
        "phases": (now.phases, fixed.phases),
        "public phases": ([root == bytes(32) for root in on_chain], open_to_all),
        "payees": (now.payees, fixed.payees),
        _OURS: (held.code, code_of(launch, fixed)),
    }
    if now.draw.step != "revealed":
        told["base uri"] = held.base_uri, launch.base_uri
        _agree(held.address, told)
        uris = {uri for _, uri in _uris(chain, held)} - {launch.base_uri}
        if uris:
            raise VerifyError(f"a token shows {uris.pop()} before the reveal", hint=BUILD)
        return f"the sale on {chain.network} is {now.draw.step}; every token is still hidden"
    told["base uri"] = held.base_uri, final_uri(publication)
    _agree(held.address, told | _draw_facts(manifest, chain, held.address, now))
    placed = order(now.draw.entropy, held.max_supply)
    return _check_uris(manifest, car, chain, placed, held.total_minted)


def _draw_facts(
    manifest: Manifest, chain: Chain, address: str, now: State
) -> dict[str, tuple[object, object]]:
    """What the reveal opened against what was committed, and the seed that it gives."""
    from mint.chain.deployment import drawn_from
    from mint.sale.contract import revealed
    from mint.sale.draw import salt_of, secret_hash, seed_of, uri_hash

    block, found, secret = revealed(chain, address)
    facts: dict[str, tuple[object, object]] = {
        "drawing block": (block, now.draw.number),
        "secret": (now.secret_hash, secret_hash(secret)),
        "committed base uri": (
            now.uri_hash,
            uri_hash(salt_of(secret), final_uri(published(manifest))),
        ),
        "seed": (now.draw.entropy, seed_of(found, secret, address, chain.chain_id)),
        "block's hash": (bytes(chain.web3.eth.get_block(block)["hash"]), found),
    }
    if manifest.deployment is not None and (recorded := manifest.deployment.drawn):
        facts["recorded draw"] = drawn_from(block, found, secret, now.draw.entropy), recorded
    return facts


def _uris(chain: Chain, held: OnChain) -> Iterator[tuple[int, str]]:
    from mint.chain.fairmint import token_uris

    return token_uris(chain, held.address, range(1, held.total_minted + 1))


def _check_uris(
    manifest: Manifest, car: Car, chain: Chain, order: Sequence[int], minted: int
) -> str:
    """Token URIs of the first `minted` tokens lead to their entries: order[i] is token i + 1's."""
    from mint.chain.fairmint import token_uris

    assert manifest.deployment is not None
    address, gone = manifest.deployment.address, 0
    for token_id, uri in token_uris(chain, address, range(1, minted + 1)):
        index = order[token_id - 1]
        if uri:
            _follow(manifest.tokens[index], (manifest.metadata or ())[index], uri, car)
        gone += not uri
    drawn = " in the order that was drawn" if manifest.collection.sale else ""
    return f"{minted - gone} token URIs on {chain.network} lead to the recorded pictures{drawn}"


def _follow(token: Token, digest: str, uri: str, car: Car) -> None:
    """TokenURI -> CAR -> JSON -> image -> digests, as a marketplace would go."""
    document = by_uri(car, uri, token)
    if sha256(document) != digest:
        raise wrong(token, "its token URI leads to other metadata")
    if sha256(by_uri(car, plain(document)["image"], token)) != token.image.file:
        raise wrong(token, "its token URI leads to another picture")
