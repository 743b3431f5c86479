"""A request for something in a CAR -> what to send; pure but for the CAR.

`/ipfs/{cid}[/path]` is anything in the CAR, and any other path is looked up below its root: as a
file, or with `format=raw` or `format=car` (or an Accept header) as blocks that a client can check.
Sources: https://specs.ipfs.tech/http-gateways/path-gateway/ and .../trustless-gateway/
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from email.message import Message
from http import HTTPStatus
from typing import NamedTuple, cast, get_args
from urllib.parse import parse_qs, unquote, urlsplit

from mint.errors import PublishError
from mint.ipfs.car import Car
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.walk import cat, file_size, is_file, resolve
from mint.preview.export import Scope, export, find_part, span_of

FOREVER = "public, max-age=29030400, immutable"  # a CID never changes its bytes
RAW_TYPE, CAR_TYPE = "application/vnd.ipld.raw", "application/vnd.ipld.car"
FORMATS = {"raw": RAW_TYPE, "car": CAR_TYPE}
# What a client may ask of a CAR, and the one way in which ours are made (IPIP-412).
CARS = {"version": ("1",), "order": ("dfs", "unk"), "dups": ("n",)}
_CAR_MADE = "; ".join([CAR_TYPE, *(f"{name}={ways[0]}" for name, ways in CARS.items())])
# Never text/html: a file in the CAR must not run beside the report. Names may lack an extension.
SIGNATURES = {
    rb"\x89PNG\r\n\x1a\n": "image/png",
    rb"\xff\xd8\xff": "image/jpeg",
    rb"GIF8[79]a": "image/gif",
    rb"RIFF....WEBP": "image/webp",
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
    cid, fixed, query = car.root, names[:1] == ["ipfs"], parse_qs(url.query)
    if fixed:
        try:
            cid, names = parse_cid("".join(names[1:2])), names[2:]
        except PublishError as error:
            return refusal(HTTPStatus.BAD_REQUEST, str(error))
    if car.find(cid) is None or any("/" in name for name in names):
        return refusal(HTTPStatus.NOT_FOUND, "not in this CAR")
    kind, possible = _asked(query, headers)
    if not possible:
        return refusal(HTTPStatus.NOT_ACCEPTABLE, f"a CAR here is {_CAR_MADE}")
    if kind == RAW_TYPE:
        return _raw(car, cid, names, headers)
    if kind == CAR_TYPE:
        return _car(car, cid, "/".join(names), fixed, query, headers)
    if kind:
        return refusal(HTTPStatus.BAD_REQUEST, "format is raw or car")
    return _file(car, resolve(car.block, cid, "/".join(names)), fixed, headers)


def _asked(query: dict[str, list[str]], headers: Message) -> tuple[str, bool]:
    """The media type asked for ("" is the file itself), and whether we can make it so.

    The URL wins over the Accept header, of which the first type counts that we can make.
    """
    told = [_media(part) for part in headers.get("Accept", "").split(",")]
    known = [(kind, ways) for kind, ways in told if kind in FORMATS.values()]
    kind, ways = next((each for each in known if _possible(*each)), (known or [("", {})])[0])
    if "format" in query:
        wanted = FORMATS.get(query["format"][0], "unknown")
        kind, ways = wanted, ways if wanted == kind else {}
    ways = ways | {name: query[f"car-{name}"][0] for name in CARS if f"car-{name}" in query}
    return kind, _possible(kind, ways)


def _media(text: str) -> tuple[str, dict[str, str]]:
    kind, *told = (word.strip() for word in text.split(";"))
    pairs = (word.partition("=") for word in told)
    return kind, {key.strip(): value.strip(' "') for key, _, value in pairs}


def _possible(kind: str, ways: dict[str, str]) -> bool:
    return kind != CAR_TYPE or all(ways.get(name, can[0]) in can for name, can in CARS.items())


def _raw(car: Car, cid: bytes, names: list[str], headers: Message) -> Answer:
    if names:
        return refusal(HTTPStatus.BAD_REQUEST, "format=raw wants a CID without a path")
    block = car.block(cid)
    told = about(f"{cid_text(cid)}.raw", RAW_TYPE, len(block), True)
    told |= _attachment(f"{cid_text(cid)}.bin")
    return _unless_known(told, headers) or Answer(HTTPStatus.OK, told, [block])


def _car(
    car: Car, root: bytes, path: str, fixed: bool, query: dict[str, list[str]], headers: Message
) -> Answer:
    part = find_part(car, root, path)
    if part is None:
        return refusal(HTTPStatus.NOT_FOUND, "no such path in this CAR")
    scope, span = query.get("dag-scope", ["all"])[0], query.get("entity-bytes", [""])[0]
    if span:  # as the Range of a file, and for a folder nothing
        scope = "entity"
        if is_file(car.block, part.cid):
            part = part._replace(span=span_of(span, file_size(car.block, part.cid)))
            if part.span is None:
                return refusal(HTTPStatus.BAD_REQUEST, "entity-bytes is outside the file")
    if scope not in get_args(Scope):
        return refusal(HTTPStatus.BAD_REQUEST, "dag-scope is all, block or entity")
    part = part._replace(scope=cast(Scope, scope))
    # The scope and the span stand first, as the specification wants it; the root because the
    # blocks on the way are part of the answer.
    tag = ".".join([scope, *map(str, part.span or ()), cid_text(root), cid_text(part.cid), "car"])
    told = about(tag, _CAR_MADE, 0, fixed) | _attachment(f"{cid_text(part.cid)}.car")
    del told["Content-Length"], told["Accept-Ranges"]  # the one would take a walk of its own
    car.block(part.cid)  # damage here can still be told by the status
    return _unless_known(told, headers) or Answer(HTTPStatus.OK, told, export(car, part))


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _file(car: Car, cid: bytes | None, fixed: bool, headers: Message) -> Answer:
    if cid is None or not is_file(car.block, cid):
        return refusal(HTTPStatus.NOT_FOUND, "no such file in this CAR")
    size = file_size(car.block, cid)
    told = about(cid_text(cid), sniff(b"".join(cat(car.block, cid, 0, 512))), size, fixed)
    if known := _unless_known(told, headers):
        return known
    span = _span(headers, size, told["Etag"])
    if span is None:
        return Answer(HTTPStatus.OK, told, cat(car.block, cid))
    start, stop = span
    if start >= stop:
        outside = refusal(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "outside the file")
        return outside._replace(headers=outside.headers | {"Content-Range": f"bytes */{size}"})
    part = {
        "Content-Length": str(stop - start),
        "Content-Range": f"bytes {start}-{stop - 1}/{size}",
    }
    return Answer(HTTPStatus.PARTIAL_CONTENT, told | part, cat(car.block, cid, start, stop))


def about(tag: str, kind: str, size: int, fixed: bool) -> dict[str, str]:
    """The headers of an answer of `size` bytes; `fixed` when its URL can never give others."""
    return {
        "Content-Type": kind,
        "Content-Length": str(size),
        "Etag": f'"{tag}"',
        "Cache-Control": FOREVER if fixed else "no-cache",
        "Accept-Ranges": "bytes",
        "Vary": "Accept",
        # Pages elsewhere may reach this server, and what it shows may not be published yet.
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }


def _unless_known(about: dict[str, str], headers: Message) -> Answer | None:
    tags = [tag.strip().removeprefix("W/") for tag in headers.get("If-None-Match", "").split(",")]
    if about["Etag"] in tags or "*" in tags:
        kept = {name: about[name] for name in ("Etag", "Cache-Control")}
        return Answer(HTTPStatus.NOT_MODIFIED, kept, [])
    return None


def _span(headers: Message, size: int, etag: str) -> tuple[int, int] | None:
    """Start and stop of the one range asked for; None for the whole file (RFC 9110, 14.2)."""
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
