"""A picture -> a wider or taller one around it, window by window, and that fitted to a banner.

Where a window is to be painted, what is there is mirrored into it, blurred, and painted over: so
light, colours and horizon go on. The edge of what was painted before is painted over once more,
less and less, so that no seam stays. The picture itself is never changed; what is painted next to
it takes on its tone at their common edge, since models paint a wall a shade lighter or darker.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.document import Document
from mint.paint.picture import Picture
from mint.plan.banner import Canvas, Cause, Frame, Way, Window, canvas, way_around, window_seed
from mint.plan.recipe import Recipe, Start
from mint.spec.beside import STRENGTHS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mint.paint.enlarge import Upscale
    from mint.paint.png import Pixels

SOFT = 8  # a window's side divided by it: how far what was painted before is painted over
BLUR = 16  # a window's side divided by it: the blur of the mirrored edge, in pixels
EDGE = 4  # pixels on either side of the picture's edge, whose tones are to be one
FADE = 2  # a window's side divided by it: how far from the edge the change of tone ends


class Banner(Document):
    """A banner as painted. `runtime` and `upscaler` are digests of Runtimes; `prompt` is what was
    painted beside the token's picture, whose pixels as painted have the digest `painted`.
    """

    frame: Frame
    painted: str
    prompt: str
    runtime: str
    upscaler: str | None = None
    image: Picture

    def cause(self, recipe: Recipe) -> Cause:
        """All that decides its pixels; `recipe` is that of its token's picture."""
        return Cause(
            frame=self.frame,
            recipe=recipe,
            painted=self.painted,
            prompt=self.prompt,
            runtime=self.runtime,
            upscaler=self.upscaler,
        )


# Puts a picture where the painter finds it, and returns the SHA-256 of its raw RGB rows.
Pin = Callable[["Pixels"], str]
PaintWindow = Callable[[Recipe], "Pixels"]


def outpaint(
    cause: Cause,
    picture: Pixels,
    collection_seed: int,
    pin: Pin,
    paint: PaintWindow,
    news: Callable[[int, int], None] = lambda done, total: None,
) -> Pixels:
    """The canvas of a banner around `picture`, of shape (height, width, 3).

    `paint` is called for each window in turn, and `news` hears how many of how many are painted.
    """
    high, wide = picture.shape[:2]
    place = canvas(cause.frame, (wide, high))
    # The long side first; at the end it is turned back.
    turned = picture if place.tall else picture.swapaxes(0, 1)
    path = way_around(cause.frame, (wide, high))
    side = path.side
    whole = np.zeros((path.length, *turned.shape[1:]), np.uint8)
    whole[path.begin : path.begin + side] = turned
    todo = list(path.windows())
    news(0, len(todo))
    for number, window in enumerate(todo):
        part = whole[window.start : window.start + side]
        mask = _mask(part.shape, window, path)
        start = Start(
            picture=pin(_upright(_draft(part, window), place)),
            strength=cause.frame.strength or STRENGTHS[cause.frame.beside],
            mask=pin(_upright(mask, place)),
        )
        pixels = paint(_recipe(cause, start, window_seed(cause, collection_seed, number)))
        part[:] = pixels if place.tall else pixels.swapaxes(0, 1)
        if abs(window.start - path.begin) == path.step:  # next to the picture
            part[:] = _toned(part, window)
        news(number + 1, len(todo))
    first = path.begin - place.before
    return _upright(whole[first : first + place.length], place)


def _upright(part: Pixels, place: Canvas) -> Pixels:
    return np.ascontiguousarray(part if place.tall else part.swapaxes(0, 1))


def _recipe(cause: Cause, start: Start, seed: int) -> Recipe:
    return cause.recipe.model_copy(
        update={
            "prompt": cause.prompt,
            "seed": seed,
            "slot": None,
            "runtime": cause.runtime,
            "start": start,
            "blend": None,
        }
    )


def _draft(part: Pixels, window: Window) -> Pixels:
    """What is there, and beside it the same mirrored and blurred; the long side is the first."""
    original = part[window.known : window.end]
    before, after = window.known, len(part) - window.end
    wide = np.pad(original, ((before, after), (0, 0), (0, 0)), mode="symmetric")
    draft = _blurred(wide, len(part) // BLUR)
    draft[window.known : window.end] = original
    return draft


def _toned(part: Pixels, window: Window) -> Pixels:
    """The window with what is new in the tone of what was there, most at their edge, then less."""
    toned = part.astype(np.int64)
    # Backwards where the new part is before the known one, so that it is always after it.
    way, edge = (toned, window.end) if not window.known else (toned[::-1], len(part) - window.known)
    before, after = way[edge - EDGE : edge], way[edge : edge + EDGE]
    gap = before.sum(axis=0, keepdims=True) - after.sum(axis=0, keepdims=True)
    gap = _smooth(gap, len(part) // BLUR)
    reach = min(len(part) // FADE, len(way) - edge)
    fall = np.arange(reach, 0, -1)[:, None, None]
    way[edge : edge + reach] += gap * fall // (EDGE * reach)
    return toned.clip(0, 255).astype(np.uint8)


def _blurred(pixels: Pixels, radius: int) -> Pixels:
    return _smooth(pixels.astype(np.int64), radius).astype(np.uint8)


def _smooth(blurred: NDArray[np.int64], radius: int) -> NDArray[np.int64]:
    """Three box blurs one after the other, in whole numbers, so that machines agree to the bit."""
    for axis in (0, 1):
        for _ in range(3):
            widths = [(radius, radius) if a == axis else (0, 0) for a in range(3)]
            padded = np.pad(blurred, widths, mode="edge")
            sums = np.cumsum(np.insert(padded, 0, 0, axis=axis), axis=axis)
            length, span = blurred.shape[axis], 2 * radius + 1
            upper = np.take(sums, range(span, span + length), axis)
            blurred = (upper - np.take(sums, range(length), axis) + span // 2) // span
    return blurred


def _mask(shape: tuple[int, ...], window: Window, path: Way) -> Pixels:
    """White where a window is painted, black where it stays; grey where it was painted before."""
    begin, side = path.begin, path.side
    at = np.arange(side) + window.start
    edge = window.start + (window.known or window.end)
    beyond = edge - at - 0.5 if window.known else at + 0.5 - edge  # pixels into what is unknown
    share = np.clip(1 + beyond / max(1, side // SOFT), 0, 1)
    share[(at >= begin) & (at < begin + side)] = 0  # the picture
    rows = np.round(share * 255).astype(np.uint8)
    return np.broadcast_to(rows[:, None, None], shape).copy()


def fitted(pixels: Pixels, frame_size: tuple[int, int], upscale: Upscale | None) -> Pixels:
    """The canvas in exactly `frame_size` (width, height): enlarged, resampled, cut at its edges.

    `upscale` is called only for a canvas that is smaller.
    """
    from PIL import Image

    width, height = frame_size
    if upscale and (pixels.shape[1] < width or pixels.shape[0] < height):
        pixels = upscale(pixels)
    picture = Image.fromarray(pixels)
    scale = min(picture.width / width, picture.height / height)
    cut_wide, cut_high = width * scale, height * scale
    left, top = (picture.width - cut_wide) / 2, (picture.height - cut_high) / 2
    box = (left, top, left + cut_wide, top + cut_high)
    resized: Any = picture.resize(frame_size, Image.Resampling.LANCZOS, box=box)
    return np.asarray(resized)
