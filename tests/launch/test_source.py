"""The source of a deployed contract, given to stand-ins that recompile it with the real solc."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mint.chain.account import Account
from mint.chain.artefact import artefact, standard_input
from mint.chain.constructor import Phase, SaleTerms
from mint.chain.deployment import Deployment
from mint.chain.fairmint import deploy
from mint.chain.journal import Journal
from mint.chain.network import Chain, connect
from mint.chain.wallet import load
from mint.errors import ChainError
from mint.launch.source import Source, source_of, write_source
from mint.launch.verify_source import Patience, Verification, verify_source
from tests.anvil_node import anvil
from tests.chain.launches import LAUNCH
from tests.verifiers import KEY, Verifiers, compiled, verifiers

pytestmark = [pytest.mark.anvil, pytest.mark.node]
QUICK = Patience(deadline=60.0, pause=0.02)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("source")
    journal = Journal(folder / "journal.sqlite")
    with anvil() as url:
        chain = connect(url, folder)
        yield Account(chain, load(chain, {}), journal)
    journal.close()


@pytest.fixture(scope="module")
def chain(account: Account) -> Chain:
    return account.chain


@pytest.fixture(scope="module")
def plain(account: Account) -> Deployment:
    return deploy(account, LAUNCH)


@pytest.fixture(scope="module")
def sale(account: Account, plain: Deployment) -> Deployment:
    block = account.chain.web3.eth.get_block(plain.transactions[0].block)  # genesis has no time
    now = int(block["timestamp"])
    phase = Phase(now + 100, now + 200, 10**16, 5, 0, bytes(32))
    payees = ((account.address, 10_000),)
    terms = SaleTerms(b"\1" * 32, b"\2" * 32, now + 10**6, 1, 5, (phase,), payees)
    return deploy(account, LAUNCH, terms)


@pytest.fixture
def services(chain: Chain) -> Iterator[Verifiers]:
    with verifiers(chain) as services:
        yield services


def ask(
    services: Verifiers, deployment: Deployment, source: Source, **environ: str
) -> tuple[list[Verification], list[str]]:
    """What both say, and what was announced."""
    news: list[str] = []
    known = {**services.environ, **environ}
    return list(verify_source(deployment, source, known, news.append, QUICK)), news


def outcomes(said: list[Verification]) -> list[str]:
    return [each.outcome for each in said]


def test_both_recompile_a_sale_and_find_it_again(
    services: Verifiers, chain: Chain, sale: Deployment
) -> None:
    source = source_of(chain, sale)
    assert source.name == "FairSale"
    creation, runtime, _ = compiled(json.loads(source.standard_json), source.identifier)
    assert f"0x{creation.hex()}" == artefact("FairSale")["bytecode"]
    assert f"0x{runtime.hex()}" == artefact("FairSale")["deployed_bytecode"]

    said, news = ask(services, sale, source)
    assert outcomes(said) == ["verified", "verified"]
    page = f"https://repo.sourcify.dev/31337/{sale.address}"
    assert str(said[0]) == f"Sourcify shows the source as verified (match): {page}"
    assert any("waiting for Etherscan: it is still at work" in line for line in news)

    said, _ = ask(services, sale, source)
    assert outcomes(said) == ["already verified", "already verified"]
    assert all(each.done for each in said)


def test_a_tampered_source_is_refused_by_both(
    services: Verifiers, chain: Chain, plain: Deployment
) -> None:
    source = source_of(chain, plain)
    assert source.name == "FairMint"
    tampered = source.standard_json.replace(b"= 10_000;", b"= 10_001;")
    assert tampered != source.standard_json

    said, _ = ask(services, plain, source._replace(standard_json=tampered))

    assert outcomes(said) == ["refused", "refused"]
    assert "don't match" in said[0].detail
    assert "Unable to verify" in said[1].detail


def test_other_arguments_are_refused(services: Verifiers, chain: Chain, sale: Deployment) -> None:
    source = source_of(chain, sale)
    said, _ = ask(services, sale, source._replace(arguments=source.arguments + bytes(32)))
    assert outcomes(said) == ["verified", "refused"]  # Sourcify reads them from the chain


def test_a_service_that_fails_for_a_while_is_asked_again(
    services: Verifiers, chain: Chain, sale: Deployment
) -> None:
    services.troubles = [(429, {"customCode": "duplicate_verification_request"}), None, (503, {})]
    said, news = ask(services, sale, source_of(chain, sale))
    assert outcomes(said) == ["verified", "verified"]
    assert any("it answers 429" in line for line in news)
    assert any("it does not answer (ConnectionError)" in line for line in news)


def test_a_server_of_its_own_may_put_an_error_in_plain_text(
    services: Verifiers, chain: Chain, sale: Deployment
) -> None:
    begun = {"verificationId": "7"}
    services.troubles = [(202, begun), (200, {"isJobCompleted": True, "error": "no compiler"})]
    said, _ = ask(services, sale, source_of(chain, sale))
    assert outcomes(said) == ["refused", "verified"]
    assert said[0].detail == "no compiler"


def test_a_service_that_never_finishes_ends_at_the_deadline(
    services: Verifiers, chain: Chain, sale: Deployment
) -> None:
    services.polls = 10**6
    began = time.monotonic()
    known, quick = services.environ, Patience(deadline=0.3, pause=0.05)
    said = list(verify_source(sale, source_of(chain, sale), known, lambda line: None, quick))
    assert outcomes(said) == ["unanswered", "unanswered"]
    assert "still at work after" in str(said[0])
    assert time.monotonic() - began < 5


def test_refusals_say_why_and_no_key_is_repeated(
    services: Verifiers, chain: Chain, sale: Deployment
) -> None:
    source = source_of(chain, sale)
    elsewhere = sale.model_copy(update={"chain_id": 5})
    said, _ = ask(services, elsewhere, source)
    assert [each.detail for each in said] == [
        "Chain 5 not found",
        "Missing or unsupported chainid parameter",
    ]
    secret = "OTHER" + KEY
    said, news = ask(services, sale, source, ETHERSCAN_API_KEY=secret)
    assert said[1].detail == "Invalid API Key (#err2)|***"
    down = "http://127.0.0.1:1/"
    known = {"MINT_ETHERSCAN_URL": down, "MINT_SOURCIFY_URL": down, "ETHERSCAN_API_KEY": KEY}
    said += verify_source(sale, source, known, news.append, Patience(deadline=0.1, pause=0.05))
    assert outcomes(said[2:]) == ["unanswered", "unanswered"]
    assert not any(KEY in text for text in [*map(str, said), *news])
    said, _ = ask(services, sale, source, ETHERSCAN_API_KEY="")
    assert "set ETHERSCAN_API_KEY" in str(said[1])


def test_what_is_written_is_enough_to_do_it_by_hand(
    tmp_path: Path, chain: Chain, plain: Deployment
) -> None:
    source = source_of(chain, plain)
    standard, record = write_source(tmp_path / "source", 31337, plain.address, source)
    assert standard.read_bytes() == standard_input("FairMint")
    told = json.loads(record.read_bytes())
    assert told["contract"] == "src/FairMint.sol:FairMint"
    assert told["compiler"] == "v0.8.37+commit.f401782d"
    sent = chain.web3.eth.get_transaction(plain.transactions[0].transaction)["input"]  # type: ignore[arg-type]  # a str is a HexStr
    assert artefact()["bytecode"] + told["constructor_arguments"] == sent.to_0x_hex()


def test_another_programs_deployment_has_no_source_here(chain: Chain, plain: Deployment) -> None:
    nowhere = plain.transactions[0].model_copy(update={"transaction": "0x" + "11" * 32})
    with pytest.raises(ChainError, match="another version of mint"):
        source_of(chain, plain.model_copy(update={"transactions": (nowhere,)}))
