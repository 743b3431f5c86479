"""Manifest -> HTML, piece by piece, so that ten thousand pictures never are in memory at once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mint.curate import Token
from mint.manifest import Manifest
from mint.report.tally import Planned, Tally, is_unique, tally
from mint.report.thumbnail import MANY, data_uri

HERE = Path(__file__).parent
# Inside <script>, "<" could end the element; U+2028 and U+2029 end lines in old JavaScript.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


class Commands(NamedTuple):
    """What the page tells its reader to type."""

    build: str = "mint build collection.yaml"
    verify: str = "mint verify collection.yaml"


class Stage(NamedTuple):
    """One line of the build's state; `note` says what there is, or what is missing."""

    name: str
    done: bool
    note: str


class Tile(NamedTuple):
    """A token on the contact sheet."""

    token: Token
    picture: str
    label: str | None
    rank: int | None


def render(
    manifest: Manifest,
    thumbnail: Callable[[Token], bytes],
    *,
    planned: Planned | None = None,
    originals: str | None = None,
    commands: Commands | None = None,
) -> Iterator[str]:
    """The page in pieces, to be written as UTF-8. Equal arguments give equal bytes.

    `thumbnail` is asked once per token, in order, as the page is read (and first for the
    three rarest, which stand on the cover). `planned` maps trait -> value -> how many; `originals` is the relative folder
    of the full pictures, which the page links to and never loads.
    """
    tallies = tally(manifest.collection, manifest.tokens, planned or {})
    return _environment().get_template("page.html").generate(
        m=manifest,
        c=manifest.collection,
        commands=commands or Commands(),
        stages=stages(manifest),
        tallies=tallies,
        complete=len(manifest.tokens) == manifest.collection.supply,
        differing=[n for t in tallies for n in t.counts if n.difference],
        redrawn=[t for t in manifest.tokens if t.attempt],
        painted={key: _painted_by(manifest, key) for key in manifest.runtimes},
        fronts=_fronts(manifest, thumbnail),
        tiles=_tiles(manifest, thumbnail),
        dense=len(manifest.tokens) > MANY,
        facts=_json(_facts(manifest, tallies, originals)),
        rows=_rows(manifest, tallies),
    )


def stages(manifest: Manifest) -> list[Stage]:
    """What the build has done so far, in the order in which it does it."""
    count, supply = len(manifest.tokens), manifest.collection.supply
    car, chain = manifest.publication, manifest.deployment
    described = manifest.metadata is not None
    return [
        Stage("Pictures", count == supply, f"{count:,} of {supply:,} painted"),
        Stage("Metadata", described, "written" if described else "not written yet"),
        Stage("Provenance", bool(manifest.provenance), "fixed" if manifest.provenance else "open"),
        Stage("IPFS", bool(car), f"CAR, {size(car.car_bytes)}" if car else "not packed yet"),
        Stage("Chain", bool(chain), f"on {chain.network}" if chain else "not deployed yet"),
    ]


def size(count: int) -> str:
    """Bytes for people: `1.4 MB`, decimal units."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= one:
            return f"{count / one:.1f} {unit}"
    return f"{count:,} bytes"


def is_web(url: str) -> bool:
    """True for addresses that are safe to make a link of; `javascript:` is not."""
    try:
        return urlsplit(url.strip()).scheme.lower() in {"http", "https", "ipfs"}
    except ValueError:
        return False


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(size=size, web=is_web)
    made.tests["web"] = is_web
    made.globals.update(
        {name: _own(file) for name, file in _OWN.items()},
        hashes={name: _csp(_own(file)) for name, file in _OWN.items()},
    )
    return made


_OWN = {"style": "style.css", "theme": "theme.js", "script": "script.js"}


def _own(file: str) -> Markup:
    return Markup((HERE / file).read_text(encoding="utf-8"))


def _csp(text: str) -> str:
    """A Content-Security-Policy source: only these very bytes may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _json(value: Any) -> Markup:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))


def _painted_by(manifest: Manifest, runtime: str) -> int:
    return sum(t.recipe.runtime == runtime for t in manifest.tokens)


def _fronts(manifest: Manifest, thumbnail: Callable[[Token], bytes]) -> list[Tile]:
    """The rarest three, or the first three while there are no ranks."""
    ranks = [r.rank for r in manifest.rarity or ()] or [0] * len(manifest.tokens)
    rarest = sorted(range(len(ranks)), key=ranks.__getitem__)[:3]
    return [_tile(manifest, i, thumbnail) for i in rarest]


def _tiles(manifest: Manifest, thumbnail: Callable[[Token], bytes]) -> Iterator[Tile]:
    return (_tile(manifest, i, thumbnail) for i in range(len(manifest.tokens)))


def _tile(manifest: Manifest, index: int, thumbnail: Callable[[Token], bytes]) -> Tile:
    token = manifest.tokens[index]
    # "Menagerie #12" under the number 12 would say everything twice, 64 times over.
    plain = token.name == f"{manifest.collection.name} #{token.token_id}"
    rank = manifest.rarity[index].rank if manifest.rarity else None
    return Tile(token, data_uri(thumbnail(token)), None if plain else token.name, rank)


def _facts(manifest: Manifest, tallies: list[Tally], originals: str | None) -> Mapping[str, Any]:
    """What the script needs to know once for all tokens."""
    return {
        "traits": [
            {"name": t.trait, "values": [{"name": n.value, "share": n.share} for n in t.counts]}
            for t in tallies
        ],
        "publication": manifest.publication and manifest.publication.model_dump(),
        "originals": originals and originals.rstrip("/"),
    }


def _rows(manifest: Manifest, tallies: list[Tally]) -> Iterable[Markup]:
    for i, token in enumerate(manifest.tokens):
        yield Markup(",\n" if i else "") + _json(_row(manifest, tallies, i, token))


def _row(manifest: Manifest, tallies: list[Tally], i: int, token: Token) -> dict[str, Any]:
    """A token for the script. The seed is text: it is shown, never reckoned with."""
    unique = is_unique(token, manifest.collection)
    rarity = manifest.rarity[i].model_dump() if manifest.rarity else {}
    return {
        "id": token.token_id,
        "name": token.name,
        "attempt": token.attempt,
        "traits": [t.index(token, unique) for t in tallies],
        "seed": str(token.recipe.seed),
        "prompt": token.recipe.prompt,
        "negative": token.recipe.negative_prompt,
        **token.image.model_dump(),
        "metadata": manifest.metadata[i] if manifest.metadata else None,
        "unresolved": token.token_id in manifest.unresolved,
        **rarity,
    }
