"""Document: the base of every record that crosses a stage; frozen, strict, one canonical JSON."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic_core import from_json

# Where Python writes numbers otherwise than ECMAScript: 1e-05, 2.0.
_EXPONENT = re.compile(r"\de[-+]\d")
_WHOLE = re.compile(r"\.0[,}\]]|\.0\Z")

Number = Annotated[
    float, PlainSerializer(lambda x: int(x) if x.is_integer() and abs(x) < 2**53 else x)
]
"""A float that is written as an integer when it is whole, as ECMAScript writes it."""


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
    """RFC 8785 JSON of plain values, UTF-8. Integers must stay within 2**53."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    # The reference is pure Python, and a manifest is ten thousand tokens.
    return rfc8785.dumps(value) if _otherwise(text) else text.encode()


def _otherwise(text: str) -> bool:
    """Whether RFC 8785 might write this otherwise; a match inside a string only costs time."""
    if ("e-" in text or "e+" in text) and _EXPONENT.search(text):
        return True
    # Keys are sorted by UTF-16 units, which differ from code points beyond the basic plane.
    return bool(_WHOLE.search(text)) or (not text.isascii() and max(text) > "\uffff")


def plain(data: bytes) -> Any:
    """The plain values in a stranger's JSON; ValueError when it is none, or nested too deep.

    Not `json.loads`: py-evm raises the recursion limit so far that deep JSON kills the process.
    """
    return from_json(data)


def sha256(data: bytes) -> str:
    """SHA-256, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
