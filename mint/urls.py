"""A URL as messages and logs may show it, and whether a host is this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

UNREADABLE = "an unreadable URL"  # its text is not repeated: it may contain a key


def masked(url: str) -> str:
    """`url` as scheme://host[:port]: users, paths and queries of endpoints are secrets.

    A multiaddr (/ip4/127.0.0.1/tcp/5001) holds none and stays as it is.
    """
    if url.startswith("/"):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:  # an IPv6 address without its closing bracket
        return UNREADABLE
    try:
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:  # not a number
        port = ""
    if not parts.hostname:
        return UNREADABLE
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
