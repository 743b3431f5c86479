"""Transactions that somebody else signs: in words, as JSON, and never sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mint.chain.account import Account
from mint.chain.artefact import artefact, contract
from mint.chain.fairmint import deploy
from mint.chain.journal import Journal
from mint.chain.network import Chain, connect
from mint.chain.unsigned import Unsent, Unsigned, UnsignedPlan
from mint.chain.wording import VERBS, coins, most, what, wording
from mint.errors import ChainError
from tests.anvil_node import anvil, rpc
from tests.chain.launches import LAUNCH
from tests.chain.payments import PAY, SOMEBODY
from tests.wallets import ADDRESS, on


@pytest.mark.anvil
def test_a_multisig_signs_what_was_written(tmp_path: Path, journal: Journal) -> None:
    with anvil("--chain-id", "11155111") as url:
        chain = connect(url, tmp_path)
        rpc(chain, "anvil_setBalance", ADDRESS, hex(10**19))
        wallet = Unsigned(chain, ADDRESS, tmp_path / "plan.json")
        account = Account(chain, wallet, journal)
        for _ in range(2):  # nothing was sent, so it may be asked for again
            with pytest.raises(Unsent, match="not sent: Make a new contract: a collection"):
                deploy(account, LAUNCH)
        assert chain.web3.eth.block_number == 0
        assert account.purposes("") == []

        text = (tmp_path / "plan.json").read_bytes()
        plan = UnsignedPlan.parse(text)
        raw = json.loads(text)["transactions"][0]["transaction"]
        assert plan.network == "sepolia"
        assert set(raw) == {
            *("chainId", "from", "value", "data", "gas", "maxFeePerGas", "maxPriorityFeePerGas")
        }
        assert (raw["chainId"], raw["from"]) == ("0xaa36a7", ADDRESS)
        # As it stands in the file, a node whose wallet has the key sends it.
        rpc(chain, "anvil_impersonateAccount", ADDRESS)
        hash_ = rpc(chain, "eth_sendTransaction", raw)
        receipt: Any = chain.web3.eth.wait_for_transaction_receipt(hash_)
        assert receipt["status"] == 1
        assert contract(chain.web3, receipt["contractAddress"]).functions.owner().call() == ADDRESS


def test_what_is_no_address_signs_nothing(tmp_path: Path) -> None:
    for address, says in (("ann.eth", "is no address"), (ADDRESS.replace("f", "F"), "mistyped")):
        with pytest.raises(ChainError, match=says):
            Unsigned(on("sepolia"), address, tmp_path / "plan.json")
    wallet = Unsigned(on("sepolia"), ADDRESS.lower(), tmp_path / "plan.json")
    assert wallet.address == ADDRESS
    assert wallet.signature("words") != wallet.signature("words")
    with pytest.raises(Unsent):
        wallet.submit(PAY)
    plan = UnsignedPlan.parse((tmp_path / "plan.json").read_bytes())
    assert plan.transactions[0].transaction.to == SOMEBODY
    with pytest.raises(ValidationError):
        UnsignedPlan.parse(b'{"network": "sepolia", "transactions": [], "version": 2}')


def data(chain: Chain, name: str, verb: str, *arguments: Any) -> dict[str, Any]:
    call = contract(chain.web3, SOMEBODY, name).encode_abi(verb, list(arguments))
    return {"to": SOMEBODY, "data": call}


def test_a_transaction_says_what_it_does() -> None:
    chain, salt = on("sepolia"), bytes(32)
    said = {
        "Mint 1 token to " + SOMEBODY: data(chain, "FairMint", "airdrop", SOMEBODY, 1),
        "Mint 3 tokens to 2 wallets": data(
            chain, "FairMint", "airdropMany", [(SOMEBODY, 1), (SOMEBODY, 2)]
        ),
        "Mint 2 tokens to " + SOMEBODY: data(chain, "FairSale", "airdropMany", [(SOMEBODY, 2)]),
        "Buy 3 tokens in phase 2": data(chain, "FairSale", "mint", 1, 3),
        "Open the secret of the draw: every token shows its picture": data(
            chain, "FairSale", "reveal", salt, salt, "ipfs://x/"
        ),
        "Send payee 1 its share of the money": data(chain, "FairSale", "withdraw", 0),
        "Give back tokens 4, 5, and take the money that was paid to " + SOMEBODY: data(
            chain, "FairSale", "refund", [4, 5], SOMEBODY
        ),
        "Call approve of the contract": data(chain, "FairMint", "approve", SOMEBODY, 1),
        "Send coins, and nothing else": PAY,
        "Call something that mint does not know, 0xdeadbeef": {**PAY, "data": "0xdeadbeef"},
        "Make a new contract: a collection that is sold (FairSale)": {
            "data": artefact("FairSale")["bytecode"] + "00"
        },
        "Make a new contract that mint does not know": {"data": "0x6000"},
    }
    for sentence, transaction in said.items():
        assert what(transaction) == sentence


def test_every_verb_of_the_contracts_has_words() -> None:
    plain = {"approve", "setApprovalForAll", "safeTransferFrom", "transferFrom", "burn"}
    for name in ("FairMint", "FairSale"):
        changes = {
            entry["name"]
            for entry in artefact(name)["abi"]
            if entry["type"] == "function" and entry["stateMutability"] not in ("view", "pure")
        }
        assert changes - plain <= set(VERBS)


def test_sums_are_the_most_that_can_be_paid() -> None:
    fields = {**PAY, "value": 10**16, "gas": 100_000, "maxFeePerGas": 2 * 10**9}
    words = wording(on("sepolia").line, fields)
    assert (words.value, words.fee) == ("0.01 ETH", "at most 0.0002 ETH")
    assert words.total == "at most 0.0102 ETH"
    assert coins(12345 * 10**10 + 1, "POL") == "0.000123450000000001 POL"
    assert [most(wei, "POL") for wei in (0, 1, 10**18, 10**18 + 1, 12345 * 10**10)] == [
        "at most 0 POL", "at most 0.000000000000000001 POL", "at most 1 POL", "at most 1.0001 POL",
        "at most 0.00013 POL",
    ]  # fmt: skip
