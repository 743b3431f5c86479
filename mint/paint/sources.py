"""Where the pictures that recipes begin with come from: painted before, or the artist's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from mint.document import sha256
from mint.errors import RenderError, StoreError
from mint.paint.picture import Picture, recalled, remember_picture, stored
from mint.paint.png import decode
from mint.plan.recipe import Recipe, Runtime, Start
from mint.store import Store

if TYPE_CHECKING:
    from mint.paint.pixels import Renderer
    from mint.paint.png import Pixels

STEP = "source"  # of the memo that leads from the digest of the artist's pixels to their PNG


class Sources(NamedTuple):
    """Both give pixels of shape (height, width, 3); both raise MintError where there are none.

    `painted` is the picture of a recipe. `drawn` is one of the artist's pictures or masks, by the
    SHA-256 of its raw RGB rows, and its width and height.
    """

    painted: Callable[[Recipe], Pixels]
    drawn: Callable[[str, tuple[int, int]], Pixels]

    def picture(self, start: Start, size: tuple[int, int]) -> Pixels:
        """What painting begins with, of `size`: width and height."""
        if start.recipe is not None:
            return self.painted(start.recipe)
        assert start.picture is not None  # it has one of both
        return self.drawn(start.picture, size)


def _no_painting(recipe: Recipe) -> Pixels:
    raise RenderError("there is no earlier picture to begin with", hint="run mint build first")


def _no_drawing(digest: str, size: tuple[int, int]) -> Pixels:
    raise RenderError(f"there is no picture {digest[:12]} to begin with", hint="run mint build")


NOTHING = Sources(_no_painting, _no_drawing)


def remember_source(store: Store, pixels: Pixels) -> str:
    """Put one of the artist's pictures into the store; the SHA-256 of its raw RGB rows."""
    digest = sha256(pixels.tobytes())
    if recalled(store, STEP, digest) is None:
        remember_picture(store, STEP, digest, pixels)
    return digest


def source_picture(store: Store, digest: str) -> Picture:
    """The artist's picture with these pixels on record; raises StoreError where it is not there."""
    if picture := recalled(store, STEP, digest):
        return picture
    raise StoreError(
        f"the picture {digest[:12]}, with which others begin, is not in .mint any more",
        hint="run the same command again; it reads your file once more",
    )


def sources_in(store: Store) -> Sources:
    """The sources of a build: what its store has, where `paint_sources` put it."""

    def painted(recipe: Recipe) -> Pixels:
        picture = recalled(store, "render", recipe.digest)
        if picture is None:
            raise StoreError(
                "a picture that another one begins with was removed from .mint",
                hint="run the same command again; it paints that picture again",
            )
        return decode(stored(store, picture), *recipe.diffusion.size)

    def drawn(digest: str, size: tuple[int, int]) -> Pixels:
        return decode(stored(store, source_picture(store, digest)), *size)

    return Sources(painted, drawn)


def paint_sources(
    store: Store, recipes: Iterable[Recipe], paint: Callable[[Recipe], Renderer], batch: int
) -> None:
    """Paint and remember what these recipes begin with, where the store does not have it.

    `paint` opens what paints a recipe; it raises RenderError where nothing here does.
    """
    for recipe in recipes:
        for earlier in recipe.start.recipes if recipe.start else ():
            key = earlier.digest
            if recalled(store, "render", key):
                continue
            paint_sources(store, [earlier], paint, batch)
            pixels = paint_one(paint(earlier), earlier, batch)
            remember_picture(store, "render", key, pixels)


def refuse_elsewhere(recipe: Recipe, runtime: Runtime, subject: str) -> None:
    """Raise RenderError where another runtime than the one of this process is to paint a recipe.

    An edit goes on in the runtime of the picture it changes, so that the record has one cause.
    """
    if recipe.runtime != runtime.digest:
        raise RenderError(
            f"{subject} was painted by another machine or other versions, which alone change it",
            hint="redraw that token, which paints it here, or mint build FILE --runtime new",
        )


def paint_one(paint: Renderer, recipe: Recipe, batch: int) -> Pixels:
    """One picture, in its place of a full batch where that decides pixels."""
    if recipe.slot is None:
        return paint([recipe])[0]
    return paint([recipe] * batch)[recipe.slot]
