"""Manifest -> HTML, piece by piece, so that ten thousand pictures never are in memory at once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypedDict, Unpack

from mint.chain.networks import NETWORKS, network_of
from mint.curate.safety import is_flagged
from mint.paint.picture import Picture
from mint.record.manifest import Manifest
from mint.report.judged import doubts, worst
from mint.report.pages import Page, Pages, pages
from mint.report.promises import promises
from mint.report.rows import Index, Overlay, facts, index, long_rows, short_rows
from mint.report.tally import Planned, tally
from mint.report.template import environment, inline
from mint.report.thumbnail import MANY, data_uri, named_pictures
from mint.report.view import (
    banner_uri,
    front_tiles,
    histogram_bars,
    milestones,
    phases,
    reveal_by,
)
from mint.sale.powers import announced

# Inside <script>, "<" could end the element; U+2028 and U+2029 end lines in old JavaScript.
ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
LISTED = 200  # tokens that the review list names; the sheet shows all
Context = Mapping[str, Any]  # a template's variables


class Commands(NamedTuple):
    """What the page advises its reader to type."""

    build: str = "mint build collection.yaml"
    verify: str = "mint verify collection.yaml"


class Options(TypedDict, total=False):
    """How a report looks.

    `cover`, or else `thumbnail`, returns the pictures on the cover, `banner` the banner above. The
    other thumbnails lie in the folder `beside` the page (`1.webp` ...); without it, `thumbnail` is
    called for each as the page is read, and the page contains them. `originals` is the folder of
    `1.png ...` relative to the page; `files` lie beside it. `overlay` returns what shows the place
    of a mask.
    """

    cover: Callable[[Picture], bytes]
    banner: Callable[[Picture], bytes]
    originals: str | None
    commands: Commands
    beside: str | None
    files: Sequence[str]
    overlay: Overlay


def render(
    manifest: Manifest,
    thumbnail: Callable[[Picture], bytes],
    *,
    planned: Planned | None = None,
    **options: Unpack[Options],
) -> Iterator[str]:
    """The report on one page in pieces, to be written as UTF-8. Equal arguments give equal bytes.

    `planned` maps trait -> value -> how many.
    """
    tallies = tally(manifest.collection, manifest.tokens, planned or {})
    every = index(manifest, tallies, doubts(manifest))
    total = len(manifest.tokens)
    ((_, pieces),) = render_pages(every, thumbnail, pages(total, max(1, total)), **options)
    return pieces


def render_pages(
    index: Index,
    thumbnail: Callable[[Picture], bytes],
    pages: Pages,
    **options: Unpack[Options],
) -> Iterator[tuple[Page, Iterator[str]]]:
    """Each of `pages` and its pieces, as `render` gives those of a single one.

    The first comes last, so that it never leads to one that is not there yet. Several pages have
    thumbnails and files `beside` them.
    """
    overlay = options.get("overlay", lambda mask: None)
    several = len(pages.pages) > 1
    common = _common(index, pages, options)
    for page in (*pages.pages[1:], pages.pages[0]):
        first = page is pages.pages[0]
        context = {
            "page": page,
            "href": partial(_href, pages, page),
            "page_href": partial(_page_href, page),
            "rows": _lines(short_rows(index, page.places)),
            "details": _lines(long_rows(index, page.places, overlay)),
            "pictures": None if options.get("beside") else _pictures(index.manifest, thumbnail),
            **(_summary(index, pages, thumbnail, options) if first else {}),
        }
        template = environment().get_template("page.html" if first else "tokens.html")
        yield page, template.generate(**common, **context, **inline(several))


def _href(pages: Pages, page: Page, token_id: int) -> str:
    """Where the token is opened, for a link on `page`."""
    return f"{_page_href(page, pages.of(token_id))}#token-{token_id}"


def _page_href(page: Page, other: Page) -> str:
    return "" if other == page else other.file


def _common(index: Index, pages: Pages, options: Options) -> Context:
    """What all pages have in common: facts, files, and what there is to filter by."""
    manifest, collection = index.manifest, index.manifest.collection
    tokens = manifest.tokens
    originals, beside = options.get("originals"), options.get("beside")
    wide, high = manifest.size(tokens[0]) if tokens else collection.image.size
    return {
        "m": manifest,
        "c": collection,
        "several": pages if len(pages.pages) > 1 else None,
        "files": options.get("files", ()),
        "originals": originals,
        "beside": beside,
        "facts": _json(facts(index, pages, originals, beside)),
        "digest": index.digest,
        "tallies": index.tallies,
        "judged": any(token.judgements for token in tokens),
        "contradicted": sum(n.contradicted for t in index.tallies for n in t.counts),
        "redrawn": [token for token in tokens if token.redraws],
        "moving": any(token.animation for token in tokens),
        "scored": any(token.clip_score is not None for token in tokens),
        "doubt_count": len(index.doubts),
        "wide": wide,
        "high": high,
        "dense": len(tokens) > MANY,
    }


def _summary(
    index: Index, pages: Pages, thumbnail: Callable[[Picture], bytes], options: Options
) -> Context:
    """What the first page alone shows: cover, review list, traits, record and promises."""
    manifest, collection = index.manifest, index.manifest.collection
    tokens, commands = manifest.tokens, options.get("commands", Commands())
    deployment = manifest.deployment
    chain = network_of(deployment.chain_id) if deployment else None
    line = chain or NETWORKS.get(collection.network)
    coin = line.coin if line else "ETH"
    return {
        "commands": commands,
        "milestones": milestones(manifest),
        "phases": phases(collection),
        "coin": coin,
        "powers": announced(collection, coin),
        "reveal_by": reveal_by(collection),
        "fronts": front_tiles(manifest, options.get("cover", thumbnail)),
        "banner": banner_uri(manifest, options.get("banner", thumbnail)),
        "promises": promises(manifest, index.tallies, commands.verify),
        "chain": chain,
        "complete": len(tokens) == collection.supply,
        "differing": [n for t in index.tallies for n in t.counts if n.difference],
        "edited": [token for token in tokens if token.edits],
        "painted": Counter(t.recipe.runtime for t in tokens),
        "enlarged": Counter(t.enlarged.runtime for t in tokens if t.enlarged),
        "doubts": list(index.doubts.values())[:LISTED],
        "compared": any(token.nearest for token in tokens) or manifest.duplicates,
        "worst": worst(manifest),
        "bars": histogram_bars(manifest.quality),
        "of_pages": _of_pages(index, pages),
        "veiled": lambda token_id: is_flagged(tokens[token_id - 1], collection),
    }


def _of_pages(index: Index, pages: Pages) -> dict[str, list[tuple[Page, int]]]:
    """What the sheet can show -> the pages that have such tokens, and how many."""
    untrue = {"contradicted", "untrue"}
    places = {
        "review": list(index.doubts),
        "redrawn": [i for i, token in enumerate(index.manifest.tokens) if token.redraws],
        "contradicted": [i for i, d in index.doubts.items() if untrue & set(d.kinds)],
    }
    counts = {show: Counter(i // pages.per_page for i in each) for show, each in places.items()}
    return {
        show: [(pages.pages[i], each[i]) for i in sorted(each)] for show, each in counts.items()
    }


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
