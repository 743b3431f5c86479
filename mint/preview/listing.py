"""A folder in a CAR -> a page that lists it, as a gateway of IPFS does.

Source: https://specs.ipfs.tech/http-gateways/path-gateway/
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from urllib.parse import quote

from mint.counting import size as size_text
from mint.ipfs.car import Car
from mint.ipfs.cid import Link, cid_text
from mint.ipfs.walk import linked_entries

LISTED = 20_000  # names on one page: a browser takes no more kindly
VERSION = "1"  # of the page, in its tag: another one may look otherwise
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#222;background:#fff}"
    "table{border-collapse:collapse}td{padding:.1rem 1.5rem .1rem 0;vertical-align:top}"
    "td:nth-child(2){text-align:right;white-space:nowrap}td:nth-child(3){font-family:monospace;"
    "font-size:12px}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}"
    "a{color:#8ab4f8}}"
)
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)


def listing(car: Car, cid: bytes, path: Sequence[str]) -> Iterator[bytes]:
    """The page of the folder `cid`, which the browser has at `path`: names, sizes and CIDs.

    Sizes are what the folder says: of all blocks of a file, or of all that is below a folder.
    PublishError where a block is damaged.
    """
    entries = list(islice(linked_entries(car.block, cid), LISTED + 1))
    rest = len(entries) > LISTED
    entries = sorted(entries[:LISTED], key=lambda entry: _natural(entry[0]))
    title = escape("/" + "/".join(path), quote=True)
    head = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1>"
        f"<p>ipfs://{cid_text(cid)}</p><table>"
    )
    rows = [_row("..", "../", None)] if len(path) > 2 or path[:1] != ["ipfs"] else []
    rows += [_row(name, "./" + quote(name, safe=""), link) for name, link in entries]
    more = f"<p>The first {LISTED:,} names; the folder has more.</p>" if rest else ""
    return iter([head.encode(), "".join(rows).encode(), f"</table>{more}</html>".encode()])


def _row(name: str, target: str, link: Link | None) -> str:
    size, cid = (size_text(link.tsize), cid_text(link.cid)) if link else ("", "")
    block = f'<a href="/ipfs/{cid}">{cid}</a>' if cid else ""
    return f'<tr><td><a href="{target}">{escape(name)}</a><td>{size}<td>{block}'


def _natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """So that 10.png comes after 9.png, and a name after both."""
    parts = re.findall(r"([0-9]{1,18})|([^0-9]+|[0-9]+)", name)
    return tuple((not digits, int(digits or 0), text) for digits, text in parts)
