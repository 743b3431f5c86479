"""`sale:` in collection.yaml: its times and prices, and every mistake named with its place."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from mint.errors import CollectionError
from mint.spec.load import load
from mint.spec.sale_terms import Sale
from mint.spec.sale_times import WEEK, deadline, instant, wei, windows
from tests.sales import SALE


@pytest.fixture
def file(tiny: Path) -> Path:
    tiny.write_text(tiny.read_text() + SALE)
    (tiny.parent / "gifts.csv").write_text("0x00000000000000000000000000000000000A11cE,1\n")
    (tiny.parent / "friends.csv").write_text("0x00000000000000000000000000000000000A11cE,1\n")
    return tiny


def sale_of(file: Path) -> Sale:
    sale = load(file)[0].sale
    assert sale is not None
    return sale


def test_times_and_prices(file: Path) -> None:
    sale = sale_of(file)

    assert windows(sale) == [(1798761600, 1798848000), (1798848000, 1798974030)]
    assert deadline(sale) == instant("2027-03-01T00:00Z") == 1803859200
    assert [wei(phase.price) for phase in sale.phases] == [10**16, 2 * 10**16]
    assert wei("0.000000000000000001") == 1
    assert wei("309485009.821345068724781055") == 2**88 - 1


def test_the_deadline_is_a_week_after_the_last_phase(file: Path) -> None:
    file.write_text(file.read_text().replace("  reveal_by: 2027-03-01T00:00Z\n", ""))
    sale = sale_of(file)

    assert deadline(sale) == windows(sale)[-1][1] + WEEK


def test_no_sale_no_problem(tiny: Path) -> None:
    assert load(tiny)[0].sale is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("end: 2027-01-03T12:00:30+01:00", "", 'yaml:31:7: the last phase "public" has no end'),
        ("2027-01-02T00:00Z", "2027-02-30T00:00Z", "yaml:32:14: .* is no time"),
        ("reveal_by: 2027-03", "reveal_by: 2027-13", "yaml:24:14: .* is no time"),
        ("2027-01-03T12:00:30+01:00", "2027-01-02T00:00Z", '"public" ends before it begins'),
        (
            "price: '0.01', supply",
            "end: 2027-01-02T00:00:01Z, price: '0.01', supply",
            'yaml:32:14: the phase "public" begins before the one above it ends',
        ),
        ("reveal_by: 2027-03-01", "reveal_by: 2027-01-04", "leaves no time for the draw, 24 hours"),
        ("reveal_by: 2027-03-01", "reveal_by: 2028-01-02", "more than a year"),
        ("price: '0.02'", "price: '309485009.821345068724781056'", "nobody has so much ether"),
        ("price: '0.02'", "price: '-1'", '"price" is "-1"'),
        ("price: '0.02'", "price: 0.02", "put it in quotes|must be text"),
        ("wallet_cap: 3", "wallet_cap: 256", "counts up to 255"),
        ("supply: 2,", "supply: 7,", "would sell 7 tokens of 6"),
        ("bps: 1000", "bps: 1001", "share 100.01 % of the proceeds"),
        ("airdrop: gifts.csv", "airdrop: gift.csv", 'the file "gift.csv" does not exist'),
        ("allowlist: friends.csv", "allowlist: f.csv", 'the file "f.csv" does not exist'),
        ("airdrop: gifts.csv", "placeholder: no.png", 'the file "no.png" does not exist'),
        ("airdrop: gifts.csv", "placeholder: gifts.csv", '"gifts.csv" is no picture'),
        ("airdrop: gifts.csv", "draw_delay: 95", '"draw_delay" is 95'),
        ("airdrop: gifts.csv", "gifts: gifts.csv", 'unknown key "gifts"'),
        ("airdrop: gifts.csv", "reserve: 7", "7 tokens cannot be given away of 6"),
        ("name: public", "name: Friends", r'yaml:31:13: two phases are called "Friends"'),
        (
            "0x0000000000000000000000000000000000000B0b",
            "0x00000000000000000000000000000000000a11ce",
            r"yaml:28:17: 0x0{35}a11ce stands here twice",
        ),
        ("0x0000000000000000000000000000000000000B0b", f"0x{0:040}", "yaml:28:17: .* nobody's"),
        (
            "0x0000000000000000000000000000000000000B0b",
            "0x0000000000000000000000000000000000000B0B",
            r"yaml:28:17: 0x0{37}B0B: its capitals are no checksum of it",
        ),
    ],
)
def test_mistakes_have_their_place(file: Path, old: str, new: str, says: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))

    with pytest.raises(CollectionError, match=says) as caught:
        load(file)
    assert caught.value.hint


def test_at_most_eight_phases(file: Path) -> None:
    days = [f"2027-01-{day:02}T00:00Z" for day in range(1, 11)]
    phases = [
        {"name": f"p{i}", "start": start, "end": end, "price": "1"}
        for i, (start, end) in enumerate(itertools.pairwise(days))
    ]
    text = file.read_text()
    file.write_text(text[: text.index("sale:")] + f"sale: {json.dumps({'phases': phases})}\n")

    with pytest.raises(CollectionError, match="at most 8 phases"):
        load(file)
    file.write_text(text[: text.index("sale:")] + f"sale: {json.dumps({'phases': phases[:8]})}\n")
    assert len(sale_of(file).phases) == 8
