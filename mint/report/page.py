"""Manifest -> HTML, piece by piece, so that ten thousand pictures never are in memory at once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mint.curate.token import Token
from mint.record.manifest import Manifest
from mint.report.tally import Planned, Tally, tally
from mint.report.thumbnail import MANY
from mint.report.view import (
    facts,
    milestones,
    phases,
    rarest,
    reveal_by,
    row,
    size,
    tiles,
    token_of_picture,
)

HERE = Path(__file__).parent
INLINE = {"style": "style.css", "theme": "theme.js", "script": "script.js"}  # parts of the page
# Inside <script>, "<" could end the element; U+2028 and U+2029 end lines in old JavaScript.
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


class Commands(NamedTuple):
    """What the page advises its reader to type."""

    build: str = "mint build collection.yaml"
    verify: str = "mint verify collection.yaml"


def render(
    manifest: Manifest,
    thumbnail: Callable[[Token], bytes],
    *,
    cover: Callable[[Token], bytes] | None = None,
    planned: Planned | None = None,
    originals: str | None = None,
    commands: Commands | None = None,
) -> Iterator[str]:
    """The page in pieces, to be written as UTF-8. Equal arguments give equal bytes.

    `cover`, or else `thumbnail`, returns the pictures of the three rarest tokens, which stand on
    the cover; then `thumbnail` is called once per token, in order, as the page is read. `planned`
    maps trait -> value -> how many. `originals` is the folder of `1.png ...` relative to the page,
    which links to it and never loads from it.
    """
    tallies = tally(manifest.collection, manifest.tokens, planned or {})
    return (
        _environment()
        .get_template("page.html")
        .generate(
            m=manifest,
            c=manifest.collection,
            commands=commands or Commands(),
            milestones=milestones(manifest),
            phases=phases(manifest.collection),
            reveal_by=reveal_by(manifest.collection),
            fronts=rarest(manifest, cover or thumbnail),
            tiles=tiles(manifest, thumbnail),
            facts=_json(facts(manifest, tallies, originals)),
            rows=_rows(manifest, tallies),
            **_counts(manifest, tallies),
        )
    )


def _counts(manifest: Manifest, tallies: list[Tally]) -> dict[str, Any]:
    """Traits against the plan, redraws, runtimes, and the size of a picture in pixels."""
    tokens, image = manifest.tokens, manifest.collection.image
    sizes = (manifest.size(token) for token in tokens)
    wide, high = next(sizes, (image.width, image.height))
    return {
        "tallies": tallies,
        "complete": len(tokens) == manifest.collection.supply,
        "differing": [n for t in tallies for n in t.counts if n.difference],
        "redrawn": [token for token in tokens if token.attempt],
        "wide": wide,
        "high": high,
        "dense": len(tokens) > MANY,
        "painted": Counter(t.recipe.runtime for t in tokens),
        "enlarged": Counter(t.enlarged.runtime for t in tokens if t.enlarged),
    }


def is_web(url: str) -> bool:
    """True for addresses that are safe to make a link of; `javascript:` is not."""
    try:
        return urlsplit(url.strip()).scheme.lower() in {"http", "https", "ipfs"}
    except ValueError:
        return False


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(size=size, web=is_web)
    environment.tests["web"] = is_web
    inline = {name: (HERE / file).read_text(encoding="utf-8") for name, file in INLINE.items()}
    environment.globals.update(inline, hashes={name: _csp(text) for name, text in inline.items()})
    return environment


def _csp(text: str) -> str:
    """A Content-Security-Policy source: only these very bytes may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _json(value: Any) -> str:
    """JSON that cannot leave the <script> it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)


def _rows(manifest: Manifest, tallies: list[Tally]) -> Iterator[str]:
    drawn = token_of_picture(manifest)
    for i in range(len(manifest.tokens)):
        yield (",\n" if i else "") + _json(row(manifest, tallies, i, drawn))
