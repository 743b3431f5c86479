"""Who signs: a key from outside, which no message shows, or another program that keeps its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mint.chain.local import DEV_KEY
from mint.errors import ChainError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from mint.chain.network import Chain

_HINT = "set MINT_KEYSTORE to an encrypted keystore file, or MINT_PRIVATE_KEY"


@dataclass(frozen=True)
class Wallet:
    """Who signs: its checksummed address. The key stays out of its repr."""

    address: str
    _account: LocalAccount = field(repr=False)

    def signature(self, words: str) -> bytes:
        """The key's signature of `words` (EIP-191), the same every time (RFC 6979)."""
        from eth_account.messages import encode_defunct

        return bytes(self._account.sign_message(encode_defunct(text=words)).signature)

    def sign(self, transaction: dict[str, Any]) -> tuple[bytes, str]:
        """The signed bytes (EIP-2718) of a complete transaction and their hash, 0x + 64 digits."""
        signed = self._account.sign_transaction(transaction)
        return bytes(signed.raw_transaction), signed.hash.to_0x_hex()


class Delegate(Protocol):
    """A wallet that signs and sends in one: a browser's, or a device behind it.

    Nobody but the chain knows what became of a transaction whose hash it did not return.
    """

    @property
    def address(self) -> str:
        """Its checksummed address."""
        ...

    def submit(self, transaction: dict[str, Any]) -> str:
        """The hash (0x + 64 digits) of `transaction` once it is sent; raises ChainError.

        The error is a Declined when the wallet's owner refused it: then nothing was sent.
        """
        ...

    def signature(self, words: str) -> bytes:
        """The owner's signature of `words` (EIP-191), 65 bytes or longer; raises ChainError.

        Another program's need not be the same every time.
        """
        ...


class Declined(ChainError):
    """The wallet's owner refused to sign."""


def load(
    chain: Chain,
    environ: Mapping[str, str] = os.environ,
    prompt: Callable[[str], str] | None = None,
) -> Wallet:
    """The wallet for `chain`.

    In this process always the key everybody knows; elsewhere MINT_PRIVATE_KEY (hex), else the
    keystore file MINT_KEYSTORE (Web3 Secret Storage v3) with MINT_KEYSTORE_PASSWORD or what
    `prompt` returns; anvil falls back to the known key. Raises ChainError.
    """
    from eth_account import Account

    key = None if chain.local else _key(environ, prompt)
    if key is None and chain.is_development:
        key = bytes.fromhex(DEV_KEY[2:])
    if key is None:
        raise ChainError(f"no key to sign with on {chain.network}", hint=_HINT)
    if key.hex() == DEV_KEY[2:] and not chain.is_development:
        raise ChainError(
            f"that key is public: whatever it holds on {chain.network} is taken by others",
            hint="use a key of your own",
        )
    try:
        account = Account.from_key(key)
    except Exception:  # eth-account's own messages may quote the key
        raise ChainError("MINT_PRIVATE_KEY is not a private key", hint=_HINT) from None
    return Wallet(account.address, account)


def _key(environ: Mapping[str, str], prompt: Callable[[str], str] | None) -> bytes | None:
    if text := environ.get("MINT_PRIVATE_KEY"):
        try:
            return bytes.fromhex(text.strip().removeprefix("0x"))
        except ValueError:
            raise ChainError("MINT_PRIVATE_KEY is not hexadecimal", hint=_HINT) from None
    if path := environ.get("MINT_KEYSTORE"):
        return _keystore(Path(path), environ.get("MINT_KEYSTORE_PASSWORD"), prompt)
    return None


def _keystore(path: Path, password: str | None, prompt: Callable[[str], str] | None) -> bytes:
    from eth_account import Account

    try:
        data = path.read_bytes()
    except OSError as error:
        raise ChainError(f"MINT_KEYSTORE cannot be read: {error.strerror}", hint=_HINT) from None
    if password is None and prompt is not None:
        password = prompt(f"password of {path.name}: ")
    if password is None:
        raise ChainError(f"{path.name} needs its password", hint="set MINT_KEYSTORE_PASSWORD")
    try:
        return bytes(Account.decrypt(json.loads(data), password))
    except (ValueError, KeyError, TypeError, NotImplementedError):
        # eth-keyfile raises ValueError for a wrong password and for a broken file alike.
        raise ChainError(
            f"{path.name} does not open: wrong password, or not a keystore", hint=_HINT
        ) from None
