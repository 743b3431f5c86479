"""What went wrong between us and a service -> a sentence about it, and what the artist can do.

Whatever the library, its error is a chain down to one of the socket, of TLS, or an answer's
status; the sentence is about that last one. Source: botocore.exceptions, urllib3.exceptions
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping

from mint.errors import PublishError
from mint.pinning.exchange import AnswerError
from mint.pinning.patience import RUN_AGAIN, NoHostError, TemporaryError, UnreachableError
from mint.pinning.refusal import UNKNOWN as UNKNOWN
from mint.pinning.refusal import Variables as Variables
from mint.pinning.refusal import refused as refused
from mint.pinning.secrets import quoted


def diagnosed(
    where: str, error: Exception, variables: Variables = UNKNOWN, secrets: Iterable[str] = ()
) -> PublishError:
    """What to raise for `error` of a library or a socket; `where` is a masked URL.

    `secrets` is what was sent. TemporaryError for what may be over soon. It repeats nothing of the
    error but what is looked at here: the libraries' messages contain whole URLs.
    """
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, PublishError):
            return one
        if (status := _client_error(one)) is not None:
            return refused(where, *status, secrets, variables)
    address = f"is {variables.url} right?" if variables.url else "is its URL right?"
    for one in chain:
        if isinstance(one, AnswerError):
            kind = TemporaryError if one.brief else PublishError
            hint = RUN_AGAIN if one.brief else f"{address} A proxy in between may answer for it"
            return kind(f"{where} {one}", hint=one.hint or hint)
    for one in reversed(chain):
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
            return UnreachableError(
                f"nothing answers at {where}: it refuses the connection",
                hint=f"is it running? And {address}",
            )
        if isinstance(one, TimeoutError) or "Timeout" in type(one).__name__:
            return TemporaryError(
                f"{where} was too slow: it answers too late, or not at all",
                hint=f"it may be busy, or your network slow: {RUN_AGAIN}",
            )
        if isinstance(one, ConnectionError):  # RemoteDisconnected, a BadStatusLine, among them
            return TemporaryError(f"{where} broke the connection off", hint=RUN_AGAIN)
        if isinstance(one, OSError) and type(one) is OSError:
            return UnreachableError(
                f"no way to {where}: {one.strerror or 'it cannot be reached'}",
                hint=f"is this machine online? And {address}",
            )
    names = {type(one).__name__ for one in chain}
    if "BadStatusLine" in names:
        return PublishError(f"{where} does not answer in HTTP", hint=address)
    if {"ProtocolError", "IncompleteRead", "ConnectionClosedError", "SSLEOFError"} & names:
        return TemporaryError(f"{where} broke the connection off", hint=RUN_AGAIN)
    if {"InvalidURL", "MissingSchema", "InvalidSchema"} & names:
        return PublishError(f"{where!r} is not a URL", hint="write it as https://host")
    if "TooManyRedirects" in names:
        return PublishError(f"{where} sends us from one address to the next", hint=address)
    return TemporaryError(f"{where} does not answer ({type(error).__name__})", hint=RUN_AGAIN)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what is behind it: its cause and context, and errors in its arguments."""
    earlier: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or one in earlier:
            continue
        earlier.append(one)
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
        return UnreachableError(
            f"the name of {where} cannot be looked up just now",
            hint="is this machine online? Then run the same command again",
        )
    return NoHostError(
        f"there is no host of the name in {where}",
        hint=f"{address} Or this machine is offline",
    )


def _client_error(error: BaseException) -> tuple[int, bytes, Mapping[str, str]] | None:
    """Status, message and headers of botocore's ClientError, which is an answer."""
    response = getattr(error, "response", None)
    kinds = {kind.__name__ for kind in type(error).__mro__}  # NoSuchBucket is one, too
    if "ClientError" not in kinds or not isinstance(response, dict):
        return None
    meta, details = response.get("ResponseMetadata", {}), response.get("Error", {})
    text = f"{details.get('Code', '')} {details.get('Message', '')}"
    return int(meta.get("HTTPStatusCode", 400)), text.encode(), meta.get("HTTPHeaders", {})
