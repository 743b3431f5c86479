"""Tokens -> token JSON, contract JSON, what is shown before a reveal. Pure."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from mint.curate.token import Token
from mint.spec.collection import Collection
from mint.spec.licences import licence_page

NAMESPACE = "mint"  # our own fields in the token JSON; never in `attributes`, where each is unique


def token_json(
    collection: Collection,
    token: Token,
    images: str,
    animations: str | None = None,
    wallpapers: str | None = None,
) -> bytes:
    """OpenSea's token metadata, UTF-8; `images` and so on are the CIDs of those folders.

    A wallpaper is listed as Metaplex lists further files, which OpenSea passes over.
    https://docs.opensea.io/docs/metadata-standards
    https://developers.metaplex.com/smart-contracts/core/json-schema
    """
    wallpaper = f"ipfs://{wallpapers}/{token.token_id}.png" if token.wallpaper else None
    return _json(
        {
            "name": token.name,
            "description": token.description or collection.description,
            "image": f"ipfs://{images}/{token.token_id}.png",
            "animation_url": f"ipfs://{animations}/{token.token_id}.mp4"
            if token.animation
            else None,
            "external_url": collection.external_url,
            "background_color": collection.background_color,
            "attributes": _attributes(collection, token),
            "properties": {"files": [{"uri": wallpaper, "type": "image/png"}]}
            if wallpaper
            else None,
            "license": collection.licence,
            "license_uri": licence_uri(collection),
            NAMESPACE: {
                "seed": token.recipe.seed,
                "attempt": token.attempt,
                "pixels_sha256": token.image.pixels,
                "file_sha256": token.image.file,
                "bytes": token.image.size,
                "runtime": token.recipe.runtime,
                **_enlargement(token),
                **_signed(token),
                **_edits(token),
                **_animated(token),
                **_extended(token),
            },
        }
    )


def _enlargement(token: Token) -> dict[str, str]:
    enlargement = token.enlarged
    if enlargement is None:
        return {}
    return {"painted_sha256": enlargement.painted, "upscaler": enlargement.runtime}


def _signed(token: Token) -> dict[str, str]:
    signed = token.signed
    if signed is None:
        return {}
    return {"unsigned_sha256": signed.file, "signer_sha256": signed.certificate}


def _edits(token: Token) -> dict[str, Any]:
    edits = [edit.model_dump(mode="json", exclude_none=True) for edit in token.edits]
    return {"edits": edits} if edits else {}


def _animated(token: Token) -> dict[str, Any]:
    animation = token.animation
    return {"animation": animation.model_dump(exclude_none=True)} if animation else {}


def _extended(token: Token) -> dict[str, Any]:
    wallpaper = token.wallpaper
    return {"wallpaper": wallpaper.model_dump(exclude_none=True)} if wallpaper else {}


def _attributes(collection: Collection, token: Token) -> list[dict[str, str]]:
    """In the order of collection.yaml, which a canonical record's sorted keys do not keep."""
    order = [trait.name for trait in collection.traits if trait.name in token.traits]
    rest = [name for name in token.traits if name not in order]
    return [{"trait_type": name, "value": token.traits[name]} for name in (*order, *rest)]


class Showcase(NamedTuple):
    """What marketplaces show of a collection besides its image: ipfs:// URIs, and what mint says
    of how the banner was painted, and of which token is featured.
    """

    banner: str | None = None
    featured: str | None = None
    facts: Mapping[str, Any] = {}


def contract_json(collection: Collection, image: str, showcase: Showcase | None = None) -> bytes:
    """ERC-7572 contract metadata, UTF-8; `image` is an ipfs:// URI."""
    creator, showcase = collection.creator, showcase or Showcase()
    own = {**({"creator": creator.name} if creator else {}), **showcase.facts}
    return _json(
        {
            "name": collection.name,
            "symbol": collection.symbol,
            "description": collection.description,
            "image": image,
            "banner_image": showcase.banner,
            "featured_image": showcase.featured,
            "external_link": collection.external_url,
            "collaborators": [creator.address] if creator and creator.address else None,
            "license": collection.licence,
            "license_uri": licence_uri(collection),
            NAMESPACE: own or None,
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


def hidden_picture(name: str, note: str = "not revealed yet") -> bytes:
    """The picture for that metadata if the artist names none: the collection's name, in SVG.

    Without a `note` it is one for the collection itself, which stays when all is revealed.
    """
    # Letters are some 0.6 of their size wide, those of Chinese, Japanese and Korean all of it.
    tenths = sum(10 if unicodedata.east_asian_width(letter) in "WF" else 6 for letter in name)
    size = min(88, 9000 // max(tenths, 1))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024">'
        '<rect width="1024" height="1024" fill="#17151f"/>'
        '<g fill="#f4efe6" font-family="Georgia, serif" text-anchor="middle">'
        f'<text x="512" y="500" font-size="{size}">{escape(name)}</text>'
        + (f'<text x="512" y="580" font-size="34" opacity=".6">{note}</text>' if note else "")
        + "</g></svg>\n"
    ).encode()


def licence_uri(collection: Collection) -> str | None:
    """Where the licence's text is: as written, or SPDX's page for the identifier, if it is one."""
    return collection.licence_uri or licence_page(collection.licence)


def _json(fields: Mapping[str, Any]) -> bytes:
    """JSON with the fields in this order; fields that are None are left out."""
    present = {key: value for key, value in fields.items() if value is not None}
    return (json.dumps(present, ensure_ascii=False) + "\n").encode()
