"""The signatures in a collection's pictures, each against what the build gives. No network."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mint.curate.sign import recipe
from mint.paint.c2pa_library import LIBRARY, can_read
from mint.paint.signature import TRAINED, Signature, read_signature
from mint.record.manifest import Manifest
from mint.verify.claims import token_error
from mint.verify.files import Files
from mint.verify.offline import recorded_file
from mint.verify.unchecked import Unchecked

if TYPE_CHECKING:
    from mint.curate.token import Token


def check_signatures(manifest: Manifest, files: Files) -> str:
    """Every picture is signed with the recorded certificate, unchanged since, and states what the
    build gives. Who the signer is, or whether the certificate has expired since, is not judged.

    Nothing is, where the library that reads them is not installed.
    """
    if not can_read():
        message = f"the pictures' signatures were not checked: {LIBRARY} is not installed"
        return Unchecked(message)
    signers: Counter[str] = Counter()
    expired = 0
    for token in manifest.tokens:
        signature = _signature(manifest, token, recorded_file(manifest, files, token))
        signers[signature.signer] += 1
        expired += signature.state == "expired"
    names = " and ".join(f'"{name}"' for name in signers)
    since = f"; {expired} by a certificate that has expired since" if expired else ""
    return (
        f"{len(manifest.tokens)} pictures are signed as made by a trained model and unchanged "
        f"since{since}; the signer calls itself {names}, which its issuer alone can confirm"
    )


def _signature(manifest: Manifest, token: Token, png: bytes) -> Signature:
    signature = read_signature(png)
    if signature is None:
        raise token_error(token, "its picture is not signed, and the collection says that it is")
    if signature.state == "broken":
        raise token_error(token, f"its signature is broken: {', '.join(signature.faults)}")
    if token.signed is None or signature.certificate != token.signed.certificate:
        raise token_error(token, "its picture is signed with another certificate")
    if TRAINED not in signature.sources or signature.recipe != recipe(manifest.collection, token):
        raise token_error(token, "its signature states something else than the build gives")
    return signature
