"""A draw's secret in an encrypted file: beside the wallets, or where the artist's backup lies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from mint.chain.constructor import Digest
from mint.chain.keystores import decrypted, encrypted, wallet_folder, write_new
from mint.chain.passwords import new_password, password_without_asking, typed, unlocked
from mint.document import Document
from mint.errors import ChainError
from mint.sale.draw import secret_hash

if TYPE_CHECKING:
    from mint.record.manifest import Manifest

Ask = Callable[[str], str]
_MOST = 65_536  # bytes of a secret's file


class SecretFile(Document):
    """`keystore` protects the secret (Web3 Secret Storage v3, scrypt); the rest says whose it is.

    `secret_hash` is the contract's commitment, by which a file is found again.
    """

    form: Literal["mint secret of a draw"] = "mint secret of a draw"
    version: Literal[1] = 1
    collection: str
    network: str
    chain_id: int
    owner: str
    secret_hash: Digest
    keystore: dict[str, Any]


def secret_folder(environ: Mapping[str, str]) -> Path:
    """Where secrets lie: `draws` beside the wallets; raises ChainError without a home."""
    folder = wallet_folder(environ)
    if folder is None:
        raise ChainError("there is no home folder for secrets", hint="set MINT_WALLETS to a folder")
    return folder / "draws"


def sealed(
    secret: bytes, manifest: Manifest, network: str, chain_id: int, owner: str, password: str
) -> SecretFile:
    """The file of a secret of 32 bytes."""
    keystore = encrypted(secret, password)
    del keystore["address"]  # that of the secret as a key, which says nothing to anybody
    return SecretFile(
        collection=manifest.collection.name,
        network=network,
        chain_id=chain_id,
        owner=owner,
        secret_hash=secret_hash(secret).hex(),
        keystore=keystore,
    )


def keep_secret(file: SecretFile, environ: Mapping[str, str]) -> Path:
    """Write it beside the wallets, 0600 and for good; says where. Raises ChainError, StoreError."""
    path = secret_folder(environ) / f"{file.secret_hash[:16]}.json"
    if find_secret_file(bytes.fromhex(file.secret_hash), environ) is None:
        write_new(path, file.model_dump(mode="json"))
    return path


def find_secret_file(digest: bytes, environ: Mapping[str, str]) -> Path | None:
    """The file of the secret whose hash a contract committed to, if it is on this computer."""
    if wallet_folder(environ) is None:
        return None
    path = secret_folder(environ) / f"{digest.hex()[:16]}.json"
    return path if path.exists() and read_secret_file(path).secret_hash == digest.hex() else None


def read_secret_file(path: Path) -> SecretFile:
    """What stands in it, still encrypted; raises ChainError."""
    try:
        with path.open("rb") as file:
            return SecretFile.parse(file.read(_MOST))
    except OSError as error:
        raise ChainError(
            f"{path} cannot be read: {error.strerror}", hint="check its name"
        ) from None
    except ValidationError:
        raise ChainError(
            f"{path} is not a file that `mint sale secret export` wrote, or it is damaged",
            hint="use another copy of it",
        ) from None


def open_secret_file(path: Path, environ: Mapping[str, str], ask_password: Ask | None) -> bytes:
    """The secret, 32 bytes; raises ChainError for a wrong password or a changed file.

    A password that is set for the wallet need not be the file's: then it is asked for.
    """
    file, name = read_secret_file(path), f"the secret in {path.name}"
    preset = password_without_asking(name, environ)
    if preset is not None and ask_password is not None:
        with suppress(ChainError):
            return _unlocked(file, path, preset)
        return typed(name, ask_password, lambda password: _unlocked(file, path, password))
    return unlocked(name, environ, ask_password, lambda password: _unlocked(file, path, password))


def import_secret(
    path: Path, environ: Mapping[str, str], ask_password: Ask | None
) -> tuple[SecretFile, Path]:
    """Keep a copy of a backup beside the wallets once its password opens it; says where."""
    open_secret_file(path, environ, ask_password)
    file = read_secret_file(path)
    return file, keep_secret(file, environ)


def export_secret(
    secret: bytes,
    manifest: Manifest,
    path: Path,
    environ: Mapping[str, str],
    ask_password: Ask | None,
) -> SecretFile:
    """Write the deployed sale's secret to a new file at `path`, under a password of its own."""
    deployment = manifest.deployment
    assert deployment is not None
    password = new_password(f"the secret in {path.name}", environ, ask_password)
    owner = deployment.secret_origin.wallet if deployment.secret_origin else deployment.owner
    file = sealed(secret, manifest, deployment.network, deployment.chain_id, owner, password)
    write_new(path, file.model_dump(mode="json"))
    return file


def _unlocked(file: SecretFile, path: Path, password: str) -> bytes:
    import json

    secret = decrypted(json.dumps(file.keystore).encode(), password, path.name)
    if secret_hash(secret).hex() != file.secret_hash:
        raise ChainError(f"{path} holds another secret than it says", hint="use another copy of it")
    return secret
