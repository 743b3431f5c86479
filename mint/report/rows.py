"""Manifest -> what a page's script reads: facts of all tokens, and two rows for each of its own.

A short row is read when the page opens, to search and to order; a long one when its token is
opened. Seeds are text, because scripts round numbers beyond 2**53.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from mint.curate.decisions import PREFIX
from mint.curate.safety import is_flagged
from mint.curate.token import Lookalike, Token
from mint.plan.edit import Edit
from mint.plan.lineage import lineage
from mint.plan.tokens import numbered
from mint.record.manifest import Manifest, Publication
from mint.report.judged import Doubt, least_certain
from mint.report.pages import Pages
from mint.report.tally import Tally, is_unique
from mint.report.thumbnail import data_uri
from mint.report.view import token_of_picture
from mint.spec.adapters import Adapter

Row = Mapping[str, Any]
DECIMALS = 4  # of certainties and scores on the page


class Index(NamedTuple):
    """What the rows of all pages are looked up in, computed once."""

    manifest: Manifest
    digest: str  # the manifest's
    tallies: Sequence[Tally]
    doubts: Mapping[int, Doubt]  # place of a token -> what a check doubts of it
    recipes: Mapping[tuple[str, str], int]  # (negative prompt, settings) -> number
    masked: Mapping[tuple[int, int], Edit]  # (token, attempt) -> the edit that gave it
    drawn: Sequence[int]  # the token that shows each picture; empty before a sale's draw


def index(manifest: Manifest, tallies: Sequence[Tally], doubts: Sequence[Doubt]) -> Index:
    """The Index of all tokens; `doubts` are all there are."""
    return Index(
        manifest=manifest,
        digest=manifest.digest,
        tallies=tallies,
        doubts={doubt.place: doubt for doubt in doubts},
        recipes=_recipes(manifest.tokens),
        masked=_masked(manifest),
        drawn=token_of_picture(manifest),
    )


def facts(index: Index, pages: Pages, originals: str | None, beside: str | None) -> Row:
    """What the script needs to know once for all tokens; `pages` where there are several."""
    manifest = index.manifest
    image = manifest.collection.image
    sizes = (manifest.size(token) for token in manifest.tokens)
    wide, high = next(sizes, image.size)
    return {
        **_films(manifest, originals),
        **_wallpapers(manifest, originals),
        "wide": wide,
        "high": high,
        "labels": any(_has_own_name(manifest, token) for token in manifest.tokens),
        "build": index.digest,
        "traits": [
            {"name": t.trait, "values": [{"name": n.value, "share": n.share} for n in t.counts]}
            for t in index.tallies
        ],
        "publication": manifest.publication and _cids(manifest.publication),
        "originals": originals and originals.rstrip("/"),
        "beside": beside,
        "recipes": list(index.recipes),
        **(_several(pages, len(manifest.tokens)) if len(pages.pages) > 1 else {}),
    }


def _several(pages: Pages, total: int) -> Row:
    """Which page has which tokens."""
    fields = ("file", "first", "last", "name")
    rows = [{field: getattr(page, field) for field in fields} for page in pages.pages]
    return {"pages": rows, "total": total}


def _films(manifest: Manifest, originals: str | None) -> Row:
    """The folder of films, beside that of `originals`, where some tokens move."""
    if originals is None or not any(token.animation for token in manifest.tokens):
        return {}
    return {"films": str(PurePosixPath(originals).with_name("animations"))}


def _wallpapers(manifest: Manifest, originals: str | None) -> Row:
    """The folder of wallpapers, beside that of `originals`, where some tokens have one."""
    canvas = manifest.collection.image.canvas
    if canvas is None or originals is None or not any(t.wallpaper for t in manifest.tokens):
        return {}
    folder = str(PurePosixPath(originals).with_name("wallpapers"))
    return {"wallpapers": folder, "canvas": [canvas.width, canvas.height]}


def _cids(publication: Publication) -> Row:
    cids = publication.model_dump()
    for name in ("animations", "wallpapers"):  # most collections have none
        if cids[name] is None:
            del cids[name]
    return cids


def short_rows(index: Index, places: range) -> Iterator[Row]:
    """A token for the contact sheet, of each of `places`; what is absent is left out."""
    manifest = index.manifest
    for i in places:
        token, doubt = manifest.tokens[i], index.doubts.get(i)
        unique = is_unique(token, manifest.collection)
        row = {
            "id": token.token_id,
            "name": token.name,
            "label": _has_own_name(manifest, token) or None,
            "traits": [t.place(token, unique) for t in index.tallies],
            "rank": manifest.rarity[i].rank if manifest.rarity else None,
            "attempt": token.attempt or None,
            "redraws": token.redraws or None,
            "clip": _rounded(token.clip_score),
            "sure": _rounded(least_certain(token)),
            "veil": is_flagged(token, manifest.collection) or None,
            "doubt": doubt and doubt.kinds,
            "moves": True if token.animation else None,
        }
        yield {name: value for name, value in row.items() if value is not None}


# A mask's digest -> what is laid over a picture to show its place; None where it is gone.
Overlay = Callable[[str], bytes | None]


def long_rows(index: Index, places: range, overlay: Overlay) -> Iterator[Row]:
    """All else of a token. `picture` of an attempt is its place among the page's pictures."""
    manifest, masked = index.manifest, index.masked
    traits = {t.trait: i for i, t in enumerate(index.tallies)}
    picture = len(places)
    for i in places:
        token, doubt = manifest.tokens[i], index.doubts.get(i)
        row = {
            "seed": str(token.recipe.seed),
            "prompt": token.recipe.prompt,
            "recipe": index.recipes[_recipe(token)],
            **token.image.model_dump(),
            "painted": token.enlarged.painted[:PREFIX] if token.enlarged else None,
            "drawn": index.drawn[i] if index.drawn else None,
            "metadata": manifest.metadata[i] if manifest.metadata else None,
            **(manifest.rarity[i].model_dump() if manifest.rarity else {}),
            "unsafe": _rounded(token.unsafe),
            "reasons": doubt and doubt.reasons,
            "judged": _judged(token, traits) or None,
            "nearest": token.nearest and _nearest(manifest, token.nearest, places),
            "attempts": _attempts(token, picture, masked, overlay) or None,
            **_where(masked.get((token.token_id, token.attempt)), overlay),
            "edited": "; then ".join(map(lineage, token.edits)) or None,
            "film": token.animation and token.animation.model_dump(exclude_none=True),
            "wallpaper": token.wallpaper and token.wallpaper.image.model_dump(),
        }
        picture += len(token.attempts)
        yield {name: value for name, value in row.items() if value is not None}


def _has_own_name(manifest: Manifest, token: Token) -> bool:
    """Not so "Menagerie #12": under the number 12 it would say everything twice, 64 times over."""
    return token.name != numbered(manifest.collection, token.token_id)


def _nearest(manifest: Manifest, nearest: Lookalike, places: range) -> list[Any]:
    """(token, likeness), and of a token on another page also (name, whether it is blurred)."""
    pair, place = [nearest.token_id, _rounded(nearest.likeness)], nearest.token_id - 1
    if place in places or not 0 <= place < len(manifest.tokens):
        return pair
    other = manifest.tokens[place]
    return [*pair, other.name, is_flagged(other, manifest.collection)]


def _judged(token: Token, places: Mapping[str, int]) -> list[Sequence[Any]]:
    """(place of the trait, value that the judge saw, certainty of the token's own, verdict)."""
    return [
        (places[trait], j.value, _rounded(j.probability), j.verdict)
        for trait, j in token.judgements.items()
        if trait in places
    ]


def _masked(manifest: Manifest) -> dict[tuple[int, int], Edit]:
    """(token, attempt) -> the edit that gave it, of those that left the rest of a picture alone."""
    decisions = manifest.decisions.edit if manifest.decisions else ()
    edits: dict[tuple[int, int], Edit] = {(each.token, each.attempt): each for each in decisions}
    for token in manifest.tokens:
        edits |= {(token.token_id, each.attempt): each for each in token.edits}
    return {key: edit for key, edit in edits.items() if edit.mask}


def _where(edit: Edit | None, overlay: Overlay) -> Row:
    """Which attempt was painted over, and where, as a data: URI."""
    image = overlay(edit.mask) if edit and edit.mask else None
    return {"of": edit.of, "where": data_uri(image)} if edit and image else {}


def _attempts(
    token: Token, first: int, masked: Mapping[tuple[int, int], Edit], overlay: Overlay
) -> list[Row]:
    return [
        {
            "attempt": a.attempt,
            "picture": first + k,
            "file": a.image.file,
            "painted": a.image.pixels[:PREFIX],
            "reasons": a.reasons,
            **_where(masked.get((token.token_id, a.attempt)), overlay),
        }
        for k, a in enumerate(token.attempts)
    ]


def _recipes(tokens: Sequence[Token]) -> dict[tuple[str, str], int]:
    """(negative prompt, settings) -> number, of all tokens: mostly there is one."""
    return {recipe: i for i, recipe in enumerate(dict.fromkeys(map(_recipe, tokens)))}


def _recipe(token: Token) -> tuple[str, str]:
    recipe = token.recipe
    d = recipe.diffusion
    extras = "".join(f" + {each.name} \u00d7 {each.scale:g}{_under(each)}" for each in d.adapters)
    extras += "".join(f" + {each.name}" for each in d.embeddings)
    guides = [guide for guide in (d.reference, d.control) if guide]
    extras += "".join(f" + {each.file} \u00d7 {each.scale:g}" for each in guides)
    settings = (
        f"{d.model}{extras}, {d.width} \u00d7 {d.height} px, {d.steps} steps, "
        f"guidance scale {d.guidance_scale:g}, scheduler {d.scheduler}, {d.dtype}, "
        + "".join(f"then {each.model}, " for each in d.refiners)
        + f"runtime {recipe.runtime[:12]}"
    )
    return recipe.negative_prompt, settings


def _under(adapter: Adapter) -> str:
    """By which consent a LoRA was learned, if that is on record."""
    return f" (consent {adapter.consent[:12]})" if adapter.consent else ""


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DECIMALS)
