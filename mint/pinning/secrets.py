"""Tokens of services: where they come from, and that no message repeats a secret."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote

from mint.errors import PublishError

HIDDEN = "[secret]"
_MOST_READ = 4096  # characters of what a server said that are looked at
_PART = 8  # characters in a row that give a part of a secret away


def secret(name: str, environ: Mapping[str, str], purpose: str) -> str:
    """A token, from the environment or from the system's keyring; PublishError without one."""
    if token := token_of(name, environ):
        return token
    raise PublishError(
        f"{name} is not set: {purpose}",
        hint=f"export {name}=..., or store it in your system's keyring: keyring set mint {name}",
    )


def token_of(name: str, environ: Mapping[str, str]) -> str | None:
    """A token that need not be there, from the environment or the system's keyring.

    Without white space around it, which a copy from a web page brings along; PublishError for one
    that no header can have.
    """
    import keyring
    from keyring.errors import KeyringError

    token = environ.get(name, "").strip()
    with suppress(KeyringError):  # there is none here, or it is locked
        token = token or (keyring.get_password("mint", name) or "").strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise illegal_token(name)
    return token or None


def illegal_token(name: str) -> PublishError:
    """What to raise for a token that no header can have; it does not show it."""
    return PublishError(
        f"{name} has a space, a line break or a letter that no token has",
        hint=f"copy it anew, whole and alone: export {name}=...",
    )


def origins(environ: Mapping[str, str]) -> list[str]:
    """The multiaddrs in PINNING_ORIGINS of nodes that have the collection."""
    addresses = environ.get("PINNING_ORIGINS", "").split(",")
    return [address for it in addresses if (address := it.strip())]


def quoted(text: str, secrets: Iterable[str], most: int = 200) -> str:
    """What a server said, fit to be quoted: one line, `most` characters, none of the secrets.

    A secret is known in whole, in part (_PART characters in a row), and as it may be spelled:
    as base64, URL-encoded, or escaped as in JSON.
    """
    line = "".join(sign if sign.isprintable() else " " for sign in text[:_MOST_READ])
    mask = bytearray(len(line))  # 1 for each character that is not to be seen
    for spelling in set(_spellings(secrets)):
        size = min(_PART, len(spelling))
        for at in range(len(line) - size + 1 if size else 0):
            if line[at : at + size] in spelling:
                mask[at : at + size] = b"\1" * size
    parts = groupby(zip(line, mask, strict=True), itemgetter(1))
    line = "".join(HIDDEN if one else "".join(sign for sign, _ in part) for one, part in parts)
    line = " ".join(line.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _spellings(secrets: Iterable[str]) -> Iterator[str]:
    for secret in secrets:
        for spelling in (
            secret,
            quote(secret, safe=""),
            json.dumps(secret)[1:-1],
            html.escape(secret),
        ):
            yield spelling
            yield b64encode(secret.encode()).decode().rstrip("=")
