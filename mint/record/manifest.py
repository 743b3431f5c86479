"""Manifest: the whole story of a build, in one canonical JSON file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from mint.chain.constructor import FairMintTerms
from mint.chain.deployment import Deployment
from mint.curate.curate import Curated
from mint.curate.decisions import Decisions
from mint.curate.duplicates import Duplicates
from mint.curate.quality import Quality
from mint.curate.safety import SafetyCheck
from mint.curate.token import Token, empty
from mint.curate.truth import Judging
from mint.document import Document, canonical
from mint.paint.outpaint import Banner
from mint.plan.recipe import Runtime
from mint.record.metadata import licence_uri
from mint.record.rarity import Rarity
from mint.spec.collection import Collection


class Publication(Document):
    """What IPFS holds: the CIDs of the root and its folders, as text, and the CAR's size.

    The root folder holds `images/` (1.png ...), `metadata/` (1.json ...) and `contract.json`, and
    `animations/` (3.mp4 ...) where tokens move, `wallpapers/` (1.png ...) where they have some, and
    `banner/banner.png` where there is one.
    `hidden` is the root of what a sale shows before its reveal.
    """

    root: str
    images: str
    metadata: str
    car_bytes: int
    hidden: str | None = None
    animations: str | None = None
    wallpapers: str | None = None


class Manifest(Document):
    """A build from file to chain. It holds no clock, host name, path or secret.

    `rarity[i]` and `metadata[i]` (SHA-256 of the token's JSON) belong to `tokens[i]`, whose
    token_id is i + 1. `runtimes` maps a Runtime's digest to it.
    `unresolved` names tokens that look too much like another one after every attempt, and that
    the build keeps because collection.yaml says `dedup: {exhausted: keep}`. `judging` is who judged
    the pictures, `untrue` names tokens whose picture contradicts their metadata after every
    attempt; both are left out where nobody judged.
    `decisions` are the artist's about single pictures, also those that were not obeyed.
    `quality` is absent where the embedder does not know what the model paints.
    `safety` is what looked for unsafe pictures; None where nothing did.
    `archive` is where `mint archive` put the CAR for ever: ar:// and what Arweave calls it.
    `banner` is the collection's, `featured` the token that stands for it, if the artist says so.
    `duplicates` says from when on two pictures count as one here, and which are nearly that.
    """

    version: int = 1
    collection: Collection
    runtimes: dict[str, Runtime]
    tokens: tuple[Token, ...]
    unresolved: tuple[int, ...] = ()
    judging: tuple[Judging, ...] = Field((), exclude_if=empty)
    untrue: tuple[int, ...] = Field((), exclude_if=empty)
    duplicates: Duplicates | None = None
    decisions: Decisions | None = None
    quality: Quality | None = None
    rarity: tuple[Rarity, ...] | None = None
    metadata: tuple[str, ...] | None = None
    provenance: str | None = None
    publication: Publication | None = None
    deployment: Deployment | None = None
    safety: SafetyCheck | None = None
    archive: str | None = None
    banner: Banner | None = None
    featured: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, 64 hex digits; that is not in memory as a whole."""
        sha256 = hashlib.sha256()
        for piece in self._canonical_pieces():
            sha256.update(piece)
        return sha256.hexdigest()

    def _canonical_pieces(self) -> Iterator[bytes]:
        rest = self.model_copy(update={"tokens": ()}).model_dump(mode="json", exclude_none=True)
        for i, name in enumerate(sorted(rest)):
            yield (b"," if i else b"{") + canonical(name) + b":"
            if name == "tokens":
                for k, token in enumerate(self.tokens):
                    yield (b"," if k else b"[") + token.canonical()
                yield b"]" if self.tokens else b"[]"
            else:
                yield canonical(rest[name])
        yield b"}"

    def size(self, token: Token) -> tuple[int, int]:
        """Width and height in pixels of the picture that is published."""
        wide, high = token.recipe.diffusion.size
        scale = self.runtimes[token.enlarged.runtime].scale if token.enlarged else None
        return wide * (scale or 1), high * (scale or 1)


def used_runtimes(tokens: Sequence[Token], runtimes: Iterable[Runtime]) -> dict[str, Runtime]:
    """Digest -> Runtime, of those that painted, enlarged, moved or extended one of the tokens."""
    digests: set[str | None] = {token.recipe.runtime for token in tokens}
    digests |= {token.enlarged.runtime for token in tokens if token.enlarged}
    films = [token.animation for token in tokens if token.animation]
    digests |= {film.runtime for film in films} | {film.enlarged for film in films}
    wallpapers = [token.wallpaper for token in tokens if token.wallpaper]
    digests |= {each.runtime for each in wallpapers} | {each.upscaler for each in wallpapers}
    return {each.digest: each for each in runtimes if each.digest in digests}


def fair_mint_terms(manifest: Manifest) -> FairMintTerms:
    """What the constructor fixes for ever; the manifest is published and has its provenance."""
    collection, publication = manifest.collection, manifest.publication
    assert publication is not None
    assert manifest.provenance is not None
    hidden = publication.hidden
    return FairMintTerms(
        name=collection.name,
        symbol=collection.symbol,
        max_supply=collection.supply,
        provenance=manifest.provenance,
        collection=collection.public.digest,
        base_uri=f"ipfs://{hidden}/hidden.json" if hidden else f"ipfs://{publication.metadata}/",
        contract_uri=f"ipfs://{hidden or publication.root}/contract.json",
        licence_uri=licence_uri(collection) or "",
        royalty_bps=collection.royalty.bps,
        royalty_receiver=collection.royalty.receiver,
    )


def curated(manifest: Manifest) -> Curated:
    """The part of a manifest that curation decided."""
    return Curated(**{name: getattr(manifest, name) for name in Curated.model_fields})
