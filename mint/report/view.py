"""Manifest -> what the page shows of it: milestones, phases of a sale, pictures of the cover."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mint.counting import size
from mint.curate.diversity import BIN
from mint.curate.quality import Quality
from mint.curate.token import Token
from mint.paint.picture import Picture
from mint.record.manifest import Manifest
from mint.report.judged import fronts
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
    """A token on the cover; `picture` is a data: URI."""

    token: Token
    picture: str
    rank: int | None


def milestones(manifest: Manifest) -> list[Milestone]:
    """What the build has done so far, in the order in which it does it."""
    count, supply = len(manifest.tokens), manifest.collection.supply
    root, car, chain = manifest.provenance, manifest.publication, manifest.deployment
    has_metadata = manifest.metadata is not None
    return [
        Milestone("Pictures", count == supply, f"{count:,} of {supply:,} painted"),
        Milestone("Metadata", has_metadata, "written" if has_metadata else "not written yet"),
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
    draw = manifest.deployment and manifest.deployment.drawn
    if not draw:
        return []
    pictures = order(bytes.fromhex(draw.seed), manifest.collection.supply)
    tokens = [0] * len(pictures)
    for token_id, picture in enumerate(pictures, start=1):
        tokens[picture] = token_id
    return tokens


def front_tiles(manifest: Manifest, cover: Callable[[Picture], bytes]) -> list[Tile]:
    """The pictures of the cover."""
    return [
        Tile(token, data_uri(cover(token.image)), rank)
        for token, rank in (
            (manifest.tokens[i], manifest.rarity[i].rank if manifest.rarity else None)
            for i in fronts(manifest)
        )
    ]


def banner_uri(manifest: Manifest, shrink: Callable[[Picture], bytes]) -> str | None:
    """The banner as a data: URI; None where there is none."""
    return data_uri(shrink(manifest.banner.image)) if manifest.banner else None


def histogram_bars(quality: Quality | None) -> list[tuple[float, float, int, int]]:
    """Distances to the nearest picture as (from, to, tokens, height in per cent of the highest)."""
    counts = quality.distances if quality else ()
    if not any(counts):
        return []
    first = next(i for i, count in enumerate(counts) if count)
    bars = list(enumerate(counts))[first:]
    return [(i * BIN, (i + 1) * BIN, n, round(100 * n / max(counts))) for i, n in bars]
