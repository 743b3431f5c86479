"""A collection's sale -> what the contract holds of it: phases, allowlists, gifts, payees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mint.chain.constructor import Phase
from mint.errors import CollectionError
from mint.sale.allowlist import read_list, root
from mint.spec.collection import Collection, beside
from mint.spec.sale_terms import Sale
from mint.spec.sale_times import MOST_CAP, wei, windows

Caps = Mapping[str, int]  # checksummed address -> the most tokens it may take in a phase


def lists(sale: Sale, file: Path, buyers: Caps | None = None) -> list[Caps | None]:
    """Each phase's allowlist, None where anybody may buy; raises CollectionError.

    The rehearsal's `buyers` are on every list.
    """
    return [
        None
        if phase.allowlist is None
        else {**(buyers or {}), **read_list(beside(phase.allowlist, file), MOST_CAP)}
        for phase in sale.phases
    ]


def gifts(collection: Collection, file: Path) -> dict[str, int]:
    """Wallet -> tokens that the owner gives away; raises CollectionError."""
    sale = collection.sale
    if sale is None or sale.airdrop is None:
        return {}
    path = beside(sale.airdrop, file)
    airdrop = read_list(path, collection.supply)
    if sum(airdrop.values()) > collection.supply:
        raise CollectionError(
            f"{path} gives {sum(airdrop.values()):,} tokens away of {collection.supply:,}",
            hint="lower its numbers, or raise supply",
        )
    return airdrop


def reserve(collection: Collection, file: Path) -> int:
    """The most tokens that the owner may ever give away; raises CollectionError.

    Where the file does not say, what its list of gifts gives: buyers see that number before they
    buy, and whoever wants to give more has to announce it.
    """
    sale, free = collection.sale, sum(gifts(collection, file).values())
    if sale is None or sale.reserve is None:
        return free
    if free > sale.reserve:
        raise CollectionError(
            f"sale.airdrop gives {free:,} tokens away, and sale.reserve allows {sale.reserve:,}",
            hint=f"write reserve: {free}, or shorten {sale.airdrop}",
        )
    return sale.reserve


def phases(collection: Collection, roots: Sequence[bytes]) -> tuple[Phase, ...]:
    """The phases; `roots[i]` is that of phase i's allowlist, zeros where anybody may buy."""
    sale = collection.sale
    assert sale is not None
    return tuple(
        Phase(
            start=start,
            end=end,
            price=wei(phase.price),
            supply=phase.supply or collection.supply,
            wallet_cap=phase.wallet_cap or 0,
            root=list_root,
        )
        for phase, (start, end), list_root in zip(sale.phases, windows(sale), roots, strict=True)
    )


def roots(allowlists: Sequence[Caps | None]) -> list[bytes]:
    """The root of each phase's allowlist."""
    return [bytes(32) if caps is None else root(caps) for caps in allowlists]


def payees(sale: Sale, owner: str) -> tuple[tuple[str, int], ...]:
    """(address, basis points) of everybody who shares; the owner alone where nobody is named."""
    from eth_utils.address import to_checksum_address

    shares = tuple((str(to_checksum_address(p.address)), p.bps) for p in sale.payees)
    return shares or ((owner, 10_000),)
