"""A manifest against its collection and its CAR: no network, no chain.

Each check returns a sentence that says what was checked, or raises a VerifyError that names the
token. Errors have no hint here: what to do next depends on whether an artist or a stranger verifies
(verify.py).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mint.document import sha256
from mint.errors import PublishError, VerifyError
from mint.ipfs.cid import cid_text, parse_cid
from mint.ipfs.tree import File, LazyFolder, tree_links
from mint.ipfs.unixfs import PROFILES
from mint.ipfs.walk import read_path, resolve
from mint.paint.png import decode
from mint.paint.signature import unsigned
from mint.plan.recipe import sources_of
from mint.record.manifest import Manifest, Publication
from mint.record.metadata import token_json
from mint.record.provenance import provenance, provenance_leaves
from mint.record.rarity import rarity
from mint.record.tree import SOURCES, whole_tree
from mint.stages import Progress
from mint.verify.banner import banner_in
from mint.verify.claims import published, read_file, token_error
from mint.verify.files import Files
from mint.verify.films import check_film, films_folder
from mint.verify.threads import in_threads
from mint.verify.wallpapers import check_wallpaper, wallpapers_folder

if TYPE_CHECKING:
    from mint.curate.token import Token
    from mint.paint.png import Pixels


def check_files(manifest: Manifest, files: Files, progress: Progress) -> str:
    """Pictures and metadata in the CAR have the digests on record; the metadata says no more than
    traits and picture give; no two pictures are equal, unless the collection allows it.
    """
    owners: dict[str, int] = {}
    pairs = zip(manifest.tokens, manifest.metadata or (), strict=True)
    checks = in_threads(lambda pair: _check_token(manifest, files, *pair), pairs)
    progress("checking", 0, len(manifest.tokens))
    for done, token in enumerate(checks, start=1):
        _refuse_twin(manifest, token, owners)
        progress("checking", done, len(manifest.tokens))
    return (
        f"{len(manifest.tokens)} pictures and their metadata in the CAR have the recorded digests"
    )


def _check_token(manifest: Manifest, files: Files, token: Token, digest: str) -> Token:
    """Raise VerifyError unless its picture and its metadata are those on record; the token."""
    publication = published(manifest)
    picture = recorded_file(manifest, files, token)
    if files.digest(f"{publication.images}/{token.token_id}.png") != token.image.file:
        raise token_error(token, "its picture in the CAR has another digest")
    if sha256(_rgb(manifest, picture, token).tobytes()) != token.image.pixels:
        raise token_error(token, "its picture's pixels have another digest")
    check_film(publication, files, token)
    check_wallpaper(manifest, files, token)
    document = read_file(files, f"{publication.metadata}/{token.token_id}.json", token)
    expected = token_json(manifest.collection, token, *_folders(publication))
    if sha256(document) != digest or document != expected:
        raise token_error(token, "its metadata is not what its traits and picture give")
    return token


def _folders(publication: Publication) -> tuple[str, str | None, str | None]:
    """The CIDs that token_json names."""
    return publication.images, publication.animations, publication.wallpapers


def _refuse_twin(manifest: Manifest, token: Token, owners: dict[str, int]) -> None:
    """`owners` maps the digests of pixels to the first token that has them."""
    dedup = manifest.collection.dedup
    digest = token.enlarged.painted if token.enlarged else token.image.pixels
    other = min(owners.setdefault(d, token.token_id) for d in (token.image.pixels, digest))
    is_allowed = dedup.exhausted == "keep" and token.attempt == dedup.attempts
    if other != token.token_id and not is_allowed:
        raise token_error(token, f"its picture is token {other}'s")


def check_scores(manifest: Manifest) -> str:
    """Rarity and the provenance root on record are those that traits and digests give."""
    scores = rarity([token.traits for token in manifest.tokens])
    for token, score, record in zip(manifest.tokens, scores, manifest.rarity or (), strict=True):
        if score != record:
            raise token_error(token, f"its rarity rank is {score.rank}, not {record.rank}")
    root = provenance(provenance_leaves(manifest.tokens, manifest.metadata or ()))
    if root != manifest.provenance:
        raise VerifyError(f"the provenance root is {root}, not {manifest.provenance}")
    return (
        f"rarity and the provenance root {root[:16]}..., computed once more, are the recorded ones"
    )


def check_cids(manifest: Manifest, files: Files) -> str:
    """The CAR's root and its folders have the recorded CIDs, to which their blocks hash."""
    publication = published(manifest)
    if cid_text(files.root) != publication.root:
        raise VerifyError(f"the CAR's root is not {publication.root}")
    folders = {"images": publication.images, "metadata": publication.metadata}
    if publication.animations:
        folders["animations"] = publication.animations
    if publication.wallpapers:
        folders["wallpapers"] = publication.wallpapers
    for name, cid in folders.items():
        if resolve(files.block, files.root, name) != parse_cid(cid):
            raise VerifyError(f"the CID of {name}/ is not {cid}")
    record = manifest.collection.public.canonical()
    if read_path(files.block, files.root, "collection.json") != record:
        raise VerifyError("collection.json in the CAR is another collection")
    listing = ", ".join(f"{name}/" for name in folders)
    return f"ipfs://{publication.root} is the CAR's root, with {listing} and the collection"


def check_tree(manifest: Manifest, files: Files) -> str:
    """The root's CID, computed from what the build gives alone, is the same: nothing was added."""

    profile = PROFILES[manifest.collection.storage.profile]

    def picture(token: Token) -> File | bytes:
        name, image = f"{token.token_id}.png", token.image
        if profile.one_block(image.size):  # its digest, which is checked, is its CID
            return File(name, image.file, image.size)
        return read_file(files, f"{publication.images}/{name}", token)

    publication, tokens = published(manifest), {t.token_id: t for t in manifest.tokens}
    folders = _folders(publication)
    images = LazyFolder({f"{i}.png": partial(picture, t) for i, t in tokens.items()})
    documents = LazyFolder(
        {
            f"{i}.json": partial(token_json, manifest.collection, t, *folders)
            for i, t in tokens.items()
        }
    )
    sources = {
        f"{digest}.png": _source(manifest, files, digest)
        for digest in sorted({d for t in tokens.values() for d in sources_of(t.recipe)})
    }
    parts = films_folder(manifest, files), wallpapers_folder(manifest, files)
    banner = banner_in(manifest, files)
    tree = whole_tree(manifest, images, documents, sources, *parts, banner)
    root = cid_text(tree_links(tree, profile)[""].cid)
    if root != publication.root:
        raise VerifyError(f"ipfs://{publication.root} holds something that the build does not give")
    for name in ("contract.json", "runtime.json"):  # which no other check reads from the CAR
        try:
            read_path(files.block, files.root, name)
        except PublishError as error:
            raise VerifyError(f"{name} in the CAR cannot be read: {error}") from error
    return f"ipfs://{root} holds nothing else"


def _source(manifest: Manifest, files: Files, digest: str) -> bytes:
    """The PNG of one of the artist's pictures or masks, whose pixels have this SHA-256."""
    try:
        png = files.read(f"{cid_text(files.root)}/{SOURCES}/{digest}.png")
        settings = manifest.tokens[0].recipe.diffusion
        guides = [guide.pixels for guide in (settings.reference, settings.control) if guide]
        small = settings.width, settings.height  # guides are the painter's, before its refiners
        pixels = decode(png, *(small if digest in guides else settings.size))
    except (PublishError, ValueError) as error:
        raise VerifyError(f"{SOURCES}/{digest}.png, with which pictures begin: {error}") from error
    if sha256(pixels.tobytes()) != digest:
        raise VerifyError(f"{SOURCES}/{digest}.png is another picture than its name says")
    return png


def source_pixels(manifest: Manifest, files: Files, digest: str, size: tuple[int, int]) -> Pixels:
    """One of the artist's pictures or masks, from the CAR; raises VerifyError."""
    return decode(_source(manifest, files, digest), *size)


def recorded_file(manifest: Manifest, files: Files, token: Token) -> bytes:
    """The token's picture in the CAR."""
    return read_file(files, f"{published(manifest).images}/{token.token_id}.png", token)


def recorded_pixels(manifest: Manifest, files: Files, token: Token) -> Pixels:
    """Its pixels."""
    return _rgb(manifest, recorded_file(manifest, files, token), token)


def _rgb(manifest: Manifest, png: bytes, token: Token) -> Pixels:
    try:
        plain = unsigned(png) if token.signed else png
        if token.signed and sha256(plain) != token.signed.file:
            raise token_error(token, "its file without the signature has another digest")
        return decode(plain, *manifest.size(token))
    except ValueError as error:
        raise token_error(token, f"its picture cannot be trusted: {error}") from error
