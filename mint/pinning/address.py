"""URLs of services, as an artist sets them in the environment; what is wrong with one that is none.

What messages show of a value is its scheme, host and port: the rest may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from mint.errors import PublishError

_MOST = 60  # characters; what is longer is no address, and may be a token in the wrong variable


def service_url(name: str, environ: Mapping[str, str], default: str = "") -> str:
    """The URL in the variable `name`, without white space and slashes around it; else `default`.

    An empty variable is one that is not set. PublishError, which names it, for what is no URL, and
    for one that does not end with its path: what is called there follows it.
    """
    value = environ.get(name, "").strip()
    if not value:
        return default
    url = checked_url(name, value)
    if urlsplit(url).query or urlsplit(url).fragment:
        raise PublishError(
            f"the value of {name} goes on after its path",
            hint=f"{name}: leave out what begins with ? or #",
        )
    return url.rstrip("/")


def gateways(environ: Mapping[str, str]) -> list[str]:
    """The URLs in IPFS_GATEWAY, separated by commas, without /ipfs at the end; PublishError.

    One may have a query, such as the token of a gateway of one's own: see `at_gateway`.
    """
    urls = (url.strip() for url in environ.get("IPFS_GATEWAY", "").split(","))
    parts = [urlsplit(checked_url("IPFS_GATEWAY", url)) for url in urls if url]
    return [urlunsplit(each._replace(path=_above_ipfs(each.path), fragment="")) for each in parts]


def _above_ipfs(path: str) -> str:
    return path.rstrip("/").removesuffix("/ipfs").rstrip("/")


def at_gateway(gateway: str, cid: str, query: str) -> str:
    """The URL at which `gateway` serves a CID; its own query goes behind `query`."""
    parts = urlsplit(gateway)
    both = f"{query}&{parts.query}" if parts.query else query
    return urlunsplit(parts._replace(path=f"{parts.path}/ipfs/{cid}", query=both))


def checked_url(name: str, value: str) -> str:
    """`value` if it is an http:// or https:// URL; PublishError, which says what is wrong."""
    scheme, mark, rest = value.partition("://")
    authority = re.split(r"[/?#]", (rest if mark else value).rpartition("@")[2])[0]
    scheme = scheme.lower() if mark else ""
    brief = (
        bool(authority)
        and authority.isprintable()
        and len(authority) <= _MOST
        and len(scheme) <= _MOST
    )
    text = f"{scheme}{mark}{authority}"
    begin = f"{name} is {text!r}" if brief else f"the value of {name} is no URL"
    if not mark:
        right = f"{'http' if _near(authority) else 'https'}://{authority}"
        raise PublishError(
            f"{begin}, without http:// or https:// before it" if brief else begin,
            hint=f"{name}: write {right}" if brief else _example(name),
        )
    if scheme not in ("http", "https"):
        raise PublishError(f"{begin}, which is neither http:// nor https://", hint=_example(name))
    if any(sign.isspace() or not sign.isprintable() for sign in value):
        raise PublishError(f"{begin}, with a space or a line break inside", hint=_example(name))
    try:
        parts = urlsplit(value)
        port, host = parts.port, (parts.hostname or "").encode("idna")
    except ValueError as error:
        what = "whose port is not from 1 to 65535" if "ort" in str(error) else "which is no URL"
        raise PublishError(f"{begin}, {what}", hint=_example(name)) from None
    if not host or port == 0:
        what = "whose port is not from 1 to 65535" if host else "without a host"
        raise PublishError(f"{begin}, {what}", hint=_example(name))
    return value


def _near(authority: str) -> bool:
    """Whether it is a server of one's own, as a rule without TLS."""
    return bool(re.match(r"localhost\b|[\d.]+(:\d+)?$|\[", authority))


def _example(name: str) -> str:
    return f"export {name}={'http://127.0.0.1:5001' if name == 'IPFS_API' else 'https://host'}"
