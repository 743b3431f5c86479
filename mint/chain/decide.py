"""What the chain says of each nonce of a purpose -> what to do next. Pure, so that every order of
answers can be explored: see tests/chain/test_decide.py.

A purpose is signed anew only when each nonce that it ever had is lost for good: a block that can
not be replaced any more holds our reverted transaction or somebody else's there. Nothing else,
no silence and no count of polls, is taken for a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple


class Mined(NamedTuple):
    """A transaction in a block; `success` is its receipt's status."""

    hash: str
    block: int
    success: bool


class Taker(NamedTuple):
    """The transaction that a block holds at a nonce, and whether it is one of the purpose's."""

    hash: str
    block: int
    ours: bool


class Evidence(NamedTuple):
    """What one round of questions said of one `nonce`; each answer may be older than the next.

    `mined` comes from one receipt of ours; `total` is how many transactions of the sender blocks
    hold; `taker` was read in a block; `known` means that some node has one of ours. `final` means
    that the block of the one or the other cannot be replaced any more. `numbered`
    is False while another program's wallet may have sent it at a nonce of its own choice; `whole`
    if we have its bytes, so that it can be sent again.
    """

    nonce: int
    mined: Mined | None = None
    total: int = 0
    taker: Taker | None = None
    known: bool = False
    final: bool = False
    numbered: bool = True
    whole: bool = True


Fate = Literal[
    "mined",  # and it succeeded
    "reverted",
    "taken",  # another transaction has its nonce
    "unclear",  # blocks hold its nonce, and whose it is cannot be seen yet
    "pending",
    "unsent",  # no node knows it
    "unknown",  # a wallet that sends itself may have sent it, and no node has seen it
]


class Verdict(NamedTuple):
    """What became of one nonce; `final` if no reorganisation can change it."""

    fate: Fate
    final: bool


Step = Literal[
    "sign",  # nothing of it can ever be mined
    "finish",  # it is mined
    "pursue",  # it can be mined: wait, send the same again, raise its fee
    "settle",  # it is lost, but a reorganisation could still bring it back
]


def verdict(evidence: Evidence) -> Verdict:
    """What became of one nonce."""
    if evidence.mined is not None:
        fate: Fate = "mined" if evidence.mined.success else "reverted"
        return Verdict(fate, evidence.final)
    if not evidence.numbered:
        return Verdict("unknown", False)
    if evidence.total > evidence.nonce:
        if evidence.taker is None or evidence.taker.ours:
            return Verdict("unclear", False)
        return Verdict("taken", evidence.final)
    if evidence.known:
        return Verdict("pending", False)
    return Verdict("unsent" if evidence.whole else "unknown", False)


LOST = ("reverted", "taken")


def decide(verdicts: Sequence[Verdict]) -> Step:
    """What to do for a purpose, of whose nonces these are the verdicts."""
    if any(each.fate == "mined" for each in verdicts):
        return "finish"
    if any(each.fate not in LOST for each in verdicts):
        return "pursue"
    return "sign" if all(each.final for each in verdicts) else "settle"
