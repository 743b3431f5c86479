"""Transactions that another program's wallet signs and sends: written down before, known after.

Between the two nobody but the chain can say whether one was sent. A row without a hash is looked
for in blocks and among what waits; while it is not there, nothing is sent for its purpose.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mint.chain.attempt import Attempt, content_digest
from mint.chain.evidence import (
    block_holding,
    content,
    counts,
    gather,
    hash_of,
    is_final,
    transaction,
)
from mint.chain.network import results
from mint.chain.wallet import Declined, Wallet
from mint.errors import ChainError

if TYPE_CHECKING:
    from mint.chain.account import Account

_SEARCHED = 20  # nonces after the one that was free when the wallet was asked
_HOW = (
    "look into the wallet: if it sent this transaction, copy its hash and run "
    "mint launch FILE --track HASH (of a sale: mint sale track TARGET HASH); if it still waits "
    "there, speed it up or cancel it, and do the same with the hash of what it then sends"
)


def unknown(purpose: str) -> ChainError:
    """Nobody can say whether the wallet sent it, so nothing is sent."""
    return ChainError(f"nobody knows whether the wallet sent {purpose}", hint=_HOW)


def submit(account: Account, purpose: str, fields: dict[str, Any]) -> None:
    """Have the wallet send `fields`, whose nonce is a proposal; the journal knows it before.

    Raises Declined, after which nothing was sent, and ChainError, after which nobody knows.
    """
    assert not isinstance(account.wallet, Wallet)
    since = int(account.chain.web3.eth.block_number)
    row = Attempt(fields, b"", "", state="delegated", since=since)
    row = account.journal.add(account.chain.genesis, account.address, purpose, row)
    try:
        hash_ = account.wallet.submit(fields)
    except Declined:
        account.journal.drop(row)
        raise
    except ChainError as error:
        raise ChainError(f"{error}; {unknown(purpose)}", hint=_HOW) from error
    account.journal.identify(row, hash_.lower(), row.nonce, "delegated")


def identified(account: Account, attempt: Attempt) -> Attempt:
    """`attempt`, with hash and nonce if it is a delegated one that the chain shows by now."""
    if attempt.state != "delegated":
        return attempt
    entry = transaction(account.chain, attempt.hash) if attempt.hash else _sought(account, attempt)
    if entry is None:
        return attempt
    return account.journal.identify(attempt, hash_of(entry), int(entry["nonce"]), "sent")


def _sought(account: Account, attempt: Attempt) -> Any:
    """The sender's transaction with the content of `attempt`, in a block or waiting for one."""
    from web3.exceptions import Web3Exception

    try:
        block: Any = account.chain.web3.eth.get_block("pending", full_transactions=True)
    except Web3Exception:  # some nodes know no pending block
        block = {"transactions": ()}
    for entry in block["transactions"]:
        if entry["from"] == account.address and _is(account, attempt, entry):
            return entry
    mined = counts(account)[0]
    for nonce in range(attempt.nonce, min(mined, attempt.nonce + _SEARCHED)):
        entry = block_holding(account, nonce, attempt.since)
        if entry is not None and _is(account, attempt, entry):
            return entry
    return None


def _is(account: Account, attempt: Attempt, entry: Any) -> bool:
    """Whether `entry` does what `attempt` does, and is no other row's."""
    if content_digest(content(entry)) != attempt.digest:
        return False
    rows = account.journal.at(account.chain.genesis, account.address, int(entry["nonce"]))
    return all(each.hash != hash_of(entry) for each in rows)


def track(account: Account, purpose: str, hash_: str, tx: dict[str, Any] | None = None) -> None:
    """Adopt the transaction `hash_`, which the wallet sent for `purpose`.

    Its sender, receiver, calldata and value must be those of the journal's row, else of `tx`. One
    that the wallet sent to itself, to cancel it, closes the row once its block is final. Raises
    ChainError.
    """
    journal, genesis, hash_ = account.journal, account.chain.genesis, hash_.lower()
    rows = [each for each in journal.attempts(genesis, account.address, purpose) if not each.raw]
    with results(account.chain.label):
        entry = _checked_hash(account, hash_)
        if any(each.hash == hash_ and each.state != "delegated" for each in rows):
            return
        nonce = int(entry["nonce"])
        for other in journal.at(genesis, account.address, nonce):
            if other.hash == hash_ and other.purpose != purpose:
                raise ChainError(f"{hash_} is the one for: {other.purpose}", hint=_HOW)
        waiting = [each for each in rows if _is_waiting(account, each, nonce)]
        if waiting and nonce < waiting[-1].nonce:
            raise ChainError(f"{hash_} is older than what the wallet was asked for", hint=_HOW)
        digest = waiting[-1].digest if waiting else content_digest(tx) if tx else None
        if digest == content_digest(content(entry)):
            attempt = waiting[-1] if waiting else _row(account, purpose, tx or {}, nonce)
            journal.identify(attempt, hash_, nonce, "sent")
            return
        # The chain may show by now what the wallet sent, whatever was cancelled later.
        unseen = waiting and identified(account, waiting[-1]).state == "delegated"
        if unseen and _cancels(account, entry):
            journal.identify(waiting[-1], "", nonce, "sent")  # its nonce is another one's
            return
    raise ChainError(
        f"{hash_} does something else than {purpose}",
        hint="copy the hash of the transaction that has this receiver and these data",
    )


def adopt(account: Account, hash_: str, draft: tuple[str, dict[str, Any]] | None = None) -> str:
    """`track` for the purpose of this wallet whose outcome nobody knows; says which it is.

    `draft` is one that was never journalled, and its transaction: somebody else signs it.

    Raises ChainError where there is none, or where `hash_` does something else.
    """
    genesis, journal = account.chain.genesis, account.journal
    with results(account.chain.label):
        waiting = [
            purpose
            for purpose in account.purposes("")
            if any(
                _is_waiting(account, each)
                for each in journal.attempts(genesis, account.address, purpose)
            )
        ]
    if not waiting and draft is None:
        raise ChainError(
            f"no transaction of {account.address} on {account.chain.network} waits for its hash",
            hint="nothing is to be done: run the first command again",
        )
    candidates = [(purpose, None) for purpose in waiting] + ([draft] if draft else [])
    for purpose, tx in candidates[:-1]:
        try:
            track(account, purpose, hash_, tx)
        except ChainError:
            continue
        return purpose
    last, tx = candidates[-1]
    track(account, last, hash_, tx)
    return last


def _is_waiting(account: Account, attempt: Attempt, nonce: int | None = None) -> bool:
    """Whether the wallet may have sent `attempt` under a hash that the journal does not have.

    Either nobody knows one yet, or the one that it had is gone: "speed up" gave it another one, at
    its nonce, which is `nonce` where that is known.
    """
    if attempt.state == "delegated":
        return True
    replaced = attempt.state == "sent" and not attempt.raw and bool(attempt.hash)
    if not replaced or nonce not in (None, attempt.nonce):
        return False
    if transaction(account.chain, attempt.hash) is not None:
        return False
    evidence, _ = gather(account, [attempt])
    return not evidence.final  # else its nonce is another one's for good


def _checked_hash(account: Account, hash_: str) -> Any:
    if not re.fullmatch(r"0x[0-9a-f]{64}", hash_):
        raise ChainError(f"{hash_!r} is no hash", hint="give 0x and 64 digits")
    entry = transaction(account.chain, hash_)
    if entry is None:
        raise ChainError(
            f"{account.chain.network} knows no transaction {hash_}",
            hint="check the hash and the network; a new one takes some seconds to be seen",
        )
    if entry["from"] != account.address:
        raise ChainError(
            f"{hash_} was sent by {entry['from']}, not by {account.address}",
            hint="use the wallet that sent it",
        )
    return entry


def _cancels(account: Account, entry: Any) -> bool:
    """Whether `entry` is an empty payment to oneself in a block that stays."""
    empty = {"to": account.address, "data": "0x", "value": 0}
    if content_digest(content(entry)) != content_digest(empty):
        return False
    number = entry.get("blockNumber")
    if number is None or not is_final(account.chain, number, entry["blockHash"]):
        raise ChainError(
            f"{hash_of(entry)} cancels it, but its block is not final yet",
            hint="run the same command again in some minutes",
        )
    return True


def _row(account: Account, purpose: str, tx: dict[str, Any], nonce: int) -> Attempt:
    """A new row for a transaction that no journal knew of."""
    attempt = Attempt({**tx, "nonce": nonce}, b"", "", state="delegated")
    return account.journal.add(account.chain.genesis, account.address, purpose, attempt)
