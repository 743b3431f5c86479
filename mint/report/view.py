"""Manifest -> what the page shows of it: milestones, tiles, and the facts its script reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mint.curate.token import Token
from mint.plan.tokens import numbered
from mint.record.manifest import Manifest
from mint.report.tally import Tally, is_unique
from mint.report.thumbnail import data_uri
from mint.sale.draw import order
from mint.spec.collection import Collection
from mint.spec.sale_terms import Phase
from mint.spec.sale_times import deadline, moment, windows


class Milestone(NamedTuple):
    """How far the build is with one of its results; `note` says what there is or is missing."""

    name: str
    done: bool
    note: str


class Tile(NamedTuple):
    """A token on the contact sheet."""

    token: Token
    picture: str
    label: str | None
    rank: int | None


def milestones(manifest: Manifest) -> list[Milestone]:
    """What the build has done so far, in the order in which it does it."""
    count, supply = len(manifest.tokens), manifest.collection.supply
    root, car, chain = manifest.provenance, manifest.publication, manifest.deployment
    written = manifest.metadata is not None
    return [
        Milestone("Pictures", count == supply, f"{count:,} of {supply:,} painted"),
        Milestone("Metadata", written, "written" if written else "not written yet"),
        Milestone("Provenance", bool(root), "computed" if root else "not computed yet"),
        Milestone("IPFS", bool(car), f"packed, {size(car.car_bytes)}" if car else "not packed yet"),
        Milestone("Chain", bool(chain), f"on {chain.network}" if chain else "not deployed yet"),
    ]


def phases(collection: Collection) -> list[tuple[Phase, str, str]]:
    """Each phase of the sale, when it opens and when it closes."""
    if collection.sale is None:
        return []
    pairs = zip(collection.sale.phases, windows(collection.sale), strict=True)
    return [(phase, moment(start), moment(end)) for phase, (start, end) in pairs]


def reveal_by(collection: Collection) -> str | None:
    """The last moment of the reveal."""
    return moment(deadline(collection.sale)) if collection.sale else None


def token_of_picture(manifest: Manifest) -> list[int]:
    """The token that shows each picture, by a sale's draw; empty before it."""
    drawn = manifest.deployment and manifest.deployment.drawn
    if not drawn:
        return []
    pictures = order(bytes.fromhex(drawn.seed), manifest.collection.supply)
    tokens = [0] * len(pictures)
    for token_id, picture in enumerate(pictures, start=1):
        tokens[picture] = token_id
    return tokens


def size(count: int) -> str:
    """Bytes for people: `1.4 MB`, decimal units."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= one:
            return f"{count / one:.1f} {unit}"
    return f"{count:,} bytes"


def rarest(manifest: Manifest, thumbnail: Callable[[Token], bytes]) -> list[Tile]:
    """The rarest three, or the first three while there are no ranks."""
    ranks = [r.rank for r in manifest.rarity or ()] or [0] * len(manifest.tokens)
    first = sorted(range(len(ranks)), key=ranks.__getitem__)[:3]
    return [_tile(manifest, i, thumbnail) for i in first]


def tiles(manifest: Manifest, thumbnail: Callable[[Token], bytes]) -> Iterator[Tile]:
    """Every token; its thumbnail is read only when its turn comes."""
    return (_tile(manifest, i, thumbnail) for i in range(len(manifest.tokens)))


def _tile(manifest: Manifest, index: int, thumbnail: Callable[[Token], bytes]) -> Tile:
    token = manifest.tokens[index]
    # "Menagerie #12" under the number 12 would say everything twice, 64 times over.
    plain = token.name == numbered(manifest.collection, token.token_id)
    rank = manifest.rarity[index].rank if manifest.rarity else None
    return Tile(token, data_uri(thumbnail(token)), None if plain else token.name, rank)


def facts(manifest: Manifest, tallies: list[Tally], originals: str | None) -> Mapping[str, Any]:
    """What the script needs to know once for all tokens."""
    return {
        "traits": [
            {"name": t.trait, "values": [{"name": n.value, "share": n.share} for n in t.counts]}
            for t in tallies
        ],
        "publication": manifest.publication and manifest.publication.model_dump(),
        "originals": originals and originals.rstrip("/"),
    }


def row(
    manifest: Manifest, tallies: list[Tally], i: int, drawn: Sequence[int] = ()
) -> Mapping[str, Any]:
    """A token for the script; `drawn[i]` is the token that shows picture i + 1 after a sale's draw.

    The seed is text, because scripts round numbers beyond 2**53.
    """
    token = manifest.tokens[i]
    unique = is_unique(token, manifest.collection)
    rarity = manifest.rarity[i].model_dump() if manifest.rarity else {}
    return {
        "id": token.token_id,
        "name": token.name,
        "attempt": token.attempt,
        **({"drawn": drawn[i]} if drawn else {}),
        "traits": [t.place(token, unique) for t in tallies],
        "seed": str(token.recipe.seed),
        "prompt": token.recipe.prompt,
        "negative": token.recipe.negative_prompt,
        **token.image.model_dump(),
        "metadata": manifest.metadata[i] if manifest.metadata else None,
        "unresolved": token.token_id in manifest.unresolved,
        **rarity,
    }
