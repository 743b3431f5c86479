"""Kept tokens -> the same tokens with their pictures enlarged, each of them once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.curate.token import Enlarged, Token
from mint.document import sha256
from mint.errors import RenderError
from mint.models.runtime import deterministic, quiet_torch
from mint.models.upscaler import Network, Upscaler
from mint.paint.picture import Picture, recalled, stored
from mint.paint.png import decode, encode
from mint.plan.recipe import Runtime
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.png import Pixels


# One picture -> a larger one, both of shape (height, width, 3), RGB, uint8.
Upscale = Callable[["Pixels"], "Pixels"]

TILE = 256  # side, in small pixels, of what is enlarged at once; larger tiles were slower, too


def loaded(upscaler: Upscaler, here: Runtime) -> Upscale:
    """The model in memory, as a function that enlarges one picture.

    It goes tile by tile, so that memory is bounded; tiles overlap as far as a pixel of a compact
    model sees, so that a seam is no more than a few values in a million that round otherwise.
    """
    torch = quiet_torch()
    deterministic(torch, here.threads)
    device, dtype = here.device.split()[0], getattr(torch, str(here.dtype))
    network, scale = upscaler.load(device, dtype), upscaler.scale

    def enlarge(small: Pixels) -> Pixels:
        torch.set_num_threads(here.threads)  # a painter may have set its own since
        high, wide = small.shape[:2]
        large = np.empty((high * scale, wide * scale, 3), np.uint8)
        for top, left in _corners(high, wide):
            y, x = max(0, top - upscaler.reach), max(0, left - upscaler.reach)
            end_y, end_x = top + TILE + upscaler.reach, left + TILE + upscaler.reach
            tile = _whole(torch, network, small[y:end_y, x:end_x], device, dtype)
            inner = tile[(top - y) * scale :, (left - x) * scale :][: TILE * scale, : TILE * scale]
            large[top * scale :, left * scale :][: TILE * scale, : TILE * scale] = inner
        return large

    return enlarge


def _corners(high: int, wide: int) -> Iterator[tuple[int, int]]:
    return ((top, left) for top in range(0, high, TILE) for left in range(0, wide, TILE))


def _whole(torch: Any, network: Network, small: Pixels, device: str, dtype: Any) -> Pixels:
    """A picture of about one tile, at once."""
    pixels = torch.from_numpy(small.copy()).to(device).permute(2, 0, 1)[None]
    pixels = (pixels.float() / 255).to(dtype, memory_format=torch.channels_last)
    try:
        with torch.inference_mode():
            found = network(pixels)[0].float()
    except torch.OutOfMemoryError as error:
        raise RenderError(
            f"out of memory enlarging {small.shape[1]}x{small.shape[0]} pixels at once",
            hint="close what else uses the GPU, and run the same command again",
        ) from error
    if not torch.isfinite(found).all():
        raise RenderError(
            "the upscaler painted NaN, which shows as a black picture",
            hint="fetch its file again, or set image.upscale: atelier",
        )
    rows: Pixels = found.clamp(0, 1).mul(255).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    return rows


def enlarge(
    store: Store,
    tokens: Sequence[Token],
    runtimes: Sequence[Runtime],
    load: Callable[[], Upscale],
    tell: Callable[[int], None],
) -> tuple[Token, ...]:
    """The tokens with enlarged pictures; what is in the store is not made again.

    The last of `runtimes` enlarges here, the others may have before. `tell` hears how many
    pictures of this run are done.
    """
    made: dict[int, Token] = {}
    missing: list[Token] = []
    for token in tokens:
        known = (_known(store, token, runtime) for runtime in runtimes)
        if found := next(filter(None, known), None):
            made[token.token_id] = found
        else:
            missing.append(token)
    here = runtimes[-1].digest
    for done, (token, png, pixels) in enumerate(_enlarged(store, missing, load), start=1):
        image = Picture(pixels=pixels, file=store.put(png), size=len(png))
        store.remember("upscale", _key(token, here), image.canonical())
        made[token.token_id] = _with(token, image, here)
        tell(done)
    return tuple(made[token.token_id] for token in tokens)


def _key(token: Token, runtime: str) -> str:
    """All that decides the enlarged pixels; tiles of another size may round otherwise."""
    return sha256(f"{TILE}/{token.image.pixels}/{runtime}".encode())


def _known(store: Store, token: Token, runtime: Runtime) -> Token | None:
    image = recalled(store, "upscale", _key(token, runtime.digest))
    return _with(token, image, runtime.digest) if image else None


def _with(token: Token, image: Picture, runtime: str) -> Token:
    enlarged = Enlarged(painted=token.image.pixels, runtime=runtime)
    return token.model_copy(update={"image": image, "enlarged": enlarged})


def _enlarged(
    store: Store, tokens: Sequence[Token], load: Callable[[], Upscale]
) -> Iterator[tuple[Token, bytes, str]]:
    """(token, PNG, digest of its pixels); encoding of one overlaps enlarging of the next."""
    upscale = load() if tokens else None
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting: list[tuple[Token, Future[bytes], str]] = []
        for token in tokens:
            asked = token.recipe.diffusion
            assert upscale is not None
            pixels = upscale(decode(stored(store, token.image), asked.width, asked.height))
            yield from ((t, png.result(), digest) for t, png, digest in waiting)
            waiting = [(token, pool.submit(encode, pixels), sha256(pixels.tobytes()))]
        yield from ((t, png.result(), digest) for t, png, digest in waiting)
