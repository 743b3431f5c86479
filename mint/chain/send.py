"""A purpose and a transaction -> the mined transaction, sent once however often we are killed.

Journal first, then broadcast. "Already known" and "nonce too low" mean *maybe sent*, so the chain
has to answer for every hash a purpose ever had before anything else is tried.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mint.chain.gas import complete, raised
from mint.chain.journal import Attempt
from mint.chain.network import answers
from mint.chain.reverts import refused, reverted
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


Progress = Literal["absent", "unsent", "pending", "mined", "failed"]


class Sent(Document):
    """A mined transaction: what it was for, its hash, block number and gas used."""

    purpose: str
    transaction: str
    block: int
    gas: int


def find(account: Account, purpose: str) -> Sent | None:
    """The transaction that already served `purpose` on this chain, if there is one."""
    with answers(account.chain.label):
        return _Submission(account, purpose).done()


def progress(account: Account, purpose: str) -> Progress:
    """How far `purpose` is on this chain; sends nothing.

    Unsent means that no node knows it and that it can still be mined; failed that it cannot, as it
    was reverted or another transaction has its nonce.
    """
    with answers(account.chain.label):
        return _Submission(account, purpose).progress()


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
    submission = _Submission(account, purpose)
    with answers(account.chain.label):
        if done := submission.done():
            return done
        attempts = submission.alive() or [submission.sign(submission.first(tx))]
        submission.broadcast(attempts[-1])
        return submission.wait(attempts, patience)


@dataclass(frozen=True)
class _Submission:
    """What one purpose needs: look it up, sign it, send it, wait for its receipt."""

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

    def progress(self) -> Progress:
        if not self.attempts():
            return "absent"
        if self.done():
            return "mined"
        alive = self.alive()
        if not alive:
            return "failed"
        return "pending" if any(self.known(each) for each in alive) else "unsent"

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
            raise refused(self.account, self.purpose, error) from error

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
                raise refused(self.account, self.purpose, error) from error

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

        transaction: Any = attempt.hash
        try:
            return self.chain.web3.eth.get_transaction_receipt(transaction)
        except TransactionNotFound:
            return None

    def known(self, attempt: Attempt) -> bool:
        from web3.exceptions import TransactionNotFound

        transaction: Any = attempt.hash
        try:
            return bool(self.chain.web3.eth.get_transaction(transaction))
        except TransactionNotFound:
            return False

    def judged(self, attempt: Attempt, receipt: Any) -> Sent:
        if receipt["status"]:
            return self.sent(receipt)
        raise reverted(self.account, self.purpose, attempt.fields, receipt["blockNumber"])

    def sent(self, receipt: Any) -> Sent:
        return Sent(
            purpose=self.purpose,
            transaction=receipt["transactionHash"].to_0x_hex(),
            block=receipt["blockNumber"],
            gas=receipt["gasUsed"],
        )

    def stolen(self, attempt: Attempt) -> ChainError:
        return ChainError(
            f"another program used nonce {attempt.nonce} of {self.wallet.address}",
            hint="let it finish, then run the same command again",
        )
