"""Manifest -> HTML, piece by piece, so that ten thousand pictures never are in memory at once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mint.chain.networks import network_of
from mint.paint.picture import Picture
from mint.record.manifest import Manifest
from mint.report.judged import doubts, worst
from mint.report.promises import promises
from mint.report.rows import Overlay, facts, long_rows, short_rows
from mint.report.tally import Planned, Tally, tally
from mint.report.thumbnail import MANY, data_uri, named_pictures
from mint.report.view import (
    banner_uri,
    front_tiles,
    histogram_bars,
    milestones,
    phases,
    reveal_by,
    size,
)
from mint.sale.powers import announced

HERE = Path(__file__).parent
# Parts of the page: each is one element, whose very bytes the page's policy allows.
INLINE = {
    "style": ("style.css", "token.css"),
    "theme": ("theme.js",),
    "script": (
        *("build.js", "address.js", "sheet.js", "decisions.js"),
        *("token.js", "retouch.js", "start.js"),
    ),
}
# Inside <script>, "<" could end the element; U+2028 and U+2029 end lines in old JavaScript.
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
LISTED = 200  # tokens that the review list names; the sheet shows all


class Commands(NamedTuple):
    """What the page advises its reader to type."""

    build: str = "mint build collection.yaml"
    verify: str = "mint verify collection.yaml"


def render(
    manifest: Manifest,
    thumbnail: Callable[[Picture], bytes],
    *,
    cover: Callable[[Picture], bytes] | None = None,
    banner: Callable[[Picture], bytes] | None = None,
    planned: Planned | None = None,
    originals: str | None = None,
    commands: Commands | None = None,
    beside: str | None = None,
    files: Sequence[str] = (),
    overlay: Overlay = lambda mask: None,
) -> Iterator[str]:
    """The page in pieces, to be written as UTF-8. Equal arguments give equal bytes.

    `cover`, or else `thumbnail`, returns the pictures on the cover, `banner` the banner above. The
    other thumbnails lie in the folder `beside` the page (`1.webp` ...); without it, `thumbnail` is
    called for each as the page is read, and the page contains them. `planned` maps trait -> value
    -> how many. `originals` is the folder of `1.png ...` relative to the page; `files` lie beside
    it. `overlay` returns what shows the place of a mask.
    """
    tallies = tally(manifest.collection, manifest.tokens, planned or {})
    commands = commands or Commands()
    return (
        _environment()
        .get_template("page.html")
        .generate(
            m=manifest,
            c=manifest.collection,
            commands=commands,
            milestones=milestones(manifest),
            phases=phases(manifest.collection),
            powers=announced(manifest.collection),
            reveal_by=reveal_by(manifest.collection),
            fronts=front_tiles(manifest, cover or thumbnail),
            banner=banner_uri(manifest, banner or thumbnail),
            files=files,
            originals=originals,
            promises=promises(manifest, tallies, commands.verify),
            chain=network_of(manifest.deployment.chain_id) if manifest.deployment else None,
            facts=_json(facts(manifest, tallies, originals, beside)),
            rows=_lines(short_rows(manifest, tallies)),
            details=_lines(long_rows(manifest, tallies, overlay)),
            pictures=None if beside else _pictures(manifest, thumbnail),
            **_counts(manifest, tallies),
            **_review(manifest),
        )
    )


def _counts(manifest: Manifest, tallies: list[Tally]) -> dict[str, Any]:
    """Traits against the plan and the judge, redraws, runtimes, a picture's size in pixels."""
    tokens, image = manifest.tokens, manifest.collection.image
    sizes = (manifest.size(token) for token in tokens)
    wide, high = next(sizes, image.size)
    return {
        "tallies": tallies,
        "complete": len(tokens) == manifest.collection.supply,
        "differing": [n for t in tallies for n in t.counts if n.difference],
        "judged": any(token.judgements for token in tokens),
        "contradicted": sum(n.contradicted for t in tallies for n in t.counts),
        "redrawn": [token for token in tokens if token.redraws],
        "edited": [token for token in tokens if token.edits],
        "moving": any(token.animation for token in tokens),
        "wide": wide,
        "high": high,
        "dense": len(tokens) > MANY,
        "painted": Counter(t.recipe.runtime for t in tokens),
        "enlarged": Counter(t.enlarged.runtime for t in tokens if t.enlarged),
    }


def _review(manifest: Manifest) -> dict[str, Any]:
    """What is to be looked at again."""
    listed = doubts(manifest)
    return {
        "doubts": listed[:LISTED],
        "doubt_count": len(listed),
        "compared": any(token.nearest for token in manifest.tokens) or manifest.duplicates,
        "worst": worst(manifest),
        "scored": any(token.clip_score is not None for token in manifest.tokens),
        "bars": histogram_bars(manifest.quality),
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
    inline = {name: _inline(name) for name in INLINE}
    environment.globals.update(
        inline, hashes={name: policy_source(text) for name, text in inline.items()}
    )
    return environment


def _inline(name: str) -> str:
    """The files of a part, one after another. Scripts share one block, and the page none of it."""
    text = "".join((HERE / file).read_text(encoding="utf-8") for file in INLINE[name])
    return f'"use strict";\n{{\n{text}}}\n' if name != "style" else text


def policy_source(text: str) -> str:
    """A Content-Security-Policy source: only these very bytes may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _json(value: Any) -> str:
    """JSON that cannot leave the <script> it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)


def _lines(rows: Iterable[Any]) -> Iterator[str]:
    """One row a line: a script may read a single one."""
    for i, row in enumerate(rows):
        yield ("\n" if i else "") + _json(row)


def _pictures(manifest: Manifest, thumbnail: Callable[[Picture], bytes]) -> Iterator[str]:
    for i, (_, picture) in enumerate(named_pictures(manifest.tokens)):
        yield ("\n" if i else "") + data_uri(thumbnail(picture))
