"""Ethereum addresses as people write them: their form, and the checksum in their letters."""

from __future__ import annotations

import re

from mint.errors import ChainError

ADDRESS = r"^0x[0-9a-fA-F]{40}$"


def is_address(text: str) -> bool:
    """Whether `text` has the form of an address: 0x and 40 hexadecimal digits."""
    return re.fullmatch(ADDRESS, text) is not None


def checksum_problem(address: str) -> str | None:
    """What is wrong with the case of an address's letters (EIP-55), or None.

    Small letters only say nothing of a checksum: it is how programs write addresses. No wallet
    writes capitals only, unless they are the checksum.
    """
    from eth_utils.address import is_checksum_address

    if address[2:] == address[2:].lower() or is_checksum_address(address):
        return None
    if address[2:] == address[2:].upper():
        return f"{address}: its capitals are no checksum of it, and no wallet writes it so"
    return f"{address} was mistyped: its checksum does not fit"


def receiver(text: str) -> str:
    """The checksummed address that `text` is; raises ChainError for none, or a mistyped one."""
    from eth_utils.address import to_checksum_address

    if not is_address(text):
        hint = "a name can change hands: give the address, 0x and 40 digits"
        raise ChainError(f"{text} is no address", hint=hint)
    if problem := checksum_problem(text):
        raise ChainError(problem, hint="copy it again from the wallet")
    return str(to_checksum_address(text))
