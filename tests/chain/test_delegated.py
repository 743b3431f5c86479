"""Wallets that sign and send themselves: what they do not say, the chain has to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.chain.account import Account
from mint.chain.delegated import adopt, track
from mint.chain.journal import Journal
from mint.chain.network import Chain
from mint.chain.send import find, progress, send
from mint.chain.wallet import Declined, load
from mint.errors import ChainError
from tests.anvil_node import rpc
from tests.chain.payments import PAY, SOMEBODY

pytestmark = pytest.mark.anvil


class Extension:
    """A browser's wallet, whose key anvil has; `act` is what its owner does with a transaction."""

    def __init__(self, chain: Chain, act: Callable[[Extension, dict[str, Any]], str]) -> None:
        self.chain, self.act, self.asked = chain, act, 0
        self.address = load(chain, {}).address

    def submit(self, transaction: dict[str, Any]) -> str:
        self.asked += 1
        return self.act(self, transaction)

    def signature(self, words: str) -> bytes:
        raise NotImplementedError

    def sends(self, transaction: dict[str, Any]) -> str:
        """As such wallets do: their own nonce, their own fee."""
        call = {"from": self.address, "to": transaction["to"], "data": transaction["data"]}
        return str(
            rpc(self.chain, "eth_sendTransaction", {**call, "value": hex(transaction["value"])})
        )


def confirms(wallet: Extension, transaction: dict[str, Any]) -> str:
    return wallet.sends(transaction)


def declines(wallet: Extension, transaction: dict[str, Any]) -> str:
    raise Declined("you refused it in the wallet", hint="run the same command again")


def closes(wallet: Extension, transaction: dict[str, Any]) -> str:
    raise ChainError("the page was closed", hint="run the same command again")


def confirms_and_dies(wallet: Extension, transaction: dict[str, Any]) -> str:
    wallet.sends(transaction)
    raise KeyboardInterrupt


def account(chain: Chain, journal: Journal, act: Any) -> Account:
    return Account(chain, Extension(chain, act), journal, patience=0.3)


def rows(one: Account) -> list[tuple[str, str]]:
    attempts = one.journal.attempts(one.chain.genesis, one.address, "pay")
    return [(each.state, each.hash) for each in attempts]


def received(chain: Chain) -> int:
    return int(chain.web3.eth.get_balance(chain.web3.to_checksum_address(SOMEBODY)))


@pytest.fixture
def quick(still: Chain) -> Chain:
    rpc(still, "evm_setAutomine", True)
    return still


def test_a_wallet_that_sends_is_waited_for(quick: Chain, journal: Journal) -> None:
    one = account(quick, journal, confirms)
    sent = send(one, "pay", PAY)
    assert rows(one) == [("mined", sent.transaction)]
    assert send(one, "pay", PAY) == sent
    assert received(quick) == 1


def test_the_journal_knows_before_the_wallet_is_asked(quick: Chain, journal: Journal) -> None:
    def looks(wallet: Extension, transaction: dict[str, Any]) -> str:
        assert rows(one) == [("delegated", "")]
        return wallet.sends(transaction)

    one = account(quick, journal, looks)
    send(one, "pay", PAY)


def test_what_was_declined_was_not_sent(quick: Chain, journal: Journal) -> None:
    with pytest.raises(Declined):
        send(account(quick, journal, declines), "pay", PAY)
    one = account(quick, journal, confirms)
    assert (rows(one), progress(one, "pay")) == ([], "absent")
    send(one, "pay", PAY)
    assert received(quick) == 1


def test_an_unknown_outcome_is_never_sent_again(quick: Chain, journal: Journal) -> None:
    with pytest.raises(ChainError, match="the page was closed; nobody knows whether") as caught:
        send(account(quick, journal, closes), "pay", PAY)
    assert "mint launch FILE --track HASH" in caught.value.hint
    one = account(quick, journal, confirms)
    assert (find(one, "pay"), progress(one, "pay")) == (None, "unknown")
    with pytest.raises(ChainError, match="nobody knows whether the wallet sent pay") as caught:
        send(one, "pay", PAY)
    assert "--track HASH" in caught.value.hint
    assert received(quick) == 0
    assert isinstance(one.wallet, Extension)
    assert one.wallet.asked == 0


@pytest.mark.parametrize("mined", [True, False])
def test_a_kill_after_the_wallet_sent_is_found_on_the_chain(
    still: Chain, journal: Journal, mined: bool
) -> None:
    with pytest.raises(KeyboardInterrupt):
        send(account(still, journal, confirms_and_dies), "pay", PAY)
    if mined:
        rpc(still, "evm_mine")
    one = account(still, journal, confirms)
    assert progress(one, "pay") == ("mined" if mined else "pending")
    rpc(still, "evm_setAutomine", True)
    rpc(still, "evm_mine")
    assert send(one, "pay", PAY).block == 1
    assert received(still) == 1


def test_a_hash_is_adopted_when_it_does_the_same(quick: Chain, journal: Journal) -> None:
    one = account(quick, journal, closes)
    with pytest.raises(ChainError, match="nobody knows"):
        send(one, "pay", PAY)
    assert isinstance(one.wallet, Extension)
    other = one.wallet.sends({**PAY, "value": 2})
    with pytest.raises(ChainError, match="does something else than pay"):
        track(one, "pay", other)
    with pytest.raises(ChainError, match="knows no transaction"):
        track(one, "pay", "0x" + "12" * 32)
    with pytest.raises(ChainError, match="is no hash"):
        track(one, "pay", "0x12")
    right = one.wallet.sends(PAY)
    track(one, "pay", right.upper().replace("0X", "0x"))
    track(one, "pay", right)
    assert send(one, "pay", PAY).transaction == right


def hurried(one: Account, nonce: int) -> str:
    """As "speed up" in a wallet does: the same nonce and call, at a higher fee."""
    fees = {"maxFeePerGas": hex(10**11), "maxPriorityFeePerGas": hex(10**10)}
    call = {"from": one.address, "to": PAY["to"], "data": "0x", "value": "0x1"}
    return str(rpc(one.chain, "eth_sendTransaction", {**call, "nonce": hex(nonce), **fees}))


def test_one_that_was_sped_up_in_the_wallet_is_known_by_what_it_does(
    still: Chain, journal: Journal
) -> None:
    with pytest.raises(KeyboardInterrupt):
        send(account(still, journal, confirms_and_dies), "pay", PAY)
    one = account(still, journal, confirms)
    assert progress(one, "pay") == "pending"  # its hash is in the journal now
    faster = hurried(one, 0)
    rpc(still, "evm_mine")
    assert send(one, "pay", PAY).transaction == faster
    assert received(still) == 1
    assert rows(one) == [("mined", faster)]


def test_a_faster_one_that_waits_is_adopted_by_its_hash(still: Chain, journal: Journal) -> None:
    with pytest.raises(KeyboardInterrupt):
        send(account(still, journal, confirms_and_dies), "pay", PAY)
    one = account(still, journal, confirms)
    assert progress(one, "pay") == "pending"
    faster = hurried(one, 0)
    assert adopt(one, faster) == "pay"
    assert rows(one) == [("sent", faster)]
    with pytest.raises(ChainError, match="waits for its hash"):
        adopt(one, faster)


def test_one_that_was_cancelled_in_the_wallet_waits_for_no_hash(
    still: Chain, journal: Journal
) -> None:
    with pytest.raises(KeyboardInterrupt):
        send(account(still, journal, confirms_and_dies), "pay", PAY)
    one = account(still, journal, confirms)
    assert progress(one, "pay") == "pending"
    fees = {"maxFeePerGas": hex(10**11), "maxPriorityFeePerGas": hex(10**10)}
    call = {"from": one.address, "to": one.address, "value": "0x0", "nonce": "0x0"}
    cancelled = rpc(still, "eth_sendTransaction", call | fees)
    rpc(still, "evm_mine")
    with pytest.raises(ChainError, match="waits for its hash"):
        adopt(one, cancelled)
    assert isinstance(one.wallet, Extension)
    other = {**PAY, "value": 2}
    hash_ = one.wallet.sends(other)
    assert adopt(one, hash_, ("other", other)) == "other"


def test_a_nonce_that_was_only_proposed_is_free(quick: Chain, journal: Journal) -> None:
    with pytest.raises(ChainError, match="the page was closed"):
        send(account(quick, journal, closes), "pay", PAY)
    key = Account(quick, load(quick, {}), journal, patience=0.3)
    send(key, "other", PAY)
    (attempt,) = journal.attempts(quick.genesis, key.address, "other")
    assert attempt.nonce == 0


def test_a_hash_of_another_sender_is_refused(quick: Chain, journal: Journal) -> None:
    one = account(quick, journal, closes)
    with pytest.raises(ChainError, match="nobody knows"):
        send(one, "pay", PAY)
    stranger = list(quick.web3.eth.accounts)[1]
    call = {"from": stranger, "to": SOMEBODY, "value": "0x1"}
    with pytest.raises(ChainError, match="was sent by"):
        track(one, "pay", rpc(quick, "eth_sendTransaction", call))


def test_a_cancelled_one_is_asked_for_again(quick: Chain, journal: Journal) -> None:
    one = account(quick, journal, closes)
    with pytest.raises(ChainError, match="nobody knows"):
        send(one, "pay", PAY)
    call = {"from": one.address, "to": one.address, "value": "0x0"}
    cancelled = rpc(quick, "eth_sendTransaction", call)
    rpc(quick, "evm_mine")
    track(one, "pay", cancelled)
    again = account(quick, journal, confirms)
    assert progress(again, "pay") == "failed"
    send(again, "pay", PAY)
    assert received(quick) == 1


def test_an_older_transaction_or_another_purposes_is_not_adopted(
    quick: Chain, journal: Journal
) -> None:
    earlier = send(account(quick, journal, confirms), "earlier", PAY)
    one = account(quick, journal, closes)
    assert isinstance(one.wallet, Extension)
    strange = one.wallet.sends(PAY)
    rpc(quick, "evm_mine")
    with pytest.raises(ChainError, match="nobody knows"):
        send(one, "pay", PAY)
    with pytest.raises(ChainError, match="is the one for: earlier"):
        track(one, "pay", earlier.transaction)
    with pytest.raises(ChainError, match="is older than what the wallet was asked for"):
        track(one, "pay", strange)
    assert progress(one, "pay") == "unknown"


def test_a_hash_without_a_row_is_adopted_by_its_content(
    quick: Chain, journal: Journal, tmp_path: Path
) -> None:
    one = account(quick, journal, confirms)
    sent = send(one, "pay", PAY)
    other = account(quick, Journal(tmp_path / "lost.sqlite"), confirms)
    with pytest.raises(ChainError, match="does something else"):
        track(other, "pay", sent.transaction, {**PAY, "value": 3})
    track(other, "pay", sent.transaction, PAY)
    assert find(other, "pay") == sent
    other.journal.close()
