"""HTTP_PROXY and HTTPS_PROXY -> the proxy of a host, and a tunnel through it.

Source: RFC 9110, 9.3.6 (CONNECT); the variables are curl's
"""

from __future__ import annotations

import select
import socket
from base64 import b64encode
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import h11

from mint.pinning.call import AnswerError
from mint.pinning.connect import connected
from mint.urls import is_loopback, masked

_MOST_HEAD = 1 << 14  # bytes of a proxy's answer


class Proxy(NamedTuple):
    """Where a proxy is; `url` is the part of it that messages may contain."""

    host: str
    port: int
    auth: str | None  # the header Proxy-Authorization
    variable: str  # that names it
    url: str


def proxy_for(host: str, tls: bool) -> Proxy | None:
    """The proxy for this host, as the environment or the system says; none for this machine's own.

    Raises AnswerError for one that is not an HTTP proxy.
    """
    variable = "HTTPS_PROXY" if tls else "HTTP_PROXY"
    proxies = getproxies()
    url = proxies.get("https" if tls else "http") or proxies.get("all", "")
    if not url or is_loopback(host) or proxy_bypass(host):
        return None
    url = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "http" or not parts.hostname:
        raise AnswerError(
            f"cannot be reached: the proxy in {variable} is none of http://: {masked(url)}",
            f"write it as http://host:port; or, to go without: export NO_PROXY={host}",
        )
    auth = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        auth = "Basic " + b64encode(pair.encode()).decode()
    return Proxy(parts.hostname, port, auth, variable, masked(url))


def way_to(host: str, port: int, proxy: Proxy | None, until: float) -> socket.socket:
    """A connection to the host, or to its proxy; OSError of the host's, AnswerError of its."""
    if proxy is None:
        return connected(host, port, until)
    try:
        return connected(proxy.host, proxy.port, until)
    except OSError:
        raise _no_way(proxy, "does not answer", brief=True) from None


def tunnel(
    connection: socket.socket, proxy: Proxy, target: str, wait: Callable[[int], None]
) -> None:
    """Have the proxy connect to `target`, host:port; from then on the connection leads there.

    `wait` waits for the connection, or raises TimeoutError. Raises OSError and AnswerError.
    """
    protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEAD)
    headers = [("Host", target)] + ([("Proxy-Authorization", proxy.auth)] if proxy.auth else [])
    request = h11.Request(method="CONNECT", target=target, headers=headers)
    rest = memoryview((protocol.send(request) or b"") + (protocol.send(h11.EndOfMessage()) or b""))
    while rest:
        wait(select.POLLOUT)
        rest = rest[connection.send(rest) :]
    try:
        while not isinstance(event := protocol.next_event(), h11.Response):
            if event is h11.NEED_DATA:
                wait(select.POLLIN)
                # Byte by byte: what comes after the answer is TLS's.
                protocol.receive_data(connection.recv(1))
    except h11.RemoteProtocolError:
        raise _no_way(proxy, "does not answer as a proxy does", brief=True) from None
    if not 200 <= event.status_code < 300:
        raise _no_way(proxy, f"refuses ({event.status_code})", brief=event.status_code >= 500)


def _no_way(proxy: Proxy, what: str, *, brief: bool) -> AnswerError:
    return AnswerError(
        f"cannot be reached: the proxy {proxy.url} {what}",
        f"is {proxy.variable} right, with user:password@ if it wants them?",
        brief=brief,
    )
