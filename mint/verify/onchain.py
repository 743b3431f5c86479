"""A manifest against its contract: what it fixed, how a sale was drawn, where each token leads.

Each check yields sentences that say what was checked, or raises a VerifyError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mint.errors import VerifyError
from mint.record.manifest import Manifest, fair_mint_terms
from mint.record.tree import final_uri
from mint.sale.offer import Caps, payees, phases, roots
from mint.spec.sale_times import deadline
from mint.spec.services import named
from mint.stages import Progress
from mint.verify.claims import published
from mint.verify.draw import draw_facts
from mint.verify.files import Files
from mint.verify.token_uris import check_uris
from mint.verify.unchecked import Unchecked

if TYPE_CHECKING:
    from mint.chain.deployment import Deployment
    from mint.chain.fairmint import OnChain
    from mint.chain.network import Chain
    from mint.sale.contract import State
    from mint.spec.sale_terms import Sale

Facts = Mapping[str, tuple[object, object]]  # name -> (on chain, expected)

# The owner may change the royalty's receiver; a sale's reveal changes the base URI, which is
# compared with what fits before and after.
CHANGEABLE = ("royalty_receiver", "base_uri")
CODE = "code, compared with this version of mint's,"


def check_chain(
    manifest: Manifest,
    files: Files,
    chain: Chain,
    allowlists: Sequence[Caps | None] | None = None,
    progress: Progress = lambda *news: None,
    reserve: int | None = None,
    most: int | None = None,
) -> Iterator[str]:
    """The contract has the manifest's terms and mint's code; every token URI leads to its token.

    `allowlists` are those of a sale's phases, `reserve` what may be given away; None where nobody
    here knows it. With `most` so many token URIs are followed, evenly spaced, and not all.
    """
    from mint.chain.fairmint import read

    deployment = manifest.deployment
    if deployment is None:
        raise VerifyError("nothing is deployed", hint="run mint build without --until")
    contract = read(chain, deployment.address)
    _compare(contract.address, _terms(manifest, chain, contract))
    if manifest.collection.sale is not None:
        lists = _Lists(allowlists, reserve)
        yield from _check_sale(manifest, files, chain, contract, lists, progress)
        return
    _compare(contract.address, _open_mint(manifest, contract))
    yield _terms_sentence(chain, contract)
    if contract.total_minted < contract.max_supply:
        minted = f"{contract.total_minted:,} of {contract.max_supply:,} tokens"
        yield Unchecked(f"{minted} are minted so far; of the others there is nothing to check")
    order = list(range(len(manifest.tokens)))
    step = -(-contract.total_minted // most) if most else 1
    token_ids = range(1, contract.total_minted + 1, max(step, 1))
    yield check_uris(manifest, files, chain, order, token_ids, progress)


def _terms(manifest: Manifest, chain: Chain, contract: OnChain) -> Facts:
    """The network, and what every contract of mint's fixes in its constructor."""
    deployment = manifest.deployment
    assert deployment is not None
    fixed = {name: value for name, value in fair_mint_terms(manifest) if name not in CHANGEABLE}
    return {
        "network": (chain.network, deployment.network),
        "chain id": (chain.chain_id, deployment.chain_id),
        **{n.replace("_", " "): (getattr(contract, n), value) for n, value in fixed.items()},
        "code": (contract.code, deployment.code),
    }


def _open_mint(manifest: Manifest, contract: OnChain) -> Facts:
    """What a contract without a sale shows besides."""
    from mint.chain.constructor import code_of

    terms = fair_mint_terms(manifest)
    return {
        "base uri": (contract.base_uri, terms.base_uri),
        "total supply": (contract.total_supply, contract.total_minted),
        # Other code could give every answer above today, and others tomorrow.
        CODE: (contract.code, code_of(terms)),
    }


def _terms_sentence(chain: Chain, contract: OnChain, besides: str = "") -> str:
    terms = f"name, symbol, supply, provenance, licence and royalty rate{besides}"
    return f"{contract.address} on {chain.network} runs mint's code with the collection's {terms}"


def _compare(address: str, facts: Facts) -> None:
    """Raise VerifyError at the first fact that is not as expected."""
    for name, (on_chain, expected) in facts.items():
        if on_chain != expected:
            raise VerifyError(
                f"the contract's {name} is {on_chain}, not {expected}",
                hint=f"{address} is not the contract of this build, "
                "or another version of mint deployed it; then verify with that version",
            )


class _Lists(NamedTuple):
    """What a sale's lists of wallets say, where the lists are here."""

    allowlists: Sequence[Caps | None] | None
    reserve: int | None


def _check_sale(
    manifest: Manifest,
    files: Files,
    chain: Chain,
    contract: OnChain,
    lists: _Lists,
    progress: Progress,
) -> Iterator[str]:
    """The sale's terms are the file's, and the draw is what the chain's block and secret give."""
    from mint.sale.contract import state
    from mint.sale.draw import order
    from mint.sale.history import deployed_payees

    now = state(chain, contract.address)
    sale, deployment = manifest.collection.sale, manifest.deployment
    assert sale is not None
    assert deployment is not None
    first = now.payees
    if first != payees(sale, deployment.owner):
        first = deployed_payees(chain, contract.address, now, deployment.since)
    facts = _sale_terms(manifest, chain, contract, now._replace(payees=first), lists)
    same, besides = ["phases", "payees", "reserve", "dates"], ""
    if _reserve(sale, lists) is None:
        same.remove("reserve")
        besides += " (only the artist has the list of gifts, so the reserve was not checked)"
    if _is_owners(sale, deployment):
        same.remove("payees")
        besides += " (the file names no payee, so who is paid was not checked)"
    besides = f", and its sale's {named(same)}{besides}"
    if lists.allowlists is None and any(phase.root != bytes(32) for phase in now.phases):
        besides += " (only the artist has its allowlists, so they were not checked)"
    elif chain.local and any(phase.root != bytes(32) for phase in now.phases):
        besides += " (mint's own buyers are on it in place of the artist's allowlists)"
    if first != now.payees:
        pairs = zip(first, now.payees, strict=True)
        moves = [f"{old} for {new}" for (old, _), (new, _) in pairs if old != new]
        besides += f"; a payee has named another address: {', '.join(moves)}"
    if now.draw.step != "revealed":
        hidden_uri = fair_mint_terms(manifest).base_uri
        _compare(contract.address, {**facts, "base uri": (contract.base_uri, hidden_uri)})
        _refuse_shown(chain, contract, hidden_uri)
        yield _terms_sentence(chain, contract, besides)
        yield f"the sale on {chain.network} is {now.draw.step}; every token is still hidden"
        return
    revealed_uri = final_uri(published(manifest))
    draw = draw_facts(manifest, chain, contract.address, now)
    _compare(contract.address, {**facts, "base uri": (contract.base_uri, revealed_uri), **draw})
    yield _terms_sentence(chain, contract, besides)
    sequence = order(now.draw.entropy, contract.max_supply)
    token_ids = range(1, contract.total_minted + 1)
    yield check_uris(manifest, files, chain, sequence, token_ids, progress)


def _sale_terms(
    manifest: Manifest,
    chain: Chain,
    contract: OnChain,
    now: State,
    lists: _Lists,
) -> Facts:
    from mint.chain.constructor import SaleTerms, code_of

    sale, deployment = manifest.collection.sale, manifest.deployment
    assert sale is not None
    assert deployment is not None
    on_chain = [phase.root for phase in now.phases]
    list_roots = roots(lists.allowlists) if lists.allowlists else on_chain
    owners = now.payees if _is_owners(sale, deployment) and len(now.payees) == 1 else None
    terms = SaleTerms(
        secret_hash=now.secret_hash,
        uri_hash=now.uri_hash,
        reveal_deadline=now.reveal_deadline,
        draw_delay=now.draw_delay,
        reserve=now.reserve,
        phases=phases(manifest.collection, list_roots),
        payees=owners or payees(sale, deployment.owner),
    )
    reserved = _reserve(sale, lists)
    open_to_all = [phase.allowlist is None for phase in sale.phases]
    return {
        "reveal deadline": (now.reveal_deadline, deadline(sale)),
        "draw delay": (now.draw_delay, 1 if chain.is_development else sale.draw_delay),
        "reserve": (now.reserve, now.reserve if reserved is None else reserved),
        "phases": (now.phases, terms.phases),
        "public phases": ([root == bytes(32) for root in on_chain], open_to_all),
        "payees": (now.payees, terms.payees),
        CODE: (contract.code, code_of(fair_mint_terms(manifest), terms)),
    }


def _reserve(sale: Sale, lists: _Lists) -> int | None:
    """How many tokens may be given away; None where only the artist's list of gifts says it."""
    if lists.reserve is not None:
        return lists.reserve
    if sale.reserve is not None:
        return sale.reserve
    return 0 if sale.airdrop is None else None


def _is_owners(sale: Sale, deployment: Deployment) -> bool:
    """Whether all is the deployer's, and nobody here knows who that was: ownership can be given."""
    return not sale.payees and not deployment.transactions


def _refuse_shown(chain: Chain, contract: OnChain, hidden_uri: str) -> None:
    """Before the reveal every token's URI is that of the placeholder."""
    from mint.chain.fairmint import token_uris

    ids = range(1, contract.total_minted + 1)
    # A token that was burned, for a refund, has none.
    if uris := {uri for _, uri in token_uris(chain, contract.address, ids)} - {hidden_uri, ""}:
        raise VerifyError(f"a token shows {uris.pop()} before the reveal")
