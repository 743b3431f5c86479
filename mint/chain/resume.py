"""What an earlier command began is brought to its end before anything new is reckoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mint.chain.attempt import content_fields
from mint.chain.network import results
from mint.chain.send import Sent, find, finish, look, send

if TYPE_CHECKING:
    from mint.chain.account import Account


def resume(account: Account, stem: str) -> dict[str, Sent]:
    """Purpose -> mined transaction, for those that begin with `stem` and can be or are mined.

    What can still be mined is sent again and waited for; what never can be is left out. Raises
    ChainError, as `send` does.
    """
    transactions = {}
    for purpose in account.purposes(stem):
        with results(account.chain.label):
            view = look(account, purpose)
            if view.step == "finish":
                transactions[purpose] = finish(account, view)
        if view.step in ("pursue", "settle"):
            newest = view.outcomes[-1].attempts[-1]
            transactions[purpose] = send(account, purpose, content_fields(newest.fields))
    return transactions


def served(account: Account, stem: str) -> dict[str, Sent]:
    """Purpose -> mined transaction, for those that begin with `stem`; sends nothing."""
    purposes = account.purposes(stem)
    return {purpose: transaction for purpose in purposes if (transaction := find(account, purpose))}


def contents(account: Account, transactions: Mapping[str, Sent]) -> list[dict[str, Any]]:
    """The fields of these mined transactions, as they were signed."""
    journal, genesis = account.journal, account.chain.genesis
    return [
        attempt.fields
        for purpose, each in transactions.items()
        for attempt in journal.attempts(genesis, account.address, purpose)
        if attempt.hash == each.transaction
    ]
