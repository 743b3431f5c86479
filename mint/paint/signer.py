"""Paths in the environment -> who signs the pictures: a certificate and its private key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mint.document import sha256
from mint.errors import SigningError
from mint.paint.c2pa_library import refuse_without_library

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

CERTIFICATE, KEY = "MINT_C2PA_CERTIFICATE", "MINT_C2PA_KEY"
PASSWORD, TIME_STAMPS = "MINT_C2PA_PASSWORD", "MINT_C2PA_TIMESTAMP"
ONE_TO_TRY = "`mint certificate FOLDER` makes one to try with"


@dataclass(frozen=True)
class Signer:
    """A certificate chain and a key, in PEM; `digest` is the SHA-256 of the certificate itself.

    `algorithm` is COSE's name, `time_stamps` the URL of an authority (RFC 3161), which may be
    secret and so is not printed either.
    """

    name: str
    digest: str
    algorithm: str
    chain: bytes = field(repr=False)
    key: bytes = field(repr=False)
    time_stamps: str | None = field(default=None, repr=False)


def find_signer(environ: Mapping[str, str], home: Path) -> Signer:
    """The signer that the environment names; SigningError where it is none, or lies in `home`.

    `home` is the collection's folder, which gets copied and published.
    """
    refuse_without_library()
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    chain = _read(CERTIFICATE, environ, home)
    key = _key(_read(KEY, environ, home), environ)
    try:
        certificate = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise SigningError(
            f"{environ[CERTIFICATE]} holds no certificate in PEM",
            hint=f"export {CERTIFICATE}=the file with BEGIN CERTIFICATE; {ONE_TO_TRY}",
        ) from error
    if _public(certificate) != _public(key):
        raise SigningError(
            f"the key in {environ[KEY]} is not that of the certificate in {environ[CERTIFICATE]}",
            hint=f"export {KEY}=the key that this certificate was made for",
        )
    return Signer(
        name=_name(certificate),
        digest=sha256(certificate.public_bytes(serialization.Encoding.DER)),
        algorithm=_algorithm(key, environ[KEY]),
        chain=chain,
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        time_stamps=environ.get(TIME_STAMPS) or None,
    )


def _read(name: str, environ: Mapping[str, str], home: Path) -> bytes:
    if not environ.get(name):
        raise SigningError(
            f"{name} is not set, and collection.yaml says `c2pa:`, which signs the pictures",
            hint=f"export {CERTIFICATE}=chain.pem {KEY}=key.pem; {ONE_TO_TRY}",
        )
    path = Path(environ[name]).expanduser()
    if name == KEY and path.resolve().is_relative_to(home.resolve()):
        raise SigningError(
            f"{path} is a private key inside the collection's folder, which others may get",
            hint=f"move it to a folder that only you read, and export {KEY}=its new place",
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(
            f"{name} names {path}, which cannot be read: {error.strerror}",
            hint=f"export {name}=the right path; {ONE_TO_TRY}",
        ) from error


def _key(pem: bytes, environ: Mapping[str, str]) -> Any:
    """The private key; its bytes stand in no message."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    password = environ.get(PASSWORD) if b"ENCRYPTED" in pem else None
    try:
        return load_pem_private_key(pem, password.encode() if password else None)
    except TypeError:
        raise SigningError(
            f"the key in {environ[KEY]} is encrypted", hint=f"export {PASSWORD}=its password"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise SigningError(
            f"{environ[KEY]} holds no private key in PEM, or {PASSWORD} is not its password",
            hint=f"export {KEY}=the file with BEGIN PRIVATE KEY",
        ) from None


def _public(owner: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public: bytes = owner.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public


def _algorithm(key: Any, path: str) -> str:
    """COSE's name for what the key signs by; https://spec.c2pa.org, "Signature Algorithms"."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    curves = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in curves:
        return curves[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return "ps256"
    raise SigningError(
        f"the key in {path} is of a kind that C2PA does not know",
        hint="use P-256, P-384, P-521, Ed25519, or RSA of at least 2048 bits; " + ONE_TO_TRY,
    )


def _name(certificate: Certificate) -> str:
    """Who the certificate says that it is."""
    from cryptography.x509.oid import NameOID

    for part in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if names := certificate.subject.get_attributes_for_oid(part):
            return str(names[0].value)
    return "somebody without a name"
