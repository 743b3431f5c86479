"""Some tokens painted, and enlarged, once more; each must be the picture that was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import SystemRandom
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mint.document import sha256
from mint.errors import VerifyError
from mint.ipfs.car import Car
from mint.models.find import painting_runtime
from mint.models.upscaler import Upscaler, upscaler_runtime
from mint.models.weights import Model
from mint.paint.batches import pack, padded
from mint.paint.enlarge import Upscale, load_upscaler
from mint.plan.recipe import Runtime, difference, diffusion
from mint.record.manifest import Manifest
from mint.verify.offline import recorded_pixels, token_error

if TYPE_CHECKING:
    from mint.curate.token import Token
    from mint.paint.png import Pixels


NOT_ENLARGED = "painted again by the same runtime it is not what was enlarged"
SAME_TO_THE_EYE = 30.0  # dB of PSNR between runtimes; equal runtimes must be equal to the bit


class Repainting(NamedTuple):
    """A picture painted here; `difference` names what is unlike the recorded runtime, if anything.

    `difference` is "" where library versions, device and weights are all the same.
    """

    pixels: Pixels
    difference: str


Enlarge = Callable[["Token", Repainting], Repainting]


def check_pixels(
    manifest: Manifest,
    car: Car,
    model: Model,
    sample: int,
    *,
    upscaler: tuple[Upscaler, str] | None = None,
) -> Iterator[str]:
    """Paint `sample` tokens again with `model` and compare every pixel; one sentence a token.

    `upscaler` is what enlarges them, if anything, and its file's SHA-256. The tokens are drawn here
    and now, so that no artist can know which ones. On another runtime the pictures cannot be equal
    to the last bit, so there the sentence states a PSNR.
    """
    sampled = sample_tokens(manifest, sample)
    enlarge = _enlarger(manifest, *upscaler) if upscaler else None
    for digest in sorted(manifest.runtimes):
        tokens = [token for token in sampled if token.recipe.runtime == digest]
        for token, picture in _repaint(manifest, digest, model, tokens):
            final = enlarge(token, picture) if enlarge else picture
            yield _compare(token, final, recorded_pixels(manifest, car, token))


def sample_tokens(manifest: Manifest, sample: int) -> Sequence[Token]:
    """`sample` tokens that nobody can foretell; all of them when there are no more."""
    return SystemRandom().sample(manifest.tokens, min(sample, len(manifest.tokens)))


def _repaint(
    manifest: Manifest, digest: str, model: Model, tokens: Sequence[Token]
) -> Iterator[tuple[Token, Repainting]]:
    """Paint tokens of one runtime, each in the place of its batch where it was painted first."""
    from mint.paint.render import open_renderer

    if not tokens:
        return
    recorded = manifest.runtimes[digest]
    image = manifest.collection.image.model_copy(update={"batch": "auto"})  # the recorded one
    here = painting_runtime(image, model, recorded)
    _refuse_other_files(recorded, here)
    paint = open_renderer(model, diffusion(manifest.collection), here)
    for batch in pack(tokens, recorded.batch or 1):
        for token, pixels in zip(batch, paint(padded(batch)), strict=True):
            if token is not None:
                yield token, Repainting(pixels, difference(recorded, here))


def _refuse_other_files(recorded: Runtime, here: Runtime) -> None:
    """Raise VerifyError for a LoRA or checkpoint that is another than the one that painted."""
    for name, digest in (here.files or {}).items():
        before = (recorded.files or {}).get(name)
        if before is not None and before != digest:
            raise VerifyError(
                f"{name} here (SHA-256 {digest[:12]}...) is not the file that painted",
                hint=f"verify with the one whose SHA-256 is {before}",
            )


def _enlarger(manifest: Manifest, upscaler: Upscaler, weights: str) -> Enlarge:
    @cache
    def load(digest: str) -> tuple[Upscale, str]:
        recorded = manifest.runtimes[digest]
        if recorded.scale != upscaler.scale:
            raise VerifyError(
                f"{upscaler.file} enlarges {upscaler.scale} times, not {recorded.scale}",
                hint=f"verify with the file whose SHA-256 is {recorded.weights}",
            )
        here = upscaler_runtime(upscaler, weights, threads=recorded.threads, dtype=recorded.dtype)
        return load_upscaler(upscaler, here), difference(recorded, here)

    def enlarge(token: Token, painted: Repainting) -> Repainting:
        assert token.enlarged is not None  # check_plan refuses a token that is not
        same = sha256(painted.pixels.tobytes()) == token.enlarged.painted
        if not same and not painted.difference:
            raise token_error(token, NOT_ENLARGED)
        upscale, other = load(token.enlarged.runtime)
        both = ", ".join(filter(None, (painted.difference, other)))
        return Repainting(upscale(painted.pixels), both)

    return enlarge


def _compare(token: Token, picture: Repainting, recorded: Pixels) -> str:
    verb = "painted again and enlarged" if token.enlarged else "painted again"
    if sha256(picture.pixels.tobytes()) == token.image.pixels:
        return f"token {token.token_id} {verb}: every pixel is equal"
    if not picture.difference:
        raise token_error(token, f"{verb} by the same runtime it is another picture")
    psnr = _psnr(picture.pixels, recorded)
    if psnr < SAME_TO_THE_EYE:
        raise token_error(
            token, f"{verb} here it differs (PSNR {psnr:.1f} dB; {picture.difference})"
        )
    return (
        f"token {token.token_id} {verb}: equal to the eye, not to the bit "
        f"(PSNR {psnr:.1f} dB; another runtime: {picture.difference})"
    )


def _psnr(painted: Pixels, recorded: Pixels) -> float:
    """Peak signal-to-noise ratio in dB of two pictures of 8 bits that are not equal."""
    error = float(np.mean((painted.astype(np.float64) - recorded.astype(np.float64)) ** 2))
    return float(10 * np.log10(255**2 / error))
