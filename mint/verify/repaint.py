"""Some tokens painted, and enlarged, once more; each must be the picture that was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from random import SystemRandom
from typing import TYPE_CHECKING, NamedTuple

from mint.document import sha256
from mint.errors import VerifyError
from mint.models.kernels import KERNELS
from mint.models.machines import painting_runtime
from mint.models.runtime import import_torch
from mint.models.upscaler import Upscaler, upscaler_runtime
from mint.models.weights import Model
from mint.paint.batches import pack, padded
from mint.paint.enlarge import Upscale, load_upscaler
from mint.paint.sources import Sources, paint_one
from mint.plan.difference import difference
from mint.plan.recipe import Recipe, Runtime, diffusion
from mint.record.manifest import Manifest
from mint.stages import Progress, underway
from mint.verify.claims import token_error
from mint.verify.comparison import COARSE, FINE, compare, excess
from mint.verify.files import Files
from mint.verify.offline import recorded_pixels, source_pixels

if TYPE_CHECKING:
    from mint.curate.token import Token
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels


ANOTHER = "another picture"
NOT_ENLARGED = "painted again it is not what was enlarged"


class Repainting(NamedTuple):
    """A picture painted here; `difference` names what is unlike the recorded runtime, if anything.

    `difference` is "" where library versions, device and weights are all the same. `again` paints
    it by other kernels, to see what of it a last bit decides. `small` is the digest of what was
    enlarged, if anything was.
    """

    pixels: Pixels
    difference: str
    again: Callable[[], Sequence[Pixels]]
    small: str = ""


Enlarge = Callable[["Token", Repainting], Repainting]


def check_pixels(
    manifest: Manifest,
    files: Files,
    model: Model,
    sample: int,
    progress: Progress,
    *,
    upscaler: tuple[Upscaler, str] | None = None,
) -> Iterator[str]:
    """Paint `sample` tokens again with `model` and compare every pixel; one sentence a token.

    `upscaler` is what enlarges them, if anything, and its file's SHA-256. The tokens are drawn here
    and now, so that no artist can know which ones. Where a picture is not equal to the bit, the
    sentence says how far apart both are; what rounding does not explain raises VerifyError.
    """
    sampled, done = sample_tokens(manifest, sample), 0
    yield from _adapters(manifest, model)
    enlarge = _enlarger(manifest, *upscaler) if upscaler else None
    for digest in sorted(manifest.runtimes):
        tokens = [token for token in sampled if token.recipe.runtime == digest]
        repainting = repaint(manifest, files, digest, model, tokens, progress)
        progress("painting", done, len(sampled))
        for token, picture in repainting:
            final = enlarge(token, picture) if enlarge else picture
            sentence = _compare(manifest, token, final, recorded_pixels(manifest, files, token))
            done += 1
            progress("painting", done, len(sampled))
            yield sentence


def sample_tokens(manifest: Manifest, sample: int) -> Sequence[Token]:
    """`sample` tokens that nobody can foretell; all of them when there are no more."""
    return SystemRandom().sample(manifest.tokens, min(sample, len(manifest.tokens)))


def repaint(
    manifest: Manifest,
    files: Files,
    digest: str,
    model: Model,
    tokens: Sequence[Token],
    progress: Progress,
) -> Iterator[tuple[Token, Repainting]]:
    """Paint tokens of one runtime, each in the place of its batch where it was painted first."""
    from mint.paint.render import open_renderer

    if not tokens:
        return
    original, here = manifest.runtimes[digest], here_as(manifest, digest, model)

    @cache
    def painted(recipe: Recipe) -> Pixels:
        return paint_one(paint, recipe, original.batch or 1)

    sources = Sources(painted, partial(source_pixels, manifest, files))
    with underway(progress, "loading"):
        paint = open_renderer(model, diffusion(manifest.collection), here, sources)
    for batch in pack(tokens, original.batch or 1):
        for token, pixels in zip(batch, paint(padded(batch)), strict=True):
            if token is not None:
                again = partial(_paint_otherwise, paint, token.recipe)
                yield token, Repainting(pixels, difference(original, here), again)


def here_as(manifest: Manifest, digest: str, model: Model) -> Runtime:
    """What paints here in place of the recorded runtime; raises VerifyError for another LoRA."""
    original = manifest.runtimes[digest]
    image = manifest.collection.image.model_copy(update={"batch": "auto"})  # the recorded one
    here = painting_runtime(image, model, original)
    _refuse_other_files(original, here)
    return here


def _paint_otherwise(paint: Renderer, recipe: Recipe) -> Sequence[Pixels]:
    """The picture by each of the other kernels; alone, which rounds otherwise, too."""
    pictures = []
    for kernels in KERNELS:
        with kernels(import_torch()):
            pictures += paint([recipe])
    return pictures


def _refuse_other_files(original: Runtime, here: Runtime) -> None:
    """Raise VerifyError for a LoRA or checkpoint that is another than the one that painted."""
    for name, digest in (here.files or {}).items():
        before = (original.files or {}).get(name)
        if before is not None and before != digest:
            raise VerifyError(
                f"{name} here (SHA-256 {digest[:12]}...) is not the file that painted",
                hint=f"verify with the one whose SHA-256 is {before}",
            )


def _adapters(manifest: Manifest, model: Model) -> Iterator[str]:
    """The LoRA files that painted, where they are those that are here; by what right, if known."""
    file_sets = [runtime.files or {} for runtime in manifest.runtimes.values()]
    for adapter in manifest.collection.painting.adapters:
        digest = (model.digests or {}).get(adapter.name)
        if any(files.get(adapter.name) == digest for files in file_sets):
            right = f", learned under the consent {adapter.consent}" if adapter.consent else ""
            yield f"{adapter.name} is the LoRA that painted: SHA-256 {digest}{right}"


def upscaling(
    manifest: Manifest, upscaler: Upscaler, weights: str
) -> Callable[[str], tuple[Upscale, str]]:
    """The digest of a recorded Runtime -> what enlarges in its place, and what is unlike it."""

    @cache
    def load(digest: str) -> tuple[Upscale, str]:
        original = manifest.runtimes[digest]
        if original.scale != upscaler.scale:
            raise VerifyError(
                f"{upscaler.file} enlarges {upscaler.scale} times, not {original.scale}",
                hint=f"verify with the file whose SHA-256 is {original.weights}",
            )
        here = upscaler_runtime(upscaler, weights, threads=original.threads, dtype=original.dtype)
        here = here.model_copy(update={"dtype": original.dtype})  # a GPU's own is another one
        return load_upscaler(upscaler, here), difference(original, here)

    return load


def _enlarger(manifest: Manifest, upscaler: Upscaler, weights: str) -> Enlarge:
    load = upscaling(manifest, upscaler, weights)

    def enlarge(token: Token, repainting: Repainting) -> Repainting:
        assert token.enlarged is not None  # check_plan refuses a token that is not
        upscale, other = load(token.enlarged.runtime)
        both = ", ".join(filter(None, (repainting.difference, other)))
        again = partial(_enlarge_all, upscale, repainting.again)
        small = sha256(repainting.pixels.tobytes())
        return Repainting(upscale(repainting.pixels), both, again, small)

    return enlarge


def _enlarge_all(upscale: Upscale, again: Callable[[], Sequence[Pixels]]) -> Sequence[Pixels]:
    return [upscale(pixels) for pixels in again()]


def _compare(manifest: Manifest, token: Token, picture: Repainting, original: Pixels) -> str:
    verb = "painted again and enlarged" if token.enlarged else "painted again"
    if sha256(picture.pixels.tobytes()) == token.image.pixels:
        if token.enlarged and picture.small != token.enlarged.painted:
            raise token_error(token, NOT_ENLARGED)
        return f"token {token.token_id} {verb}: every pixel is equal"
    apart = compare(picture.pixels, original)
    where = f"; another runtime: {picture.difference}" if picture.difference else ""
    dtype = token.recipe.diffusion.dtype
    if dtype == "float64" and not where:
        raise token_error(token, f"{verb} it is {ANOTHER}, and in float64 no machine paints it so")
    scale = manifest.size(token)[0] // token.recipe.diffusion.width
    if not apart.is_rounding(scale):
        grain = COARSE if dtype in ("bfloat16", "float16") else FINE
        worst = excess(picture.pixels, original, picture.again(), grain, scale)
        if worst.times > 1:
            place = f"most at {worst.x}, {worst.y} within {worst.side} pixels"
            beyond = f"{worst.times:,.1f} times what rounding explains"
            raise token_error(token, f"{verb} it is {ANOTHER} ({apart}; {beyond}, {place}{where})")
    return f"token {token.token_id} {verb}: not the same to the bit; {apart}{where}"
