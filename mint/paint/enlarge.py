"""An upscaler's file -> a function that enlarges one picture, tile by tile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.errors import RenderError
from mint.models.double import in_float64
from mint.models.runtime import device_of, import_torch, set_deterministic, set_threads
from mint.models.upscaler import Network, Upscaler
from mint.paint.inks import in_inks
from mint.plan.recipe import Runtime

if TYPE_CHECKING:
    from mint.paint.png import Pixels


# One picture -> a larger one, both of shape (height, width, 3), RGB, uint8.
Upscale = Callable[["Pixels"], "Pixels"]

TILE = 256  # side, in small pixels, of what is enlarged at once; larger tiles were slower, too


def load_upscaler(upscaler: Upscaler, here: Runtime) -> Upscale:
    """The model in memory, as a function that enlarges one picture.

    It goes tile by tile, so that memory is bounded; tiles overlap as far as a pixel of a compact
    model sees, so that a seam is no more than a few values in a million that round otherwise, and
    in float64 nothing at all.
    """
    torch = import_torch()
    set_deterministic(torch, here.threads)
    device, dtype = device_of(here), getattr(torch, str(here.dtype))
    double = dtype == torch.float64 and not upscaler.even
    arithmetic = in_float64 if double else nullcontext
    with arithmetic():
        network, scale = upscaler.load(device, dtype), upscaler.scale

    def enlarge(small: Pixels) -> Pixels:
        set_threads(torch, here.threads)  # a painter may have set its own since
        high, wide = small.shape[:2]
        large = np.empty((high * scale, wide * scale, 3), np.uint8)
        for top, left in _corners(high, wide):
            y, x = max(0, top - upscaler.overlap), max(0, left - upscaler.overlap)
            end_y, end_x = top + TILE + upscaler.overlap, left + TILE + upscaler.overlap
            with arithmetic():
                tile = _enlarge_tile(torch, network, small[y:end_y, x:end_x], device, dtype)
            inner = tile[(top - y) * scale :, (left - x) * scale :][: TILE * scale, : TILE * scale]
            large[top * scale :, left * scale :][: TILE * scale, : TILE * scale] = inner
        return in_inks(large) if upscaler.redraws else large

    return enlarge


def _corners(high: int, wide: int) -> Iterator[tuple[int, int]]:
    return ((top, left) for top in range(0, high, TILE) for left in range(0, wide, TILE))


def _enlarge_tile(torch: Any, network: Network, small: Pixels, device: str, dtype: Any) -> Pixels:
    """A picture of about one tile, in one piece."""
    pixels = torch.from_numpy(small.copy()).to(device).permute(2, 0, 1)[None]
    exact = torch.float64 if dtype == torch.float64 else torch.float32
    pixels = (pixels.to(exact) / 255).to(dtype, memory_format=torch.channels_last)
    try:
        with torch.inference_mode():
            large = network(pixels)[0].to(exact)
    except torch.OutOfMemoryError as error:
        raise RenderError(
            f"out of memory enlarging {small.shape[1]}x{small.shape[0]} pixels at once",
            hint="close what else uses the GPU, and run the same command again",
        ) from error
    if not torch.isfinite(large).all():
        raise RenderError(
            "the upscaler painted NaN, which shows as a black picture",
            hint="fetch its file again, or set image.upscale: atelier",
        )
    rows: Pixels = large.clamp(0, 1).mul(255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    return rows
