"""A certificate to try signing with: an authority of one's own, which nobody trusts, signs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mint.errors import SigningError
from mint.paint.c2pa_library import refuse_without_library
from mint.store import write_new_file

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name

# Ten years: without a time stamp, signatures last as long as the certificate.
DAYS = 3650


class CertificateFiles(NamedTuple):
    """Where the certificate (with its authority's), its key and the authority alone were put."""

    chain: Path
    key: Path
    authority: Path


def make_certificate(folder: Path, name: str) -> CertificateFiles:
    """Write a certificate for `name` and its key into `folder`; a file that exists stays.

    The key of the authority is forgotten, so that nobody can sign another certificate with it.
    Raises SigningError.
    """
    refuse_without_library()
    files = CertificateFiles(*(folder / f"{part}.pem" for part in _PARTS))
    _refuse_place(folder.resolve(), files)
    _refuse_name(name)
    pairs = zip(files, _pair(name), strict=True)
    for path, data in sorted(pairs, key=lambda pair: pair[0] != files.key):  # the key first
        _write(path, data, secret=path == files.key)
    return files


_PARTS = ("certificate", "key", "authority")


def _refuse_place(folder: Path, files: Sequence[Path]) -> None:
    for home in (folder, *folder.parents):
        if (home / "collection.yaml").exists():
            raise SigningError(
                f"{folder} is inside the collection in {home}, which others may get",
                hint="name a folder that only you read, such as ~/mint-signing",
            )
    for path in files:
        if path.exists():
            raise SigningError(
                f"{path} exists already, and is not overwritten",
                hint="use that certificate, or name another folder",
            )


def _refuse_name(name: str) -> None:
    # X.520: a common name has at most 64 characters.
    if not name.strip() or len(name) > 64 or not name.isprintable():
        raise SigningError(
            f"a certificate's name has 1 to 64 characters, and this one has {len(name)}",
            hint='write the name you publish under: --name "Ada Moss"',
        )


def _pair(name: str) -> tuple[bytes, bytes, bytes]:
    """PEM: the certificate with its authority's, its key, the authority's certificate."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority_key, key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    issuer = _distinguished_name(name, f"{name[:49]}, for trying")
    authority = _certificate(issuer, issuer, authority_key.public_key(), authority_key, True)
    leaf = _certificate(
        _distinguished_name(name, name), issuer, key.public_key(), authority_key, False
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    root = authority.public_bytes(pem)
    return leaf.public_bytes(pem) + root, secret, root


def _distinguished_name(organization: str, name: str) -> Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _certificate(
    subject: Name, issuer: Name, public: Any, issuer_key: Any, is_authority: bool
) -> Certificate:
    """What C2PA asks of a certificate, so that it is only the trust that is missing.

    https://spec.c2pa.org, "Certificate Profile": organization, key usage, email protection, the
    identifiers of both keys.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    now = datetime.now(UTC)
    uses = dict.fromkeys(_USES, False)
    uses |= {"key_cert_sign": True, "crl_sign": True} if is_authority else {_USES[0]: True}
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # clocks differ
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), True)
        .add_extension(x509.KeyUsage(**uses), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(issued_by, False)
    )
    if not is_authority:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, False)
    return builder.sign(issuer_key, hashes.SHA256())


_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def _write(path: Path, data: bytes, *, secret: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new_file(path, data, mode=0o600 if secret else 0o644)
    except OSError as error:
        raise SigningError(
            f"cannot write {path}: {error.strerror}", hint="name a folder that you can write"
        ) from error
