"""A sale from collection.yaml to the last withdrawal: rehearsed here, and sold on anvil."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mint.chain.account import Account, open_account
from mint.chain.artefact import contract
from mint.chain.constructor import Phase
from mint.chain.deployment import steps
from mint.chain.journal import Journal
from mint.chain.network import connect
from mint.chain.send import send
from mint.chain.wallet import load as wallet_of
from mint.cli import main
from mint.cli.acting import buying, wei_of
from mint.errors import ChainError, CollectionError, PublishError, VerifyError
from mint.ipfs.car import open_car
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.tree import write_tree
from mint.ipfs.walk import files
from mint.pinning.published import published
from mint.record.folders import folders_of
from mint.record.launches import Launch, begin, complete
from mint.record.manifest import Manifest, fair_mint_terms
from mint.sale.airdrop import airdrop_batches
from mint.sale.contract import State, state
from mint.sale.draw import order
from mint.sale.history import revealed
from mint.sale.locate import DeployedSale, locate, open_sale
from mint.sale.phases import find_phase
from mint.sale.purchase import lines, receipt
from mint.sale.snapshot import Snapshot
from mint.sale.status import status
from mint.sale.verbs import arm, buy, record, refund, reveal, withdraw
from mint.spec.load import load
from mint.verify.verify import prove
from tests.anvil_node import Asked, anvil, between, free_port, rpc
from tests.builds import run
from tests.commands import mint_here as mint
from tests.conftest import edit
from tests.ipfs_nodes import js_ipfs, pins
from tests.report.pages import rows
from tests.sales import ALICE, BUYERS, ENDS, OPENS, SECOND, at_time, offered

DEADLINE = 1803859200


def build_sale(file: Path, **options: object) -> Manifest:
    return run(file, **options)[0]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = offered(tmp_path_factory.mktemp("rehearsed"))
    build_sale(file)
    return file


@pytest.fixture
def copy(rehearsed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rehearsed.parent, tmp_path / "tiny")) / "collection.yaml"


def manifest_of(file: Path) -> Manifest:
    return Manifest.parse((file.parent / "build/tiny/manifest.json").read_bytes())


def test_the_rehearsal_lives_the_whole_life(rehearsed: Path) -> None:
    manifest = manifest_of(rehearsed)
    assert manifest.deployment is not None
    taken = steps(manifest.deployment)

    assert list(taken) == [
        "deploy", "airdrop", "buy", "arm", "record", "reveal", "withdraw", "refund",
    ]  # fmt: skip
    assert sum(map(len, taken.values())) >= 13  # three buyers in two phases, two payees
    assert manifest.deployment.drawn is not None
    assert manifest.deployment.twin is not None
    assert manifest.deployment.twin.address != manifest.deployment.address
    assert all(gas < 2**24 for costs in taken.values() for gas in costs)


def test_a_rehearsal_is_verified_from_its_file_and_from_its_address(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy.parent)
    manifest = manifest_of(copy)
    assert manifest.deployment is not None
    for target in (str(copy), manifest.deployment.address):
        proofs = list(prove(target, sample=1, network=None, environ={}))
        assert any("in the order that was drawn" in line for line in proofs)


def test_an_owner_that_changed_is_no_payee_that_was_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file names no payee, so all is the deployer's, whom an address alone does not tell."""
    file = offered(tmp_path)
    text = re.sub(r"  payees:\n(    - .*\n)+?(?=  phases)", "", file.read_text())
    assert "payees" not in text
    file.write_text(text)
    deployment = build_sale(file).deployment
    assert deployment is not None
    with open_account(file.parent / ".mint", "local", {}) as account:
        token = contract(account.chain.web3, deployment.address, "FairSale")
        data = token.encode_abi("transferOwnership", [ALICE])
        send(account, "hand over", {"to": deployment.address, "data": data})
    monkeypatch.chdir(file.parent)

    proofs = list(prove(deployment.address, sample=0, network=None, environ={}))

    (terms,) = (proof for proof in proofs if "runs mint's code" in proof)
    assert "the file names no payee, so who is paid was not checked" in terms
    assert "its sale's phases and dates (only the artist has the list of gifts" in terms


def test_tokens_show_what_was_drawn(rehearsed: Path) -> None:
    manifest = manifest_of(rehearsed)
    assert manifest.deployment is not None
    assert manifest.deployment.drawn is not None
    chain = connect("local", rehearsed.parent / ".mint" / "chain")
    now = state(chain, manifest.deployment.address)
    block, block_hash, secret = revealed(chain, manifest.deployment.address)

    assert (block, block_hash.hex(), secret.hex()) == (
        manifest.deployment.drawn.block,
        manifest.deployment.drawn.block_hash,
        manifest.deployment.drawn.secret,
    )
    assert sum(now.sold) >= 3
    assert all(now.paid)
    from mint.chain.fairmint import token_uris

    assert manifest.publication is not None
    entries = order(now.draw.entropy, 6)
    for token_id, uri in token_uris(chain, manifest.deployment.address, range(1, 4)):
        entry = entries[token_id - 1]
        assert uri == f"ipfs://{manifest.publication.root}/metadata/{entry + 1}.json"


def test_before_the_reveal_nothing_shown_leads_to_a_picture(rehearsed: Path) -> None:
    manifest = manifest_of(rehearsed)
    assert manifest.publication is not None
    assert manifest.publication.hidden is not None
    with closing(open_car(rehearsed.parent / "build/tiny/hidden.car")) as car:
        assert cid_text(car.root) == manifest.publication.hidden
        names = [name for name, _ in files(car.block, car.root)]
        pictures = ["images/collection.svg", "images/hidden.svg"]
        assert names == ["contract.json", "hidden.json", *pictures]
        texts = {name: car.block(cid) for name, cid in files(car.block, car.root)}
        # What no reveal changes does not say for ever that nothing is revealed.
        assert b"/collection.svg" in texts["contract.json"]
        assert b"not revealed" not in texts["images/collection.svg"]
        assert b"not revealed" in texts["images/hidden.svg"]
        blocks = b"".join(car.block(cid) for _, cid in files(car.block, car.root))
    for secret in (
        manifest.publication.root,
        manifest.publication.images,
        manifest.publication.metadata,
    ):
        assert secret.encode() not in blocks
        assert secret not in fair_mint_terms(manifest).model_dump_json()


def test_names_have_no_number_that_looks_like_a_tokens(rehearsed: Path) -> None:
    assert [token.name for token in manifest_of(rehearsed).tokens[:2]] == ["Tiny 1/6", "Tiny 2/6"]


def test_building_again_sends_nothing(copy: Path) -> None:
    before = manifest_of(copy)
    chain = connect("local", copy.parent / ".mint" / "chain")
    height = chain.web3.eth.block_number

    assert build_sale(copy) == before
    assert connect("local", copy.parent / ".mint" / "chain").web3.eth.block_number == height


def test_two_rehearsals_are_the_same(rehearsed: Path, tmp_path: Path) -> None:
    file = offered(tmp_path)

    assert build_sale(file) == manifest_of(rehearsed)


def test_an_edited_sale_is_rehearsed_anew(copy: Path) -> None:
    edit(copy, "price: '0.02'", "price: '0.03'")
    manifest = build_sale(copy)

    assert manifest.deployment is not None
    assert manifest.deployment.drawn is not None
    assert (copy.parent / ".mint" / "chain-1").exists()
    chain = connect("local", copy.parent / ".mint" / "chain")
    assert state(chain, manifest.deployment.address).phases[1].price == 3 * 10**16


@pytest.mark.parametrize(
    ("list_", "text", "says"),
    [
        ("gifts.csv", f"{ALICE},7\n", "must be|from 1 to 6"),
        ("gifts.csv", f"{ALICE},4\n0x{'22' * 20},3\n", "gives 7 tokens away of 6"),
        ("friends.csv", f"{ALICE},256\n", "from 1 to 255"),
        ("friends.csv", "nobody\n", "not a wallet and a number"),
    ],
)
def test_a_wrong_list_stops_before_painting(
    tmp_path: Path, list_: str, text: str, says: str
) -> None:
    file = offered(tmp_path)
    (file.parent / list_).write_text(text)

    with pytest.raises(CollectionError, match=says):
        build_sale(file)
    assert not (file.parent / "build").exists()


@pytest.mark.parametrize(
    ("key", "says"),
    [("seed", "recorded draw"), ("secret", "recorded draw")],
)
def test_a_forged_draw_is_refused(copy: Path, key: str, says: str) -> None:
    path = copy.parent / "build/tiny/manifest.json"
    forged = json.loads(path.read_text())
    forged["deployment"]["drawn"][key] = "00" * 32
    path.write_text(json.dumps(forged))

    with pytest.raises(VerifyError, match=says):
        list(prove(str(copy), sample=0, network=None, environ={}))


def test_a_damaged_placeholder_is_noticed(copy: Path) -> None:
    manifest, car = manifest_of(copy), copy.parent / "build/tiny/hidden.car"
    assert manifest.publication is not None
    proofs = prove(str(copy), sample=0, network=None, environ={})
    root = f"ipfs://{manifest.publication.hidden}"
    assert f"what the sale shows before its reveal is in hidden.car: {root}" in list(proofs)
    data = bytearray(car.read_bytes())
    data[-1] ^= 1
    car.unlink()  # a link to that of all tests
    car.write_bytes(data)
    with pytest.raises(PublishError, match=r"hidden\.car"):
        list(prove(str(copy), sample=0, network=None, environ={}))


def test_gifts_are_split_by_wallets_and_by_tokens() -> None:
    many = {f"0x{n:040x}": 1 for n in range(250)}
    assert [len(part) for part in airdrop_batches(many)] == [100, 100, 50]
    parts = airdrop_batches({"a": 2500, "b": 1})
    assert parts == [[("a", 1000)], [("a", 1000)], [("a", 500), ("b", 1)]]
    assert airdrop_batches({}) == []


# On anvil, whose clock the test moves.


@contextmanager
def acting(file: Path, url: str, key: str | None = None) -> Iterator[tuple[Account, DeployedSale]]:
    environ = {"MINT_PRIVATE_KEY": key} if key else {}
    sale = locate(str(file), url)
    with open_sale(sale, environ) as account:
        yield account, sale


@pytest.fixture
def node() -> Iterator[str]:
    with anvil("--timestamp", str(OPENS - 7200)) as url:  # whatever the day of the test
        # Until its first block, calls of anvil's see the year 1970.
        with tempfile.TemporaryDirectory() as folder:
            at_time(connect(url, Path(folder)), OPENS - 3600)
        yield url


@pytest.mark.anvil
def test_a_sale_on_anvil(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    manifest = build_sale(file, network=node)
    assert manifest.deployment is not None
    assert manifest.deployment.drawn is None
    assert manifest.deployment.twin is None
    chain = connect(node, tmp_path)
    friends = file.parent / "friends.csv"
    proofs = list(prove(str(file), sample=0, network=node, environ={}))
    assert any("is waiting; every token is still hidden" in line for line in proofs)
    with pytest.raises(VerifyError, match="not revealed yet"):
        list(prove(manifest.deployment.address, sample=0, network=node, environ={}))

    at_time(chain, OPENS)
    with acting(file, node, BUYERS[0]) as at:
        assert receipt(chain, manifest.deployment.address, buy(*at, None, 1).sent).tokens == (2,)
    with acting(file, node, BUYERS[1]) as at, pytest.raises(CollectionError, match="is not on"):
        buy(*at, "friends", 1, friends)
    by_address = locate(manifest.deployment.address, node)
    with (
        open_sale(by_address, {"MINT_PRIVATE_KEY": BUYERS[1]}) as account,
        pytest.raises(ChainError, match=r"wallets of its allowlist only \[ListedOnly\(\)\]"),
    ):
        buy(account, by_address, "1", 1)
    at_time(chain, SECOND)
    with acting(file, node, BUYERS[1]) as at:
        buy(*at, "public", 2)
        assert state(chain, manifest.deployment.address).sold == (1, 2)
        until = r"goes on until 2027-01-03 11:00 UTC, or until all is sold \[SaleStillOpen\(\)\]$"
        with pytest.raises(ChainError, match=until):
            arm(*at)
        cap = r"a wallet may buy 3 in this phase in all, and this one has bought 2 \[WalletCapR"
        at[0].settle(at[0].purposes("buy")[0])
        with pytest.raises(ChainError, match=cap):
            buy(*at, "public", 2)
        at_time(chain, ENDS)
        arm(*at)
        with pytest.raises(ChainError, match=r"block whose hash .* \d+, is not .*\[BlockNotYet"):
            record(*at)
        rpc(chain, "anvil_mine", "0x2")  # one to decide, and one on which the gas is estimated
        record(*at)
        with pytest.raises(ChainError, match=r"the wallet 0xf39F.* makes the secret of this draw"):
            reveal(*at, {})
    with acting(file, node) as at:
        reveal(*at, {})
        assert len(withdraw(*at)) == 2
        assert withdraw(*at) == withdraw(*at)
    assert all(state(chain, manifest.deployment.address).paid)

    manifest = build_sale(file, network=node)
    assert manifest.deployment is not None
    assert manifest.deployment.drawn is not None
    proofs = list(prove(str(file), sample=0, network=node, environ={}))
    assert any("4 token URIs" in line for line in proofs)


@pytest.mark.anvil
def test_a_purchase_is_proved_from_the_list_as_it_was_launched(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    manifest = build_sale(file, network=node)
    chain = connect(node, tmp_path)
    launch = Launch(
        file=file.name, network="anvil", chain_id=chain.chain_id, genesis=chain.genesis,
        owner=wallet_of(chain, {}).address, purpose="deploy x", code="0" * 64,
    )  # fmt: skip
    complete(begin(folders_of(file, load(file)[0]), manifest, launch), manifest)
    (file.parent / "friends.csv").write_text(f"{ALICE},1\n")
    at_time(chain, OPENS)

    with acting(file, node, BUYERS[0]) as (account, sale):
        assert buy(account, sale, "friends", 2).quantity == 2


@pytest.mark.anvil
def test_a_gift_that_comes_too_late_stops_no_build(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    edit(file, "airdrop: gifts.csv", "airdrop: gifts.csv\n  reserve: 3")
    first = build_sale(file, network=node)
    (file.parent / "gifts.csv").write_text(f"{ALICE},1\n0x{'22' * 20},2\n")
    at_time(connect(node, tmp_path), ENDS)
    with acting(file, node) as at:
        arm(*at)
    news: list[str] = []

    again = build_sale(file, network=node, warn=news.append)

    assert again.deployment is not None
    assert first.deployment is not None
    assert again.deployment.address == first.deployment.address
    late = "2 tokens of sale.airdrop were never given; the contract gives nothing away any more"
    assert late in news
    assert late in list(prove(str(file), sample=0, network=node, environ={}))


@pytest.mark.anvil
@pytest.mark.node
def test_a_reveal_waits_until_the_pictures_are_pinned(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    file.write_text(file.read_text() + "storage: {pin: kubo}\n")
    with js_ipfs(tmp_path / "ipfs") as url:
        manifest = build_sale(file, network=node, environ={"IPFS_API": url})
        assert manifest.publication is not None
        assert manifest.deployment is not None
        assert pins(url) == {manifest.publication.hidden}
        chain, address = connect(node, tmp_path), manifest.deployment.address
        at_time(chain, ENDS)
        with acting(file, node) as at:
            arm(*at)
            rpc(chain, "anvil_mine", "0x2")
            record(*at)
            with pytest.raises(PublishError):
                reveal(*at, {"IPFS_API": f"http://127.0.0.1:{free_port()}"})
            assert state(chain, address).draw.step == "recorded"
            # What a build that was interrupted has left: pictures that nobody committed to.
            car = file.parent / "build/tiny/collection.car"
            own = car.read_bytes()
            write_tree(car, {"images": {"1.png": b"x"}})
            with pytest.raises(PublishError, match="interrupted, or is still running"):
                reveal(*at, {"IPFS_API": url})
            car.write_bytes(own)
            reveal(*at, {"IPFS_API": url})
        assert state(chain, address).draw.step == "revealed"
        roots = {manifest.publication.hidden, manifest.publication.root}
        assert pins(url) == roots
        # From then on they are no secret: both are pinned, checked and may be archived.
        assert {root for root, _ in published(file, ["kubo"])[2]} == roots


@pytest.mark.anvil
def test_refunds_on_anvil(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    manifest = build_sale(file, network=node)
    assert manifest.deployment is not None
    chain, mistaken = connect(node, tmp_path), "0x" + "99" * 20
    at_time(chain, SECOND)
    with acting(file, node, BUYERS[1]) as at:
        buy(*at, "public", 2)
        with pytest.raises(ChainError, match=r"not revealed by 2027-03-01 .*\[NoRefunds\(\)\]"):
            refund(*at, [2], None)
        at_time(chain, DEADLINE + 1)
        with acting(file, node, BUYERS[1]) as (account, sale):
            between(account.chain, cut)
            with pytest.raises(KeyboardInterrupt):
                refund(account, sale, [2, 3], mistaken)
        # That one is in the journal, and no node has heard of it: the new one takes its nonce.
        before = chain.web3.eth.get_balance(chain.web3.to_checksum_address(ALICE))
        refund(*at, [2, 3, 2], ALICE)  # a number that stands there twice is one token
        after = chain.web3.eth.get_balance(chain.web3.to_checksum_address(ALICE))
        assert after - before == 4 * 10**16
        with pytest.raises(ChainError, match="AlreadyRefunded"):
            refund(*at, [2, 3], mistaken)
        assert chain.web3.eth.get_balance(chain.web3.to_checksum_address(mistaken)) == 0
    # What was burned shows nothing, and that is no picture shown too early.
    proofs = list(prove(str(file), sample=0, network=node, environ={}))
    assert any("every token is still hidden" in proof for proof in proofs)
    said = list(status(locate(str(file), node), {}))
    late = "draw        never finished; the order was to be revealed by 2027-03-01 00:00 UTC"
    assert any(line.startswith(late) for line in said)
    assert f"payee       {ALICE} gets nothing: it goes back" in said
    assert said[-1] == (
        "next        holders take their money back: "
        f"mint sale refund {file} TOKEN_ID --network {node}"
    )


@pytest.mark.anvil
def test_status_says_what_comes_next(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    manifest = build_sale(file, network=node)
    assert manifest.deployment is not None
    chain, sale = connect(node, tmp_path), locate(str(file), node)
    on = f"{file} --network {node}"

    def said() -> dict[str, str]:
        return {line[:12].strip(): line[12:] for line in status(sale, {})}

    first = said()
    assert list(first) == [
        "sale",
        "phase 1",
        "phase 2",
        "draw",
        "payee",
        "given away",
        "owner",
        "next",
    ]
    assert first["sale"] == (
        "not begun, opens 2027-01-01 00:00 UTC (in 60 minutes); 0 of 6 tokens sold, 1 given away"
    )
    assert first["phase 1"] == (
        '"friends": begins 2027-01-01 00:00 UTC (in 60 minutes), ends 2027-01-02 00:00 UTC; '
        "0 of 2 sold at 0.01 ETH to listed wallets"
    )
    assert first["next"] == (
        f"in 60 minutes listed wallets can buy: mint sale buy {file} --phase friends "
        f"--network {node}"
    )
    at_time(chain, OPENS)
    assert said()["sale"].startswith("open; 0 of 6")
    with acting(file, node, BUYERS[0]) as at:
        buy(*at, "friends", 2)
    sold_out = said()
    assert sold_out["sale"].startswith("between two phases, opens 2027-01-02 00:00 UTC (in 24 h")
    assert sold_out["phase 1"].startswith('"friends": sold out; 2 of 2 sold')
    assert sold_out["next"].startswith("in 24 hours anybody can buy: ")
    at_time(chain, SECOND)
    # Somebody buys while it asks: what it says is of one block all the same.
    busy, calls = connect(node, tmp_path), 0

    def bought_meanwhile(ask: Asked, method: str, params: Any) -> Any:
        nonlocal calls
        calls += method == "eth_call"
        if calls == 4:
            calls += 1
            with acting(file, node, BUYERS[1]) as at:
                buy(*at, "public", 1)
        return ask(method, params)

    between(busy, bought_meanwhile)
    before = rpc(chain, "evm_snapshot")
    height = chain.web3.eth.block_number
    during = Snapshot(sale, busy)
    assert (during.state.gifts, during.state.sold, during.height) == (1, (2, 0), height)
    assert Snapshot(sale, busy).state.sold == (2, 1)
    rpc(chain, "evm_revert", before)

    # A node that is behind itself is waited for, and one that stays so is believed all the same.
    late, refusals = connect(node, tmp_path), ["header not found"] * 2

    def behind(ask: Asked, method: str, params: Any) -> Any:
        if method == "eth_call" and params[1] != "latest" and refusals:
            error = {"code": -32000, "message": refusals.pop()}
            return {"jsonrpc": "2.0", "id": 1, "error": error}
        return ask(method, params)

    between(late, behind)
    assert Snapshot(sale, late).state.sold == (2, 0)
    assert not refusals
    refusals += ["Unknown block"] * 9
    assert Snapshot(sale, late).state.sold == (2, 0)
    assert said()["phase 2"].startswith('"public": open until 2027-01-03 11:00 UTC (in 35 hours)')
    at_time(chain, ENDS)
    over = said()
    assert over["sale"].startswith("over; 2 of 6")
    assert over["phase 2"].startswith('"public": over since 2027-01-03 11:00 UTC (now)')
    assert over["next"].startswith(
        "anybody ends the sale for good and names the block that decides: "
        f"mint sale arm {on}, until 2027-03-01 00:00 UTC (in 57 days)"
    )
    with acting(file, node) as at:
        arm(*at)
        assert said()["sale"].startswith("over, and the draw is under way; ")
        assert said()["draw"].startswith("the hash of block ")
        assert said()["next"].startswith("in 2 blocks anybody records the hash that decides: ")
        rpc(chain, "anvil_mine", "0x2")
        assert said()["next"].startswith(
            f"anybody records the hash that decides: mint sale record {on}, within 8,190 blocks, "
            "about 27 hours, before the chain forgets it"
        )
        record(*at)
        assert said()["next"].startswith(f"the owner reveals the order: mint sale reveal {on}")
        reveal(*at, {})
        assert said()["next"] == f"anybody sends the payees their money: mint sale withdraw {on}"
        withdraw(*at)
    done = said()
    assert done["sale"] == "finished; 2 of 6 tokens sold, 1 given away"
    assert done["payee"].endswith(" has 0.002 ETH (10 %)")
    assert done["next"] == "nothing: the order is revealed and everybody is paid"


def test_a_purchase_is_made_once_and_reported(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    manifest = build_sale(file, network=node)
    assert manifest.deployment is not None
    chain, address = connect(node, tmp_path), manifest.deployment.address
    at_time(chain, SECOND)
    with acting(file, node, BUYERS[0]) as (account, sale):
        with pytest.raises(ChainError, match=r"2 tokens cost 0\.04 ETH, more than your limit"):
            buy(account, sale, "public", 2, agree=buying(chain, wei_of("0.03"), yes=True))
        assert not account.purposes("buy ")
        agree = buying(chain, wei_of("0.02"), yes=False)
        first = buy(account, sale, "public", 1, agree=agree)  # and killed before it is reported
        assert not first.resumed
        again = buy(account, sale, "public", 1)
        assert again == first._replace(resumed=True)
        # Another number changes nothing: what was begun is reported first.
        assert buy(account, sale, None, 2) == again
        note, bought, paid, transaction = lines(chain, sale, again, 2)
        assert "nothing was bought twice. To buy 2 more, run it again" in note
        assert bought == 'bought      token 2 in "public"'
        assert paid.startswith("paid        0.02 ETH, and 0.0")
        assert first.sent.transaction in transaction
        assert state(chain, address).sold == (0, 1)
        at_time(chain, ENDS - 60)
        assert buy(account, sale, None, 1) == again

        account.settle(first.sent.purpose)
        second = buy(account, sale, "public", 2)
        assert not second.resumed
        assert second.sent.purpose == f"buy {address} 1 2-3"
        assert next(lines(chain, sale, second, 2)) == 'bought      tokens 3 and 4 in "public"'
        assert state(chain, address).sold == (0, 3)
        at_time(chain, ENDS)
        assert buy(account, sale, None, 1) == second._replace(resumed=True)
        account.settle(second.sent.purpose)
        with pytest.raises(ChainError, match="the sale is over"):
            buy(account, sale, None, 1)


def cut(ask: Asked, method: str, params: Any) -> Any:
    """Stop just before anything is sent."""
    if method == "eth_sendRawTransaction":
        raise KeyboardInterrupt
    return ask(method, params)


def test_a_purchase_that_never_left_is_sent_or_let_go(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    manifest = build_sale(file, network=node)
    assert manifest.deployment is not None
    address, chain = manifest.deployment.address, connect(node, tmp_path)
    at_time(chain, SECOND)

    with acting(file, node, BUYERS[0]) as (account, sale):
        between(account.chain, cut)
        with pytest.raises(KeyboardInterrupt):
            buy(account, sale, "public", 3)
    with acting(file, node, BUYERS[0]) as (account, sale):
        assert buy(account, sale, "public", 1).sent.purpose == f"buy {address} 1 1-1"
        account.settle(f"buy {address} 1 1-1")
        # The one of three has lost its nonce to it, and can not be mined any more.
        other = buy(account, sale, "public", 2)
        assert (other.resumed, other.sent.purpose) == (False, f"buy {address} 1 2-3")
    assert state(chain, address).sold == (0, 3)
    with acting(file, node, BUYERS[1]) as (account, sale):
        between(account.chain, cut)
        with pytest.raises(KeyboardInterrupt):
            buy(account, sale, "public", 1)
    with acting(file, node, BUYERS[1]) as (account, sale):
        assert buy(account, sale, "public", 1).resumed
        assert buy(account, sale, "public", 1).resumed
    assert state(chain, address).sold == (0, 4)


@pytest.mark.parametrize(
    ("word", "index"), [("friends", 0), ("PUBLIC", 1), ("2", 1), (None, 1), ("1", 0)]
)
def test_phases_have_names_and_numbers(copy: Path, word: str | None, index: int) -> None:
    sale, state_ = located(copy)

    assert find_phase(sale, state_, SECOND, word) == index


@pytest.mark.parametrize(
    ("word", "now", "says", "hint"),
    [
        ("freinds", SECOND, "no phase 'freinds'", r"^--phase friends, or --phase public$"),
        ("pubic", SECOND, "no phase 'pubic'", r"^--phase public, or --phase friends$"),
        ("0", SECOND, "no phase '0'", "--phase friends"),
        ("3", SECOND, "no phase '3'", "--phase friends"),
        (None, OPENS - 7200, r'"friends" begins 2027-01-01 00:00 UTC \(in 2 hours', "buy then"),
        (None, ENDS, "the sale is over", "mint sale status"),
    ],
)
def test_a_wrong_phase_is_an_error(
    copy: Path, word: str | None, now: int, says: str, hint: str
) -> None:
    sale, state_ = located(copy)
    with pytest.raises(ChainError, match=says) as caught:
        find_phase(sale, state_, now, word)
    assert re.search(hint, caught.value.hint)


def test_an_address_has_numbers_only(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.parent)
    named, state_ = located(copy)
    sale = locate(named.address, None)

    assert find_phase(sale, state_, SECOND, "2") == 1
    with pytest.raises(ChainError, match="no phase 'public'") as caught:
        find_phase(sale, state_, SECOND, "public")
    assert caught.value.hint.startswith("--phase 1 or --phase 2: the chain knows no names")
    status_lines = list(status(sale, {}))
    assert any(line.startswith("phase 2     over since 2027-01-03") for line in status_lines)
    assert "names       the chain knows none: give --phase a number, counted from 1" in status_lines


def located(file: Path) -> tuple[DeployedSale, State]:
    """The rehearsed sale, as it was before anybody armed it."""
    sale = locate(str(file), None)
    now = state(connect("local", file.parent / ".mint" / "chain"), sale.address)
    return sale, now._replace(draw=now.draw._replace(step="waiting"))


@pytest.mark.anvil
def test_phases_change_before_they_begin_and_not_after(tmp_path: Path, node: str) -> None:
    file = offered(tmp_path)
    manifest = build_sale(file, network=node)
    assert manifest.deployment is not None
    chain, address = connect(node, tmp_path), manifest.deployment.address
    journal = Journal(tmp_path / "journal.sqlite")
    owner = Account(chain, wallet_of(chain, {}), journal)
    sale = contract(chain.web3, address, "FairSale")

    def set_phase(terms: Phase, purpose: str) -> None:
        send(owner, purpose, {"to": address, "data": sale.encode_abi("setPhase", [1, terms])})

    terms_ = state(chain, address).phases[1]
    dear = terms_._replace(price=terms_.price + 1)
    for number, wanted in enumerate((dear, terms_, dear)):
        set_phase(wanted, f"phase {number}")
        assert state(chain, address).phases[1] == wanted
    with pytest.raises(VerifyError, match="contract's phases"):
        list(prove(str(file), sample=0, network=node, environ={}))
    first, second = (line for line in status(locate(str(file), node), {}) if "phase " in line[:6])
    assert second.endswith("at most 3 a wallet, which is not what the file says")
    assert "which is not" not in first
    with pytest.raises(ChainError, match=r"cheaper than 0\.01 ether, .*\[PriceTooLow\(least=1000"):
        set_phase(terms_._replace(price=10**16 - 1), "phase too cheap")
    at_time(chain, SECOND)
    with pytest.raises(ChainError, match="PhaseHasBegun"):
        set_phase(terms_, "phase too late")
    journal.close()


def test_a_placeholder_of_the_artists_own(tmp_path: Path) -> None:
    file = offered(tmp_path)
    edit(file, "airdrop: gifts.csv", "placeholder: soon.PNG")
    (file.parent / "soon.PNG").write_bytes(b"\x89PNG\r\n\x1a\n picture")
    manifest = build_sale(file, until="publish")
    assert manifest.publication is not None
    assert manifest.publication.hidden is not None
    with closing(open_car(file.parent / "build/tiny/hidden.car")) as car:
        paths = dict(files(car.block, parse_cid(manifest.publication.hidden)))
        assert car.block(paths["images/hidden.png"]) == b"\x89PNG\r\n\x1a\n picture"


def test_what_is_no_sale_is_told(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ChainError, match="no sale of"):
        locate(str(built), None)
    manifest = manifest_of(built)
    assert manifest.deployment is not None
    monkeypatch.chdir(built.parent)
    with pytest.raises(ChainError, match="there is no FairSale"):
        list(status(locate(manifest.deployment.address, None), {}))


def test_the_report_shows_the_sale_and_whose_each_picture_is(rehearsed: Path) -> None:
    manifest = manifest_of(rehearsed)
    assert manifest.deployment is not None
    assert manifest.deployment.drawn is not None
    page = (rehearsed.parent / "build/tiny/report/index.html").read_text()
    sale = page.split('<section id="sale"')[1].split("</section>")[0]

    assert "2027-01-01 00:00" in sale
    assert manifest.deployment.drawn.block_hash in sale
    assert "This is a rehearsal" in sale
    assert "<li>The owner can give away the tokens of the airdrop, and no other.</li>" in sale
    assert sale.count("<li>The owner can ") == 9
    assert "buy, phase <bdi>friends</bdi>" in page
    entries = {row["drawn"]: int(str(row["id"])) - 1 for row in rows(page)}
    seed = bytes.fromhex(manifest.deployment.drawn.seed)
    assert entries == dict(enumerate(order(seed, 6), 1))


def test_the_command(copy: Path) -> None:
    status_lines = mint("sale", "status", str(copy)).stdout.splitlines()
    assert status_lines[0].startswith(
        "rehearsal   on the chain inside mint, whose clock says 2027-0"
    )
    assert status_lines[1].startswith("sale        finished; ")
    assert status_lines[2].startswith(
        'phase 1     "friends": sold out; 2 of 2 sold at 0.01 ETH to mint\'s own buyers'
    )
    assert status_lines[-1] == "next        nothing: the order is revealed and everybody is paid"
    armed = mint("sale", "arm", str(copy)).stdout.splitlines()
    assert armed[0].startswith("arm         was done before: 0x")
    assert armed[1].startswith("draw        done: the order is revealed")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("refund FILE 1", 1, r"\[NoRefunds\(\)\]\ntry: "),
        ("buy FILE --phase fiends", 1, r"no phase 'fiends'\ntry: --phase friends, or"),
        (f"track FILE 0x{'1' * 64}", 1, r"waits for its hash\ntry: nothing is to be done"),
        ("buy FILE --phase 1", 1, r"is not on .*friends.csv\ntry: "),
        (
            "--help",
            0,
            r"(?s)1\. buy.*2\. arm.*3\. record.*4\. reveal.*5\. withdraw.*refund",
        ),
    ],
)
def test_the_command_refuses_in_words(
    copy: Path,
    words: str,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    arguments = [str(copy) if word == "FILE" else word for word in words.split()]
    monkeypatch.setattr("sys.argv", ["mint", "sale", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code or 0) == code
    assert re.search(says, "".join(capfd.readouterr()))


def test_a_number_that_no_token_has_is_refused(copy: Path) -> None:
    sale = locate(str(copy), None)
    with open_sale(sale, {}) as account:
        for token_id in (0, 7, 10**83):
            with pytest.raises(ChainError, match="the collection has no token"):
                refund(account, sale, [1, token_id], None)
        with pytest.raises(ChainError, match="has 6 tokens in all, and 100,000,000"):
            buy(account, sale, "public", 10**83)


def test_an_address_alone_makes_no_chain(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = locate(str(copy), None).address
    monkeypatch.chdir(tmp_path)
    sale = locate(address, None)
    with pytest.raises(ChainError, match="there is no local chain in") as caught:
        list(status(sale, {}))
    assert "--network hoodi" in caught.value.hint
    with pytest.raises(ChainError, match="there is no local chain in"), open_sale(sale, {}):
        pass
    assert not (tmp_path / ".mint").exists()


@pytest.mark.parametrize(
    ("receiver", "says"),
    [
        ("ann.eth", "is no address"),
        ("0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046", "its checksum does not fit"),
    ],
)
def test_a_refund_goes_to_no_mistyped_address(copy: Path, receiver: str, says: str) -> None:
    sale = locate(str(copy), None)
    with open_sale(sale, {}) as account, pytest.raises(ChainError, match=says):
        refund(account, sale, [1], receiver)
