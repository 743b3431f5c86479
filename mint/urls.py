"""A URL as messages and logs may show it."""

from __future__ import annotations

from urllib.parse import urlsplit


def shown(url: str) -> str:
    """`url` without credentials, path or query: what may stand in messages and logs."""
    if url.startswith("/"):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:  # an IPv6 address without its closing bracket
        return "the given URL"
    if not parts.netloc:  # no telling what it is
        return "the given URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
