"""The films of a manifest against its collection and its CAR."""

from __future__ import annotations

from functools import partial

from mint.curate.token import Animation, Token
from mint.ipfs.tree import File, Folder, LazyFolder
from mint.ipfs.unixfs import PROFILES
from mint.record.manifest import Manifest, Publication
from mint.record.selection import moving
from mint.verify.claims import published, read_file, token_error
from mint.verify.files import Files


def check_moving(manifest: Manifest) -> None:
    """Raise VerifyError unless just those tokens move that the collection says, as it says."""
    animate = manifest.collection.animate
    movers = moving(manifest.collection, manifest.tokens)
    if not any(token.animation for token in manifest.tokens) and manifest.metadata is None:
        return  # built so far only
    for token in manifest.tokens:
        film = token.animation
        if (film is not None) != (token.token_id in movers):
            raise token_error(token, "it does not move as the collection says")
        if film is None or animate is None:
            continue
        if (film.count, film.fps) != (animate.frames, animate.fps):
            raise token_error(token, "its film is not as long as the collection says")
        if film.runtime not in manifest.runtimes:
            raise token_error(token, "the runtime that painted its film is not recorded")
        enlarged = token.enlarged is not None and animate.enlarge
        if (film.enlarged is not None) != enlarged:
            raise token_error(token, "its film is not enlarged as the collection says")
        if film.enlarged and film.enlarged not in manifest.runtimes:
            raise token_error(token, "the runtime that enlarged its film is not recorded")


def check_film(publication: Publication, files: Files, token: Token) -> None:
    """Raise VerifyError unless the token's film in the CAR is the one on record."""
    if token.animation is None:
        return
    path = f"{publication.animations}/{token.token_id}.mp4"
    data = read_file(files, path, token)
    if files.digest(path) != token.animation.file or len(data) != token.animation.size:
        raise token_error(token, "its film in the CAR has another digest")


def films_folder(manifest: Manifest, files: Files) -> Folder | None:
    """animations/ as the record gives it, files of several blocks from the CAR; None without."""
    profile, publication = PROFILES[manifest.collection.storage.profile], published(manifest)

    def film(token: Token, animation: Animation) -> File | bytes:
        name = f"{token.token_id}.mp4"
        if profile.one_block(animation.size):  # its digest, which is checked, is its CID
            return File(name, animation.file, animation.size)
        return read_file(files, f"{publication.animations}/{name}", token)

    films = [(token, token.animation) for token in manifest.tokens if token.animation]
    if not films:
        return None
    return LazyFolder({f"{t.token_id}.mp4": partial(film, t, each) for t, each in films})
