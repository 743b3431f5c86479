"""The stage `banner`: a token's picture -> the collection's banner, painted once per cause."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from mint.curate.batch import settled
from mint.curate.decisions import BannerWish, FeaturedWish
from mint.curate.decisions_file import DecisionsFile
from mint.curate.studio import Studio
from mint.curate.token import Token
from mint.document import sha256
from mint.errors import RenderError
from mint.models.refiners import refuse_beginning
from mint.models.upscaler import LARGEST
from mint.paint.outpaint import Banner, fitted, outpaint
from mint.paint.picture import Picture, recalled, remember_picture, stored
from mint.paint.png import decode, encode
from mint.paint.sources import remember_source
from mint.plan.banner import Cause, Frame, canvas, words
from mint.spec.yaml_source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mint.paint.png import Pixels
    from mint.plan.recipe import Recipe, Runtime, Slot

STEP = "banner"  # of the memo: a cause's digest -> the banner


def painted_digest(token: Token) -> str:
    """Of its picture's pixels as painted, before it was enlarged."""
    return token.enlarged.painted if token.enlarged else token.image.pixels


def cause_of(studio: Studio, token: Token, frame: Frame) -> Cause:
    """What would decide the pixels of a banner painted here and now."""
    collection, recipe = studio.collection, token.recipe
    upscalers = studio.models.upscalers if _enlarges(studio, frame) else None
    own = words(frame.beside, collection, token.token_id, token.traits, recipe.prompt)
    return Cause(
        frame=frame,
        recipe=recipe,
        painted=painted_digest(token),
        prompt=frame.prompt or own,
        runtime=studio.runtime.digest,
        upscaler=upscalers.current.digest if upscalers else None,
    )


def _enlarges(studio: Studio, frame: Frame) -> bool:
    scale = studio.models.upscaler.scale if studio.models.upscaler else None
    return scale is not None and enlarges(frame, studio.settings.size, scale)


def enlarges(frame: Frame, size: tuple[int, int], scale: int) -> bool:
    """Whether a canvas around a picture of `size` is enlarged by a model, `scale` times.

    It is where it is smaller than the banner, and not beyond what readers open.
    """
    place = canvas(frame, size)
    smaller = place.width < frame.width or place.height < frame.height
    return smaller and max(place.width, place.height) * scale <= LARGEST


def recalled_banner(studio: Studio, token: Token, frame: Frame) -> Banner | None:
    """The token's picture in this frame, if known runtimes painted and enlarged that.

    It is then still in the store.
    """
    cause, upscalers = cause_of(studio, token, frame), studio.models.upscalers
    enlargers = (
        [each.digest for each in upscalers.known] if cause.upscaler and upscalers else [None]
    )
    for runtime, upscaler in product(studio.models.painters.known, enlargers):
        update = {"runtime": runtime.digest, "upscaler": upscaler}
        if earlier := _recalled(studio, cause.model_copy(update=update)):
            return earlier
    return None


def paint_banner(studio: Studio, token: Token, frame: Frame) -> Banner:
    """The token's picture in this frame; what is in the store is not painted again.

    Raises RenderError.
    """
    if earlier := recalled_banner(studio, token, frame):
        return earlier
    cause, progress, steps = cause_of(studio, token, frame), studio.progress, 1

    def framing(done: int, total: int) -> None:
        nonlocal steps
        steps = total + 1  # the last is to fit it
        progress("framing", done, steps)

    whole = outpaint(
        cause,
        _picture(studio, token),
        studio.collection.seed,
        partial(remember_source, studio.store),
        partial(_window, studio),
        framing,
    )
    upscale = studio.upscale if cause.upscaler else None
    pixels = fitted(whole, (frame.width, frame.height), upscale)
    progress("framing", steps, steps)
    png = encode(pixels)
    image = Picture(pixels=sha256(pixels.tobytes()), file=studio.store.put(png), size=len(png))
    parts = {name: value for name, value in cause if name in Banner.model_fields}
    banner = Banner(image=image, **parts)
    studio.store.remember(STEP, cause.digest, banner.canonical())
    return banner


def _recalled(studio: Studio, cause: Cause) -> Banner | None:
    data = studio.store.recall(STEP, cause.digest)
    try:
        banner = Banner.parse(data) if data else None
    except ValidationError:  # written by another version of mint: as good as absent
        return None
    there = banner and studio.store.has(banner.image.file, banner.image.size)
    return banner if there else None


def _picture(studio: Studio, token: Token) -> Pixels:
    """The token's picture as painted; painted again if it is not in the store any more."""
    recipe, store = token.recipe, studio.store
    picture = recalled(store, "render", recipe.digest)
    if picture is None or picture.pixels != painted_digest(token):
        raise RenderError(
            f"the picture of token {token.token_id} is not in .mint any more",
            hint="run mint build, which paints it again",
        )
    return decode(stored(store, picture), *recipe.diffusion.size)


def _window(studio: Studio, recipe: Recipe) -> Pixels:
    """A window of a banner, from the store or painted."""
    store = studio.store
    picture = recalled(store, "render", recipe.digest)
    if picture is None:
        (pixels,) = studio.renderer([recipe])
        remember_picture(store, "render", recipe.digest, pixels)
        return pixels
    return decode(stored(store, picture), *recipe.diffusion.size)


class Settled(NamedTuple):
    """Parts of the manifest; `runtimes` maps the digests of what painted the banner."""

    banner: Banner | None
    featured: int | None
    runtimes: dict[str, Runtime]


class Chosen(NamedTuple):
    """What decisions.yaml says of the collection's own pictures, as far as it holds today."""

    banner: BannerWish | None = None
    featured: FeaturedWish | None = None


def chosen(wishes: DecisionsFile, tokens: Sequence[Token], warn: Callable[[str], None]) -> Chosen:
    """The banner and the featured token whose pictures the tokens have now.

    `warn` hears of each that does not hold: no banner shows a picture that its artist has not seen.
    """
    by_id = {token.token_id: token for token in tokens}

    def holds(wish: BannerWish | FeaturedWish) -> bool:
        token = by_id.get(wish.token)
        if token and painted_digest(token).startswith(wish.picture or ""):
            return True
        what = "has another picture by now" if token else f"is not among {len(tokens)}"
        command = f"mint banner --{'token' if isinstance(wish, BannerWish) else 'featured'}"
        warn(
            f"warning: {wishes.place(wish)}: token {wish.token} {what}, so this is not obeyed; "
            f"look at it and run {command} again, or delete the line"
        )
        return False

    decisions = wishes.decisions
    return Chosen(
        next(filter(holds, decisions.banner), None), next(filter(holds, decisions.featured), None)
    )


def settled_banner(
    studio: Studio,
    source: Source,
    slots: Sequence[Slot],
    wishes: DecisionsFile,
    tokens: Sequence[Token],
    warn: Callable[[str], None],
) -> Settled:
    """The banner and the featured token, as far as decisions.yaml has them, and what painted.

    Raises CollectionError, which names a place in `source`, where the model cannot paint beside a
    picture.
    """
    wish, featured = chosen(wishes, tokens, warn)
    number = featured.token if featured else None
    if wish is None:
        return Settled(None, number, {})
    painter, image = studio.models.painter, studio.collection.image
    refuse_beginning(image, source, painter.path, masked=True)
    batch_studio = settled(studio, slots)
    token = next(token for token in tokens if token.token_id == wish.token)
    banner = paint_banner(batch_studio, token, wish.frame)
    digests = {banner.runtime, banner.upscaler}
    return Settled(
        banner, number, {r.digest: r for r in known(batch_studio) if r.digest in digests}
    )


def known(studio: Studio) -> tuple[Runtime, ...]:
    """All that may have painted or enlarged a banner."""
    painters, upscalers = studio.models.painters, studio.models.upscalers
    return (*painters.known, *(upscalers.known if upscalers else ()))
