"""The banner painted once more, from its token's recipe on; it must be the one on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from mint.document import sha256
from mint.errors import VerifyError
from mint.models.kernels import KERNELS
from mint.models.runtime import import_torch
from mint.paint.outpaint import Banner, fitted, outpaint
from mint.paint.sources import Sources, paint_one
from mint.plan.difference import difference
from mint.plan.recipe import Recipe, diffusion
from mint.record.manifest import Manifest
from mint.stages import Progress, underway
from mint.verify.banner import banner_pixels, banner_token
from mint.verify.comparison import COARSE, FINE, compare, excess
from mint.verify.files import Files
from mint.verify.offline import source_pixels
from mint.verify.repaint import here_as, upscaling

if TYPE_CHECKING:
    from mint.models.upscaler import Upscaler
    from mint.models.weights import Model
    from mint.paint.enlarge import Upscale
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels


def check_banner_pixels(
    manifest: Manifest,
    files: Files,
    model: Model,
    progress: Progress,
    upscaler: tuple[Upscaler, str] | None,
) -> Iterator[str]:
    """Paint the banner again, its token's picture first; a sentence, or VerifyError."""
    if manifest.banner is not None:
        painter = BannerPainter(manifest, files, model, progress, upscaler)
        original = banner_pixels(manifest.banner, files)
        yield painter.compare(manifest.banner, original, "the banner")


class BannerPainter:
    """Paints by the runtimes on record; a window's known part is put where its painter looks."""

    def __init__(
        self,
        manifest: Manifest,
        files: Files,
        model: Model,
        progress: Progress,
        upscaler: tuple[Upscaler, str] | None,
    ) -> None:
        self.manifest, self.files, self.model = manifest, files, model
        self.progress = progress
        self.pictures: dict[str, Pixels] = {}
        self.opened = cache(self._opened)
        self.upscaling = upscaling(manifest, *upscaler) if upscaler else None

    def compare(self, banner: Banner, original: Pixels, what: str) -> str:
        """Paint it, its token's picture first; a sentence about `what`, or VerifyError."""
        upscale, other = None, ""
        if banner.upscaler is not None and self.upscaling:
            upscale, other = self.upscaling(banner.upscaler)
        repainting = self.banner(banner, upscale)
        apart = ", ".join(filter(None, (self.difference(banner.runtime), other)))
        again = partial(_otherwise, partial(self.banner, banner, upscale))
        return _compare(self.manifest, repainting, original, again, apart, f"{what} painted again")

    def difference(self, digest: str) -> str:
        """What is unlike the recorded runtime here."""
        return difference(
            self.manifest.runtimes[digest], here_as(self.manifest, digest, self.model)
        )

    def banner(self, banner: Banner, upscale: Upscale | None) -> Pixels:
        """The whole banner, from its token's recipe on."""
        recipe, frame = banner_token(self.manifest, banner.frame.token).recipe, banner.frame
        whole = outpaint(
            banner.cause(recipe),
            self.paint(recipe),
            self.manifest.collection.seed,
            self._pin,
            self.paint,
            lambda done, total: self.progress("painting", done, total),
        )
        return fitted(whole, (frame.width, frame.height), upscale)

    def paint(self, recipe: Recipe) -> Pixels:
        """What a recipe gives, by the runtime that it names."""
        batch = self.manifest.runtimes[recipe.runtime].batch or 1
        return paint_one(self.opened(recipe.runtime), recipe, batch)

    def _pin(self, pixels: Pixels) -> str:
        digest = sha256(pixels.tobytes())
        self.pictures[digest] = pixels
        return digest

    def _source(self, digest: str, size: tuple[int, int]) -> Pixels:
        if digest in self.pictures:
            return self.pictures[digest]
        return source_pixels(self.manifest, self.files, digest, size)

    def _opened(self, digest: str) -> Renderer:
        from mint.paint.render import open_renderer

        here = here_as(self.manifest, digest, self.model)
        sources = Sources(self.paint, self._source)
        with underway(self.progress, "loading"):
            return open_renderer(self.model, diffusion(self.manifest.collection), here, sources)


def _otherwise(paint: Callable[[], Pixels]) -> Sequence[Pixels]:
    """The banner by each of the other kernels, from its first window on."""
    pictures = []
    for kernels in KERNELS:
        with kernels(import_torch()):
            pictures.append(paint())
    return pictures


def _compare(
    manifest: Manifest,
    repainting: Pixels,
    original: Pixels,
    again: Callable[[], Sequence[Pixels]],
    difference: str,
    what: str,
) -> str:
    if repainting.tobytes() == original.tobytes():
        return f"{what}: every pixel is equal"
    apart, where = compare(repainting, original), f"; another runtime: {difference}"
    dtype = manifest.collection.image.dtype
    if dtype == "float64" and not difference:
        raise VerifyError(f"{what} is another picture")
    if not apart.is_rounding(2):  # it was resampled, and so a last bit may be a spot
        grain = COARSE if dtype in ("bfloat16", "float16") else FINE
        if excess(repainting, original, again(), grain, 1).times > 1:
            raise VerifyError(f"{what} is another picture ({apart}{where})")
    return f"{what}: not the same to the bit; {apart}{where * bool(difference)}"
