"""Tokens -> token JSON, contract JSON, rarity and provenance. Pure."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from mint import merkle
from mint.collection import Collection
from mint.curate import Token
from mint.document import Document, Real

NAMESPACE = "mint"  # our own fields in the token JSON; never in `attributes`, where each is unique
NULL = ""  # the value that a token has for a trait it lacks
TRAIT_COUNT = "meta_trait:trait_count"  # OpenRarity's own name for it


class Rarity(Document):
    """OpenRarity: rank 1 is the rarest; score in units of the collection's entropy.

    `unique` counts traits that no other token has; it ranks before the score.
    """

    rank: int
    score: Real
    unique: int


def rarity(tokens: Sequence[Mapping[str, str]]) -> tuple[Rarity, ...]:
    """Score and rank every token of a collection by its traits (trait_type -> value).

    Score: sum of -log2 p(value) over all trait types, divided by the collection's entropy. A
    missing trait is a null value and counts; the number of traits is a trait too. Order: unique
    attributes first, then score; equals share a rank (1, 2, 2, 2, 5).
    https://github.com/OpenRarity/open-rarity, methodology as of 2023.
    """
    types = sorted({trait for traits in tokens for trait in traits})
    rows = [_full(traits, types) for traits in tokens]
    tables = {t: Counter(row[t] for row in rows) for t in (*types, TRAIT_COUNT)}
    total = len(rows)
    entropy = math.fsum(
        -n / total * math.log2(n / total) for table in tables.values() for n in table.values()
    )
    scores = [_information(row, tables, total) / entropy if entropy else 0.0 for row in rows]
    unique = [sum(tables[t][v] == 1 for t, v in row.items() if v != NULL) for row in rows]
    return _ranked(scores, unique)


def _full(traits: Mapping[str, str], types: Sequence[str]) -> dict[str, str]:
    return {t: traits.get(t, NULL) for t in types} | {TRAIT_COUNT: str(len(traits))}


def _information(row: Mapping[str, str], tables: Mapping[str, Counter[str]], total: int) -> float:
    return math.fsum(-math.log2(table[row[t]] / total) for t, table in tables.items())


def _ranked(scores: Sequence[float], unique: Sequence[int]) -> tuple[Rarity, ...]:
    # Nine digits, so that sums of the same terms in another order are the same score.
    keys = [(-u, -round(s, 9)) for s, u in zip(scores, unique, strict=True)]
    first: dict[tuple[int, float], int] = {}
    for place, key in enumerate(sorted(keys), start=1):
        first.setdefault(key, place)
    return tuple(
        Rarity(rank=first[key], score=round(s, 9), unique=u)
        for key, s, u in zip(keys, scores, unique, strict=True)
    )


def token_json(collection: Collection, token: Token, images: str) -> bytes:
    """OpenSea's token metadata, UTF-8; `images` is the CID of the folder of pictures.

    https://docs.opensea.io/docs/metadata-standards
    """
    return _json(
        {
            "name": token.name,
            "description": token.description or collection.description,
            "image": f"ipfs://{images}/{token.token_id}.png",
            "external_url": collection.external_url,
            "background_color": collection.background_color,
            "attributes": _attributes(collection, token),
            "license": collection.licence,
            "license_uri": licence_uri(collection),
            NAMESPACE: {
                "seed": token.recipe.seed,
                "attempt": token.attempt,
                "pixels_sha256": token.image.pixels,
                "file_sha256": token.image.file,
                "bytes": token.image.size,
                "runtime": token.recipe.runtime,
                **_enlarged(token),
            },
        }
    )


def _enlarged(token: Token) -> dict[str, str]:
    made = token.enlarged
    return {"painted_sha256": made.painted, "upscaler": made.runtime} if made else {}


def _attributes(collection: Collection, token: Token) -> list[dict[str, str]]:
    """In the order of collection.yaml, which a canonical record's sorted keys do not keep."""
    order = [trait.name for trait in collection.traits if trait.name in token.traits]
    rest = [name for name in token.traits if name not in order]
    return [{"trait_type": name, "value": token.traits[name]} for name in (*order, *rest)]


def contract_json(collection: Collection, image: str) -> bytes:
    """ERC-7572 contract metadata, UTF-8; `image` is an ipfs:// URI."""
    creator = collection.creator
    return _json(
        {
            "name": collection.name,
            "symbol": collection.symbol,
            "description": collection.description,
            "image": image,
            "external_link": collection.external_url,
            "collaborators": [creator.address] if creator and creator.address else None,
            "license": collection.licence,
            "license_uri": licence_uri(collection),
            NAMESPACE: {"creator": creator.name} if creator else None,
        }
    )


def hidden_json(collection: Collection, image: str) -> bytes:
    """The metadata of every token of a sale before the reveal; `image` is an ipfs:// URI."""
    return _json(
        {
            "name": collection.name,
            "description": f"{collection.description} Not revealed yet.",
            "image": image,
            "external_url": collection.external_url,
            "license": collection.licence,
            "license_uri": licence_uri(collection),
        }
    )


def hidden_picture(name: str) -> bytes:
    """The picture of that metadata where the artist gives none: the collection's name, in SVG."""
    size = min(88, 1500 // max(len(name), 1))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024">'
        '<rect width="1024" height="1024" fill="#17151f"/>'
        '<g fill="#f4efe6" font-family="Georgia, serif" text-anchor="middle">'
        f'<text x="512" y="500" font-size="{size}">{escape(name)}</text>'
        '<text x="512" y="580" font-size="34" opacity=".6">not revealed yet</text></g></svg>\n'
    ).encode()


def licence_uri(collection: Collection) -> str:
    """Where the licence's text is: as written, or SPDX's page for the identifier."""
    return collection.licence_uri or f"https://spdx.org/licenses/{collection.licence}.html"


def _json(fields: Mapping[str, Any]) -> bytes:
    """JSON with the fields in the order given; None is left out."""
    present = {key: value for key, value in fields.items() if value is not None}
    return (json.dumps(present, ensure_ascii=False) + "\n").encode()


def leaf(index: int, pixels: str, metadata: str) -> bytes:
    """The leaf of (index, pixel digest, metadata digest)."""
    return merkle.leaf(index.to_bytes(32, "big"), bytes.fromhex(pixels), bytes.fromhex(metadata))


def provenance_leaves(tokens: Sequence[Token], metadata: Sequence[str]) -> list[bytes]:
    """One leaf a token, in order; `metadata[i]` is the digest of token i's JSON."""
    pairs = zip(tokens, metadata, strict=True)
    return [leaf(i, token.image.pixels, digest) for i, (token, digest) in enumerate(pairs)]


def provenance(leaves: Sequence[bytes]) -> str:
    """Merkle root (64 hex digits) over the ordered tokens."""
    return merkle.root(leaves).hex()
