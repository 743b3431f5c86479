"""The wallpapers of a manifest against its collection and its CAR."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mint.curate.banner import enlarges, painted_digest
from mint.document import sha256
from mint.ipfs.tree import File, Folder, LazyFolder
from mint.ipfs.unixfs import PROFILES
from mint.paint.outpaint import Banner
from mint.paint.png import decode
from mint.plan.banner import Frame, wallpaper_frame, words
from mint.record.selection import with_wallpaper
from mint.verify.claims import published, read_file, token_error

if TYPE_CHECKING:
    from mint.curate.token import Token, Wallpaper
    from mint.paint.png import Pixels
    from mint.record.manifest import Manifest
    from mint.verify.files import Files


def check_wallpapers(manifest: Manifest) -> None:
    """Raise VerifyError unless just those tokens have one that the collection says."""
    canvas = manifest.collection.image.canvas
    owners = with_wallpaper(manifest.collection, manifest.tokens)
    if not any(token.wallpaper for token in manifest.tokens) and manifest.metadata is None:
        return  # built so far only
    for token in manifest.tokens:
        if token.wallpaper is None and token.token_id in owners:
            raise token_error(token, "it has no wallpaper, and the collection says that it has one")
        if token.wallpaper is not None and token.token_id not in owners:
            raise token_error(token, "it has a wallpaper, and the collection says that it has none")
        if token.wallpaper is not None and canvas is not None:
            frame = wallpaper_frame(canvas, token.token_id)
            _check_runtimes(manifest, token, token.wallpaper, frame)


def _check_runtimes(manifest: Manifest, token: Token, wallpaper: Wallpaper, frame: Frame) -> None:
    if wallpaper.runtime not in manifest.runtimes:
        raise token_error(token, "the runtime that painted its wallpaper is not recorded")
    scale = None
    if token.enlarged is not None:  # check_plan has seen that this is as the collection says
        scale = manifest.runtimes[token.enlarged.runtime].scale
    enlarged = scale is not None and enlarges(frame, token.recipe.diffusion.size, scale)
    if (wallpaper.upscaler is not None) != enlarged:
        raise token_error(token, "its wallpaper is not enlarged as the collection says")
    if wallpaper.upscaler is None:
        return
    upscaler = manifest.runtimes.get(wallpaper.upscaler)
    if upscaler is None or upscaler.scale != scale:
        raise token_error(token, "the runtime that enlarged its wallpaper is not recorded")


def banner_of(manifest: Manifest, token: Token) -> Banner:
    """The token's wallpaper, as a banner that goes on from it; the token has one."""
    wallpaper, canvas = token.wallpaper, manifest.collection.image.canvas
    assert wallpaper is not None
    assert canvas is not None  # or check_wallpapers would have refused it
    frame, number = wallpaper_frame(canvas, token.token_id), token.token_id
    own = token.traits, token.recipe.prompt
    return Banner(
        frame=frame,
        painted=painted_digest(token),
        prompt=words(frame.beside, manifest.collection, number, *own),
        runtime=wallpaper.runtime,
        upscaler=wallpaper.upscaler,
        image=wallpaper.image,
    )


def check_wallpaper(manifest: Manifest, files: Files, token: Token) -> None:
    """Raise VerifyError unless the token's wallpaper in the CAR is the one on record."""
    if token.wallpaper is None:
        return
    image, path = token.wallpaper.image, _path(manifest, token)
    if files.digest(path) != image.file or len(read_file(files, path, token)) != image.size:
        raise token_error(token, "its wallpaper in the CAR has another digest")
    if sha256(wallpaper_pixels(manifest, files, token).tobytes()) != image.pixels:
        raise token_error(token, "its wallpaper's pixels have another digest")


def wallpaper_pixels(manifest: Manifest, files: Files, token: Token) -> Pixels:
    """Those of the token's wallpaper in the CAR; raises VerifyError."""
    canvas, data = manifest.collection.image.canvas, read_file(files, _path(manifest, token), token)
    assert canvas is not None
    try:
        return decode(data, canvas.width, canvas.height)
    except ValueError as error:
        raise token_error(token, f"its wallpaper cannot be trusted: {error}") from error


def wallpapers_folder(manifest: Manifest, files: Files) -> Folder | None:
    """wallpapers/ as the record gives it, files of several blocks from the CAR; None without."""
    profile = PROFILES[manifest.collection.storage.profile]

    def picture(token: Token, wallpaper: Wallpaper) -> File | bytes:
        image = wallpaper.image
        if profile.one_block(image.size):  # its digest, which is checked, is its CID
            return File(f"{token.token_id}.png", image.file, image.size)
        return read_file(files, _path(manifest, token), token)

    pairs = [(token, token.wallpaper) for token in manifest.tokens if token.wallpaper]
    if not pairs:
        return None
    return LazyFolder({f"{t.token_id}.png": partial(picture, t, each) for t, each in pairs})


def _path(manifest: Manifest, token: Token) -> str:
    return f"{published(manifest).wallpapers}/{token.token_id}.png"
