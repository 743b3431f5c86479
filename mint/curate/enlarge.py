"""The stage `enlarge`: tokens -> the same tokens with larger pictures, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from mint.curate.token import Enlarged, Token
from mint.document import sha256
from mint.paint.enlarge import TILE, Upscale
from mint.paint.picture import Picture, put_pixels, recalled, stored
from mint.paint.png import decode
from mint.paint.stopwatch import Stopwatch
from mint.plan.recipe import Diffusion, Runtime
from mint.stages import Progress, underway
from mint.store import Store

# Pictures, painted with these settings -> each with the same enlarged, whose file is in the store.
EnlargeAll = Callable[[Sequence[Picture], Diffusion], Iterator[tuple[Picture, Picture]]]


def enlarge(
    store: Store,
    tokens: Sequence[Token],
    runtimes: Sequence[Runtime],
    enlarge_all: EnlargeAll,
    progress: Progress,
    develop: Callable[[Picture], None] = lambda picture: None,
    enlargers: int | None = None,
) -> tuple[Token, ...]:
    """The tokens with enlarged pictures; what is in the store is not computed again.

    The last of `runtimes` enlarges now, by `enlarge_all`, on this machine or on `enlargers` others;
    the rest may have before. `develop` gets each new picture, once it is stored.
    """
    pictures = dict.fromkeys(token.image for token in tokens)
    memos = {each: recalled_enlarged(store, each, runtimes) for each in pictures}
    enlarged = {each: earlier for each, earlier in memos.items() if earlier}
    missing, here = [each for each in pictures if each not in enlarged], runtimes[-1]
    if missing:
        settings = tokens[0].recipe.diffusion
        pairs = enlarging_stopwatch(store, settings, here, enlargers).timed(
            enlarge_all(missing, settings),
            lambda pair: 1,
            lambda done: progress("enlarging", done, len(missing)),
        )
        for small, large in pairs:
            store.remember("upscale", _key(small, here), large.canonical())
            enlarged[small] = large, here
            develop(large)
    return tuple(_replace(each, enlarged[each.image]) for each in tokens)


def recalled_enlarged(
    store: Store, small: Picture, runtimes: Sequence[Runtime]
) -> tuple[Picture, Runtime] | None:
    """What the store has of `small`, enlarged by the first of `runtimes` that ever did."""
    for runtime in runtimes:
        if image := recalled(store, "upscale", _key(small, runtime)):
            return image, runtime
    return None


def enlarging_stopwatch(
    store: Store, diffusion: Diffusion, runtime: Runtime, enlargers: int | None = None
) -> Stopwatch:
    """How long a picture takes `runtime`, or so many of them; that depends on its size."""
    many = "" if enlargers is None else f"/{enlargers}"
    key = sha256(f"{diffusion.size[0]}x{diffusion.size[1]}/{runtime.digest}{many}".encode())
    return Stopwatch(store, "enlarging", key)


def _key(small: Picture, runtime: Runtime) -> str:
    """All that decides the enlarged pixels; but in float64, so does the size of the tiles."""
    tile = "" if runtime.dtype == "float64" else f"{TILE}/"
    return sha256(f"{tile}{small.pixels}/{runtime.digest}".encode())


def _replace(token: Token, enlarged: tuple[Picture, Runtime]) -> Token:
    image, runtime = enlarged
    record = Enlarged(painted=token.image.pixels, runtime=runtime.digest)
    return token.model_copy(update={"image": image, "enlarged": record})


def enlarging_here(store: Store, load: Callable[[], Upscale], progress: Progress) -> EnlargeAll:
    """Enlarge in this process, by the upscaler that `load` opens."""
    return partial(_enlarge_here, store, load, progress)


def _enlarge_here(
    store: Store,
    load: Callable[[], Upscale],
    progress: Progress,
    pictures: Sequence[Picture],
    settings: Diffusion,
) -> Iterator[tuple[Picture, Picture]]:
    """Encoding and storing of one overlap enlarging of the next."""
    with underway(progress, "loading"):
        upscale = load()
    progress("enlarging", 0, len(pictures))
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting: list[tuple[Picture, Future[Picture]]] = []
        for picture in pictures:
            pixels = upscale(decode(stored(store, picture), *settings.size))
            yield from ((small, large.result()) for small, large in waiting)
            waiting = [(picture, pool.submit(put_pixels, store, pixels))]
        yield from ((small, large.result()) for small, large in waiting)
