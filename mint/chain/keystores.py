"""The user's wallets on disk: encrypted keystores (Web3 Secret Storage v3) in one folder.

https://ethereum.org/en/developers/docs/data-structures-and-encoding/web3-secret-storage/
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mint.chain.local import DEV_KEY
from mint.chain.passwords import WrongPassword
from mint.document import plain
from mint.errors import ChainError, disk_error
from mint.store import write_new_file

WORK = 2**18  # scrypt's n, eth-account's own: about a second, and 256 MB, for each guess
RESERVED = ("browser", "unsigned")  # what --wallet means otherwise
KEY_FORM = "a private key is 64 hexadecimal digits, with or without 0x before them"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


class Keystore(NamedTuple):
    """A wallet's file; `address` is what it says of itself, checksummed, None if nothing."""

    name: str
    path: Path
    address: str | None


def wallet_folder(environ: Mapping[str, str]) -> Path | None:
    """MINT_WALLETS, else the platform's folder for a user's data; None where there is no home."""
    if folder := environ.get("MINT_WALLETS"):
        return Path(folder)
    home = environ.get("HOME")
    if sys.platform == "darwin":
        return Path(home, "Library", "Application Support", "mint", "wallets") if home else None
    data = environ.get("XDG_DATA_HOME") or (home and f"{home}/.local/share")
    return Path(data, "mint", "wallets") if data else None


def keystores(environ: Mapping[str, str]) -> list[Keystore]:
    """Every wallet in the folder, by name."""
    folder = wallet_folder(environ)
    if folder is None or not folder.is_dir():
        return []
    files = sorted(path for path in folder.glob("*.json") if _NAME.fullmatch(path.stem))
    return [Keystore(path.stem, path, _address(path)) for path in files]


def find_keystore(name: str, environ: Mapping[str, str]) -> Keystore:
    """The wallet called `name`; raises ChainError, which names those that there are."""
    wallets = keystores(environ)
    for keystore in wallets:
        if keystore.name == name:
            return keystore
    names = ", ".join(keystore.name for keystore in wallets)
    hint = f"one of {names}; or " if names else ""
    raise ChainError(f"there is no wallet {name!r}", hint=f"{hint}mint wallet new {name}")


def vacant(name: str, environ: Mapping[str, str]) -> Path:
    """Where a new wallet called `name` will lie; raises ChainError if it cannot be called so."""
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise ChainError(
            f"a wallet cannot be called {name!r}",
            hint=f"use lower-case letters, digits, - and _, and none of {', '.join(RESERVED)}",
        )
    folder = wallet_folder(environ)
    if folder is None:
        raise ChainError("there is no home folder for wallets", hint="set MINT_WALLETS to a folder")
    path = folder / f"{name}.json"
    if path.exists():
        raise _exists(path)
    return path


def create_keystore(name: str, key: bytes, password: str, environ: Mapping[str, str]) -> Keystore:
    """Write the wallet of `key`, encrypted with `password`, and read it back.

    Raises ChainError for a name that is taken or a key that is none, StoreError for the disk.
    """
    path = vacant(name, environ)
    try:
        record = encrypted(key, password)
    except Exception:  # eth-account's own messages may quote the key
        raise ChainError("that is not a private key", hint=KEY_FORM) from None
    write_new(path, record)
    if decrypted(path.read_bytes(), password, path.name) != key:
        raise ChainError(f"{path} does not hold the key that was written", hint="check the disk")
    return find_keystore(name, environ)


def private_key(text: str) -> bytes:
    """The key, 32 bytes, that somebody typed in hexadecimal; raises ChainError without quoting it.

    A recovery phrase is refused: it opens every account of its wallet, and mint needs one.
    """
    digits = text.strip().removeprefix("0x")
    if len(digits.split()) >= 12:
        raise ChainError(
            "that is a recovery phrase, which opens every account of your wallet",
            hint="export the private key of one account and give that; or --wallet browser, where "
            "no key leaves your wallet",
        )
    if not re.fullmatch("[0-9a-fA-F]{64}", digits):
        raise ChainError("that is not a private key", hint=KEY_FORM)
    if digits.lower() == DEV_KEY[2:]:
        raise ChainError(
            "everybody knows that key: whatever it holds is taken by others",
            hint="use a key of your own: mint wallet new",
        )
    return bytes.fromhex(digits)


def encrypted(secret: bytes, password: str) -> dict[str, Any]:
    """32 bytes as a keystore's JSON by scrypt; its `address` is that of `secret` as a key."""
    from eth_account import Account

    record: dict[str, Any] = Account.encrypt(secret, password, kdf="scrypt", iterations=WORK)
    return record


def write_new(path: Path, record: Mapping[str, Any]) -> None:
    """Write `record` to `path` (0600) for good, never over a file; ChainError or StoreError."""
    data = json.dumps(record, indent=1).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_new_file(path, data, mode=0o600)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise disk_error(error, path) from error


def decrypted(data: bytes, password: str, label: str) -> bytes:
    """What the keystore `data` protects; raises ChainError, which calls it `label`.

    A WrongPassword where the file is whole as far as one can see.
    """
    from eth_account import Account

    try:
        return bytes(Account.decrypt(plain(data), password))
    except (ValueError, KeyError, TypeError, AttributeError, NotImplementedError) as error:
        # eth-keyfile raises ValueError for a wrong password and for a broken file alike.
        kind = WrongPassword if "MAC" in str(error) else ChainError
        raise kind(
            f"{label} does not open: wrong password, or not a keystore",
            hint="run the same command again, with the password that its file was made with",
        ) from None


def _address(path: Path) -> str | None:
    from eth_utils.address import is_hex_address, to_checksum_address

    try:
        record = plain(path.read_bytes())
    except (OSError, ValueError):
        return None
    address = record.get("address") if isinstance(record, dict) else None
    if not isinstance(address, str) or not is_hex_address(address):
        return None
    return str(to_checksum_address(address))


def _exists(path: Path) -> ChainError:
    return ChainError(
        f"{path} exists, and mint never writes over a wallet",
        hint="choose another name; `mint wallet list` says which are taken",
    )
