"""A purpose and a transaction -> the mined transaction, sent once however often we are killed.

Journal first, then broadcast. What the chain then says of every nonce that a purpose ever had
decides (mint.chain.decide); how to go on with one that can be mined is in mint.chain.pursue.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mint.chain.decide import LOST, Step, Verdict, decide, verdict
from mint.chain.evidence import blocks_to_final, gather, hash_of, is_final
from mint.chain.lock import sending
from mint.chain.network import results
from mint.chain.reverts import reverted
from mint.document import Document
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.attempt import Attempt
    from mint.chain.decide import Evidence

Progress = Literal[
    "absent",  # nothing was ever signed for it
    "unsent",  # no node knows it, and it can still be mined
    "pending",
    "mined",
    "failed",  # it was reverted or its nonce taken, for good
    "settling",  # the same, but a reorganisation could still bring it back
    "replaced",  # the same, by another purpose of ours
    "unknown",  # another program's wallet may have sent it
]


class Sent(Document):
    """A mined transaction: what it was for, its hash, block number and gas used."""

    purpose: str
    transaction: str
    block: int
    gas: int


class Outcome(NamedTuple):
    """What became of the `attempts` at one nonce, and what the chain said."""

    attempts: tuple[Attempt, ...]
    evidence: Evidence
    verdict: Verdict
    receipt: Any


class Look(NamedTuple):
    """What to do for a purpose, after one look at all its nonces."""

    step: Step
    outcomes: tuple[Outcome, ...]

    @property
    def open(self) -> Outcome:
        """The newest that can be mined."""
        return [each for each in self.outcomes if each.verdict.fate not in LOST][-1]


def find(account: Account, purpose: str) -> Sent | None:
    """The transaction that already served `purpose` on this chain, if there is one."""
    with results(account.chain.label):
        view = look(account, purpose)
        return finish(account, view) if view.step == "finish" else None


def progress(account: Account, purpose: str) -> Progress:
    """How far `purpose` is on this chain; sends nothing."""
    with results(account.chain.label):
        view = look(account, purpose)
    if view.step == "finish":
        return "mined"
    if view.step == "pursue":
        fate = view.open.verdict.fate
        return fate if fate in ("unsent", "unknown") else "pending"
    if not view.outcomes:
        return "absent"
    if view.step == "sign":
        return "failed"
    return "replaced" if _by_ours(account, view.outcomes[-1].evidence) else "settling"


def send(
    account: Account,
    purpose: str,
    tx: dict[str, Any],
    patience: float | None = None,
    instead: str | None = None,
) -> Sent:
    """Have `tx` ("to" unless it deploys, "data" in 0x hex) mined for `purpose`, once.

    `purpose` is unique and stands for the same `tx` for ever. After `patience` seconds (else the
    account's) without a block the same nonce and calldata are sent at a higher fee. `instead` is an
    older purpose that no node knows: the new one takes its nonce, so that the chain can hold one of
    them only. Raises ChainError: reverted, out of funds, nonce taken by another program, not mined,
    node down, outcome unknown.
    """
    from mint.chain.pursue import Pursuit

    pursuit = Pursuit(account, purpose, account.patience if patience is None else patience)
    with results(account.chain.label), sending(account):
        view = look(account, purpose)
        if view.step == "finish":
            return finish(account, view)
        if view.step == "settle":
            raise lost(account, purpose, view)
        if view.step == "sign":
            pursuit.begin(tx, instead)
        return pursuit.end()


def look(account: Account, purpose: str) -> Look:
    """Ask for every nonce of `purpose`, the newest first, and decide.

    The order of the questions is explored in tests/chain/sender_model.py.
    """
    from mint.chain.delegated import identified

    attempts = account.journal.attempts(account.chain.genesis, account.address, purpose)
    attempts = [identified(account, each) for each in attempts]
    attempts.sort(key=lambda each: each.nonce)
    outcomes: list[Outcome] = []
    for _, group in reversed([(n, tuple(g)) for n, g in groupby(attempts, lambda a: a.nonce)]):
        evidence, receipt = gather(account, group)
        if (same := _sped_up(account, group, evidence)) is not None:
            group = same
            evidence, receipt = gather(account, group)
        if evidence.total > evidence.nonce and all(each.state == "signed" for each in group):
            # Another has its nonce, and no byte of it ever left: so none ever will.
            for each in group:
                account.journal.drop(each)
            continue
        outcomes.insert(0, Outcome(group, evidence, verdict(evidence), receipt))
        if outcomes[0].verdict.fate == "mined":
            break
    return Look(decide([each.verdict for each in outcomes]), tuple(outcomes))


def _sped_up(
    account: Account, group: tuple[Attempt, ...], evidence: Evidence
) -> tuple[Attempt, ...] | None:
    """The group with the hash that "speed up" in the wallet gave to one of it, now in a block."""
    taker = evidence.taker
    if taker is None or not taker.ours or taker.hash in {each.hash for each in group}:
        return None
    whose = account.chain.genesis, account.address, evidence.nonce
    if any(each.hash == taker.hash for each in account.journal.at(*whose)):
        return None  # another purpose's
    row = next(each for each in group if not each.raw)
    twin = account.journal.identify(row, taker.hash, evidence.nonce, "sent")
    return tuple(twin if each.row == row.row else each for each in group)


def finish(account: Account, view: Look) -> Sent:
    """The mined transaction of a look whose step is `finish`."""
    done = next(each for each in view.outcomes if each.verdict.fate == "mined")
    (attempt,) = (each for each in done.attempts if each.hash == hash_of(done.receipt))
    number = done.receipt["blockNumber"]
    if attempt.state == "mined" and is_final(account.chain, number, done.receipt["blockHash"]):
        account.journal.mark(attempt, "final")
    elif attempt.state != "final":
        account.journal.mark(attempt, "mined")
    return Sent(
        purpose=attempt.purpose,
        transaction=attempt.hash,
        block=number,
        gas=done.receipt["gasUsed"],
    )


def lost(account: Account, purpose: str, view: Look) -> ChainError:
    """Why the newest attempt was reverted or its nonce taken, and when it may be sent anew."""
    newest = view.outcomes[-1]
    evidence, attempt = newest.evidence, newest.attempts[-1]
    if evidence.mined is not None:
        number = evidence.mined.block
        if newest.verdict.final:
            account.journal.mark(attempt, "reverted")
        error = reverted(account, purpose, attempt.fields, number)
    else:
        number = evidence.taker.block if evidence.taker else 0
        error = _nonce_error(account, evidence)
    if not newest.verdict.final:
        more = blocks_to_final(account.chain, number)
        error.hint += (
            f"; but not yet: for about {more:,} more blocks the chain could still replace block "
            f"{number:,} and take this transaction after all"
        )
    return error


def _nonce_error(account: Account, evidence: Evidence) -> ChainError:
    other = _by_ours(account, evidence)
    who = f'"{other}"' if other else "another program"
    return ChainError(
        f"{who} used nonce {evidence.nonce} of {account.address}",
        hint="let it finish, then run the same command again",
    )


def _by_ours(account: Account, evidence: Evidence) -> str | None:
    """The purpose of ours that has the nonce instead."""
    taker = evidence.taker.hash if evidence.taker else ""
    for other in account.journal.at(account.chain.genesis, account.address, evidence.nonce):
        if taker and other.hash == taker:
            return other.purpose
    return None
