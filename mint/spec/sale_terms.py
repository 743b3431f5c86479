"""`sale:` of collection.yaml, as it is written; times and sums are computed in sale_times."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mint.spec.forms import Address, Ether, Instant, Section
from mint.spec.traits import Name, Text


class Phase(Section):
    """A part of the sale with its own time, price and buyers."""

    name: Annotated[Name, Field(examples=["friends"])]
    """What the phase is called."""
    start: Instant
    """When it begins: date, time and zone, ISO 8601. Z is UTC."""
    end: Instant | None = None
    """When it ends. Without it, when the next phase begins; the last phase needs one."""
    price: Ether
    """What one token costs, in the network's coin (ETH on most), in quotes. "0" is a gift."""
    wallet_cap: Annotated[int, Field(ge=1, examples=[3])] | None = None
    """The most tokens one wallet may buy in this phase, up to 255. Without it there is no limit."""
    supply: Annotated[int, Field(ge=1, examples=[100])] | None = None
    """The most tokens this phase may sell. Without it, all that are left."""
    allowlist: Annotated[Text, Field(examples=["friends.csv"])] | None = None
    """A CSV file, relative to this file, of `wallet,cap` lines: who may buy in this phase, and how
    many. Without it everybody may."""


class Payee(Section):
    """Who gets which part of the proceeds."""

    address: Address
    """The wallet that is paid."""
    bps: Annotated[int, Field(ge=1, le=10_000, examples=[2500])]
    """Its part in hundredths of a per cent: 2500 is 25 %. All payees together have 10000."""


class Sale(Section):
    """A sale in phases: buyers do not see what they buy until a fair draw has fixed the order, and
    the contract keeps the money until then."""

    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    """The parts of the sale, one after another, up to 8."""
    reveal_by: Instant | None = None
    """When buyers may take their money back, if the order is not revealed by then. Without it, a
    week after the last phase."""
    draw_delay: Annotated[int, Field(ge=96, le=65_535)] = 96
    """How many blocks after the end of the sale the block lies whose hash decides the order; nobody
    can know it before. 96 blocks are about 20 minutes."""
    payees: tuple[Payee, ...] = ()
    """Who shares the proceeds. Without it they are all the owner's."""
    airdrop: Annotated[Text, Field(examples=["gifts.csv"])] | None = None
    """A CSV file, relative to this file, of `wallet,quantity` lines: tokens that you give away
    before the first phase."""
    # Left out when it is absent, so that older collections keep their digest.
    reserve: Annotated[
        int | None, Field(ge=0, examples=[10], exclude_if=lambda reserve: reserve is None)
    ] = None
    """The most tokens you may ever give away, the airdrop included; buyers can rely on it, since
    the contract fixes it. Without it, as many as the airdrop gives."""
    placeholder: Annotated[Text, Field(examples=["cover.png"])] | None = None
    """A picture, relative to this file, that every token shows until the reveal. Without it, the
    collection's name on a dark ground."""
