"""A signed transaction on its way to the node, and what the node's answer says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mint.chain.nodes import SILENT
from mint.chain.reverts import cannot_pay, refused

if TYPE_CHECKING:
    from mint.chain.account import Account
    from mint.chain.attempt import Attempt

# What geth, anvil, nethermind, erigon, besu and eth-tester answer to a fee that is too low, ...
_CHEAP = (
    "underpriced",
    "less than block base fee",
    "lower than the minimum",
    "below the minimum",
    "below current base fee",
    "feetoolow",
    "fee too low",
    "gas price too low",
    "gas price below",
    "tip too low",
)
# ... and when a nonce is taken, maybe by us.
_MAYBE_SENT = (
    "already known",
    "alreadyknown",
    "already imported",
    "known transaction",
    "already exists",
    "nonce too low",
    "nonce is too low",
    "oldnonce",
    "invalid transaction nonce",
)

Arrival = Literal["sent", "cheap"]


def broadcast(account: Account, attempt: Attempt) -> Arrival:
    """Send the bytes of `attempt`, which the journal holds; `sent` means that they may be there.

    Whatever is no refusal in JSON-RPC is an answer that got lost: the chain is asked afterwards.
    Raises ChainError for a refusal.
    """
    import requests
    from eth_utils.exceptions import ValidationError
    from web3.exceptions import BadResponseFormat, Web3Exception

    noted = account.journal.mark(attempt, "sent")  # before, as nobody can tell afterwards
    try:
        account.chain.web3.eth.send_raw_transaction(attempt.raw)
    except (requests.RequestException, BadResponseFormat, UnicodeDecodeError):
        return "sent"
    except (Web3Exception, ValidationError) as error:  # the second is eth-tester's
        words = str(error).lower()
        if any(each in words for each in _CHEAP):
            return "cheap"
        if "unknown" in words or not any(each in words for each in _MAYBE_SENT):
            if attempt.state == "signed" and cannot_pay(error) and not _is_silent(error):
                account.journal.mark(noted, "signed")  # it has left nobody: its nonce is free
            raise refused(account, attempt.purpose, error) from error
    except ValueError:  # an answer that is no JSON: of a proxy, or cut off
        return "sent"
    return "sent"


def _is_silent(error: Exception) -> bool:
    """Whether one of several nodes did not answer, which may have taken what another refused."""
    return bool((getattr(error, "rpc_response", None) or {}).get(SILENT))
