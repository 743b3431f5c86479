"""HTTP to services: bounded requests, large uploads and downloads."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from json import dumps
from typing import Any, BinaryIO, TypeGuard
from urllib.parse import urljoin, urlsplit

from mint.document import plain
from mint.errors import PublishError
from mint.pinning.call import Reply, call_of, origin, secrets_in
from mint.pinning.diagnosis import UNKNOWN, Variables, diagnosed, refused
from mint.pinning.exchange import PACE, PIECE, AnswerError, Exchange, Pace
from mint.pinning.exchange import Sent as Sent
from mint.pinning.exchange import unheard as unheard
from mint.pinning.patience import PATIENCE as PATIENCE
from mint.pinning.patience import RUN_AGAIN as RUN_AGAIN
from mint.pinning.patience import Patience as Patience
from mint.pinning.patience import TemporaryError as TemporaryError
from mint.pinning.patience import retry as retry
from mint.pinning.secrets import quoted
from mint.urls import masked

WITHIN = 60.0  # seconds from a request to the last byte of its answer
THINKING = 300.0  # seconds a service may take for its answer after a large upload
MAX_ANSWER = 4 << 20  # bytes: above any block, and any page of a list
_MOST_UPLOAD_ANSWER = 1 << 20  # bytes: a line of JSON, or the page of somebody's proxy
_MOST_ERROR = 4096  # bytes of an error's text that are read
SOMEBODY_ELSE = (
    "a proxy or a login page of your network may answer in its place; if not, is its URL right? "
    f"Then {RUN_AGAIN}"
)
_HOPS = 5  # redirects that are followed


def request(
    method: str,
    url: str,
    *,
    token: str | None = None,
    accept: str = "application/json",
    most: int = MAX_ANSWER,
    within: float = WITHIN,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    variables: Variables = UNKNOWN,
) -> bytes:
    """The body of the answer: at most `most` bytes, all of them there in `within` seconds.

    A GET follows a few redirects, with the token only to the same host. Raises TemporaryError for
    what may be over soon, else PublishError: see mint.pinning.diagnosis. Neither repeats `token`,
    nor anything of the URL but its host; `variables` are named in what to do.
    """
    fields = {"Accept": accept} | dict(headers or {})
    body = b"" if json is None else dumps(json).encode()
    if json is not None:
        fields["Content-Type"] = "application/json"
    return b"".join(_answer(method, url, token, fields, body, most, within, None, variables))


def request_json(method: str, url: str, **more: Any) -> Any:
    """`request`, and what the JSON says; TemporaryError for a proxy's page or half an answer."""
    return parsed(request(method, url, **more), masked(url))


def parsed(body: bytes, where: str) -> Any:
    """What JSON says; TemporaryError for what is none, or nested deeper than any answer is."""
    try:
        return plain(body)
    except ValueError:
        page = body.lstrip().startswith(b"<")
        says = "answers with a web page, not in JSON" if page else "does not answer in JSON"
        raise TemporaryError(f"{where} {says}", hint=SOMEBODY_ELSE) from None


def is_page(body: bytes) -> bool:
    """Whether an answer is a web page, and no XML of S3's."""
    return body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))


def send(
    method: str,
    url: str,
    body: Iterable[bytes] | BinaryIO,
    size: int,
    *,
    headers: Mapping[str, str] | None = None,
    token: str | None = None,
    hear: Sent = unheard,
    within: float = THINKING,
    pace: Pace = PACE,
    variables: Variables = UNKNOWN,
) -> Reply:
    """Upload `size` bytes, however long that takes; the answer, whatever its status.

    `body` gives them in pieces, or is a file, read from where it stands. The upload must keep to
    `pace`; the answer must be there `within` seconds after its last byte, and may come before it:
    then no more is sent. Errors as of `request`; `checked` raises one for a status that is none of
    success.
    """
    pieces = iter(lambda: body.read(PIECE), b"") if _is_file(body) else body
    name = variables.token
    call = call_of(
        method, url, token=token, headers=headers or {}, body=pieces, size=size, name=name
    )
    with errors_of(url, variables), Exchange(call, within, pace, hear) as exchange:
        status, fields = exchange.head()
        answer = b"".join(exchange.body(_MOST_UPLOAD_ANSWER))
        return Reply(status, fields, answer, exchange.trailers)


def _is_file(body: Iterable[bytes] | BinaryIO) -> TypeGuard[BinaryIO]:
    return hasattr(body, "read")


def checked(
    url: str, reply: Reply, secrets: Iterable[str], variables: Variables = UNKNOWN
) -> Reply:
    """`reply` if its status is one of success and no trailer says otherwise, else PublishError."""
    _refuse_trailer(url, reply.headers | reply.trailers, secrets)
    if not 200 <= reply.status < 300:
        raise refused(masked(url), reply.status, reply.body, reply.headers, secrets, variables)
    return reply


def stream(
    url: str,
    *,
    accept: str,
    most: int,
    method: str = "GET",
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    within: float = WITHIN,
    pace: Pace = PACE,
    variables: Variables = UNKNOWN,
) -> Iterator[bytes]:
    """The body of a long answer, piece by piece, at most `most` bytes, at `pace` or faster.

    Its headers must be there `within` seconds. Errors and redirects as of `request`; that an
    answer breaks off is an error too, raised after the pieces before it.
    """
    fields = {"Accept": accept} | dict(headers or {})
    yield from _answer(method, url, token, fields, b"", most, within, pace, variables)


def _answer(
    method: str,
    url: str,
    token: str | None,
    headers: dict[str, str],
    body: bytes,
    most: int,
    within: float,
    pace: Pace | None,
    variables: Variables,
) -> Iterator[bytes]:
    """The body of the answer at the end of all redirects, piece by piece."""
    until = time.monotonic() + within
    for _ in range(_HOPS + 1):
        name, size = variables.token, len(body)
        call = call_of(method, url, token=token, headers=headers, body=[body], size=size, name=name)
        secrets = secrets_in(call.headers.get("Authorization", ""))
        with errors_of(url, variables), Exchange(call, until - time.monotonic(), pace) as exchange:
            status, fields = exchange.head()
            target = _redirected(method, url, status, fields)
            if target is None:
                yield from _body(url, exchange, status, fields, most, secrets, variables)
                _refuse_trailer(url, exchange.trailers, secrets)
                return
        if origin(target) != origin(url):
            token, headers = None, {"Accept": headers["Accept"]}
        url = target
    raise _endless(url, variables)


def status_of(url: str, *, within: float = WITHIN, variables: Variables = UNKNOWN) -> int:
    """The status of a HEAD at the end of all redirects; errors as of `request`."""
    until = time.monotonic() + within
    for _ in range(_HOPS + 1):
        left = until - time.monotonic()
        reply = send("HEAD", url, (), 0, within=left, variables=variables)
        target = _redirected("HEAD", url, reply.status, reply.headers)
        if target is None:
            return reply.status
        url = target
    raise _endless(url, variables)


def _endless(url: str, variables: Variables) -> PublishError:
    return PublishError(
        f"{masked(url)} sends us from one address to the next, without end",
        hint=f"is {variables.url or 'its URL'} right?",
    )


def _body(
    url: str,
    exchange: Exchange,
    status: int,
    headers: Mapping[str, str],
    most: int,
    secrets: Iterable[str],
    variables: Variables,
) -> Iterator[bytes]:
    """The pieces of a body that is what was requested; else PublishError."""
    if not 200 <= status < 300:
        body = b""
        with suppress(AnswerError, OSError):  # the status says enough
            for piece in exchange.body(_MOST_ERROR):
                body += piece
        raise refused(masked(url), status, body, headers, secrets, variables)
    if headers.get("content-encoding", "identity") != "identity":
        raise AnswerError("answers compressed, which was not requested")
    yield from exchange.body(most)


def _refuse_trailer(url: str, trailers: Mapping[str, str], secrets: Iterable[str]) -> None:
    if failure := trailers.get("x-stream-error"):
        raise TemporaryError(f"{masked(url)} stopped in the middle: {quoted(failure, secrets)}")


def _redirected(method: str, url: str, status: int, headers: Mapping[str, str]) -> str | None:
    """Where a GET is sent to; None where the answer is no redirect that is followed."""
    place = headers.get("location")
    if method not in ("GET", "HEAD") or status not in (301, 302, 303, 307, 308) or not place:
        return None
    try:
        target = urljoin(url, place)
        scheme = urlsplit(target).scheme
        origin(target)  # ValueError where its port is none
    except ValueError:
        return None
    # Never from https to http: what was to be read by nobody else would go in plain.
    return target if scheme == "https" or scheme == urlsplit(url).scheme == "http" else None


@contextmanager
def errors_of(url: str, variables: Variables) -> Iterator[None]:
    """Whatever a socket, TLS or an answer raises inside, as a PublishError about `url`."""
    try:
        yield
    except (OSError, AnswerError) as error:
        # `from None`: nothing but the sentence is to be seen, were the URL in the error.
        raise diagnosed(masked(url), error, variables) from None
