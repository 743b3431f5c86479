"""The build's folder and the store -> answers: the report, the live page, their pictures."""

from __future__ import annotations

import base64
import hashlib
import re
from email.message import Message
from functools import cache
from http import HTTPStatus
from pathlib import Path

from mint.document import sha256
from mint.preview.answer import Answer, answered, header_fields, refusal, sniff
from mint.record.folders import Folders
from mint.report.pages import FIRST, FURTHER
from mint.store import Store, content

LIVE = Path(__file__).parent / "live.html"
# Folders and files of a build that a browser may read.
PARTS = ("images", "attempts", "metadata", "animations", "banner.png", "wallpapers")
HTML = "text/html; charset=utf-8"
# No other site may put these pages into a frame and lead the artist's clicks to a button.
FRAMELESS = {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'"}


def report_page(report: Path, names: list[str]) -> Answer | None:
    """The report at / or the page of it that `names` ask for; None where there is none."""
    if len(names) > 1 or not all(name == FIRST or FURTHER.fullmatch(name) for name in names):
        return None
    try:
        body = report.with_name(names[0] if names else report.name).read_bytes()
    except OSError:
        return None
    return _page(body, FRAMELESS)


@cache
def live_page() -> Answer:
    """The page that shows pictures as they come; only its own script may run there."""
    body = LIVE.read_bytes()
    style, script = (
        re.findall(rb"<%b>(.*?)</%b>" % (tag, tag), body, re.DOTALL)[0]
        for tag in (b"style", b"script")
    )
    policy = (
        f"default-src 'none'; img-src 'self' data:; connect-src 'self'; "
        f"style-src {_csp(style)}; script-src {_csp(script)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return _page(body, {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"})


def stored_picture(folders: Folders, name: str) -> Answer:
    """`/pictures/<digest of a PNG>.png`: what is painted, and in no folder yet."""
    digest = name.removesuffix(".png")
    if re.fullmatch("[0-9a-f]{64}", digest):
        data = content(Store(folders.state).object_name(digest))
        if data and sniff(data[:16]) == "image/png" and sha256(data) == digest:
            return Answer(
                HTTPStatus.OK, header_fields(digest, "image/png", len(data), True), [data]
            )
    return refusal(HTTPStatus.NOT_FOUND, "no such picture")


def built_file(folders: Folders, names: list[str], headers: Message) -> Answer | None:
    """A file of the build's folder, or a range of it, or None; what it is shows how it begins."""
    path = folders.out.joinpath(*names)
    odd = any(name.startswith(".") or "/" in name or "\0" in name for name in names)
    if names[:1] == [] or names[0] not in PARTS or odd or not path.is_file():
        return None
    if not path.resolve().is_relative_to(folders.out.resolve()):  # a link that leads elsewhere
        return None
    try:
        data = path.read_bytes()
    except OSError:
        return None
    fields = header_fields(sha256(data), sniff(data[:512]), len(data), False)
    # Some browsers play no film from a server without ranges.
    return answered(fields, len(data), headers, lambda start, stop: [data[start:stop]])


def _page(body: bytes, extra: dict[str, str]) -> Answer:
    fields = header_fields("", HTML, len(body), False)
    del fields["Etag"], fields["Accept-Ranges"]
    return Answer(HTTPStatus.OK, fields | extra, [body])


def _csp(text: bytes) -> str:
    digest = base64.b64encode(hashlib.sha256(text).digest()).decode("ascii")
    return f"'sha256-{digest}'"
