"""Some wallpapers painted once more, from their tokens' recipes on."""

from __future__ import annotations

from collections.abc import Iterator
from random import SystemRandom
from typing import TYPE_CHECKING

from mint.verify.repaint_banner import BannerPainter
from mint.verify.wallpapers import banner_of, wallpaper_pixels

if TYPE_CHECKING:
    from mint.models.upscaler import Upscaler
    from mint.models.weights import Model
    from mint.record.manifest import Manifest
    from mint.stages import Progress
    from mint.verify.files import Files


def check_wallpaper_pixels(
    manifest: Manifest,
    files: Files,
    model: Model,
    sample: int,
    progress: Progress,
    upscaler: tuple[Upscaler, str] | None,
) -> Iterator[str]:
    """Paint the wallpapers of `sample` tokens that nobody can foretell; a sentence each.

    Raises VerifyError.
    """
    tokens = [token for token in manifest.tokens if token.wallpaper]
    painter = BannerPainter(manifest, files, model, progress, upscaler)
    for token in SystemRandom().sample(tokens, min(sample, len(tokens))):
        what = f"token {token.token_id}'s wallpaper"
        original = wallpaper_pixels(manifest, files, token)
        yield painter.compare(banner_of(manifest, token), original, what)
