"""One film painted, and compressed, once more; it must be the film that was published."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mint.curate.animate import Cinema, enlarged, open_cinema
from mint.models.animators import find_video
from mint.models.find import find_painter, find_upscaler
from mint.models.machines import painting_runtime
from mint.models.runtime import runtime
from mint.models.upscaler import upscaler_runtime
from mint.models.weights import Model
from mint.paint.mp4 import LIBRARY, can_encode, decode_film, encode_film, encoder_version
from mint.plan.difference import difference
from mint.record.manifest import Manifest
from mint.spec.animate import WALK
from mint.stages import Progress, underway
from mint.store import Store
from mint.verify.claims import published, read_file, token_error
from mint.verify.files import Files
from mint.verify.offline import recorded_pixels
from mint.verify.repaint import repaint
from mint.verify.unchecked import Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mint.curate.token import Animation, Token
    from mint.paint.png import Pixels

NEAR = 24.0  # dB of a frame and what H.264 keeps of it: 34 to 37; another token has 8 to 11


class _Studio(NamedTuple):
    """What paints the token's picture, what paints its film, and what of that is another here."""

    painter: Model
    cinema: Cinema
    difference: str


def check_films(
    manifest: Manifest, files: Files, file: Path, store: Store, sample: int, progress: Progress
) -> Iterator[str]:
    """Paint the film of one token that nobody can foretell; a sentence, or VerifyError.

    `file` is collection.yaml, or where it would be. Without a `sample` nothing is painted.
    """
    moving = [token for token in manifest.tokens if token.animation]
    if not moving or not sample:
        return
    if not can_encode():
        yield Unchecked(f"no film was painted again: {LIBRARY} is not installed")
        return
    token = SystemRandom().choice(moving)
    assert token.animation is not None
    studio = _open(manifest, token, token.animation, file, store)
    frames = _frames(manifest, files, token, studio, progress)
    data = read_file(files, f"{published(manifest).animations}/{token.token_id}.mp4", token)
    yield _compare(token, token.animation, frames, data, studio.difference)


def _open(manifest: Manifest, token: Token, film: Animation, file: Path, store: Store) -> _Studio:
    """The models that a build beside `file` would use, with the recorded threads."""
    collection, original = manifest.collection, manifest.runtimes[film.runtime]
    animate = collection.animate
    assert animate is not None  # check_plan refuses a film without it
    image = collection.image.model_copy(update={"batch": "auto"})  # the recorded one
    painter = find_painter(image, file, store)
    video = None if animate.model == WALK else find_video(animate, painter, file, store)
    if video is None:
        here = painting_runtime(image, painter, original)
    else:
        here = runtime(video.digest, threads=original.threads, dtype=image.dtype)
    others = [difference(original, here)]
    upscaler = None
    if film.enlarged and image.upscale:
        before = manifest.runtimes[film.enlarged]
        enlarger, weights = find_upscaler(image.upscale, file, store)
        larger = upscaler_runtime(enlarger, weights, threads=before.threads, dtype=before.dtype)
        larger = larger.model_copy(update={"dtype": before.dtype})  # a GPU's own is another one
        others.append(difference(before, larger))
        upscaler = enlarger, (larger,)
    cinema = open_cinema(collection, (painter, video), (here,), upscaler)
    return _Studio(painter, cinema, ", ".join(filter(None, others)))


def _frames(
    manifest: Manifest, files: Files, token: Token, studio: _Studio, progress: Progress
) -> list[Pixels]:
    picture = small = recorded_pixels(manifest, files, token)
    if token.enlarged is not None:
        runs = token.recipe.runtime, studio.painter, [token], progress
        small = next(again.pixels for _, again in repaint(manifest, files, *runs))
    with underway(progress, "loading"):
        paint = studio.cinema.open()
        enlarge = studio.cinema.open_upscaler() if studio.cinema.open_upscaler else None
    with underway(progress, "animating"):
        return list(enlarged(paint(token.recipe, small), small, picture, enlarge))


def _compare(
    token: Token, film: Animation, frames: Sequence[Pixels], data: bytes, other: str
) -> str:
    what = f"token {token.token_id}'s film painted again"
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(frame.tobytes())
    where = f"; another runtime: {other}" if other else ""
    if digest.hexdigest() == film.frames:
        return f"{what}: all {len(frames)} frames are equal; {_mp4(token, film, frames, data)}"
    if token.recipe.diffusion.dtype == "float64" and not other:
        raise token_error(token, "its film painted again is another one, in float64")
    near = _nearness(token, frames, data)
    return f"{what}: not the same to the bit, and at least {near:.1f} dB near the mp4{where}"


def _mp4(token: Token, film: Animation, frames: Sequence[Pixels], data: bytes) -> str:
    """What is said of the mp4 file, when the frames are the recorded ones."""
    if film.encoder == encoder_version():
        if encode_film(frames, film.fps).data != data:
            raise token_error(token, "its mp4 is not what its frames give")
        return "so is the mp4, to the byte"
    near = _nearness(token, frames, data)
    return f"the mp4, by {film.encoder}, shows them at {near:.1f} dB or better"


def _nearness(token: Token, frames: Sequence[Pixels], data: bytes) -> float:
    """The least peak signal-to-noise ratio of a frame, in dB; raises VerifyError below NEAR."""
    high, wide = frames[0].shape[:2]
    try:
        decoded = decode_film(data, len(frames), wide, high)
        least = min(_decibel(one, other) for one, other in zip(frames, decoded, strict=True))
    except ValueError as error:
        raise token_error(token, f"its mp4 cannot be trusted: {error}") from error
    if least < NEAR:
        raise token_error(token, f"its mp4 shows something else than its frames ({least:.1f} dB)")
    return least


def _decibel(one: Pixels, other: Pixels) -> float:
    error = float(((one.astype(np.float64) - other) ** 2).mean())
    return 100.0 if not error else 10 * math.log10(255**2 / error)
