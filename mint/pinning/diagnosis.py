"""What went wrong between us and a service -> a sentence about it, and what the artist can do.

Whatever the library, its error is a chain down to one of the socket, of TLS, or an answer's
status; the sentence is about that last one. Sources: RFC 9110, 15; botocore.exceptions
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from mint.errors import PublishError
from mint.pinning.exchange import AnswerError
from mint.pinning.patience import RUN_AGAIN, TemporaryError, retry_after
from mint.pinning.secrets import quoted
from mint.urls import masked


class Variables(NamedTuple):
    """The environment variables that say where a service is and what lets us in, for hints."""

    url: str = ""  # "PINATA_API"
    token: str = ""  # "PINATA_JWT"


UNKNOWN = Variables()


def diagnosed(where: str, error: Exception, variables: Variables = UNKNOWN) -> PublishError:
    """What to raise for `error` of a library or a socket; `where` is a masked URL.

    TemporaryError for what may be over soon. It repeats nothing of the error but what is looked
    at here: the libraries' messages contain whole URLs.
    """
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, PublishError):
            return one
        if (status := _client_error(one)) is not None:
            return refused(where, *status, variables=variables)
    address = f"is {variables.url} right?" if variables.url else "is its URL right?"
    for one in reversed(chain):
        if isinstance(one, AnswerError):
            kind = TemporaryError if one.brief else PublishError
            hint = RUN_AGAIN if one.brief else f"{address} A proxy in between may answer for it"
            return kind(f"{where} {one}", hint=one.hint or hint)
        if isinstance(one, ssl.SSLCertVerificationError):
            return _certificate(where, one)
        if isinstance(one, ssl.SSLError) and "EOF" not in str(one.reason or one):
            return PublishError(
                f"{where} does not speak TLS as https:// wants ({one.reason or 'no reason given'})",
                hint=f"if it is a plain HTTP server, write http:// instead of https://; {address}",
            )
        if isinstance(one, socket.gaierror):
            return _name(where, one, address)
        if isinstance(one, ConnectionRefusedError):
            return TemporaryError(
                f"nothing answers at {where}: it refuses the connection",
                hint=f"is it running? And {address}",
            )
        if isinstance(one, TimeoutError) or "Timeout" in type(one).__name__:
            return TemporaryError(
                f"{where} was too slow: it answers too late, or not at all",
                hint=f"it may be busy, or your network slow: {RUN_AGAIN}",
            )
        if isinstance(one, ConnectionError):
            return TemporaryError(f"{where} broke the connection off", hint=RUN_AGAIN)
        if isinstance(one, OSError) and type(one) is OSError:
            return TemporaryError(
                f"no way to {where}: {one.strerror or 'it cannot be reached'}",
                hint=f"is this machine online? And {address}",
            )
    if {"InvalidURL", "MissingSchema", "InvalidSchema"} & {type(one).__name__ for one in chain}:
        return PublishError(f"{where!r} is not a URL", hint="write it as https://host")
    if any(type(one).__name__ == "TooManyRedirects" for one in chain):
        return PublishError(f"{where} sends us from one address to the next", hint=address)
    return TemporaryError(f"{where} does not answer ({type(error).__name__})", hint=RUN_AGAIN)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what is behind it: its cause and context, and errors in its arguments."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None)]
        # botocore keeps the cause under "error"; ipfshttpclient as `original`.
        waiting += [getattr(one, "kwargs", {}).get("error"), getattr(one, "original", None)]
        waiting += one.args


def _certificate(where: str, error: ssl.SSLCertVerificationError) -> PublishError:
    """By OpenSSL's number of the reason (x509_vfy.h)."""
    if error.verify_code in (9, 10):
        what = "is not valid yet" if error.verify_code == 9 else "has expired"
        hint = "its owner must renew it; or is this machine's clock wrong?"
    elif error.verify_code in (18, 19, 20, 21):
        what = "is signed by nobody whom this machine trusts"
        hint = (
            "if the server is yours, or your network's, trust its certificate: "
            "export SSL_CERT_FILE=/path/to/it.pem"
        )
    elif error.verify_code in (62, 64):
        what = "is another server's"
        hint = "write the host's name in the URL as its certificate has it"
    else:
        what = f"is not valid: {quoted(error.verify_message, ())}"
        hint = "ask whoever runs it"
    return PublishError(f"the certificate of {where} {what}", hint=hint)


def _name(where: str, error: socket.gaierror, address: str) -> PublishError:
    if error.errno == socket.EAI_AGAIN:
        return TemporaryError(
            f"the name of {where} cannot be looked up just now",
            hint="is this machine online? Then run the same command again",
        )
    return PublishError(
        f"there is no host of the name in {where}",
        hint=f"{address} Or this machine is offline",
    )


# What services write where somebody's plan is the reason.
_QUOTA = re.compile(
    r"quota|insufficient|exceed|over.?limit|limit.?reached|upgrade|payment|billing|storage.?full",
    re.I,
)
# S3's codes of the same, under 403: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_WRONG_KEY = ("InvalidAccessKeyId", "SignatureDoesNotMatch")
_PLAIN_TO_TLS = re.compile(r"HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)", re.I)
_TITLE = re.compile(r"<title[^>]*>(.*?)<", re.I | re.S)
_BRIEF = {408, 425, 500, 502, 503, 504, *range(520, 528)}  # 520..527 are Cloudflare's


def refused(
    where: str,
    status: int,
    body: bytes,
    headers: Mapping[str, str],
    secrets: Iterable[str] = (),
    variables: Variables = UNKNOWN,
) -> PublishError:
    """What to raise for an answer of this status, which is not 2xx; names in `headers` lower case.

    `secrets` is what was sent, and must not be repeated. TemporaryError for what may be over soon.
    """
    secrets = [secret for secret in secrets if secret]
    text = _said(body, headers, secrets)
    says, token = f": {text}" if text else "", variables.token or "your token"
    address = f"is {variables.url} right?" if variables.url else "is its URL right?"
    if _PLAIN_TO_TLS.search(text):
        return PublishError(f"{where} speaks TLS", hint="write https:// instead of http://")
    if status == 402 or status == 507 or (status in (400, 403, 409, 413) and _QUOTA.search(text)):
        return PublishError(
            f"your plan at {where} does not allow more ({status}){says}",
            hint="free some space there or take a larger plan; its web page shows what is used",
        )
    if status in (401, 403) and not secrets:
        return PublishError(
            f"{where} lets nobody in without a token ({status}){says}",
            hint=f"export {variables.token or 'TOKEN'}=..., as whoever runs it gave it to you",
        )
    if status == 401 or any(code in text for code in _WRONG_KEY):
        return PublishError(
            f"{where} does not accept {token} ({status}){says}",
            hint="it may be expired, revoked, or not copied whole: copy it anew from the "
            f"service's web page{f', export {token}=...' if variables.token else ''}",
        )
    if status in (403, 451):
        return PublishError(
            f"{where} does not allow this with {token} ({status}){says}",
            hint="make a token that may write and pin, and look whether your plan includes it",
        )
    if status in (404, 405, 410):
        return PublishError(
            f"{where} has nothing at the address that was called ({status}){says}", hint=address
        )
    if status == 413:
        return PublishError(
            f"{where} does not take an upload of this size (413){says}",
            hint="your plan there, or a proxy in front of it, bounds the size of one upload; "
            "pin elsewhere (mint pin FILE --to ...), or have the bound raised",
        )
    after = retry_after(headers.get("retry-after", ""))
    if status == 429:
        return TemporaryError(
            f"{where} gets too many requests from you (429){says}",
            hint=f"wait some minutes; then {RUN_AGAIN}",
            after=after,
        )
    if status in _BRIEF:
        return TemporaryError(
            f"{where} is out of order just now ({status}){says}",
            hint=f"the fault is on its side: in some minutes {RUN_AGAIN}",
            after=after,
        )
    if 300 <= status < 400:
        place = headers.get("location", "")
        to = f", to {masked(place)}" if "://" in place else ""
        return PublishError(
            f"{where} sends us elsewhere ({status}{to}), which is not followed here",
            hint=f"if you trust that address, use it instead; {address}",
        )
    return PublishError(f"{where} refuses ({status}){says}", hint=RUN_AGAIN)


def _said(body: bytes, headers: Mapping[str, str], secrets: Iterable[str]) -> str:
    """What the body says, for a message; of a web page its title alone."""
    if headers.get("content-encoding", "identity") != "identity":
        return ""
    text = body[:4096].decode(errors="replace").strip()
    if text.startswith("<") and not text.startswith("<?xml"):
        title = _TITLE.search(text)
        return f"a web page, {quoted(title[1], secrets)!r}" if title else "a web page"
    with suppress(ValueError, RecursionError):
        text = _reason(json.loads(text)) or text
    return quoted(text, secrets)


def _reason(answer: Any) -> str:
    """The words in an answer in JSON, wherever the APIs that we know put them; "" for none."""
    if isinstance(answer, str):
        return answer
    if not isinstance(answer, dict):
        return ""
    # {"error": {"reason", "details"}} is the Pinning Service API's, {"Message"} is Kubo's.
    keys = ("error", "reason", "details", "message", "Message")
    return ": ".join(words for key in keys if (words := _reason(answer.get(key))))


def _client_error(error: BaseException) -> tuple[int, bytes, Mapping[str, str]] | None:
    """Status, message and headers of botocore's ClientError, which is an answer."""
    response = getattr(error, "response", None)
    if type(error).__name__ != "ClientError" or not isinstance(response, dict):
        return None
    meta, said = response.get("ResponseMetadata", {}), response.get("Error", {})
    text = f"{said.get('Code', '')} {said.get('Message', '')}"
    return int(meta.get("HTTPStatusCode", 400)), text.encode(), meta.get("HTTPHeaders", {})
