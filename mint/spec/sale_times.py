"""`sale:` of collection.yaml -> times, prices and what is wrong with them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from os.path import isfile

from mint.errors import CollectionError
from mint.spec.collection import Collection, beside
from mint.spec.sale_terms import Phase, Sale
from mint.spec.yaml_source import Location, Source

DAY = 86_400
BLOCK_TIME = 12  # seconds, Ethereum's; what FairSale reckons with on every chain
WEEK = 7 * DAY  # from the last phase's end to the deadline, where the file does not say
LONGEST = 365 * DAY  # FairSale's longest wait for a reveal, from deployment
BEFORE = 3600  # seconds from a rehearsal's deployment to the first phase
FAR = 32_503_680_000  # the year 3000: no sale's, and far from where Python's years end
MOST_PHASES = 8
MOST_CAP = 255
WHOLE = 10_000  # basis points


def instant(text: str) -> int:
    """Unix seconds of an ISO 8601 time with its zone; raises ValueError for a 31st of June."""
    return int(datetime.fromisoformat(text).timestamp())


def moment(seconds: int) -> str:
    """Unix seconds for people, in UTC: `2027-01-31 18:00`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def wei(ether: str) -> int:
    """Decimal text in ether -> wei, exactly."""
    return int(Decimal(ether).scaleb(18))


def windows(sale: Sale) -> list[tuple[int, int]]:
    """[start, end) of each phase in Unix seconds; one without an end ends where the next begins.

    Raises ValueError when the last one has none.
    """
    starts = [instant(phase.start) for phase in sale.phases]
    return [(starts[i], _end(sale, i)) for i in range(len(starts))]


def _end(sale: Sale, index: int) -> int:
    end = sale.phases[index].end
    if end is None and index + 1 < len(sale.phases):
        end = sale.phases[index + 1].start
    if end is None:
        raise ValueError("the last phase has no end")
    return instant(end)


def deadline(sale: Sale) -> int:
    """Unix seconds; from then on buyers take their money back unless the order is revealed."""
    if sale.reveal_by is not None:
        return instant(sale.reveal_by)
    return windows(sale)[-1][1] + WEEK


def problems(collection: Collection, source: Source) -> Iterator[CollectionError]:
    """What FairSale's constructor would refuse, with its place in the file."""
    sale = collection.sale
    if sale is None:
        return
    if unreadable := list(_unreadable(sale, source)):
        yield from unreadable
        return
    yield from _times(sale, source)
    yield from _files(sale, source)
    yield from _twins(sale, source)
    if sale.reserve is not None and sale.reserve > collection.supply:
        yield source.error(
            ("sale", "reserve"),
            f"{sale.reserve} tokens cannot be given away of {collection.supply}",
            "lower reserve; 0 promises that nothing is given away",
        )
    for i, phase in enumerate(sale.phases):
        yield from _amounts(phase, i, collection.supply, source)
    if len(sale.phases) > MOST_PHASES:
        yield source.error(
            ("sale", "phases", MOST_PHASES),
            f"a sale has at most {MOST_PHASES} phases",
            "join some of them",
        )
    total = sum(payee.bps for payee in sale.payees)
    if sale.payees and total != WHOLE:
        yield source.error(
            ("sale", "payees"),
            f"the payees share {total / 100:g} % of the proceeds",
            "make their bps add up to 10000",
            key=True,
        )


def _unreadable(sale: Sale, source: Source) -> Iterator[CollectionError]:
    """Times that are written well and mean nothing."""
    times: list[tuple[Location, str | None]] = [(("sale", "reveal_by"), sale.reveal_by)]
    for i, phase in enumerate(sale.phases):
        times += [(("sale", "phases", i, name), getattr(phase, name)) for name in ("start", "end")]
    for place, text in times:
        try:
            if instant(text or "2030-01-01T00:00Z") > FAR:
                raise ValueError("it is centuries away")
        except ValueError as error:
            yield source.error(place, f"{text} is no time: {error}", "write 2030-01-31T18:00Z")
    if sale.phases[-1].end is None:
        yield source.error(
            ("sale", "phases", len(sale.phases) - 1),
            f'the last phase "{sale.phases[-1].name}" has no end',
            "add `end:`; the draw waits for it, unless everything is sold before",
        )


def _times(sale: Sale, source: Source) -> Iterator[CollectionError]:
    before = 0
    for i, (start, end) in enumerate(windows(sale)):
        if end <= start:
            yield source.error(
                ("sale", "phases", i),
                f'the phase "{sale.phases[i].name}" ends before it begins',
                "mend its start or its end",
            )
        elif start < before:
            yield source.error(
                ("sale", "phases", i, "start"),
                f'the phase "{sale.phases[i].name}" begins before the one above it ends',
                "phases follow one another; leave out `end:` to end one where the next begins",
            )
        before = max(before, end)
    least = before + DAY + BLOCK_TIME * sale.draw_delay
    if deadline(sale) < least:
        yield source.error(
            ("sale", "reveal_by"),
            f"reveal_by leaves no time for the draw, {(least - before) / 3600:.0f} hours",
            f"write {datetime.fromtimestamp(least, UTC).isoformat()} or later",
        )
    elif deadline(sale) > windows(sale)[0][0] - BEFORE + LONGEST:
        yield source.error(
            ("sale", "reveal_by" if sale.reveal_by else "phases"),
            "buyers would wait more than a year for the reveal, or for their money",
            "end the sale, and reveal, within a year; it begins with the deployment, which a "
            "rehearsal does an hour before the first phase",
        )


def _amounts(phase: Phase, i: int, supply: int, source: Source) -> Iterator[CollectionError]:
    place = ("sale", "phases", i)
    if wei(phase.price) >= 2**88:
        yield source.error((*place, "price"), "nobody has so much ether", "prices are in ether")
    if phase.wallet_cap is not None and phase.wallet_cap > MOST_CAP:
        yield source.error(
            (*place, "wallet_cap"),
            f"the contract counts up to {MOST_CAP} tokens a wallet and phase",
            "lower wallet_cap, or remove it: then there is none",
        )
    if phase.supply is not None and phase.supply > supply:
        yield source.error(
            (*place, "supply"),
            f"the phase would sell {phase.supply} tokens of {supply}",
            "lower its supply, or leave it out: then it may sell all that are left",
        )


def _files(sale: Sale, source: Source) -> Iterator[CollectionError]:
    """The files that the sale names are there; what is in them is read when they are needed."""
    entries: list[tuple[Location, str | None]] = [
        (("sale", "airdrop"), sale.airdrop),
        (("sale", "placeholder"), sale.placeholder),
    ]
    for i, phase in enumerate(sale.phases):
        entries.append((("sale", "phases", i, "allowlist"), phase.allowlist))
    for place, name in entries:
        if name is not None and not isfile(beside(name, source.path)):
            yield source.error(
                place, f'the file "{name}" does not exist', "paths are relative to this file"
            )
        elif name is not None and name == sale.placeholder and not _is_picture(name, source):
            yield source.error(
                place,
                f'"{name}" is no picture, and a placeholder is published',
                "name a PNG, JPEG, GIF, WebP or SVG file",
            )


def _twins(sale: Sale, source: Source) -> Iterator[CollectionError]:
    """Names and wallets that stand twice, and nobody's: a buyer who names a phase must reach one,
    and who is paid twice shares with himself, or was copied by mistake."""
    names: set[str] = set()
    for i, phase in enumerate(sale.phases):
        if phase.name.casefold() in names:
            yield source.error(
                ("sale", "phases", i, "name"),
                f'two phases are called "{phase.name}"',
                "give one another name; buyers choose a phase by it",
            )
        names.add(phase.name.casefold())
    wallets: set[str] = set()
    for i, payee in enumerate(sale.payees):
        if int(payee.address, 16) == 0:
            yield source.error(
                ("sale", "payees", i, "address"),
                f"{payee.address} is nobody's: what is sent there is lost",
                "write the address of the wallet that is paid",
            )
        if payee.address.lower() in wallets:
            yield source.error(
                ("sale", "payees", i, "address"),
                f"{payee.address} stands here twice",
                "keep one line for it, with both parts added up, or correct one of the two",
            )
        wallets.add(payee.address.lower())


def _is_picture(name: str, source: Source) -> bool:
    """Whether the file begins as a picture does: a copied template must publish nothing else."""
    with beside(name, source.path).open("rb") as file:
        head = file.read(1024)
    raster = head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"))
    return raster or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or b"<svg" in head
