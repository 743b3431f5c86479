"""A sale that could not be drawn fairly, or whose payee cannot be paid, costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mint.chain.account import Account, open_account
from mint.chain.network import connect
from mint.chain.wallet import load
from mint.cli.plan import lines
from mint.errors import ChainError
from mint.launch.consent import Consent
from mint.launch.deploy import deploy, prepare
from mint.record.folders import Folders, folders_of, read_manifest
from mint.record.manifest import Manifest
from mint.spec.load import load as load_collection
from tests.anvil_node import anvil, between, rpc
from tests.sales import ALICE, offered

pytestmark = pytest.mark.anvil
KEY = "0x" + "17" * 32
BEFORE = 1798754400  # a day before the first phase, Unix seconds


@pytest.fixture(scope="module")
def sold(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Folders]:
    """What a build of a sale leaves, before its deployment."""
    file = offered(tmp_path_factory.mktemp("sold"))
    collection = load_collection(file)[0]
    manifest = read_manifest(folders_of(built, load_collection(built)[0]).manifest)
    assert manifest.publication is not None
    hidden = manifest.publication.model_copy(update={"hidden": manifest.publication.root})
    parts = {"collection": collection, "publication": hidden, "deployment": None}
    return manifest.model_copy(update=parts), folders_of(file, collection)


@pytest.fixture(scope="module")
def sepolia(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Anvil as Sepolia, the day before the sale."""
    with anvil("--chain-id", "11155111", "--timestamp", str(BEFORE)) as url:
        chain = connect(url, tmp_path_factory.mktemp("chain"))
        artist = load(chain, {"MINT_PRIVATE_KEY": KEY}).address
        rpc(chain, "anvil_setBalance", artist, "0xffffffffffffffff")
        rpc(chain, "evm_mine")
        yield url


@pytest.fixture
def launch(
    sold: tuple[Manifest, Folders], sepolia: str, tmp_path: Path
) -> Callable[[Callable[[Account], None]], Account]:
    """Deploy it, after something was done to its account; the account."""
    manifest, folders = sold
    folders = Folders(folders.file, tmp_path / ".mint", folders.out)

    def launched(prepare: Callable[[Account], None]) -> Account:
        accounts = []

        @contextmanager
        def opened() -> Iterator[Account]:
            environ = {"MINT_PRIVATE_KEY": KEY}
            with open_account(folders.state, sepolia, environ) as account:
                prepare(account)
                accounts.append(account)
                yield account

        consent = Consent(lambda plan: None, unpinned=True)
        deploy(opened, manifest, folders, consent, minting=False)
        return accounts[0]

    return launched


def nonce(url: str, folder: Path) -> int:
    chain = connect(url, folder)
    artist = load(chain, {"MINT_PRIVATE_KEY": KEY}).address
    return int(rpc(chain, "eth_getTransactionCount", artist, "latest"), 16)


def test_the_plan_of_a_sale_says_what_it_means(
    sold: tuple[Manifest, Folders], sepolia: str, tmp_path: Path
) -> None:
    manifest, folders = sold
    apart = Folders(folders.file, tmp_path / ".mint", folders.out)
    with open_account(apart.state, sepolia, {"MINT_PRIVATE_KEY": KEY}) as account:
        plan = prepare(account, manifest, apart, Consent()).plan
        alone = prepare(account, manifest, apart, Consent(), minting=False).plan

    text = "\n".join(lines(plan))
    assert [step.forecast.outcome for step in plan.steps] == ["would succeed"] * 2
    assert len(alone.steps) == 1
    for words in (
        "step 2      give 1 token to 1 wallet: ",
        f"money       {ALICE} gets 90 % of what the sale earns",
        "for ever    no token is ever sold for less than 0.01 ETH",
        "buyers take their money back",
        f"The wallet {plan.wallet} makes the secret of the draw",
        "nobody keeps the placeholder",
    ):
        assert words in text
    assert "at least" not in text


def test_a_chain_whose_blockhash_is_made_up_gets_no_sale(
    launch: Callable[..., Account], sepolia: str, tmp_path: Path
) -> None:
    def lie(account: Account) -> None:
        def fault(ask: Any, method: str, params: Any) -> Any:
            answer = ask(method, params)
            if method == "eth_call" and "to" not in params[0]:
                words = bytes.fromhex(answer["result"][2:])
                answer = {**answer, "result": "0x" + (words[:32] + b"\7" * 32 + words[64:]).hex()}
            return answer

        between(account.chain, fault)

    with pytest.raises(ChainError, match="cannot be drawn fairly on sepolia"):
        launch(lie)
    assert nonce(sepolia, tmp_path) == 0


def test_a_payee_that_refuses_money_gets_no_sale(
    launch: Callable[..., Account], sepolia: str, tmp_path: Path
) -> None:
    def deafen(account: Account) -> None:
        rpc(account.chain, "anvil_setCode", ALICE, "0x60006000fd")

    try:
        with pytest.raises(ChainError, match=f"{ALICE} does not accept money on sepolia"):
            launch(deafen)
        assert nonce(sepolia, tmp_path) == 0
    finally:
        rpc(connect(sepolia, tmp_path), "anvil_setCode", ALICE, "0x")


def test_a_sale_that_is_deployed_is_found_whatever_the_node_says(
    launch: Callable[..., Account], sepolia: str, tmp_path: Path
) -> None:
    launch(lambda account: None)
    assert nonce(sepolia, tmp_path) == 1

    def deafen(account: Account) -> None:
        rpc(account.chain, "anvil_setCode", ALICE, "0x60006000fd")

    launch(deafen)
    assert nonce(sepolia, tmp_path) == 1
