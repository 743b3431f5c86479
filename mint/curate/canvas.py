"""The stage `canvas`: tokens -> the same tokens, some with a wallpaper; each is painted once.

It is what `mint banner --wallpaper` would paint in the same size, so what an artist tried before
is not painted again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mint.curate.banner import known, paint_banner, recalled_banner
from mint.curate.batch import settled
from mint.curate.studio import Studio
from mint.curate.token import Token, Wallpaper
from mint.document import sha256
from mint.paint.stopwatch import Stopwatch
from mint.plan.banner import wallpaper_frame
from mint.stages import Forecast, Step

if TYPE_CHECKING:
    from mint.paint.outpaint import Banner
    from mint.plan.recipe import Runtime, Slot
    from mint.spec.canvas import Wallpapers


def extend_tokens(
    studio: Studio,
    slots: Sequence[Slot],
    tokens: Sequence[Token],
    canvas: Wallpapers,
    selection: frozenset[int],
) -> tuple[tuple[Token, ...], dict[str, Runtime]]:
    """The tokens, a wallpaper for those of `selection`, and what painted these by its digest.

    Raises RenderError.
    """
    studio = settled(studio, slots)
    quiet = _quiet(studio)
    owners = [token for token in tokens if token.token_id in selection]
    frames = {token.token_id: wallpaper_frame(canvas, token.token_id) for token in owners}
    earlier = ((t.token_id, recalled_banner(studio, t, frames[t.token_id])) for t in owners)
    banners = {token_id: banner for token_id, banner in earlier if banner}
    missing = [token for token in owners if token.token_id not in banners]
    for token in _underway(studio, missing, canvas):
        banners[token.token_id] = paint_banner(quiet, token, frames[token.token_id])
    wallpapers = {token_id: _wallpaper(banner) for token_id, banner in banners.items()}
    digests = {d for each in wallpapers.values() for d in (each.runtime, each.upscaler)}
    runtimes = {each.digest: each for each in known(studio) if each.digest in digests}
    parts = ({"wallpaper": wallpapers.get(token.token_id)} for token in tokens)
    pairs = zip(tokens, parts, strict=True)
    return tuple(token.model_copy(update=part) for token, part in pairs), runtimes


def _underway(studio: Studio, missing: Sequence[Token], canvas: Wallpapers) -> Iterator[Token]:
    """The tokens one by one, with news of how many of their wallpapers are painted."""
    if not missing:
        return
    watch, progress, total = extending_stopwatch(studio, canvas), studio.progress, len(missing)
    studio.announce(Forecast(0, 0, 0, to_extend=total, extend_seconds=watch.seconds))
    progress("extending", 0, total)
    yield from watch.timed(
        missing, lambda token: 1, lambda done: progress("extending", done, total)
    )


def _quiet(studio: Studio) -> Studio:
    """The studio, which says that it loads, and nothing of single windows."""

    def progress(step: Step, done: int, total: int) -> None:
        if step == "loading":
            studio.progress(step, done, total)

    return replace(studio, progress=progress)


def _wallpaper(banner: Banner) -> Wallpaper:
    return Wallpaper(image=banner.image, runtime=banner.runtime, upscaler=banner.upscaler)


def extending_stopwatch(studio: Studio, canvas: Wallpapers) -> Stopwatch:
    """How long a wallpaper takes with these settings on such a machine."""
    causes = studio.settings, canvas, studio.runtime
    key = sha256(b"".join(each.canonical() for each in causes))
    return Stopwatch(studio.store, "extending", key)
