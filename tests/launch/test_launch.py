"""A launch on an anvil with the chain id of Sepolia: plan, question, and no second contract."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from mint.addresses import receiver
from mint.build import Options, build
from mint.chain.account import open_account
from mint.chain.artefact import contract
from mint.chain.network import connect
from mint.chain.send import find
from mint.chain.unsigned import UnsignedPlan, UnsignedTransaction
from mint.errors import ChainError, LaunchError, PublishError
from mint.ipfs.car import root_of
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import tree_links, write_tree
from mint.ipfs.unixfs import PROFILES
from mint.launch.consent import Consent
from mint.launch.gate import refuse_unlaunchable
from mint.launch.gift_cost import Cost
from mint.launch.give import give, give_list
from mint.launch.plan import Plan
from mint.launch.sentences import pictures
from mint.launch.standing import standing
from mint.launch.status import status
from mint.pinning.journal import note
from mint.pinning.outcome import check_collection
from mint.pinning.published import launched_cars, pin, published
from mint.record.deployed import deployed_on
from mint.record.folders import Folders, folders_of, read_manifest
from mint.record.launches import (
    Launch,
    begin,
    complete,
    launches,
    list_copy,
    update,
    with_copied_lists,
)
from mint.record.manifest import Manifest
from mint.record.metadata import hidden_picture
from mint.record.publish import publish
from mint.record.tree import hidden_tree
from mint.spec.collection import Storage, beside
from mint.spec.load import load
from mint.store import Store
from mint.verify.verify import prove
from tests.anvil_node import anvil, rpc
from tests.builds import folders, run
from tests.commands import mint_here as mint
from tests.conftest import edit
from tests.ipfs_nodes import js_ipfs, stub_node
from tests.sales import ALICE, SALE, offered
from tests.verifiers import verifiers


@pytest.fixture(scope="module")
def sepolia() -> Iterator[str]:
    """The URL of a node whose chain id is Sepolia's."""
    with anvil("--chain-id", "11155111") as url:
        yield url


@pytest.fixture
def wallet(sepolia: str) -> dict[str, str]:
    """The environment of a wallet that is new, and has one ether there."""
    import secrets

    from eth_account import Account as Key
    from web3 import HTTPProvider, Web3

    key = Key.create(secrets.token_hex())
    Web3(HTTPProvider(sepolia)).provider.make_request(
        "anvil_setBalance",  # type: ignore[arg-type]  # web3 knows the standard's methods only
        [key.address, hex(10**18)],
    )
    return {"MINT_PRIVATE_KEY": key.key.hex(), "MINT_RPC_URL": sepolia}


@pytest.fixture
def file(built: Path, tmp_path: Path) -> Path:
    """A collection that is built, with a journal and a store of its own."""
    return copytree(built.parent, tmp_path / "tiny") / built.name


class Agreed(list[Plan]):
    """Agrees to every plan, and keeps it."""

    def __call__(self, plan: Plan) -> None:
        self.append(plan)


def launch(file: Path, wallet: dict[str, str], consent: Consent) -> Manifest:
    options = Options(network="sepolia", environ=wallet, consent=consent)
    return build(file, options, lambda *news: None)[0]


def sent(file: Path, wallet: dict[str, str]) -> int:
    """How many transactions of the wallet the chain holds."""
    with open_account(file.parent / ".mint", "sepolia", wallet) as account:
        return int(rpc(account.chain, "eth_getTransactionCount", account.address, "latest"), 16)


def test_the_plan_says_what_is_sent_and_what_it_costs(file: Path, wallet: dict[str, str]) -> None:
    plans = Agreed()

    manifest = launch(file, wallet, Consent(plans, unpinned=True))

    assert manifest.deployment is not None
    (plan,) = plans
    used = [transaction.gas for transaction in manifest.deployment.transactions]
    foreseen = [step.forecast.gas for step in plan.steps]
    assert [step.forecast.outcome for step in plan.steps] == ["would succeed"] * 2
    assert foreseen == [pytest.approx(gas, rel=0.02) for gas in used]
    assert int(plan.cost) == sum(filter(None, foreseen)) * int(plan.gas_price)
    assert int(plan.cost) < int(plan.needed) < int(plan.balance) == 10**18
    assert "nobody keeps the pictures" in plan.meaning.pictures
    assert Plan.parse(plan.canonical()) == plan

    again = launch(file, wallet, Consent(plans, unpinned=True))

    assert again.deployment == manifest.deployment
    assert len(plans) == 1, "nothing is left, so nothing is asked"
    assert sent(file, wallet) == 2


def test_nothing_is_sent_that_nobody_agreed_to(file: Path, wallet: dict[str, str]) -> None:
    def refuse(plan: Plan) -> None:
        raise LaunchError("nothing was sent")

    for consent in (Consent(refuse, unpinned=True), Consent(unpinned=True)):
        with pytest.raises(LaunchError):
            launch(file, wallet, consent)

    assert sent(file, wallet) == 0
    assert launches(folders(file)) == []


def test_an_edit_gets_no_second_contract_by_accident(file: Path, wallet: dict[str, str]) -> None:
    first = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment
    assert first is not None
    before = load(file)[0].description
    edit(file, before, f"{before} Now with a new word.")

    with pytest.raises(LaunchError, match=f"{first.address}.*description: .* second one") as caught:
        launch(file, wallet, Consent(Agreed(), unpinned=True))
    assert "--again" in caught.value.hint
    assert sent(file, wallet) == 2

    second = launch(file, wallet, Consent(Agreed(), again=True, unpinned=True)).deployment
    assert second is not None
    one, two = launches(folders(file))
    assert [one.launch.address, two.launch.address] == [first.address, second.address]
    assert one.read_manifest().collection.description == before
    assert (one.folder / "collection.car").read_bytes() != folders(file).car.read_bytes()
    launch(file, wallet, Consent(Agreed(), unpinned=True))
    assert sent(file, wallet) == 4, "the edited file has its contract now"

    # The first contract's tokens lead to pictures of their own, which are looked at, too.
    publication = one.read_manifest().publication
    assert publication is not None
    cars = [root for root, _ in published(file, ["kubo"])[2]]
    (other,) = launched_cars(folders(file), cars)
    assert other == (publication.root, one.folder / "collection.car", "sepolia")
    look = check_collection(file, ["kubo"], wallet, whole=False, progress=lambda *news: None)
    line = f"launched    ipfs://{other.root} on sepolia was not pinned there by mint: mint repin"
    assert line in [each.line[: len(line)] for each in look]
    journal = other.car.with_name("pins.jsonl")  # where mint repin writes
    note(journal, service="kubo", event="pinned", root=other.root)
    look = check_collection(file, ["kubo"], wallet, whole=False, progress=lambda *news: None)
    assert other.root in [each.record["root"] for each in look if each.service == "kubo"]
    journal.unlink()
    # The same file by another spelling, as on a disk that takes both for one name.
    os.link(file, file.with_name("Collection.yaml"))
    assert launches(folders(file.with_name("Collection.yaml"))) == [one, two]
    # The CAR of a build that was interrupted is not taken for the recorded one.
    write_tree(folders(file).car, {"images": {"1.png": b"x"}})
    with pytest.raises(PublishError, match="interrupted, or is still running"):
        published(file, ["kubo"])


def test_a_contract_without_a_sale_is_not_asked_for_one(file: Path, wallet: dict[str, str]) -> None:
    launch(file, wallet, Consent(Agreed(), unpinned=True))
    file.write_text(file.read_text() + SALE)
    (file.parent / "gifts.csv").write_text(f"wallet,quantity\n{ALICE},1\n")
    (file.parent / "friends.csv").write_text(f"wallet,cap\n{ALICE},1\n")
    manifest = build(file, Options(until="publish"), lambda *news: None)[0]
    with open_account(folders(file).state, "sepolia", wallet) as account:
        assert standing(account, manifest, folders(file))[1] is None


def test_a_lost_journal_deploys_nothing_again(file: Path, wallet: dict[str, str]) -> None:
    first = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment
    for path in (file.parent / ".mint").glob("journal.sqlite*"):
        path.unlink()

    again = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment

    assert first is not None
    assert again is not None
    assert again.address == first.address
    assert sent(file, wallet) == 2


def test_a_launch_that_was_cut_off_is_not_forgotten(file: Path, wallet: dict[str, str]) -> None:
    first = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment
    assert first is not None
    before = file.read_text()
    (one,) = launches(folders(file))
    begun = one.launch.model_copy(update={"address": None})  # as when the answer never came
    (one.folder / "launch.json").write_bytes(begun.canonical() + b"\n")
    edit(file, load(file)[0].description, "Another one.")

    with pytest.raises(LaunchError, match="still on its way"):
        launch(file, wallet, Consent(Agreed(), unpinned=True))
    file.write_text(before)

    # The file is as it was, and the journal is lost: which contract would stand there twice?
    journal = file.parent / ".mint" / "journal.sqlite"
    aside = journal.rename(journal.with_name("aside"))
    with pytest.raises(LaunchError, match="may be on the chain already") as caught:
        launch(file, wallet, Consent(Agreed(), unpinned=True))
    assert f"--track HASH --from {first.owner}; if none did, add --again" in caught.value.hint
    track = "--track", first.transactions[0].transaction, "--from", first.owner
    mint("launch", str(file), "--network", "sepolia", *track, environ=wallet)
    assert launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment == first
    assert sent(file, wallet) == 2
    for path in journal.parent.glob("journal.sqlite*"):
        path.unlink()
    aside.rename(journal)
    (one.folder / "launch.json").write_bytes(begun.canonical() + b"\n")
    edit(file, load(file)[0].description, "Another one.")

    # The journal knows nothing of it, but the wallet has sent something since: in a copied folder
    # that was the deployment.
    copied = begun.model_copy(update={"purpose": f"deploy {'0' * 64}"})
    (one.folder / "launch.json").write_bytes(copied.canonical() + b"\n")
    with pytest.raises(LaunchError, match="still on its way"):
        launch(file, wallet, Consent(Agreed(), unpinned=True))

    never = copied.model_copy(update={"nonce": sent(file, wallet)})
    (one.folder / "launch.json").write_bytes(never.canonical() + b"\n")
    (one.folder / "lists").mkdir()
    (one.folder / "lists" / "friends.csv").write_text("wallet\n")

    def decline(plan: Plan) -> None:
        raise LaunchError("not today")

    with pytest.raises(LaunchError, match="not today"):
        launch(file, wallet, Consent(decline, unpinned=True))
    assert one.folder.exists(), "nobody has agreed to anything yet, and nothing is removed"
    launch(file, wallet, Consent(Agreed(), unpinned=True))
    assert [each.launch.purpose for each in launches(folders(file))] != [never.purpose]


def test_what_cannot_be_finished_is_not_begun(
    file: Path, wallet: dict[str, str], sepolia: str
) -> None:
    with pytest.raises(LaunchError, match="no service keeps the pictures") as caught:
        launch(file, wallet, Consent(Agreed()))
    assert "--unpinned" in caught.value.hint
    poor = {"MINT_PRIVATE_KEY": f"{1:064x}", "MINT_RPC_URL": sepolia}
    warnings: list[str] = []
    options = Options(
        network="sepolia",
        environ=poor,
        consent=Consent(Agreed(), unpinned=True),
        warn=warnings.append,
    )
    with pytest.raises(LaunchError, match=r"has 0 ETH on sepolia, and this launch needs 0\.0"):
        build(file, options, lambda *news: None)
    assert any("has no ETH on sepolia" in line for line in warnings), "before it paints"


def test_a_launch_wants_to_see_the_pictures_through_another_door(
    file: Path, wallet: dict[str, str]
) -> None:
    file.write_text(file.read_text() + "storage: {pin: kubo}\n")
    collection, _ = load(file)
    with stub_node(lambda path, body: (200, b'{"Version": "0.43.0"}')) as (node, calls):
        environ = wallet | {"IPFS_API": node}
        with pytest.raises(LaunchError, match="only your own node would say that") as caught:
            launch(file, environ, Consent(Agreed()))
        assert {call.command for call in calls} == {"version"}  # and nothing was sent
    for words in ("IPFS_GATEWAY=https://ipfs.io", "[kubo, pinata]", "--unpinned"):
        assert words in caught.value.hint
    ask = Consent(Agreed())
    with open_account(file.parent / ".mint", "sepolia", wallet) as account:
        look = partial(refuse_unlaunchable, account, collection, folders(file))
        for own in ("http://127.0.0.1:8080", "http://localhost:8080"):
            with pytest.raises(LaunchError, match="only your own node"):
                look(ask, environ | {"IPFS_GATEWAY": own})
        look(ask, environ | {"IPFS_GATEWAY": "https://gateway.example"})
        look(Consent(Agreed(), unpinned=True), environ)


def test_the_plan_says_who_keeps_the_pictures_and_how_that_was_checked(
    file: Path, tmp_path: Path
) -> None:
    manifest, pins = read_manifest(folders(file).manifest), folders(file).state / "pins.jsonl"
    assert manifest.publication is not None
    root = manifest.publication.root
    pins.unlink(missing_ok=True)

    def kept_by(*keepers: str) -> str:
        storage = Storage.parse(json.dumps({"pin": keepers}).encode())
        collection = manifest.collection.model_copy(update={"storage": storage})
        return pictures(manifest.model_copy(update={"collection": collection}), pins)

    assert kept_by("none").startswith("nobody keeps the pictures")
    assert kept_by("kubo", "psa") == (
        f"a launch has kubo and psa keep the pictures first, ipfs://{root}"
    )
    with js_ipfs(tmp_path / "ipfs") as node:
        pin("kubo", folders(file).car, folders(file), {"IPFS_API": node})
        assert re.fullmatch(
            rf"the pictures, ipfs://{root}, are kept by kubo, 12 of 15 files, drawn at random "
            r"\(.* in 80 of 100 cases\), read back through the node itself alone; psa before the "
            r"launch",
            kept_by("kubo", "psa"),
        )
    with pytest.raises(PublishError):
        pin("kubo", folders(file).car, folders(file), {"IPFS_API": node})
    assert kept_by("kubo").startswith("a launch has kubo keep the pictures first")
    note(pins, event="read back", service="kubo", root=root, gateways=["https://a", "https://b"])
    assert "a few files, read back through https://a and https://b" in kept_by("kubo")


def test_the_commands(file: Path, wallet: dict[str, str]) -> None:
    environ = wallet | {"MINT_WALLETS": str(file.parent / "none")}

    def command(*words: str, code: int = 0) -> str:
        done = mint(
            words[0], str(file), "--network", "sepolia", *words[1:], environ=environ, code=code
        )
        return done.stdout if code == 0 else done.stderr

    planned = Plan.parse(command("launch", "--unpinned", "--dry-run", "--json").encode())
    assert len(planned.steps) == 2
    assert sent(file, wallet) == 0
    unsigned = "launch", "--unsigned", "x.json", "--from", ALICE
    assert "no --dry-run" in command(*unsigned, "--dry-run", code=2)
    assert "not with these" in command(*unsigned, "--verify-source", code=2)
    assert "add --yes" in command("launch", "--unpinned", code=1)
    assert sent(file, wallet) == 0

    with verifiers(connect(wallet["MINT_RPC_URL"], file.parent)) as services:
        environ["MINT_SOURCIFY_URL"] = services.url
        services.troubles = [(409, {"customCode": "already_verified", "message": "it is"})]
        done = command("launch", "--unpinned", "--yes", "--verify-source")
    assert "source      Sourcify had verified the source before" in done
    assert "source      Etherscan was not asked: set ETHERSCAN_API_KEY" in done
    assert "POST /v2/verify/11155111/0x" in services.heard[0]

    manifest = read_manifest(folders(file).manifest)
    assert manifest.deployment is not None
    address = manifest.deployment.address
    (kept,) = (file.parent / "launches").glob("*/*/verification.json")
    assert json.loads(kept.read_bytes())["address"] == address
    assert f"https://sepolia.etherscan.io/address/{address}" in done
    assert f"{manifest.collection.supply} of {manifest.collection.supply} minted" in command(
        "status"
    )


def test_status_finds_a_launch_after_a_build_elsewhere(file: Path, wallet: dict[str, str]) -> None:
    deployment = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment
    assert deployment is not None
    build(file, Options(network="local"), lambda *news: None)

    rehearsed = list(status(file, "local", wallet))
    assert any("on local" in line for line in rehearsed)
    for network in (None, "sepolia"):  # a rehearsal is nobody's question
        lines = list(status(file, network, wallet))
        assert any(f"contract    {deployment.address} on sepolia" in line for line in lines)
    proved = list(prove(str(file), sample=0, network="sepolia", environ=wallet))
    assert "6 token URIs on sepolia lead to the recorded pictures" in proved
    with open_account(file.parent / ".mint", "sepolia", wallet) as account:
        assert find(account, deployment.transactions[0].purpose) is not None


def test_of_two_networks_nobody_guesses_one(file: Path, wallet: dict[str, str]) -> None:
    deployment = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment
    assert deployment is not None
    build(file, Options(network="local"), lambda *news: None)
    places = folders(file)
    (one,) = launches(places)
    second = copytree(one.folder, one.folder.with_name("base-sepolia-1"))
    other = one.launch.model_copy(update={"network": "base-sepolia", "chain_id": 84532})
    (second / "launch.json").write_bytes(other.canonical() + b"\n")

    assert list(status(file, "local", wallet))
    with pytest.raises(ChainError, match="was launched on base-sepolia and sepolia") as caught:
        list(status(file, None, wallet))
    assert "--network base-sepolia" in caught.value.hint
    places.manifest.unlink()  # with a build, its own record is what is proved
    with pytest.raises(ChainError, match="was launched on base-sepolia and sepolia"):
        list(prove(str(file), sample=0, network=None, environ=wallet))
    assert deployed_on(places, "base-sepolia").out == second
    for network in ("sepolia", wallet["MINT_RPC_URL"]):
        assert deployed_on(places, network).out == one.folder
    assert deployed_on(places, None, "sepolia").out == one.folder  # the file's own
    assert deployed_on(places, None, "base-sepolia").out == second


def refuse(cost: Cost) -> None:
    raise LaunchError("no")


def test_tokens_are_minted_to_whom_the_owner_names(file: Path, wallet: dict[str, str]) -> None:
    options = Options(
        until="deploy",
        network="sepolia",
        environ=wallet,
        consent=Consent(plans := Agreed(), unpinned=True),
    )
    deployment = build(file, options, lambda *news: None)[0].deployment
    assert deployment is not None
    assert [step.what for step in plans[0].steps] == ["deploy the contract (FairMint)"]
    friend, other = (receiver(f"0x{number:040x}") for number in (0xA11CE, 0xB0B))
    gifts = file.parent / "list.csv"
    with open_account(file.parent / ".mint", "sepolia", wallet) as account:
        gift = give(account, deployment.address, friend, 1)
        assert give(account, deployment.address, friend, 1).resumed, "it was never reported"
        account.settle(gift.sent.purpose)
        assert not give(account, deployment.address, friend, 1).resumed
        gifts.write_text(f"{other},1\n")
        costs: list[Cost] = []
        assert len(give_list(account, deployment, gifts, costs.append).sent) == 1
        gifts.write_text(f"{other},1\n{friend},1\n")
        handout = give_list(account, deployment, gifts, costs.append)
        assert (len(handout.sent), *handout[1:]) == (1, 1, 1, 2)
        assert give_list(account, deployment, gifts, costs.append) == ((), 0, 0, 2)
        assert [cost[:3] for cost in costs] == [(1, 1, 1)] * 2
        assert all(10**13 < cost.wei < 10**16 for cost in costs)

        proved = list(prove(str(file), sample=0, network="sepolia", environ=wallet))
        assert any(line.startswith("4 of 6 tokens are minted so far") for line in proved)
        token = contract(account.chain.web3, deployment.address)
        held = [token.functions.balanceOf(each).call() for each in (friend, other)]
        assert held == [3, 1]
        with pytest.raises(ChainError, match="3 tokens cannot be minted: 2 of 6 tokens are left"):
            give(account, deployment.address, other, 3)
        with pytest.raises(ChainError, match="5,000 tokens are more than one transaction can mint"):
            give(account, deployment.address, other, 5000)
        with pytest.raises(LaunchError, match="no"):
            give(account, deployment.address, other, 2, refuse)
        assert token.functions.totalMinted().call() == 4
        with pytest.raises(ChainError, match="is no address"):
            receiver("alice.eth")

    def command(*words: str, code: int = 0) -> str:
        here = ["mint", str(file), "--network", "sepolia", *words]
        done = mint(*here, environ=wallet, code=code)
        return done.stdout if code == 0 else done.stderr

    refused = command("--to", other, "--quantity", "2", code=1)
    assert "1 transaction on sepolia would cost about 0.0" in refused
    assert "add --yes" in refused
    assert f"minted      2 tokens to {other}" in command("--to", other, "--quantity", "2", "--yes")
    assert "1 token cannot be minted: none is left" in command("--to", other, code=1)
    assert command("--airdrop", str(gifts)) == "nothing to give: all 2 wallets have theirs\n"


def test_somebody_else_signs(file: Path, sepolia: str) -> None:
    from web3 import HTTPProvider, Web3

    web3 = Web3(HTTPProvider(sepolia))
    sender, written = (
        list(web3.eth.accounts)[5],
        file.parent / "to-sign.json",
    )  # the node has its key
    environ = {"MINT_RPC_URL": sepolia}
    words: list[str] = ["launch", str(file), "--network", "sepolia", "--unpinned"]
    unsigned = ["--unsigned", str(written), "--from", sender]

    mint(*words, *unsigned, environ=environ)

    only = _only(written)
    assert only.transaction.to is None
    fields: Any = only.transaction.model_dump(by_alias=True, exclude_none=True)
    hash_: Any = web3.eth.send_transaction(fields).to_0x_hex()
    twice = mint(*words, *unsigned, environ=environ, code=1)
    assert "may have been signed" in twice.stderr
    mint(*words, *unsigned, "--track", hash_, environ=environ)
    written.unlink()
    mint(*words, *unsigned, environ=environ)

    only = _only(written)
    address = web3.eth.get_transaction_receipt(hash_)["contractAddress"]
    assert address is not None
    assert only.transaction.to == address
    fields = only.transaction.model_dump(by_alias=True, exclude_none=True)
    web3.eth.send_transaction(fields)
    token = contract(web3, address)
    assert token.functions.totalMinted().call() == load(file)[0].supply
    folders = deployed_on(folders_of(file, load(file)[0]), "sepolia")
    deployment = read_manifest(folders.manifest).deployment
    assert deployment is not None
    assert deployment.address == address  # so that `mint status` and a sale's verbs find it


def _only(written: Path) -> UnsignedTransaction:
    """The transaction that stands there alone."""
    transactions = UnsignedPlan.parse(written.read_bytes()).transactions
    assert len(transactions) == 1
    return transactions[0]


def test_a_new_name_is_an_edit_too(file: Path, wallet: dict[str, str]) -> None:
    first = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment
    assert first is not None
    name = load(file)[0].name
    edit(file, f"name: {name}", "name: Quite Another")

    with pytest.raises(LaunchError, match=f"{first.address}.*name: {name} -> Quite Another"):
        launch(file, wallet, Consent(Agreed(), unpinned=True))
    assert any(first.address in line for line in status(file, "sepolia", wallet))

    # Another file beside it has launches of its own.
    other = file.with_name("other.yaml")
    other.write_text(file.read_text())
    assert launches(folders(other)) == []
    # One that was renamed keeps its own.
    file.unlink()
    assert [one.launch.address for one in launches(folders(other))] == [first.address]


def test_where_it_is_launched_and_kept_is_no_edit(file: Path, wallet: dict[str, str]) -> None:
    first = launch(file, wallet, Consent(Agreed(), unpinned=True)).deployment
    file.write_text(f"{file.read_text()}\nnetwork: sepolia\n")

    again = build(file, Options(environ=wallet, consent=Consent(Agreed())), lambda *news: None)[0]

    assert first is not None
    assert again.deployment is not None
    assert again.deployment.address == first.address
    assert sent(file, wallet) == 2
    stranger = wallet | {"MINT_PRIVATE_KEY": f"{7:064x}"}
    with pytest.raises(LaunchError, match=f"{first.address} on sepolia belongs to {first.owner}"):
        launch(file, stranger, Consent(Agreed(), unpinned=True))


@pytest.mark.parametrize("name", ["gifts.csv", "second/gifts.csv", "../gifts.csv"])
def test_a_launch_is_verified_by_its_copies_of_lists(tmp_path: Path, name: str) -> None:
    file = offered(tmp_path)
    artists = beside(name, file)
    artists.parent.mkdir(exist_ok=True)
    artists.write_bytes((file.parent / "gifts.csv").read_bytes())
    edit(file, "airdrop: gifts.csv", f"airdrop: {name}")
    place = Folders(file, file.parent / ".mint", file.parent / "launches/tiny/sepolia-1")

    def airdrop() -> Path:
        sale = with_copied_lists(load(file)[0], place).sale
        assert sale is not None
        assert sale.airdrop is not None
        return beside(sale.airdrop, file)

    assert airdrop() == artists, "there is no copy"
    older = place.out / "lists" / "gifts.csv"  # as versions before wrote it
    older.parent.mkdir(parents=True)
    older.write_text("")
    assert airdrop() == older
    copy = list_copy(place.out, artists, file)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text("")
    assert airdrop() == copy


def test_gifts_that_were_added_are_in_the_launch_and_other_buyers_are_not(tmp_path: Path) -> None:
    file = offered(tmp_path)
    manifest = run(file)[0]
    assert manifest.deployment is not None
    launch_ = Launch(
        file=file.name, network="sepolia", chain_id=11155111, genesis="0" * 64,
        owner="0x" + "11" * 20, purpose="deploy x", code="0" * 64,
    )  # fmt: skip
    place = complete(begin(folders(file), manifest, launch_), manifest)
    before = (place.folder / "lists" / "friends.csv").read_text()
    for name in ("gifts.csv", "friends.csv"):
        (file.parent / name).write_text(f"{ALICE},1\n0x{'22' * 20},1\n")

    update(folders(file), launch_.genesis, manifest)

    assert (place.folder / "lists" / "gifts.csv").read_text() == f"{ALICE},1\n0x{'22' * 20},1\n"
    assert (place.folder / "lists" / "friends.csv").read_text() == before


def test_a_placeholder_that_was_launched_stays_as_it_is(tmp_path: Path) -> None:
    """What an earlier version showed before the reveal is what the contract has for ever."""
    file = offered(tmp_path)
    manifest = run(file)[0]
    places = folders(file)
    assert manifest.publication is not None
    now = root_of(places.hidden_car)
    profile = PROFILES[manifest.collection.storage.profile]
    tree = hidden_tree(manifest.collection, ("hidden.svg", hidden_picture("Tiny")))
    before = cid_text(tree_links(tree, profile)[""].cid)
    assert before != now == manifest.publication.hidden
    publication = manifest.publication.model_copy(update={"hidden": before})
    earlier = manifest.model_copy(update={"publication": publication})
    launch_ = Launch(
        file=file.name, network="sepolia", chain_id=11155111, genesis="0" * 64,
        owner="0x" + "11" * 20, purpose="deploy x", code="0" * 64,
    )  # fmt: skip
    begin(places, earlier, launch_)

    assert publish(places, Store(places.state), manifest).hidden == before
