"""A request for something in a CAR -> what to send; pure but for the CAR.

`/ipfs/{cid}[/path]` is anything in the CAR, and any other path is looked up below its root: as a
file, as the list of a folder, or with `?format=raw` or `?format=car` as blocks that a client can
check. A gateway shows a folder's index.html in its place; here nothing that is in a CAR may run.
Sources: https://specs.ipfs.tech/http-gateways/path-gateway/ and .../trustless-gateway/
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from email.message import Message
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from mint.errors import PublishError
from mint.ipfs.car import Car
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.export import export, find_subtree
from mint.ipfs.walk import cat, file_size, is_file, resolve
from mint.preview.listing import POLICY, VERSION, listing

FOREVER = "public, max-age=29030400, immutable"  # a CID never changes its bytes
RAW_TYPE = "application/vnd.ipld.raw"
CAR_TYPE = "application/vnd.ipld.car; version=1; order=dfs; dups=n"  # parents first, no repeats
# Never text/html: a file in the CAR must not run beside the report. Names may lack an extension.
SIGNATURES = {
    rb"\x89PNG\r\n\x1a\n": "image/png",
    rb"\xff\xd8\xff": "image/jpeg",
    rb"GIF8[79]a": "image/gif",
    rb"RIFF....WEBP": "image/webp",
    rb"....ftyp": "video/mp4",
    rb"\s*[\[{]": "application/json",
}


class Answer(NamedTuple):
    """What to send; `body` is read only for GET."""

    status: HTTPStatus
    headers: dict[str, str]
    body: Iterable[bytes]


def answer(car: Car, target: str, headers: Message) -> Answer:
    """The answer to a GET of `target` ("/ipfs/bafy.../1.png?format=raw")."""
    url = urlsplit(target)
    names = [unquote(name) for name in url.path.split("/") if name]
    root, fixed = car.root, names[:1] == ["ipfs"]
    if fixed:
        try:
            root, names = parse_cid("".join(names[1:2])), names[2:]
        except PublishError as error:
            return refusal(HTTPStatus.BAD_REQUEST, str(error))
    if car.find(root) is None or any("/" in name for name in names):
        return refusal(HTTPStatus.NOT_FOUND, "not in this CAR")
    path = "/".join(names)
    match parse_qs(url.query).get("format"):
        case None:
            cid = resolve(car.block, root, path)
            if cid is None:
                return refusal(HTTPStatus.NOT_FOUND, "no such file in this CAR")
            if is_file(car.block, cid, path):
                return _file(car, cid, fixed, headers)
            where = ["ipfs", cid_text(root), *names] if fixed else names
            return _folder(car, cid, where, url, headers)
        case ["raw", *_]:
            return _raw(car, root, path, headers)
        case ["car", *_]:
            return _car(car, root, path, fixed, headers)
    return refusal(HTTPStatus.BAD_REQUEST, "format is raw or car")


def _raw(car: Car, cid: bytes, path: str, headers: Message) -> Answer:
    if path:
        return refusal(HTTPStatus.BAD_REQUEST, "format=raw wants a CID without a path")
    block = car.block(cid)
    fields = header_fields(f"{cid_text(cid)}.raw", RAW_TYPE, len(block), True)
    fields |= _attachment(f"{cid_text(cid)}.bin")
    return answered(fields, len(block), headers, lambda start, stop: [block[start:stop]])


def _car(car: Car, root: bytes, path: str, fixed: bool, headers: Message) -> Answer:
    subtree = find_subtree(car, root, path)
    if subtree is None:
        return refusal(HTTPStatus.NOT_FOUND, "no such path in this CAR")
    # The root is in the tag because the blocks that lead from it are in the answer.
    tag = f"{cid_text(root)}.{cid_text(subtree.cid)}.car"
    fields = header_fields(tag, CAR_TYPE, 0, fixed) | _attachment(f"{cid_text(subtree.cid)}.car")
    del fields["Content-Length"], fields["Accept-Ranges"]  # adding up would take a walk of its own
    car.block(subtree.cid)  # damage here can still change the status; later the body just ends
    return _not_modified(fields, headers) or Answer(HTTPStatus.OK, fields, export(car, subtree))


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _folder(car: Car, cid: bytes, path: list[str], url: SplitResult, headers: Message) -> Answer:
    if not url.path.endswith("/"):  # or the names on the page would lead beside the folder
        moved = refusal(HTTPStatus.MOVED_PERMANENTLY, "a folder's path ends in /")
        query = f"?{url.query}" if url.query else ""
        target = "".join(f"/{quote(name, safe='')}" for name in path)
        return moved._replace(headers=moved.headers | {"Location": f"{target}/{query}"})
    tag = f"DirIndex-{VERSION}_CID-{cid_text(cid)}"
    fields = header_fields(tag, "text/html; charset=utf-8", 0, False)
    del fields["Content-Length"], fields["Accept-Ranges"]
    fields |= {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
    return _not_modified(fields, headers) or Answer(HTTPStatus.OK, fields, listing(car, cid, path))


def _file(car: Car, cid: bytes, fixed: bool, headers: Message) -> Answer:
    size = file_size(car.block, cid)
    media_type = sniff(b"".join(cat(car.block, cid, 0, 512)))
    fields = header_fields(cid_text(cid), media_type, size, fixed)
    return answered(fields, size, headers, partial(cat, car.block, cid))


def answered(
    fields: dict[str, str], size: int, headers: Message, body: Callable[[int, int], Iterable[bytes]]
) -> Answer:
    """All of a `body` of `size` bytes, or the range of it in `headers`, or that it is the same."""
    if unchanged := _not_modified(fields, headers):
        return unchanged
    span = _span(headers, size, fields["Etag"])
    if span is None:
        return Answer(HTTPStatus.OK, fields, body(0, size))
    start, stop = span
    if start >= stop:
        outside = refusal(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "outside the file")
        return outside._replace(headers=outside.headers | {"Content-Range": f"bytes */{size}"})
    part = {
        "Content-Length": str(stop - start),
        "Content-Range": f"bytes {start}-{stop - 1}/{size}",
    }
    return Answer(HTTPStatus.PARTIAL_CONTENT, fields | part, body(start, stop))


def header_fields(tag: str, media_type: str, size: int, fixed: bool) -> dict[str, str]:
    """The headers of an answer of `size` bytes; `fixed` when its URL can never give others."""
    return {
        "Content-Type": media_type,
        "Content-Length": str(size),
        "Etag": f'"{tag}"',
        "Cache-Control": FOREVER if fixed else "no-cache",
        "Accept-Ranges": "bytes",
        # Pages elsewhere may reach this server, and these files may not be published yet.
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def _not_modified(fields: dict[str, str], headers: Message) -> Answer | None:
    """304 when the browser says that it has these bytes already, else None (RFC 9110, 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in headers.get("If-None-Match", "").split(",")]
    if fields["Etag"] in tags or "*" in tags:
        unchanged = {name: fields[name] for name in ("Etag", "Cache-Control")}
        return Answer(HTTPStatus.NOT_MODIFIED, unchanged, [])
    return None


def _span(headers: Message, size: int, etag: str) -> tuple[int, int] | None:
    """Start and stop of the one range in `headers`; None for the whole file (RFC 9110, 14.2)."""
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", headers.get("Range", ""))
    if not match or match[0] == "bytes=-" or headers.get("If-Range", etag) != etag:
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size


def sniff(head: bytes) -> str:
    """The media type of a file that begins with `head`; text if it is UTF-8 without a NUL."""
    for pattern, kind in SIGNATURES.items():
        if re.match(pattern, head, re.DOTALL):
            return kind
    try:
        # Incremental: a character cut at the end of `head` is no reason to call text binary.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if "\0" in text else "text/plain; charset=utf-8"


def refusal(status: HTTPStatus, why: str) -> Answer:
    """An answer in a line of plain text."""
    body = f"{status.value} {why}\n".encode()
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}
    return Answer(status, headers | {"X-Content-Type-Options": "nosniff"}, [body])
