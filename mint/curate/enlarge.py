"""The stage `enlarge`: kept tokens -> the same tokens with larger pictures, each made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from mint.curate.token import Enlarged, Token
from mint.document import sha256
from mint.paint.picture import Picture, recalled, stored
from mint.paint.png import decode, encode
from mint.plan.recipe import Runtime
from mint.store import Store

if TYPE_CHECKING:
    pass


from mint.paint.enlarge import TILE, Upscale


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
