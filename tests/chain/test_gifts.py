"""An edited list of gifts: who is new gets theirs, nobody anything twice; verify compares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mint.chain.account import Account
from mint.chain.journal import Journal
from mint.chain.network import Chain, connect
from mint.errors import VerifyError
from mint.record.manifest import Manifest
from mint.sale.airdrop import airdrop, gifts_left, outstanding
from mint.sale.contract import transact
from mint.sale.deliveries import events
from mint.verify.gifts import check_gifts
from mint.verify.unchecked import Unchecked
from tests.anvil_node import anvil
from tests.fair_sale import HIDDEN, Actors, launch, phase, sale

ANN, BOB, CAT = (f"0x{digit * 40}" for digit in "123")


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with anvil() as url:
        yield url


def deployed(chain: Chain, journal: Journal) -> tuple[Actors, str]:
    actors = Actors(chain, journal)
    actors.send(actors.owner, {"to": ANN, "value": 1, "data": "0x"})  # a block of today
    now = actors.now() + 86_400
    terms = list(sale([phase(now, now + 100)]))
    terms[4] = 9  # may be given away
    return actors, actors.deploy("FairSale", launch(20, HIDDEN), tuple(terms))[0]


@pytest.mark.anvil
def test_an_edited_list_gives_the_difference(node: str, tmp_path: Path, journal: Journal) -> None:
    chain = connect(node, tmp_path)
    actors, address = deployed(chain, journal)
    account = Account(chain, actors.owner, journal)
    first = {ANN: 2, BOB: 1}
    assert gifts_left(account, address, first) == first
    (sent,) = airdrop(account, address, first)
    assert airdrop(account, address, first) == [sent]
    edited = {CAT: 3, ANN: 2, BOB: 2}
    assert gifts_left(account, address, edited) == {CAT: 3, BOB: 1}
    assert len(airdrop(account, address, edited)) == 2
    assert dict(events(chain, address, edited)) == edited
    assert gifts_left(account, address, edited) == {}
    # Another folder knows nothing of it but what the chain says.
    other = Account(chain, actors.owner, Journal(tmp_path / "other.sqlite"))
    assert airdrop(other, address, edited) == []
    assert len(airdrop(other, address, {**edited, ANN: 3})) == 1
    assert dict(events(chain, address, edited)) == {**edited, ANN: 3}
    other.journal.close()


@pytest.mark.anvil
@pytest.mark.parametrize(
    ("gifts", "says"),
    [
        ({ANN: 2, CAT: 1}, f"has 1 for {CAT}, and the chain 0"),
        ({ANN: 1}, f"has 1 for {ANN}, and the chain 2"),
    ],
)
def test_verify_compares_the_list_with_the_chain(
    node: str, tmp_path: Path, journal: Journal, built: Path, gifts: dict[str, int], says: str
) -> None:
    chain = connect(node, tmp_path)
    actors, address = deployed(chain, journal)
    sent = airdrop(Account(chain, actors.owner, journal), address, {ANN: 2})
    recorded = Manifest.parse((built.parent / "build/tiny/manifest.json").read_bytes())
    assert recorded.deployment is not None
    facts = {"address": address, "transactions": tuple(sent)}
    deployment = recorded.deployment.model_copy(update=facts)
    manifest = recorded.model_copy(update={"deployment": deployment})
    assert list(check_gifts(manifest, chain, {ANN: 2})) == [
        "2 gifts to 1 wallet on anvil, as the list has them"
    ]
    with pytest.raises(VerifyError, match=says):
        list(check_gifts(manifest, chain, gifts))


@pytest.mark.anvil
def test_what_is_not_given_any_more_stops_nobody(
    node: str, tmp_path: Path, journal: Journal, built: Path
) -> None:
    """Seven are given by hand of the nine that may be; then the sale's deadline passes."""
    chain = connect(node, tmp_path)
    actors, address = deployed(chain, journal)
    account = Account(chain, actors.owner, journal)
    gifts = {ANN: 2, BOB: 1}
    assert outstanding(account, address, gifts) == (gifts, None)
    sent = transact(account, address, "by hand", "airdrop", CAT, 7)
    left, why = outstanding(account, address, gifts)
    assert left == {}
    assert why is not None
    assert why.startswith("3 tokens of sale.airdrop were never given; the contract gives 2 more aw")
    assert outstanding(account, address, {ANN: 2}) == ({ANN: 2}, None)
    airdrop(account, address, {ANN: 2})
    ended = "1 token of sale.airdrop was never given; the contract gives nothing away any more"
    assert outstanding(account, address, gifts) == ({}, ended)

    recorded = Manifest.parse((built.parent / "build/tiny/manifest.json").read_bytes())
    assert recorded.deployment is not None
    facts = {"address": address, "transactions": (sent,)}
    deployment = recorded.deployment.model_copy(update=facts)
    manifest = recorded.model_copy(update={"deployment": deployment})
    (claim,) = check_gifts(manifest, chain, gifts)
    assert claim == ended
    assert isinstance(claim, Unchecked)
    with pytest.raises(VerifyError, match=f"has 1 for {ANN}, and the chain 2"):
        list(check_gifts(manifest, chain, {ANN: 1, BOB: 1}))
