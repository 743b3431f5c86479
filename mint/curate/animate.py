"""The stage `animate`: tokens -> the same tokens, some with a film; each is painted once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import ValidationError

from mint.curate.token import Animation, Token
from mint.document import canonical, sha256
from mint.errors import StoreError
from mint.models.find import Models
from mint.models.upscaler import Upscaler
from mint.models.weights import Model
from mint.paint.animate import open_film
from mint.paint.enlarge import Upscale, load_upscaler
from mint.paint.mp4 import Mp4, encode_film, encoder_version
from mint.paint.picture import recalled, stored
from mint.paint.png import decode
from mint.paint.signature import unsigned
from mint.paint.stopwatch import Stopwatch
from mint.plan.recipe import Diffusion, Runtime, diffusion
from mint.spec.animate import Animate
from mint.spec.collection import Collection
from mint.stages import Forecast, Progress, underway
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.png import Pixels
    from mint.paint.walk import Film

_STEP = "animated"


class Cinema(NamedTuple):
    """What makes films here: `open` loads what paints frames, `open_upscaler` what enlarges them.

    The last of `runtimes` paints here, the others may have before; so it is with `upscalers`, of
    which there are none where films stay small.
    """

    animate: Animate
    runtimes: Sequence[Runtime]
    open: Callable[[], Film]
    upscalers: Sequence[Runtime] = ()
    open_upscaler: Callable[[], Upscale] | None = None

    @property
    def here(self) -> Runtime:
        """What paints frames here and now."""
        return self.runtimes[-1]

    @property
    def upscaler(self) -> Runtime | None:
        """What enlarges frames here and now."""
        return self.upscalers[-1] if self.upscalers else None

    @property
    def known(self) -> list[Runtime]:
        """All that may have painted or enlarged a frame."""
        return [*self.runtimes, *self.upscalers]


def find_cinema(collection: Collection, models: Models) -> Cinema:
    """What makes the films of a collection that has `animate:`."""
    runtimes = (models.videos or models.painters).known
    upscaler = None
    if models.upscaler is not None and models.upscalers is not None:
        upscaler = models.upscaler, models.upscalers.known
    return open_cinema(collection, (models.painter, models.video), runtimes, upscaler)


def open_cinema(
    collection: Collection,
    models: tuple[Model, Model | None],
    runtimes: Sequence[Runtime],
    upscaler: tuple[Upscaler, Sequence[Runtime]] | None,
) -> Cinema:
    """The same from its parts: the painter and the video model, what runs them, what enlarges.

    The last of the runtimes of each is the one of this process.
    """
    animate, settings = collection.animate, diffusion(collection)
    assert animate is not None
    opener = partial(open_film, *models, settings, runtimes[-1], animate)
    if upscaler is None or not animate.enlarge:
        return Cinema(animate, runtimes, opener)
    model, upscalers = upscaler
    open_upscaler = partial(load_upscaler, model, upscalers[-1])
    return Cinema(animate, runtimes, opener, upscalers, open_upscaler)


def animate_tokens(
    store: Store,
    tokens: Sequence[Token],
    moving: frozenset[int],
    cinema: Cinema,
    progress: Progress,
    announce: Callable[[Forecast], None] = lambda forecast: None,
) -> tuple[Token, ...]:
    """The tokens, of which those in `moving` have a film; what is in the store is not painted.

    `announce` hears how many are to be painted, and how long that takes.
    """
    films = {t.token_id: recalled_film(store, t, cinema) for t in tokens if t.token_id in moving}
    missing = [token for token in tokens if token.token_id in films and not films[token.token_id]]
    if missing:
        announce(_forecast(store, missing, cinema))
    for token, film in _paint(store, missing, cinema, progress):
        key = _key(token, cinema, cinema.here, cinema.upscaler)
        store.remember(_STEP, key, film.canonical())
        films[token.token_id] = film
    return tuple(t.model_copy(update={"animation": films.get(t.token_id)}) for t in tokens)


def recalled_film(store: Store, token: Token, cinema: Cinema) -> Animation | None:
    """The film by the first runtimes that ever painted it, if its file is still in the store."""
    pairs = product(cinema.runtimes, cinema.upscalers or (None,))
    films = (_recalled(store, _key(token, cinema, *pair)) for pair in pairs)
    return next(filter(None, films), None)


def _recalled(store: Store, key: str) -> Animation | None:
    data = store.recall(_STEP, key)
    try:
        film = Animation.parse(data) if data else None
    except ValidationError:  # written by another version of mint: as good as absent
        return None
    return film if film and store.has(film.file, film.size) else None


def _forecast(store: Store, tokens: Sequence[Token], cinema: Cinema) -> Forecast:
    seconds = None
    if tokens:
        seconds = film_stopwatch(store, tokens[0].recipe.diffusion, cinema).seconds
    return Forecast(0, 0, 0, to_animate=len(tokens), animate_seconds=seconds)


def film_stopwatch(store: Store, settings: Diffusion, cinema: Cinema) -> Stopwatch:
    """How long a film takes with these settings on such a machine."""
    parts = [settings.digest, cinema.animate.digest, cinema.here.digest]
    parts.append(cinema.upscaler.digest if cinema.upscaler else "")
    return Stopwatch(store, "animating", sha256(canonical(parts)))


def _key(token: Token, cinema: Cinema, runtime: Runtime, upscaler: Runtime | None) -> str:
    """All that decides a film: the picture, what moves it and how, and what compresses it."""
    how = cinema.animate.model_copy(
        update={"tokens": None, "rarest": None, "one_of_ones": False, "where": None, "still": ()}
    )
    parts = [token.recipe.digest, token.image.pixels, how.digest, runtime.digest]
    return sha256(canonical([*parts, upscaler and upscaler.digest, encoder_version()]))


def _paint(
    store: Store, tokens: Sequence[Token], cinema: Cinema, progress: Progress
) -> Iterator[tuple[Token, Animation]]:
    if not tokens:
        return
    with underway(progress, "loading"):
        paint = cinema.open()
        enlarge = cinema.open_upscaler() if cinema.open_upscaler else None
    progress("animating", 0, len(tokens))
    watch = film_stopwatch(store, tokens[0].recipe.diffusion, cinema)
    work = watch.timed(
        tokens, lambda token: 1, lambda done: progress("animating", done, len(tokens))
    )
    for token in work:
        small, large = _pictures(store, token)
        frames = enlarged(paint(token.recipe, small), small, large, enlarge)
        film = encode_film(frames, cinema.animate.fps)
        yield token, _animation(store, film, cinema)


def _animation(store: Store, film: Mp4, cinema: Cinema) -> Animation:
    return Animation(
        file=store.put(film.data),
        size=len(film.data),
        frames=film.frames,
        count=cinema.animate.frames,
        fps=cinema.animate.fps,
        runtime=cinema.here.digest,
        encoder=encoder_version(),
        enlarged=cinema.upscaler.digest if cinema.upscaler else None,
    )


def _pictures(store: Store, token: Token) -> tuple[Pixels, Pixels]:
    """The token's picture as painted, and as published."""
    png = unsigned(stored(store, token.image))
    wide, high = struct.unpack(">II", png[16:24])
    large = decode(png, wide, high)
    if token.enlarged is None:
        return large, large
    picture = recalled(store, "render", token.recipe.digest)
    if picture is None or picture.pixels != token.enlarged.painted:
        raise StoreError(
            f"the picture of token {token.token_id} as it was painted is not in .mint any more",
            hint="run the same command again; it paints that picture again",
        )
    return decode(stored(store, picture), *token.recipe.diffusion.size), large


def enlarged(
    frames: Iterable[Pixels], small: Pixels, large: Pixels, enlarge: Upscale | None
) -> Iterator[Pixels]:
    """The frames as large as they are published; the token's own picture is not enlarged again."""
    for frame in frames:
        if enlarge is None:
            yield frame
        else:
            yield large if np.array_equal(frame, small) else enlarge(frame)
