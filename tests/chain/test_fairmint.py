from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mint.chain.account import Account
from mint.chain.artefact import contract
from mint.chain.constructor import FairMintTerms, code_of
from mint.chain.deployment import Deployment
from mint.chain.fairmint import MINT_BATCH, mint, read, token_uris
from mint.chain.gas import GAS_CAP
from mint.chain.journal import Journal
from mint.chain.network import Chain, connect
from mint.chain.send import send
from mint.chain.wallet import load
from mint.errors import ChainError
from tests.anvil_node import Asked, anvil, between, rpc
from tests.chain.launches import LAUNCH, launched, minted, with_supply
from tests.conftest import ROOT

SOMEBODY = "0x00000000000000000000000000000000000A11cE"


@pytest.fixture
def local(tmp_path: Path) -> Chain:
    return connect("local", tmp_path / "chain")


def test_deploy_mint_and_read_back(chain: Chain, journal: Journal) -> None:
    owner = load(chain, {}).address
    done = minted(chain, journal)
    assert done.network == chain.network
    assert done.chain_id == chain.chain_id
    assert done.owner == owner
    purposes = [each.purpose for each in done.transactions]
    assert purposes[0].startswith("deploy ")
    assert purposes[1:] == [f"mint {done.address} 1-25"]

    fixed = read(chain, done.address)
    assert {**LAUNCH.model_dump(), "royalty_receiver": owner, "total_supply": 25} == {
        name: getattr(fixed, name) for name in (*FairMintTerms.model_fields, "total_supply")
    }
    assert (fixed.code, fixed.owner, fixed.address) == (done.code, owner, done.address)
    assert code_of(LAUNCH) == done.code
    assert code_of(with_supply(26)) != done.code
    functions = contract(chain.web3, done.address).functions
    assert [functions.ownerOf(n).call() for n in (1, 10, 11, 25)] == [owner] * 4
    assert functions.royaltyInfo(1, 10**18).call() == [owner, 5 * 10**16]


@pytest.mark.anvil
def test_both_chains_hold_the_same_contract(tmp_path: Path) -> None:
    """Same key, same nonce, same code: only the chain's name and blocks differ."""
    done: list[Deployment] = []
    with anvil() as url:
        for network in ("local", url):
            journal = Journal(tmp_path / str(len(done)))
            done.append(minted(connect(network, tmp_path / "chain"), journal))
            journal.close()
    assert done[0].address == done[1].address
    assert done[0].code == done[1].code
    gas = [[each.gas for each in one.transactions] for one in done]
    assert gas[0] == gas[1]


def test_all_is_done_once(chain: Chain, journal: Journal) -> None:
    first = minted(chain, journal)
    height = chain.web3.eth.block_number
    assert minted(chain, journal) == first
    assert chain.web3.eth.block_number == height
    other = launched(chain, journal, with_supply(26))
    assert other.address != first.address


def test_fresh_folder_gives_the_same_story(tmp_path: Path) -> None:
    stories = []
    for name in ("a", "b"):
        journal = Journal(tmp_path / name / "journal.sqlite")
        chain = connect("local", tmp_path / name / "chain")
        stories.append(minted(chain, journal, with_supply(MINT_BATCH + 1)).canonical())
        journal.close()
    assert stories[0] == stories[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The story nobody interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    journal = Journal(folder / "journal.sqlite")
    done = minted(connect("local", folder / "chain"), journal, with_supply(MINT_BATCH + 5))
    journal.close()
    return done.canonical()


# Every other step, and on a chain that others use: tests/chain/sender_attacks.py.
@pytest.mark.parametrize(("sending", "moment"), [(1, "before"), (2, "after"), (3, "after")])
def test_killed_anywhere_ends_in_the_same_story(
    tmp_path: Path, journal: Journal, whole: bytes, sending: int, moment: str
) -> None:
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from tests.anvil_node import between
        from mint.chain.fairmint import MINT_BATCH
        from mint.chain.journal import Journal
        from mint.chain.network import connect
        from tests.chain.launches import minted, with_supply
        folder, sending, moment = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
        count = 0

        def fault(ask, method, params):
            global count
            count += method == "eth_sendRawTransaction"
            if method != "eth_sendRawTransaction" or count != sending:
                return ask(method, params)
            if moment == "after":
                ask(method, params)
            os.kill(os.getpid(), signal.SIGKILL)

        chain = connect("local", folder / "chain")
        between(chain, fault)
        minted(chain, Journal(folder / "journal.sqlite"), with_supply(MINT_BATCH + 5))
    """)
    command = [sys.executable, "-W", "ignore", "-c", script]
    killed = subprocess.run(
        [*command, str(tmp_path), str(sending), moment],
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    chain = connect("local", tmp_path / "chain")
    done = minted(chain, journal, with_supply(MINT_BATCH + 5))
    assert read(chain, done.address).total_supply == MINT_BATCH + 5
    assert done.canonical() == whole


def test_mint_goes_on_from_what_the_chain_holds(chain: Chain, journal: Journal) -> None:
    """Three tokens were airdropped by hand: the journal does not know, the chain does."""
    wallet = load(chain, {})
    done = launched(chain, journal)
    data = contract(chain.web3, done.address).encode_abi("airdrop", [SOMEBODY, 3])
    send(Account(chain, wallet, journal), "by hand", {"to": done.address, "data": data})
    done = mint(Account(chain, wallet, journal), done)
    assert [each.purpose for each in done.transactions[1:]] == [f"mint {done.address} 4-25"]
    functions = contract(chain.web3, done.address).functions
    assert functions.totalSupply().call() == 25
    assert functions.balanceOf(SOMEBODY).call() == 3


@pytest.mark.anvil
def test_stranger_cannot_mint(journal: Journal, tmp_path: Path) -> None:
    with anvil() as url:
        chain = connect(url, tmp_path)
        stranger = load(chain, {"MINT_PRIVATE_KEY": "17" * 32})
        rpc(chain, "anvil_setBalance", stranger.address, hex(10**18))
        with pytest.raises(ChainError, match=r"OwnableUnauthorizedAccount\(account="):
            mint(Account(chain, stranger, journal), launched(chain, journal))


def test_royalty_receiver_of_its_own(local: Chain, journal: Journal) -> None:
    done = launched(
        local, journal, LAUNCH.model_copy(update={"royalty_receiver": SOMEBODY.lower()})
    )
    assert read(local, done.address).royalty_receiver == SOMEBODY


def test_node_that_lies_about_the_contract(local: Chain, journal: Journal) -> None:
    lie = local.web3.keccak(text="PROVENANCE()")[:4].to_0x_hex()

    def fault(ask: Asked, method: str, params: Any) -> Any:
        answer = ask(method, params)
        if method == "eth_call" and params[0]["data"] == lie:
            return {**answer, "result": "0x" + "00" * 32}
        return answer

    between(local, fault)
    with pytest.raises(ChainError, match="has another provenance"):
        launched(local, journal)


def test_token_uris(chain: Chain, journal: Journal) -> None:
    done = minted(chain, journal, with_supply(600))
    uris = dict(token_uris(chain, done.address, range(1, 601)))
    assert uris == {n: f"{LAUNCH.base_uri}{n}.json" for n in range(1, 601)}
    some = list(token_uris(chain, done.address, (7, 8, 3, 600)))
    assert some == [(n, uris[n]) for n in (7, 8, 3, 600)]
    assert list(token_uris(chain, done.address, ())) == []
    for missing in (0, 601):
        with pytest.raises(ChainError, match="URIQueryForNonexistentToken"):
            list(token_uris(chain, done.address, [missing]))


def test_no_contract_there(chain: Chain, journal: Journal) -> None:
    for nothing in (SOMEBODY, "0x12", "vitalik.eth"):
        with pytest.raises(ChainError, match=f"there is no FairMint at {nothing}") as caught:
            read(chain, nothing)
        assert "check the address" in caught.value.hint


@pytest.mark.parametrize(
    "code",
    [
        "5f5ffd0000",  # reverts
        "5000000000",  # underflows the stack
        "60205ff300",  # answers everything with 32 zero bytes
    ],
)
def test_foreign_contract(chain: Chain, journal: Journal, code: str) -> None:
    init = "0x6005600a5f3960055ff3" + code  # copies the 5 bytes behind it and returns them
    sent = send(Account(chain, load(chain, {}), journal), "foreign", {"data": init})
    receipt: Any = chain.web3.eth.get_transaction_receipt(sent.transaction)  # type: ignore[arg-type]  # a str is a HexStr
    with pytest.raises(ChainError, match="there is no FairMint at 0x"):
        read(chain, receipt["contractAddress"])


@pytest.mark.anvil
def test_node_that_dies(journal: Journal, tmp_path: Path) -> None:
    with anvil() as url:
        chain = connect(url, tmp_path)
        done = minted(chain, journal)
    with pytest.raises(ChainError, match="cannot be reached"):
        read(chain, done.address)
    with pytest.raises(ChainError, match="cannot be reached"):
        next(token_uris(chain, done.address, [1]))


@pytest.mark.parametrize(
    "change",
    [
        {"max_supply": 0},
        {"royalty_bps": 10_001},
        {"royalty_bps": -1},
        {"base_uri": "ipfs://cid"},
        {"provenance": "0x" + "ab" * 32},
        {"collection": "ab"},
        {"royalty_receiver": "artist.eth"},
        {"unknown": 1},
    ],
)
def test_impossible_launches(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FairMintTerms(**{**LAUNCH.model_dump(), **change})


def test_gas_stays_within_its_budgets(local: Chain, journal: Journal) -> None:
    """What BATCH in Collection.sol promises holders, and what EIP-7825 allows a transaction."""
    done = minted(local, journal, with_supply(1064))
    deployed, thousand, rest = (each.gas for each in done.transactions)
    assert deployed < 2_000_000
    assert thousand < 4_100_000 < GAS_CAP
    assert rest < 340_000
    worst = 0
    functions: Any = contract(local.web3, done.address)
    for token_id in range(1, 122, 12):  # each place in a batch of eleven, in a batch of its own
        to = local.web3.to_checksum_address(f"0x{token_id:040x}")
        data = functions.encode_abi("transferFrom", [done.owner, to, token_id])
        tx = {"to": done.address, "data": data}
        worst = max(
            worst, send(Account(local, load(local, {}), journal), f"give {token_id}", tx).gas
        )
    assert 118_000 < worst < 121_000


def test_five_thousand_tokens_take_seconds(local: Chain, journal: Journal) -> None:
    done = launched(local, journal, with_supply(5000))
    start = time.process_time()
    mint(Account(local, load(local, {}), journal), done)
    assert time.process_time() - start < 20  # 3 s where this was written
    assert read(local, done.address).total_supply == 5000
