"""A PNG -> the same picture with a signed statement of its origin, and back (C2PA).

https://spec.c2pa.org; needs c2pa-python, which is `mint[c2pa]`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mint.document import sha256
from mint.errors import SigningError
from mint.paint.png import chunks

if TYPE_CHECKING:
    from mint.paint.signer import Signer

CHUNK = b"caBX"  # where a PNG has it
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
RECIPE = "mint.recipe"  # our own assertion: the digests of what made the picture

# trusted: intact, by somebody on the reader's list. valid: intact, by anybody. expired: intact,
# but the certificate's time is over, and no time stamp says that it was signed before.
State = Literal["trusted", "valid", "expired", "broken"]

# C2PA's codes, https://spec.c2pa.org/specifications/specifications/2.2/specs/C2PA_Specification.html
_FAULTS = {
    "assertion.dataHash.mismatch": "the file was changed after it was signed",
    "assertion.hashedURI.mismatch": "what it states was changed after it was signed",
    "claimSignature.mismatch": "the signature is not that of its certificate",
    "signingCredential.invalid": "its certificate may not sign pictures",
    "signingCredential.ocsp.revoked": "its certificate was revoked",
}
_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"
# No network: a stranger's picture must not make this machine call a server of their choice.
_OFFLINE = {"remote_manifest_fetch": False, "ocsp_fetch": False}
# COSE's header 33, x5chain: the certificate, alone or first in a list (RFC 9360).
_CHAIN = re.compile(rb"\x18\x21[\x81-\x97]?\x59(..)", re.DOTALL)


class Signature(NamedTuple):
    """What a signed PNG says of itself, and whether that holds.

    `signer` is the name in the certificate, `certificate` its SHA-256 (None where that cannot be
    told), `faults` are sentences. `recipe` is mint's own assertion, `sources` are IPTC's words.
    """

    state: State
    signer: str = ""
    certificate: str | None = None
    faults: tuple[str, ...] = ()
    agent: str = ""
    sources: tuple[str, ...] = ()
    recipe: Mapping[str, Any] = {}


def is_signed(png: bytes) -> bool:
    """Whether the PNG has a signed statement, whatever it is worth; ValueError if it is no PNG."""
    return any(kind == CHUNK for kind, _ in chunks(png))


def unsigned(png: bytes) -> bytes:
    """The PNG as it was before it was signed; ValueError if it is no PNG."""
    return png[:8] + b"".join(chunk for kind, chunk in chunks(png) if kind != CHUNK)


def sign(png: bytes, title: str, recipe: Mapping[str, Any], *, enlarged: bool, by: Signer) -> bytes:
    """The PNG with a statement that a trained model made it; no two calls give the same bytes.

    Raises SigningError.
    """
    import c2pa

    statement = json.dumps(_statement(title, recipe, enlarged))
    # A JPEG of every picture, which is the default, would be larger than the picture.
    settings = {"builder": {"thumbnail": {"enabled": False}}, "verify": _OFFLINE}
    out = io.BytesIO()
    try:
        info = c2pa.C2paSignerInfo(by.algorithm, by.chain, by.key, by.time_stamps)
        with (
            c2pa.Context(c2pa.Settings.from_dict(settings)) as context,
            c2pa.Builder(statement, context=context) as builder,
            c2pa.Signer.from_info(info) as signer,
        ):
            builder.sign(signer, "image/png", io.BytesIO(png), out)
    except c2pa.C2paError as error:
        raise _refusal(str(error), by) from error
    return out.getvalue()


def _refusal(reason: str, by: Signer) -> SigningError:
    if by.time_stamps and "time" in reason.lower():
        return SigningError(
            f"no time stamp for a signature: {reason[:200]}",
            hint="run the same command again; or unset MINT_C2PA_TIMESTAMP, and signatures hold "
            "only as long as your certificate",
        )
    return SigningError(
        f'"{by.name}" cannot sign: {reason[:200]}',
        hint="MINT_C2PA_CERTIFICATE must be the whole chain of a C2PA certificate in PEM, yours "
        "first; `mint certificate FOLDER` makes one to try with",
    )


def _statement(title: str, recipe: Mapping[str, Any], enlarged: bool) -> dict[str, Any]:
    from importlib.metadata import version

    mint = {"name": "mint", "version": version("mint")}
    creation = {"action": "c2pa.created", "digitalSourceType": TRAINED, "softwareAgent": mint}
    resizing = {"action": "c2pa.resized", "softwareAgent": mint}
    actions = {"actions": [creation, resizing] if enlarged else [creation]}
    # `created` means that the signer vouches for it, not that somebody else said so.
    return {
        "claim_generator_info": [mint],
        "title": title,
        "format": "image/png",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": actions, "created": True},
            {"label": RECIPE, "data": dict(recipe), "created": True},
        ],
    }


def read_signature(png: bytes, authorities: str | None = None) -> Signature | None:
    """What the PNG's signature is worth; None if it has none. Calls no server.

    `authorities` are the certificates, in PEM, whose signers are trusted; without it nobody is.
    """
    import c2pa

    if not is_signed(png):
        return None
    settings = {"verify": _OFFLINE, "trust": {"trust_anchors": authorities} if authorities else {}}
    try:
        with (
            c2pa.Context(c2pa.Settings.from_dict(settings)) as context,
            c2pa.Reader("image/png", io.BytesIO(png), context=context) as reader,
        ):
            results, active = reader.get_validation_results(), reader.get_active_manifest()
    except c2pa.C2paError as error:
        return Signature("broken", faults=(f"it cannot be read ({str(error)[:200]})",))
    return _signature(png, (results or {}).get("activeManifest", {}), active or {})


def _signature(png: bytes, results: Mapping[str, Any], active: Mapping[str, Any]) -> Signature:
    codes = {name: [each["code"] for each in results.get(name, ())] for name in _RESULTS}
    about = active.get("signature_info", {})
    parts = {part.get("label", ""): part.get("data", {}) for part in active.get("assertions", ())}
    actions = [
        action
        for label, data in parts.items()
        if label.startswith("c2pa.actions") and isinstance(data, dict)
        for action in data.get("actions", ())
    ]
    sources = (str(action.get("digitalSourceType") or "") for action in actions)
    generator: Mapping[str, Any] = next(iter(active.get("claim_generator_info") or ()), {})
    recipe = parts.get(RECIPE, {})
    return Signature(
        state=_state(**codes),
        signer=str(about.get("common_name") or about.get("issuer") or ""),
        certificate=_certificate(png, str(about.get("cert_serial_number"))),
        faults=tuple(_FAULTS.get(c, c) for c in codes["failure"] if c not in _HARMLESS),
        agent=f"{generator.get('name', '')} {generator.get('version', '')}".strip(),
        sources=tuple(dict.fromkeys(filter(None, sources))),
        recipe=recipe if isinstance(recipe, dict) else {},
    )


_RESULTS = ("success", "informational", "failure")
_HARMLESS = (_UNTRUSTED, _EXPIRED)


def _state(success: list[str], informational: list[str], failure: list[str]) -> State:
    intact = {"claimSignature.validated", "assertion.dataHash.match"} <= set(success)
    if not intact or set(failure) - set(_HARMLESS):
        return "broken"
    if _EXPIRED in failure:
        return "expired"
    return "valid" if _UNTRUSTED in failure else "trusted"


def _certificate(png: bytes, serial: str) -> str | None:
    """SHA-256 of the signer's certificate, which the library does not tell."""
    from cryptography import x509

    statement = b"".join(chunk for kind, chunk in chunks(png) if kind == CHUNK)
    candidates = list(_certificates(statement))
    if len(candidates) != 1:  # several statements: an edited picture
        return None
    try:
        certificate = x509.load_der_x509_certificate(candidates[0])
    except ValueError:
        return None
    return sha256(candidates[0]) if str(certificate.serial_number) == serial else None


def _certificates(statement: bytes) -> Iterator[bytes]:
    for match in _CHAIN.finditer(statement):
        length = int.from_bytes(match[1], "big")
        yield statement[match.end() : match.end() + length]
