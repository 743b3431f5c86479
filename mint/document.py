"""Document: the base of every record that crosses a stage; frozen, strict, one canonical JSON."""

from __future__ import annotations

import hashlib
from typing import Any, Self

import rfc8785
from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """A frozen record. Unknown fields and silent type conversions are refused.

    Its canonical form is JSON by RFC 8785 (JCS): sorted keys, no spaces, ECMAScript numbers,
    UTF-8. Fields that are `None` are left out, so adding an optional field changes no digest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def canonical(self) -> bytes:
        """The record's only JSON form, as UTF-8 bytes."""
        return canonical(self.model_dump(mode="json", exclude_none=True))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, 64 hex digits."""
        return sha256(self.canonical())

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The record that `data` (JSON) holds; raises pydantic's ValidationError."""
        return cls.model_validate_json(data)


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON of plain values; integers beyond 2**53 are refused."""
    return rfc8785.dumps(value)


def sha256(data: bytes) -> str:
    """SHA-256, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
