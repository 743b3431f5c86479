"""Transactions -> what would become of each, tried against the chain and not sent.

Steps build on one another: tokens are given away from a contract that the first step deploys. Where
the node can (eth_simulateV1, https://geth.ethereum.org), all are run after one another on a copy of
its newest state. Elsewhere each is tried alone, and what needs an earlier one stays unknown.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from mint.chain.gas import GAS_CAP, estimate_gas
from mint.chain.network import results
from mint.chain.reverts import Refusal, cannot_pay, reason, revert_of
from mint.document import Document

if TYPE_CHECKING:
    from mint.chain.network import Chain

Transaction = Mapping[str, Any]
_MOST = 200  # blocks that geth simulates at once: 256
_POOR = "the wallet cannot pay for it"
_NOBODY = "0x" + "00" * 20
# Put in the sender's place for a deployment: makes a contract of the call's data, as the sender's
# transaction would, at the same address. anvil 1.7 simulates no transaction without a receiver.
_CREATE = (
    "0x365f5f37"  # CALLDATACOPY of everything
    "365f34f0"  # CREATE of it
    "80601357"  # JUMPI to 13 if there is a contract
    "3d5f5f3e3d5ffd"  # else REVERT with its own words
    "5b5f5260205ff3"  # 13: RETURN the address
)


class DryRun(Document):
    """What would become of one transaction: `gas` if it would succeed, `why` if not, or unknown."""

    outcome: Literal["would succeed", "would revert", "unknown"]
    gas: int | None = None
    why: str | None = None


def dry_run(chain: Chain, sender: str, transactions: Sequence[Transaction]) -> tuple[DryRun, ...]:
    """Try `transactions` (to, data, value) of `sender`, in their order; one DryRun for each.

    Without `to` it is a deployment. After one that would revert, the rest stay unknown.
    Raises ChainError where the node is down.
    """
    with results(chain.label):
        left = int(chain.web3.eth.get_balance(chain.web3.to_checksum_address(sender)))
        runs = _simulated(chain, sender, transactions) or _alone(chain, sender, transactions)
    for i, transaction in enumerate(transactions):  # a simulation may lend what is missing
        left -= transaction.get("value", 0)
        if left < 0:
            runs[i] = DryRun(outcome="would revert", why=_POOR)
    failed = next((i for i, run in enumerate(runs) if run.outcome == "would revert"), len(runs))
    rest = DryRun(outcome="unknown", why="an earlier transaction would fail")
    return (*runs[: failed + 1], *[rest] * (len(runs) - failed - 1))


def _simulated(
    chain: Chain, sender: str, transactions: Sequence[Transaction]
) -> list[DryRun] | None:
    """All after one another, each in a block of its own; None where the node cannot."""
    from web3.exceptions import Web3Exception

    first = _next_time(chain)
    blocks = [_block(sender, each, first + i) for i, each in enumerate(transactions[:_MOST])]
    question = {"blockStateCalls": blocks, "validation": False}
    method: Any = "eth_simulateV1"
    try:
        answer: Any = chain.web3.manager.request_blocking(method, [question, "latest"])
        calls = [block["calls"][0] for block in answer]
        runs = [_run(call) for call in calls]
    except (Web3Exception, LookupError, TypeError, ValueError):
        return None
    born = set()
    for i, (call, transaction) in enumerate(zip(calls, transactions, strict=False)):
        to = transaction.get("to")
        if to is None:
            born.add(call["returnData"][-40:].lower())
        elif to[2:].lower() not in born and _calls_nothing(chain, transaction):
            runs[i] = _nothing_at(to)
    rest = DryRun(outcome="unknown", why=f"only {_MOST} transactions are tried at once")
    return [*runs, *[rest] * (len(transactions) - len(runs))] if len(runs) == len(blocks) else None


def _next_time(chain: Chain) -> int:
    """When the next block will be, in Unix seconds: the newest can be hours old, or of 1970."""
    from web3.exceptions import Web3Exception

    try:
        return int(chain.web3.eth.get_block("pending")["timestamp"])
    except (Web3Exception, LookupError):  # some nodes know no pending block
        return max(int(time.time()), int(chain.web3.eth.get_block("latest")["timestamp"]) + 1)


def _block(sender: str, transaction: Transaction, moment: int) -> dict[str, Any]:
    """One transaction as eth_simulateV1 takes it, in a block at `moment`."""
    call = {
        "from": sender,
        "to": transaction.get("to"),
        "data": transaction.get("data", "0x"),
        "value": hex(transaction.get("value", 0)),
        "gas": hex(GAS_CAP),
    }
    code = "0x"
    if call["to"] is None:
        call |= {"from": _NOBODY, "to": sender}
        code = _CREATE
    return {
        "calls": [call],
        "stateOverrides": {sender: {"code": code}},
        "blockOverrides": {"time": hex(moment)},
    }


def _run(call: Mapping[str, Any]) -> DryRun:
    """What eth_simulateV1 says of one call."""
    if int(call["status"], 16):
        return DryRun(outcome="would succeed", gas=int(call["gasUsed"], 16))
    error = call.get("error") or {}
    text = str(error.get("message", "no reason given"))
    return _failed(_Failed(text, error.get("data") or call.get("returnData")))


class _Failed(Exception):
    """An error of a simulated call, with its revert data in hex as web3 has it."""

    def __init__(self, message: str, data: object) -> None:
        super().__init__(message)
        self.data = data


def _alone(chain: Chain, sender: str, transactions: Sequence[Transaction]) -> list[DryRun]:
    runs = []
    for number, transaction in enumerate(transactions):
        if _calls_nothing(chain, transaction):
            why = "; an earlier transaction may deploy it, and this node tries each alone"
            runs.append(_nothing_at(transaction["to"], why if number else ""))
            continue
        call: Any = {"from": sender, **transaction}
        try:
            gas = estimate_gas(chain, call)
        except OSError:  # requests' errors: the node is down
            raise
        except Exception as error:  # every node has its own; what matters is in the words
            runs.append(_failed(error))
        else:
            runs.append(DryRun(outcome="would succeed", gas=gas))
    return runs


def _calls_nothing(chain: Chain, transaction: Transaction) -> bool:
    """Whether it calls a contract where the chain has none; such a call succeeds, for nothing."""
    to, data = transaction.get("to"), transaction.get("data", "0x")
    if to is None or data == "0x":
        return False
    return not chain.web3.eth.get_code(chain.web3.to_checksum_address(to))


def _nothing_at(address: str, more: str = "") -> DryRun:
    return DryRun(outcome="unknown", why=f"there is no contract at {address}{more}")


def _failed(error: Exception) -> DryRun:
    """The refusal in the artist's words; unknown where the node does not say that it is one."""
    if revert := revert_of(error):
        return DryRun(outcome="would revert", why=str(Refusal(revert)))
    if cannot_pay(error):
        return DryRun(outcome="would revert", why=_POOR)
    why = reason(error)
    if "out of gas" in why.lower():
        why = "this node lends a trial less gas than it needs"
        return DryRun(outcome="unknown", why=why)
    is_refusal = "revert" in why.lower() or type(error).__name__ == "TransactionFailed"
    return DryRun(outcome="would revert" if is_refusal else "unknown", why=why)
