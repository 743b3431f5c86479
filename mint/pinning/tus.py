"""A file -> a server that speaks tus, in chunks; a broken upload goes on where it stopped.

Source: https://tus.io/protocols/resumable-upload (1.0.0: core protocol and creation)
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from mint.errors import PublishError
from mint.pinning.bookmark import Bookmark
from mint.pinning.call import Reply
from mint.pinning.diagnosis import UNKNOWN, Variables
from mint.pinning.exchange import PIECE, Sent, unheard
from mint.pinning.http import WITHIN, checked, send
from mint.pinning.patience import Patience, TemporaryError, retry
from mint.urls import masked

CHUNK = 16 << 20  # bytes in one request; what a break may cost
_VERSION = {"Tus-Resumable": "1.0.0"}
_GONE = (404, 410)
_AGREE = (409, 423, 460)  # another offset, locked by the broken request, damaged on the way


class Door(NamedTuple):
    """Where uploads begin, the bearer's token, and what the server shall know of the file.

    `variables` are named where either is wrong.
    """

    url: str
    token: str
    metadata: Mapping[str, str]
    variables: Variables = UNKNOWN


@dataclass
class _Course:
    """An upload under way: its URL, and how much the server has; None: ask it.

    `most` is the most that it ever had, and -1 before it was asked.
    """

    url: str | None
    offset: int | None = None
    most: int = -1
    setbacks: int = 0  # how often the server had less than before


def tus_upload(
    file: Path, door: Door, mark: Bookmark, patience: Patience, hear: Sent = unheard
) -> dict[str, str]:
    """Upload `file`; the headers of the last answer, names in lower case.

    `mark` remembers the upload until the caller removes it: a later call goes on from there, and
    sends nothing where the server has all of it. Patience is for each chunk anew; a server that
    loses what it had, again and again, is an error. Raises PublishError.
    """
    size, course = file.stat().st_size, _Course(mark.read())
    answer: dict[str, str] = {}
    while course.offset is None or course.offset < size:
        answer = retry(lambda: _advance(file, size, door, mark, course, hear), patience)
        if course.setbacks >= patience.tries:
            raise PublishError(
                f"{masked(door.url)} loses what was uploaded, {course.setbacks} times by now",
                hint="try another service, or the same command later",
            )
    return answer


def _advance(
    file: Path, size: int, door: Door, mark: Bookmark, course: _Course, hear: Sent
) -> dict[str, str]:
    """Learn how much the server has, or send one more chunk."""
    where = masked(door.url)
    if course.url is not None and course.offset is None:
        course.offset = _offset(door, course.url, size)
        if course.offset is None:
            course.url = None
            mark.remove()
        hear(course.offset or 0, size)
        if (course.offset or 0) > course.most:
            course.most = course.offset or 0
            return {}  # what arrived before a break was worth a try
        course.setbacks += (course.offset or 0) < course.most
    if course.url is None or course.offset is None:
        course.url, course.offset = _create(door, size), 0
        mark.put(course.url)
    begin, length = course.offset, min(CHUNK, size - course.offset)
    course.offset = None  # until the answer says otherwise
    reply = send(
        "PATCH",
        course.url,
        pieces(file, begin, length),
        length,
        headers=_VERSION
        | {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(begin)},
        token=door.token,
        hear=lambda done, _: hear(begin + done, size),
        variables=door.variables,
    )
    if reply.status in _GONE or reply.status in _AGREE:
        raise TemporaryError(f"{where} wants another part of the file ({reply.status})")
    checked(course.url, reply, (door.token,), door.variables)
    end = _number(where, reply, "upload-offset")
    if not begin < end <= begin + length:
        raise TemporaryError(f"{where} counts {end} bytes where {begin + length} were sent")
    course.offset, course.most = end, max(end, course.most)
    return reply.headers


def _create(door: Door, size: int) -> str:
    """The URL of a new upload (the extension "creation")."""
    where = masked(door.url)
    pairs = (f"{key} {b64encode(value.encode()).decode()}" for key, value in door.metadata.items())
    headers = {"Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
    reply = _reply("POST", door.url, door, headers)
    checked(door.url, reply, (door.token,), door.variables)
    location = urljoin(door.url, reply.headers.get("location", ""))
    if reply.status != 201 or location == door.url:
        raise TemporaryError(f"{where} does not answer as a tus server does ({reply.status})")
    _refuse_stranger(door, location)
    return location


def _offset(door: Door, url: str, size: int) -> int | None:
    """How many bytes the server has; None where it does not know the upload (any more)."""
    where = masked(door.url)
    _refuse_stranger(door, url)
    reply = _reply("HEAD", url, door, {})
    if reply.status in _GONE:
        return None
    if reply.status in _AGREE:
        raise TemporaryError(f"{where} is still busy with the broken request ({reply.status})")
    checked(url, reply, (door.token,), door.variables)
    offset = _number(where, reply, "upload-offset")
    other = offset > size or reply.headers.get("upload-length", str(size)) != str(size)
    return None if other else offset


def _reply(method: str, url: str, door: Door, headers: Mapping[str, str]) -> Reply:
    """The answer to a request without a body, whatever its status."""
    return send(
        method,
        url,
        (),
        0,
        headers=_VERSION | dict(headers),
        token=door.token,
        within=WITHIN,
        variables=door.variables,
    )


def _refuse_stranger(door: Door, url: str) -> None:
    """PublishError where the upload lies at somebody else's, who would learn the token."""
    own, other = urlsplit(door.url), urlsplit(url)
    domains = [(parts.hostname or "").rsplit(".", 2)[-2:] for parts in (own, other)]
    if own.scheme != other.scheme or domains[0] != domains[1]:
        raise PublishError(
            f"{masked(door.url)} sends the upload to {masked(url)}, which must not have your token",
            hint="tell the service; a proxy in between may do such a thing, too",
        )


def _number(where: str, reply: Reply, name: str) -> int:
    text = reply.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise TemporaryError(f"{where} does not say how much it has")
    return int(text)


def pieces(file: Path, begin: int, length: int) -> Iterator[bytes]:
    """`length` bytes of `file` from `begin` on, as `send` wants them."""
    with file.open("rb") as data:
        data.seek(begin)
        while length and (piece := data.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
