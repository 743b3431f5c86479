"""The stage `enlarge`: tokens -> the same tokens with larger pictures, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from mint.curate.token import Enlarged, Token
from mint.document import sha256
from mint.paint.enlarge import TILE, Upscale
from mint.paint.picture import Picture, recalled, stored
from mint.paint.png import decode, encode
from mint.paint.stopwatch import Stopwatch
from mint.plan.recipe import Diffusion, Runtime
from mint.stages import Progress, underway
from mint.store import Store


def enlarge(
    store: Store,
    tokens: Sequence[Token],
    runtimes: Sequence[Runtime],
    load: Callable[[], Upscale],
    progress: Progress,
    develop: Callable[[Picture], None] = lambda picture: None,
) -> tuple[Token, ...]:
    """The tokens with enlarged pictures; what is in the store is not computed again.

    The last of `runtimes` enlarges here, the others may have before. `develop` gets each new
    picture, once it is stored.
    """
    enlarged: dict[int, Token] = {}
    missing: list[Token] = []
    for token in tokens:
        if earlier := recalled_enlarged(store, token.image, runtimes):
            enlarged[token.token_id] = _replace(token, *earlier)
        else:
            missing.append(token)
    here = runtimes[-1]
    for token, png, pixels in _compute(store, missing, here, load, progress):
        image = Picture(pixels=pixels, file=store.put(png), size=len(png))
        store.remember("upscale", _key(token.image, here), image.canonical())
        enlarged[token.token_id] = _replace(token, image, here)
        develop(image)
    return tuple(enlarged[token.token_id] for token in tokens)


def recalled_enlarged(
    store: Store, painted: Picture, runtimes: Sequence[Runtime]
) -> tuple[Picture, Runtime] | None:
    """What the store has of `painted`, enlarged by the first of `runtimes` that ever did."""
    for runtime in runtimes:
        if image := recalled(store, "upscale", _key(painted, runtime)):
            return image, runtime
    return None


def enlarging_stopwatch(store: Store, diffusion: Diffusion, runtime: Runtime) -> Stopwatch:
    """How long a picture takes `runtime`; that depends on its size."""
    key = sha256(f"{diffusion.size[0]}x{diffusion.size[1]}/{runtime.digest}".encode())
    return Stopwatch(store, "enlarging", key)


def _key(painted: Picture, runtime: Runtime) -> str:
    """All that decides the enlarged pixels; but in float64, so does the size of the tiles."""
    tile = "" if runtime.dtype == "float64" else f"{TILE}/"
    return sha256(f"{tile}{painted.pixels}/{runtime.digest}".encode())


def _replace(token: Token, image: Picture, runtime: Runtime) -> Token:
    enlarged = Enlarged(painted=token.image.pixels, runtime=runtime.digest)
    return token.model_copy(update={"image": image, "enlarged": enlarged})


def _compute(
    store: Store,
    tokens: Sequence[Token],
    here: Runtime,
    load: Callable[[], Upscale],
    progress: Progress,
) -> Iterator[tuple[Token, bytes, str]]:
    """(token, PNG, digest of its pixels); encoding of one overlaps enlarging of the next."""
    if not tokens:
        return
    with underway(progress, "loading"):
        upscale = load()
    settings = tokens[0].recipe.diffusion
    progress("enlarging", 0, len(tokens))
    work = enlarging_stopwatch(store, settings, here).timed(
        tokens, lambda token: 1, lambda done: progress("enlarging", done, len(tokens))
    )
    with ThreadPoolExecutor(max_workers=1) as pool:
        encoding: list[tuple[Token, Future[bytes], str]] = []
        for token in work:
            pixels = upscale(decode(stored(store, token.image), *settings.size))
            yield from ((t, png.result(), digest) for t, png, digest in encoding)
            encoding = [(token, pool.submit(encode, pixels), sha256(pixels.tobytes()))]
        yield from ((t, png.result(), digest) for t, png, digest in encoding)
