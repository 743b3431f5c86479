"""Who signs pictures in tests: certificates made for them, outside any collection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mint.paint import certificate
from mint.paint.certificate import make_certificate
from mint.paint.signer import CERTIFICATE, KEY, Signer, find_signer

NAME = "Ada Moss"


def environ_of(folder: Path, name: str = NAME) -> dict[str, str]:
    """A new certificate in `folder`, as the environment names it."""
    files = make_certificate(folder, name)
    return {CERTIFICATE: str(files.chain), KEY: str(files.key)}


def signer_of(folder: Path, name: str = NAME) -> Signer:
    return find_signer(environ_of(folder, name), folder.parent / "a collection")


def environ_with(folder: Path, key: Any) -> dict[str, str]:
    """A certificate for `key`, a private one of any kind."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    folder.mkdir(parents=True)
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = certificate._distinguished_name(NAME, "An authority")
    root = certificate._certificate(issuer, issuer, authority.public_key(), authority, True)
    leaf = certificate._certificate(
        certificate._distinguished_name(NAME, NAME), issuer, key.public_key(), authority, False
    )
    chain = leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    (folder / "chain.pem").write_bytes(chain)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    return {CERTIFICATE: str(folder / "chain.pem"), KEY: str(folder / "key.pem")}
