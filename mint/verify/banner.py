"""The banner on record against its token and its CAR."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mint.curate.banner import enlarges, painted_digest
from mint.document import plain, sha256
from mint.errors import PublishError, VerifyError
from mint.ipfs.cid import cid_text
from mint.ipfs.tree import File
from mint.ipfs.unixfs import PROFILES
from mint.ipfs.walk import read_path
from mint.paint.outpaint import Banner
from mint.paint.png import decode
from mint.plan.banner import words
from mint.record.manifest import Manifest
from mint.record.metadata import NAMESPACE
from mint.record.tree import BANNER, BANNER_FILE
from mint.verify.files import Files

if TYPE_CHECKING:
    from mint.curate.token import Token
    from mint.paint.png import Pixels


def claimed_banner(files: Files) -> dict[str, Any]:
    """The parts `banner` and `featured` of a manifest, as contract.json claims; ValueError."""
    fields = plain(read_path(files.block, files.root, "contract.json")).get(NAMESPACE) or {}
    banner, featured = fields.get("banner"), fields.get("featured")
    if featured is not None and type(featured) is not int:
        raise ValueError("the featured token is no number")
    return {
        "banner": Banner.model_validate(banner) if banner is not None else None,
        "featured": featured,
    }


def banner_in(manifest: Manifest, files: Files) -> File | bytes | None:
    """The banner as the record gives it, one of several blocks from the CAR; None without."""
    if manifest.banner is None:
        return None
    image = manifest.banner.image
    if PROFILES[manifest.collection.storage.profile].one_block(image.size):
        return File(BANNER_FILE, image.file, image.size)  # its digest, which is checked, is its CID
    return _read(files)


def check_banner(manifest: Manifest, files: Files) -> Iterator[str]:
    """The banner in the CAR is the one on record, and that is of a token's picture as it is."""
    if manifest.featured is not None:
        banner_token(manifest, manifest.featured)
    if manifest.banner is None:
        return
    _refuse_unplanned(manifest, manifest.banner)
    if sha256(banner_pixels(manifest.banner, files).tobytes()) != manifest.banner.image.pixels:
        raise VerifyError("the banner's pixels have another digest")
    if sha256(_read(files)) != manifest.banner.image.file:
        raise VerifyError("the banner in the CAR has another digest")
    yield f"the banner is that of token {manifest.banner.frame.token}, with the recorded digests"


def _refuse_unplanned(manifest: Manifest, banner: Banner) -> None:
    """Raise VerifyError unless the record of the banner is what its frame and its token give."""
    frame, token = banner.frame, banner_token(manifest, banner.frame.token)
    own = words(
        frame.beside, manifest.collection, token.token_id, token.traits, token.recipe.prompt
    )
    if banner.prompt != (frame.prompt or own) or banner.painted != painted_digest(token):
        raise VerifyError(f"the banner is not of the picture and the words of token {frame.token}")
    if banner.runtime not in manifest.runtimes:
        raise VerifyError("the runtime that painted the banner is not recorded")
    if banner.upscaler is None:
        return
    upscaler = manifest.runtimes.get(banner.upscaler)
    if upscaler is None or upscaler.scale is None:
        raise VerifyError("the runtime that enlarged the banner is not recorded")
    if not enlarges(frame, token.recipe.diffusion.size, upscaler.scale):
        raise VerifyError("the banner would be enlarged although it is large, or beyond reason")


def banner_token(manifest: Manifest, number: int) -> Token:
    """The token of this number; raises VerifyError."""
    for token in manifest.tokens:
        if token.token_id == number:
            return token
    raise VerifyError(f"contract.json names token {number}, which is not there")


def _read(files: Files) -> bytes:
    try:
        return files.read(f"{cid_text(files.root)}/{BANNER}/{BANNER_FILE}")
    except PublishError as error:
        raise VerifyError(f"the CAR does not give the banner: {error}") from error


def banner_pixels(banner: Banner, files: Files) -> Pixels:
    """The banner in the CAR; raises VerifyError."""
    try:
        return decode(_read(files), banner.frame.width, banner.frame.height)
    except ValueError as error:
        raise VerifyError(f"the banner cannot be trusted: {error}") from error
