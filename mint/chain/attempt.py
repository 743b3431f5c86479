"""One transaction as the journal holds it, and what names its content and its purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mint.document import canonical, sha256

State = Literal["signed", "sent", "delegated", "mined", "final", "reverted"]


@dataclass(frozen=True)
class Attempt:
    """One transaction: its fields, its signed bytes (EIP-2718) and their hash (0x + 64 digits).

    Bytes and hash are empty where another program signs. `since` is the newest block when it was
    written down: no block before it holds it. `number` counts the attempts of one purpose.
    """

    fields: dict[str, Any]
    raw: bytes
    hash: str
    state: State = field(default="signed", compare=False)
    since: int = field(default=0, compare=False)
    number: int = field(default=1, compare=False)
    row: int = field(default=0, compare=False)
    purpose: str = field(default="", compare=False)

    @property
    def nonce(self) -> int:
        """The sender's count of transactions before this one."""
        return int(self.fields["nonce"])

    @property
    def digest(self) -> str:
        """SHA-256 of what it does: receiver, calldata, value."""
        return content_digest(self.fields)


def content_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The receiver, the calldata and the value alone: what `send` takes."""
    return {name: fields[name] for name in ("to", "data", "value") if name in fields}


def content_digest(fields: Mapping[str, Any]) -> str:
    """SHA-256 of the receiver, the calldata and the value in wei, whatever the nonce and fees."""
    to, data = str(fields.get("to") or "").lower(), str(fields.get("data") or "0x").lower()
    return sha256(canonical([to, data, str(int(fields.get("value", 0)))]))


def operation_id(genesis: str, sender: str, purpose: str) -> str:
    """What names a purpose of a sender on a chain for good: 16 hex digits."""
    return sha256(canonical([genesis, sender, purpose]))[:16]
