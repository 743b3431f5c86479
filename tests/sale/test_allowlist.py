"""Lists of wallets: read or refused by the line, proved to the contract, drawn by a raffle."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from mint.chain.journal import Journal
from mint.chain.network import connect
from mint.cli import main
from mint.errors import ChainError, CollectionError
from mint.sale.allowlist import proof, raffle, read_list, read_seed, root
from mint.spec.sale_times import MOST_CAP
from tests.conftest import ROOT
from tests.fair_sale import PRICE, Actors, Contract, launch, phase, sale

ANNA = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # of EIP-55's examples
BERT = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"


@pytest.fixture
def actors(tmp_path: Path) -> Iterator[Actors]:
    journal = Journal(tmp_path / "journal.sqlite")
    yield Actors(connect("local", tmp_path / "chain", {}), journal)
    journal.close()


def written(folder: Path, *lines: str) -> Path:
    path = folder / "friends.csv"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_a_list_is_read_with_or_without_a_heading(tmp_path: Path) -> None:
    plain = written(tmp_path, f"{ANNA},2", "", f" {BERT.lower()} , 255 ")
    assert read_list(plain, MOST_CAP) == {ANNA: 2, BERT: 255}
    headed = written(tmp_path, "\ufeffWallet,cap", f"{ANNA},2")
    assert read_list(headed, MOST_CAP) == {ANNA: 2}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_a_list_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str, comma: str) -> None:
    lines = ["wallet,cap", f"{ANNA},2", ",", f"{BERT},3"]
    path = tmp_path / "friends.csv"
    path.write_bytes("\r\n".join(lines).replace(",", comma).encode(encoding))
    assert read_list(path, MOST_CAP) == {ANNA: 2, BERT: 3}
    path.write_bytes(f"sep={comma}\r\n{ANNA}{comma}2".encode(encoding))
    assert read_list(path, MOST_CAP) == {ANNA: 2}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((f"{ANNA},1", f"{ANNA.lower()},2"), ":2: .* twice"),
        ((f"{ANNA},1", "", f"{BERT},0"), ":3: '0' is not a whole number from 1 to 255"),
        ((f"{ANNA},256",), ":1: '256' is not"),
        ((f"{ANNA},1.5",), ":1: '1.5' is not"),
        ((f"{ANNA},{'9' * 5000}",), ":1: '999.* is not"),
        ((f"{ANNA},٣",), ":1: .* is not"),
        ((ANNA,), ":1: not a wallet and a number"),
        ((f"{ANNA.replace('5aA', '5aa')},1",), ":1: .*checksum"),
        ((f"{ANNA[:-1]},1",), ":1: .*no address"),
        ((f"0x{'0' * 40},1",), ":1: .* is nobody's"),
        (("wallet,cap",), "names no wallet"),
        ((f"{ANNA},1", "wallet,cap"), ":2: 'wallet' is no address"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(CollectionError, match=says) as caught:
        read_list(written(tmp_path, *lines), MOST_CAP)
    assert caught.value.hint


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"\xff\xfe0\x00x")
    for path in (tmp_path / "list.csv", tmp_path / "absent.csv", tmp_path):
        with pytest.raises(CollectionError, match="cannot be read as a list of wallets"):
            read_list(path, MOST_CAP)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 33])
def test_proofs_made_here_are_accepted_there(actors: Actors, size: int) -> None:
    people = [actors.person(0xBEEF00 + number) for number in range(min(size, 3))]
    wallets = [each.address for each in people] + [f"0x{n:040x}" for n in range(1, size + 1)]
    caps = {wallet: cap for cap, wallet in enumerate(wallets[:size], 1)}
    now = actors.now() + 12
    terms = sale([phase(now, now + 500, root=root(caps))])
    address, _ = actors.deploy("FairSale", launch(50), terms)
    fair_sale = Contract(actors, "FairSale", address)
    for person in people:
        cap, siblings = caps[person.address], proof(caps, person.address)
        with pytest.raises(ChainError, match="WrongProof"):
            fair_sale.gas(person, "mintListed", 0, cap, cap + 1, siblings, value=cap * PRICE)
        fair_sale.gas(person, "mintListed", 0, cap, cap, siblings, value=cap * PRICE)
        assert fair_sale.ask("balanceOf", person.address) == cap


def test_a_root_does_not_depend_on_the_order_of_lines() -> None:
    caps = {f"0x{n:040x}": n for n in range(1, 20)}
    assert root(caps) == root(dict(reversed(caps.items())))
    assert root(caps) != root(caps | {f"0x{1:040x}": 2})


# ---------------------------------------------------------------- the raffle


def plainly(tickets: dict[str, int], seed: bytes, places: int, most: int) -> dict[str, int]:
    """The raffle as its docstring tells it, with a list of every ticket."""
    won: Counter[str] = Counter()
    for place in range(places):
        bowl = [
            wallet
            for wallet in sorted(tickets, key=lambda wallet: int(wallet, 16))
            for _ in range(tickets[wallet])
            if won[wallet] < most
        ]
        number = int.from_bytes(keccak(seed + place.to_bytes(32, "big")), "big")
        won[bowl[number % len(bowl)]] += 1
    return dict(won)


@given(
    numbers=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    most=st.integers(1, 3),
    seed=st.binary(min_size=32, max_size=32),
    share=st.floats(0, 1),
)
def test_the_raffle_is_what_its_docstring_says(
    numbers: list[int], most: int, seed: bytes, share: float
) -> None:
    tickets = {f"0x{(n * 7919) % 10007:040x}": number for n, number in enumerate(numbers, 1)}
    places = round(share * len(tickets) * most)
    winners = raffle(tickets, seed, places, most)
    assert winners == plainly(tickets, seed, places, most)
    assert sum(winners.values()) == places
    assert raffle(dict(reversed(tickets.items())), seed, places, most) == winners


def test_chances_are_as_the_tickets() -> None:
    """Chi-squared of 20,000 first places; the bound is met by chance in one run of a million."""
    tickets = {f"0x{n:040x}": n for n in (1, 2, 3, 10, 84)}
    runs = 20_000
    wins = Counter(
        wallet for i in range(runs) for wallet in raffle(tickets, keccak(i.to_bytes(4, "big")), 1)
    )
    expected = {wallet: runs * number / 100 for wallet, number in tickets.items()}
    assert sum((wins[w] - e) ** 2 / e for w, e in expected.items()) < 33.4  # 4 degrees of freedom


def test_ten_thousand_wallets_are_drawn_at_once() -> None:
    tickets = {f"0x{n:040x}": 1 + math.isqrt(n) for n in range(1, 10_001)}
    winners = raffle(tickets, b"\x07" * 32, 10_000)
    assert winners == dict.fromkeys(tickets, 1)


def test_more_places_than_can_be_won() -> None:
    with pytest.raises(CollectionError, match="5 places, and 2 wallets that can win 2 each"):
        raffle({ANNA: 9, BERT: 1}, bytes(32), 5, most=2)


def test_mint_raffle_prints_an_allowlist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    tickets: dict[str, int] = {to_checksum_address(f"0x{n:040x}"): n for n in range(1, 31)}
    file = written(tmp_path, "wallet,tickets", *(f"{w},{n}" for w, n in tickets.items()))
    seed = "0x" + "5e" * 32
    monkeypatch.setattr("sys.argv", ["mint", "raffle", str(file), "--places", "12", "--seed", seed])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    output = capfd.readouterr()
    won = raffle(tickets, bytes.fromhex(seed[2:]), 12)
    assert output.out.splitlines() == ["wallet,cap", *(f"{w},{n}" for w, n in won.items())]
    assert read_list(written(tmp_path, *output.out.splitlines()), MOST_CAP) == won
    assert f"root 0x{root(won).hex()}" in output.err


@pytest.mark.parametrize("text", ["", "0x12", "five", "0x" + "5e" * 33])
def test_a_seed_is_a_hash(text: str) -> None:
    with pytest.raises(CollectionError, match="no seed of 32 bytes") as caught:
        read_seed(text)
    assert "block" in caught.value.hint


def test_the_contract_and_the_raffle_count_as_far(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    source = (ROOT / "contracts" / "src" / "FairSale.sol").read_text(encoding="utf-8")
    assert f"MOST_PER_WALLET = {MOST_CAP};" in source
    more = ["--places", "1", "--seed", "0x", "--most", str(MOST_CAP + 1)]
    monkeypatch.setattr("sys.argv", ["mint", "raffle", "wallets.csv", *more])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert f"{MOST_CAP}\n" in capfd.readouterr().err
