"""Who signs: a key from outside, which no message shows, or another program that keeps its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mint.chain.keystores import Keystore, decrypted, find_keystore, keystores
from mint.chain.local import DEV_KEY
from mint.chain.passwords import Ask, unlocked
from mint.errors import ChainError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from mint.chain.network import Chain

BROWSER = "browser"  # the choice of a wallet that lives in the artist's browser
HINT = (
    "mint wallet new makes one, --wallet browser uses the one in your browser; a script sets "
    "MINT_KEYSTORE (an encrypted file) or MINT_PRIVATE_KEY"
)


@dataclass(frozen=True)
class Wallet:
    """Who signs: its checksummed address. The key stays out of its repr."""

    address: str
    _account: LocalAccount = field(repr=False)

    def signature(self, words: str) -> bytes:
        """The key's signature of `words` (EIP-191), the same every time (RFC 6979)."""
        from eth_account.messages import encode_defunct

        return bytes(self._account.sign_message(encode_defunct(text=words)).signature)

    def sign_bytes(self, data: bytes) -> bytes:
        """The key's 65 bytes for `data` (EIP-191), the same every time (RFC 6979)."""
        from eth_account.messages import encode_defunct

        return bytes(self._account.sign_message(encode_defunct(primitive=data)).signature)

    @property
    def public_key(self) -> bytes:
        """The key's point, uncompressed: 65 bytes from 0x04 on (SEC 1, 2.3.3)."""
        return b"\x04" + self._account._key_obj.public_key.to_bytes()

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


def open_wallet(
    chain: Chain,
    choice: str | None = None,
    environ: Mapping[str, str] = os.environ,
    ask_password: Ask | None = None,
    announce: Callable[[str], None] = lambda line: None,
) -> Wallet | Delegate:
    """The wallet for `chain` that `--wallet` names, opened: its password is asked for here, once.

    `choice` is the name of a keystore, or "browser": then `announce` hears where to look, and this
    waits until the artist has connected one. Without it MINT_WALLET chooses, else see `load`.
    Raises ChainError.
    """
    # MINT_WALLET says nothing of the chain inside mint, whose key everybody knows.
    if (choice or (None if chain.local else environ.get("MINT_WALLET"))) == BROWSER:
        from mint.chain.browser import connect_browser

        return connect_browser(chain, announce)
    return load(chain, environ, ask_password, choice)


def load(
    chain: Chain,
    environ: Mapping[str, str] = os.environ,
    prompt: Ask | None = None,
    choice: str | None = None,
) -> Wallet:
    """The wallet for `chain` whose key this process has.

    In this process always the key everybody knows. Elsewhere the keystore called `choice`, or
    without one what MINT_WALLET names, else MINT_PRIVATE_KEY (hex), else the keystore file
    MINT_KEYSTORE (Web3 Secret Storage v3), else on anvil the known key, else the only keystore in
    the wallet folder. mint.chain.passwords says where passwords come from. Raises ChainError.
    """
    from eth_account import Account

    key = _key(chain, environ, prompt, choice)
    if key.hex() == DEV_KEY[2:] and not chain.is_development:
        raise ChainError(
            f"that key is public: whatever it holds on {chain.network} is taken by others",
            hint="use a key of your own: mint wallet new",
        )
    try:
        account = Account.from_key(key)
    except Exception:  # eth-account's own messages may quote the key
        raise ChainError("MINT_PRIVATE_KEY is not a private key", hint=HINT) from None
    return Wallet(account.address, account)


def own_wallet(
    environ: Mapping[str, str], prompt: Ask | None = None, choice: str | None = None
) -> Wallet:
    """The wallet that signs what goes to no chain, chosen as in `load`; raises ChainError.

    Not the browser's, which shows words where bytes are to be signed.
    """
    from eth_account import Account

    if (choice or environ.get("MINT_WALLET")) == BROWSER:
        raise ChainError(
            "the wallet in your browser cannot sign an archive, which is no text",
            hint="give the name of another: mint wallet list shows them, mint wallet new makes one",
        )
    key = _own_key(environ, prompt, choice)
    if key is None:
        if not has_wallet(environ):
            raise ChainError(
                "there is no wallet to sign an archive with",
                hint="mint wallet new makes one; a script sets MINT_KEYSTORE (an encrypted file) "
                "or MINT_PRIVATE_KEY",
            )
        key = _unlock(default_keystore("Arweave", environ).path, environ, prompt)
    try:
        account = Account.from_key(key)
    except Exception:  # eth-account's own messages may quote the key
        raise ChainError("MINT_PRIVATE_KEY is not a private key", hint=HINT) from None
    if key.hex() == DEV_KEY[2:]:
        raise ChainError(
            "that key is public: anybody can sign with it",
            hint="use a key of your own: mint wallet new",
        )
    return Wallet(account.address, account)


def _key(chain: Chain, environ: Mapping[str, str], prompt: Ask | None, choice: str | None) -> bytes:
    if chain.local:
        if choice is not None:
            raise ChainError(
                "the chain inside mint has a wallet of its own, and no other has coins there",
                hint="leave --wallet away, or name a test network with --network",
            )
        return bytes.fromhex(DEV_KEY[2:])
    if key := _own_key(environ, prompt, choice):
        return key
    if chain.is_development:
        return bytes.fromhex(DEV_KEY[2:])
    return _unlock(default_keystore(chain.network, environ).path, environ, prompt)


def _own_key(environ: Mapping[str, str], prompt: Ask | None, choice: str | None) -> bytes | None:
    """The key that `choice` or the environment names; None where neither does."""
    if name := choice or environ.get("MINT_WALLET"):
        return _unlock(find_keystore(name, environ).path, environ, prompt)
    if text := environ.get("MINT_PRIVATE_KEY"):
        try:
            return bytes.fromhex(text.strip().removeprefix("0x"))
        except ValueError:
            raise ChainError("MINT_PRIVATE_KEY is not hexadecimal", hint=HINT) from None
    if path := environ.get("MINT_KEYSTORE"):
        return _unlock(Path(path), environ, prompt)
    return None


def has_wallet(environ: Mapping[str, str]) -> bool:
    """Whether the environment names a wallet, or the folder of wallets has one."""
    variables = ("MINT_WALLET", "MINT_PRIVATE_KEY", "MINT_KEYSTORE")
    return any(map(environ.get, variables)) or bool(keystores(environ))


def default_keystore(network: str, environ: Mapping[str, str]) -> Keystore:
    """The only wallet in the folder; raises ChainError if there is none, or more than one."""
    wallets = keystores(environ)
    if not wallets:
        raise ChainError(f"there is no wallet to sign with on {network}", hint=HINT)
    if len(wallets) > 1:
        names = ", ".join(keystore.name for keystore in wallets)
        raise ChainError(
            f"there are {len(wallets)} wallets, and none is named: {names}",
            hint=f"--wallet {wallets[0].name}, or set MINT_WALLET={wallets[0].name}",
        )
    return wallets[0]


def _unlock(path: Path, environ: Mapping[str, str], prompt: Ask | None) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ChainError(f"the wallet {path} cannot be read: {error.strerror}", hint=HINT) from None
    return unlocked(
        path.stem, environ, prompt, lambda password: decrypted(data, password, path.name)
    )
