"""A purpose that can be mined -> its mined transaction: sent again, or at a higher fee."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mint.chain.attempt import Attempt, content_fields
from mint.chain.broadcast import broadcast
from mint.chain.delegated import submit, unknown
from mint.chain.evidence import counts
from mint.chain.gas import complete, enough, outbid, raised
from mint.chain.reverts import refused
from mint.chain.send import finish, look, lost
from mint.chain.wallet import Wallet
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.send import Outcome, Sent

LIMIT = 10  # times the patience: then the user is told, and may run the same command again
_SILENCE = 3.0  # seconds after which a wait says what it waits for


@dataclass
class Pursuit:
    """One run's work for one purpose."""

    account: Account
    purpose: str
    patience: float
    renewed: set[int] = field(default_factory=set)  # nonces signed in this run
    weighed: set[int] = field(default_factory=set)  # nonces whose fee was compared with today's
    announced: set[str] = field(default_factory=set)

    def begin(self, tx: dict[str, Any], instead: str | None) -> None:
        """Sign `tx` at the next free nonce, or at that of `instead`, and send it.

        Raises ChainError.
        """
        from web3.exceptions import Web3Exception

        account = self.account
        nonce = self._next_nonce() if instead is None else self._nonce_of(instead)
        try:
            fields = complete(account.chain, account.address, nonce, tx, account.max_fee)
        except Web3Exception as error:
            raise refused(account, self.purpose, error) from error
        if not isinstance(account.wallet, Wallet):
            submit(account, self.purpose, fields)
            return
        self._send(self._signed(self.purpose, fields))

    def end(self) -> Sent:
        """Wait until it is mined; raises ChainError when it is lost, or takes too long."""
        pause, start = 0.02, time.monotonic()
        since = start
        while True:
            view = look(self.account, self.purpose)
            if view.step == "finish":
                return finish(self.account, view)
            if view.step != "pursue":
                raise lost(self.account, self.purpose, view)
            now, open_ = time.monotonic(), view.open
            if open_.verdict.fate == "unknown" and (
                not open_.attempts[-1].hash or now - start > self.patience
            ):
                raise unknown(self.purpose)
            if not (cheap := self._too_cheap(open_)):
                self._push(open_)
            if now - start > self.patience * LIMIT:
                raise self._never(open_)
            if now - since > self.patience or cheap:
                since = now
                self._pay_more(open_)
            elif now - start > _SILENCE:
                self._announce(f"waiting for {self._words(open_)} to be mined")
            time.sleep(pause)
            pause = min(2 * pause, 2.0, max(self.patience / 4, 0.02))

    def _next_nonce(self) -> int:
        account = self.account
        genesis, who = account.chain.genesis, account.address
        mined, pending = counts(account)
        ours = account.journal.nonces(genesis, who)
        if strange := set(range(mined, pending)) - ours:
            raise ChainError(
                f"another program is sending from {who} (nonce {min(strange)})",
                hint="let it finish, or use a wallet of its own for this collection",
            )
        if account.chain.local:
            return pending
        # What left before may still arrive: its nonce is no longer free.
        return max(pending, account.journal.newest_sent(genesis, who) + 1)

    def _nonce_of(self, purpose: str) -> int:
        account = self.account
        attempts = account.journal.attempts(account.chain.genesis, account.address, purpose)
        return attempts[-1].nonce

    def _signed(self, purpose: str, fields: dict[str, Any]) -> Attempt:
        """Signed and in the journal, not yet sent; it pays more than what has its nonce."""
        account = self.account
        wallet = account.wallet
        assert isinstance(wallet, Wallet)
        genesis, nonce = account.chain.genesis, fields["nonce"]
        before = account.journal.at(genesis, account.address, nonce)
        if not account.chain.local:
            rivals = [each.fields for each in before if each.raw and each.state != "signed"]
            fields = outbid(fields, rivals, account.max_fee)
        since = int(account.chain.web3.eth.block_number)
        attempt = Attempt(fields, *wallet.sign(fields), since=since)
        self.renewed.add(nonce)
        return account.journal.add(genesis, account.address, purpose, attempt)

    def _push(self, open_: Outcome) -> None:
        """Send again what no node knows, and first what is missing before it."""
        fate, nonce = open_.verdict.fate, open_.evidence.nonce
        if fate not in ("unsent", "pending"):
            return
        if open_.evidence.total < nonce:
            for missing in range(counts(self.account)[1], nonce):
                rows = self._left(missing)
                if not rows:
                    self._announce(f"nonce {missing} is missing, which another program sent")
                elif rows[-1].raw:
                    self._announce(f"sending nonce {missing} again, which the chain has lost")
                    self._send(rows[-1])
        if fate == "unsent" and open_.attempts[-1].raw:
            self._send(open_.attempts[-1])

    def _send(self, attempt: Attempt) -> None:
        """Broadcast `attempt`; another at its nonce where the node wants more, or other gas."""
        try:
            if broadcast(self.account, attempt) == "sent":
                return
        except ChainError:
            # What was signed in this run cannot be mended by signing it again.
            if attempt.nonce in self.renewed or self.account.chain.local:
                raise
            again = self._signed(attempt.purpose, self._renewed(attempt))
        else:
            again = self._signed(attempt.purpose, self._dearer(attempt))
        broadcast(self.account, again)

    def _renewed(self, attempt: Attempt) -> dict[str, Any]:
        """The same call with gas and fees of today."""
        from web3.exceptions import Web3Exception

        account, nonce = self.account, attempt.nonce
        tx = content_fields(attempt.fields)
        try:
            return complete(account.chain, account.address, nonce, tx, account.max_fee)
        except Web3Exception as error:
            raise refused(account, attempt.purpose, error) from error

    def _pay_more(self, open_: Outcome) -> None:
        """Raise the fee of what is next in the chain's order: ours, or one that it waits for."""
        total, nonce = open_.evidence.total, open_.evidence.nonce
        rows = self._left(total) if total < nonce else list(open_.attempts)
        if not rows:  # somebody else's is next, and no fee of ours moves it
            if counts(self.account)[1] <= total:
                raise self._gap(total)
            return
        attempt = rows[-1]
        if not attempt.raw or open_.verdict.fate == "unclear":
            return
        try:
            fields = self._dearer(attempt)
        except ChainError:
            if not enough(self.account.chain, attempt.fields):
                raise
            return  # its fee would do, so that something else is amiss
        self._announce(f"raising the fee: no block took nonce {attempt.nonce}")
        self._send(self._signed(attempt.purpose, fields))

    def _too_cheap(self, open_: Outcome) -> bool:
        """Whether an earlier run's fee is below today's: waiting with it would be in vain."""
        chain, nonce = self.account.chain, open_.evidence.nonce
        if (
            chain.local
            or nonce in self.renewed | self.weighed
            or open_.verdict.fate not in ("pending", "unsent")
        ):
            return False
        self.weighed.add(nonce)
        return bool(open_.attempts[-1].raw) and not enough(chain, open_.attempts[-1].fields)

    def _dearer(self, attempt: Attempt) -> dict[str, Any]:
        return raised(self.account.chain, attempt.fields, self.account.max_fee)

    def _left(self, nonce: int) -> list[Attempt]:
        """What was sent at `nonce`. What never left may have been given up since: it stays here."""
        rows = self.account.journal.at(self.account.chain.genesis, self.account.address, nonce)
        return [each for each in rows if each.state != "signed"]

    def _announce(self, line: str) -> None:
        """Say `line` once."""
        if line not in self.announced:
            self.announced.add(line)
            self.account.announce(line)

    def _words(self, open_: Outcome) -> str:
        return f"{self.purpose} (nonce {open_.evidence.nonce}, {open_.attempts[-1].hash})"

    def _gap(self, nonce: int) -> ChainError:
        who = self.account.address
        return ChainError(
            f"the chain has lost nonce {nonce} of {who}, which another program sent",
            hint=f"send anything from {who} with nonce {nonce}, then run the same command again",
        )

    def _never(self, open_: Outcome) -> ChainError:
        seconds = round(self.patience * LIMIT)
        if open_.verdict.fate == "unclear":
            return ChainError(
                f"a block holds nonce {open_.evidence.nonce} of {self.account.address}, and "
                f"{self.account.chain.label} does not show whose transaction it is",
                hint="run the same command again later, or ask a node that keeps old blocks; "
                "until then nothing is sent",
            )
        return ChainError(
            f"{self._words(open_)} was not mined in {seconds:,} seconds",
            hint="run the same command again: it goes on waiting, and nothing is sent twice",
        )
