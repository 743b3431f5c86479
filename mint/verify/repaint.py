"""Some tokens painted, and enlarged, once more; each must be the picture that was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import SystemRandom
from typing import TYPE_CHECKING

import numpy as np

from mint.document import sha256
from mint.errors import VerifyError
from mint.ipfs.car import Car
from mint.models.upscaler import Upscaler, upscaler_runtime
from mint.models.weights import Model
from mint.paint.batches import pack, padded
from mint.paint.enlarge import Upscale, load_upscaler
from mint.plan.recipe import difference, diffusion
from mint.record.manifest import Manifest
from mint.verify.offline import recorded_pixels, wrong

if TYPE_CHECKING:
    from mint.curate.token import Token
    from mint.paint.png import Pixels


SAME_TO_THE_EYE = 30.0  # dB of PSNR between runtimes; equal runtimes must be equal to the bit

# (token, painted pixels, how the painter differs) -> enlarged pixels, and how either differs.
Enlarge = Callable[["Token", "Pixels", str], "tuple[Pixels, str]"]


def check_pixels(
    manifest: Manifest,
    car: Car,
    model: Model,
    sample: int,
    *,
    upscaler: tuple[Upscaler, str] | None = None,
) -> Iterator[str]:
    """Paint `sample` tokens again with `model` and compare every pixel.

    `upscaler` is what enlarges them, if anything, and its file's SHA-256. The tokens are drawn here
    and now, so that no artist can know which ones. On another runtime the pictures cannot be equal
    to the last bit, so there the claim is a PSNR.
    """
    from mint.models.runtime import runtime
    from mint.paint.render import diffusers_renderer

    drawn = sampled(manifest, sample)
    enlarge = _enlarger(manifest, *upscaler) if upscaler else None
    for digest, painter in sorted(manifest.runtimes.items()):
        mine = [t for t in drawn if t.recipe.runtime == digest]
        if not mine:
            continue
        here = runtime(model.digest, threads=painter.threads)
        paint = diffusers_renderer(model.path, diffusion(manifest.collection), here)
        for batch in pack(mine, manifest.collection.image.batch):
            for token, pixels in zip(batch, paint(padded(batch)), strict=True):
                if token is not None:
                    made = pixels, difference(painter, here)
                    made = enlarge(token, *made) if enlarge else made
                    yield _compare(token, made[0], recorded_pixels(manifest, car, token), made[1])


def sampled(manifest: Manifest, sample: int) -> Sequence[Token]:
    """`sample` tokens that nobody can foretell; all of them when there are no more."""
    return SystemRandom().sample(manifest.tokens, min(sample, len(manifest.tokens)))


def _enlarger(manifest: Manifest, upscaler: Upscaler, weights: str) -> Enlarge:
    @cache
    def ready(digest: str) -> tuple[Upscale, str]:
        told = manifest.runtimes[digest]
        if told.scale != upscaler.scale:
            raise VerifyError(
                f"{upscaler.file} enlarges {upscaler.scale} times, not {told.scale}",
                hint=f"verify with the file whose SHA-256 is {told.weights}",
            )
        here = upscaler_runtime(upscaler, weights, threads=told.threads)
        return load_upscaler(upscaler, here), difference(told, here)

    def enlarge(token: Token, painted: Pixels, changed: str) -> tuple[Pixels, str]:
        assert token.enlarged is not None  # check_plan asked
        if not changed and sha256(painted.tobytes()) != token.enlarged.painted:
            raise wrong(token, "painted again by the same runtime it is not what was enlarged")
        upscale, other = ready(token.enlarged.runtime)
        return upscale(painted), ", ".join(filter(None, (changed, other)))

    return enlarge


def _compare(token: Token, painted: Pixels, recorded: Pixels, changed: str) -> str:
    again = "painted again and enlarged" if token.enlarged else "painted again"
    if sha256(painted.tobytes()) == token.image.pixels:
        return f"token {token.token_id} {again}: every pixel is equal"
    if not changed:
        raise wrong(token, f"{again} by the same runtime it is another picture")
    error = float(np.mean((painted.astype(np.float64) - recorded.astype(np.float64)) ** 2))
    psnr = 10 * np.log10(255**2 / error)
    if psnr < SAME_TO_THE_EYE:
        raise wrong(token, f"{again} here it differs (PSNR {psnr:.1f} dB; {changed})")
    return f"token {token.token_id} {again}: PSNR {psnr:.1f} dB (other runtime: {changed})"
