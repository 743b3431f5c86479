"""Fields and one file -> a form as browsers send it, piece by piece.

Source: RFC 7578
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from mint.pinning.exchange import PIECE


class Form(NamedTuple):
    """A form to send: the header Content-Type, the bytes, and how many."""

    media_type: str
    body: Iterator[bytes]
    size: int


def form(
    file: BinaryIO,
    size: int,
    name: str,
    fields: Mapping[str, str] | None = None,
    media_type: str = "application/octet-stream",
) -> Form:
    """A form with `fields` and, as its field "file", the `size` bytes of `file` under `name`."""
    edge = secrets.token_hex(16)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in (fields or {}).items()
    ]
    plain = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{plain}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    )
    before, after = "".join(parts).encode(), f"\r\n--{edge}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield before
        left = size
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
        yield after

    return Form(f"multipart/form-data; boundary={edge}", body(), len(before) + size + len(after))
