"""A purpose and a transaction -> the mined transaction, sent once however often we are killed.

Journal first, then broadcast. "Already known" and "nonce too low" mean *maybe sent*, so the chain
is asked for every hash a purpose ever had before anything else is tried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mint.chain.artefact import reason
from mint.chain.gas import complete, raised
from mint.chain.journal import Attempt
from mint.chain.network import answers
from mint.document import Document
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.journal import Journal
    from mint.chain.network import Chain
    from mint.chain.wallet import Wallet

PATIENCE = 60.0  # seconds before the fee is raised: five Ethereum slots
RAISES = 8  # of 12.5 %: 2.6 times the first fee
# What geth, anvil, nethermind, erigon and eth-tester answer when a nonce is taken, maybe by us.
_MAYBE_SENT = (
    "already known",
    "alreadyknown",
    "already imported",
    "known transaction",
    "nonce too low",
    "oldnonce",
    "invalid transaction nonce",
    "underpriced",
)
_POOR = ("insufficient funds", "enough balance", "cannot afford")
_LOOK = "check the wallet, the network and the contract's owner, then run the same command again"


class Sent(Document):
    """A mined transaction: what it was for, its hash, block number and gas used."""

    purpose: str
    transaction: str
    block: int
    gas: int


def find(account: Account, purpose: str) -> Sent | None:
    """The transaction that already served `purpose` on this chain, asked of the chain."""
    with answers(account.chain.place):
        return _Errand(account, purpose).done()


def send(
    account: Account,
    purpose: str,
    tx: dict[str, Any],
    patience: float = PATIENCE,
) -> Sent:
    """Have `tx` ("to" unless it deploys, "data" in 0x hex) mined for `purpose`, once.

    `purpose` is unique and stands for the same `tx` for ever. After `patience` seconds without a
    block the same nonce and calldata are sent at a higher fee. Raises ChainError: reverted, out
    of funds, nonce taken by another program, not mined, node down.
    """
    errand = _Errand(account, purpose)
    with answers(account.chain.place):
        if done := errand.done():
            return done
        attempts = errand.alive() or [errand.sign(errand.first(tx))]
        errand.broadcast(attempts[-1])
        return errand.wait(attempts, patience)


@dataclass(frozen=True)
class _Errand:
    account: Account
    purpose: str

    @property
    def chain(self) -> Chain:
        return self.account.chain

    @property
    def wallet(self) -> Wallet:
        return self.account.wallet

    @property
    def journal(self) -> Journal:
        return self.account.journal

    def attempts(self) -> list[Attempt]:
        return self.journal.attempts(self.chain.genesis, self.wallet.address, self.purpose)

    def done(self) -> Sent | None:
        for attempt in self.attempts():
            receipt = self.receipt(attempt)
            if receipt and receipt["status"]:
                return self.sent(receipt)
        return None

    def alive(self) -> list[Attempt]:
        """The attempts at the newest nonce, if one of them can still be mined."""
        attempts = self.attempts()
        newest = [each for each in attempts if each.nonce == attempts[-1].nonce]
        if not newest or any(self.receipt(each) for each in newest):
            return []  # a receipt here says it was reverted: nothing happened, so it may be redone
        if any(self.known(each) for each in newest):
            return newest
        # Below: another transaction took the nonce. Above: the chain forgot what came before it.
        mined, pending = self.counts()
        return newest if mined <= newest[0].nonce <= pending else []

    def first(self, tx: dict[str, Any]) -> dict[str, Any]:
        """`tx` made ready to sign at the next free nonce."""
        from web3.exceptions import Web3Exception

        mined, pending = self.counts()
        ours = self.journal.nonces(self.chain.genesis, self.wallet.address)
        if strange := set(range(mined, pending)) - ours:
            raise ChainError(
                f"another program is sending from {self.wallet.address} (nonce {min(strange)})",
                hint="let it finish, or use a wallet of its own for this collection",
            )
        try:
            return complete(self.chain, self.wallet.address, pending, tx)
        except Web3Exception as error:
            raise self.refused(error) from error

    def sign(self, fields: dict[str, Any]) -> Attempt:
        """Signed and in the journal, not yet sent."""
        attempt = Attempt(fields, *self.wallet.sign(fields))
        self.journal.add(self.chain.genesis, self.wallet.address, self.purpose, attempt)
        return attempt

    def broadcast(self, attempt: Attempt) -> None:
        import requests
        from eth_utils.exceptions import ValidationError
        from web3.exceptions import Web3Exception

        try:
            self.chain.web3.eth.send_raw_transaction(attempt.raw)
        except (requests.ConnectionError, requests.Timeout):
            return  # it may have arrived: `wait` asks, and says so when the node stays away
        except (Web3Exception, ValidationError) as error:  # the second is eth-tester's
            if not any(words in str(error).lower() for words in _MAYBE_SENT):
                raise self.refused(error) from error

    def wait(self, attempts: list[Attempt], patience: float) -> Sent:
        """Ask for all of `attempts` (one nonce) until one is mined; send again what was dropped."""
        pause, taken, since = 0.02, 0, time.monotonic()
        while True:
            for attempt in attempts:
                if receipt := self.receipt(attempt):
                    return self.judged(attempt, receipt)
            # Thrice: behind a load balancer one node has the count before another the receipt.
            taken += self.counts()[0] > attempts[-1].nonce
            if taken == 3:
                raise self.stolen(attempts[-1])
            if time.monotonic() - since > patience:
                attempts, since = [*attempts, self.replacement(attempts)], time.monotonic()
                self.broadcast(attempts[-1])
            elif not any(self.known(each) for each in attempts):
                self.broadcast(attempts[-1])
            time.sleep(pause)
            pause = min(2 * pause, 2.0, max(patience / 4, 0.02))

    def replacement(self, attempts: list[Attempt]) -> Attempt:
        if len(attempts) > RAISES:
            raise ChainError(
                f"{self.purpose}: nonce {attempts[-1].nonce} was not mined after {RAISES} raises",
                hint="run the same command again when the chain is less busy",
            )
        return self.sign(raised(self.chain, attempts[-1].fields))

    def counts(self) -> tuple[int, int]:
        """The sender's transactions: mined, and mined or pending."""
        count = self.chain.web3.eth.get_transaction_count
        address = self.chain.web3.to_checksum_address(self.wallet.address)
        mined = count(address, "latest")
        return mined, max(mined, count(address, "pending"))

    def receipt(self, attempt: Attempt) -> Any:
        from web3.exceptions import TransactionNotFound

        found: Any = attempt.hash
        try:
            return self.chain.web3.eth.get_transaction_receipt(found)
        except TransactionNotFound:
            return None

    def known(self, attempt: Attempt) -> bool:
        from web3.exceptions import TransactionNotFound

        found: Any = attempt.hash
        try:
            return bool(self.chain.web3.eth.get_transaction(found))
        except TransactionNotFound:
            return False

    def judged(self, attempt: Attempt, receipt: Any) -> Sent:
        if receipt["status"]:
            return self.sent(receipt)
        why = self.why(attempt, receipt["blockNumber"])
        raise ChainError(f"{self.purpose} was reverted: {why}", hint=_LOOK)

    def why(self, attempt: Attempt, block: int) -> str:
        """The reverted call again, on the state before its block; receipts carry no reason."""
        fields = attempt.fields
        told = {name: fields[name] for name in ("to", "data", "value") if name in fields}
        call: Any = {"from": self.wallet.address, **told}
        try:
            self.chain.web3.eth.call(call, block - 1)
        except Exception as error:  # every node has its own; what matters is in the words
            return reason(error)
        return "out of gas, or another transaction of its block was in the way"

    def sent(self, receipt: Any) -> Sent:
        return Sent(
            purpose=self.purpose,
            transaction=receipt["transactionHash"].to_0x_hex(),
            block=receipt["blockNumber"],
            gas=receipt["gasUsed"],
        )

    def refused(self, error: Exception) -> ChainError:
        who, chain = self.wallet.address, self.chain
        if any(words in str(error).lower() for words in _POOR):
            hint = f"send test coins to {who}"
            return ChainError(f"{who} cannot pay for gas on {chain.network}", hint=hint)
        return ChainError(f"{chain.place} refused {self.purpose}: {reason(error)}", hint=_LOOK)

    def stolen(self, attempt: Attempt) -> ChainError:
        return ChainError(
            f"another program used nonce {attempt.nonce} of {self.wallet.address}",
            hint="let it finish, then run the same command again",
        )
