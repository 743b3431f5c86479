"""A URL and what is to be said to it -> the request by HTTP/1.1."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from mint.errors import PublishError
from mint.pinning.secrets import illegal_token
from mint.urls import masked

_PORTS = {"http": 80, "https": 443}
_PATH_SIGNS, _QUERY_SIGNS = "/:@!$&'()*+,;=~%-._", "/:@!$&'()*+,;=~%-._?"


class Call(NamedTuple):
    """A request. `headers` has the Content-Length of all that `body` gives: `size` bytes."""

    method: str
    host: str
    port: int
    tls: bool
    target: str
    headers: dict[str, str]
    body: Iterable[bytes] = ()
    size: int = 0

    @property
    def authority(self) -> str:
        """The host as URLs and headers have it."""
        return f"[{self.host}]" if ":" in self.host else self.host


class AnswerError(Exception):
    """An answer that is none, as the end of a sentence about who gave it; `hint` is what to do.

    `brief` is True where the next try may go better.
    """

    def __init__(self, message: str, hint: str = "", *, brief: bool = False) -> None:
        super().__init__(message)
        self.hint, self.brief = hint, brief


class Reply(NamedTuple):
    """An answer; names in `headers` and `trailers` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    trailers: dict[str, str]


def call_of(
    method: str,
    url: str,
    *,
    token: str | None = None,
    headers: Mapping[str, str],
    body: Iterable[bytes] = (),
    size: int = 0,
    name: str = "",
) -> Call:
    """The request by HTTP/1.1 of a URL; a token goes as a bearer's, user:password of the URL else.

    PublishError for a URL that is none, and for a token that no header can have, whose variable
    is `name`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        host = _ascii(parts.hostname or "")
    except (ValueError, KeyError):
        host, port = "", 0
    if not host:
        raise PublishError(f"{masked(url)!r} is not a URL", hint="write it as https://host")
    target = quote(parts.path or "/", safe=_PATH_SIGNS)
    if parts.query:
        target += "?" + quote(parts.query, safe=_QUERY_SIGNS)
    fields = dict(headers)
    if token:
        fields["Authorization"] = f"Bearer {token}"
    elif parts.username is not None:
        fields.setdefault("Authorization", basic(parts.username, parts.password))
    for field, value in fields.items():
        if value.isascii() and value.isprintable() and value == value.strip():
            continue
        if field == "Authorization":
            raise illegal_token(name or f"the token for {masked(url)}")
        raise PublishError(f"the header {field} for {masked(url)} has a letter that no header has")
    if size or method in ("POST", "PUT", "PATCH"):
        fields["Content-Length"] = str(size)
    return Call(method, host, port, parts.scheme == "https", target, fields, body, size)


def _ascii(host: str) -> str:
    """A host's name as DNS has it (RFC 3490); ValueError."""
    return host.encode("idna").decode()


def basic(username: str, password: str | None) -> str:
    """The header Authorization for a user and password of a URL (RFC 7617)."""
    pair = f"{unquote(username)}:{unquote(password or '')}"
    return "Basic " + b64encode(pair.encode()).decode()


def secrets_in(authorization: str) -> list[str]:
    """What no message may repeat of this header: a token, or user and password in all spellings."""
    kind, _, value = authorization.partition(" ")
    if kind != "Basic":
        return [value] if value else []
    pair = b64decode(value).decode(errors="replace")
    return [value, pair, pair.partition(":")[2]]


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: whom a token is for (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
