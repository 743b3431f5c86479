"""A token's picture extended to a banner's shape: the canvas, its windows, and their words. Pure.

The canvas is as high (or as wide) as the picture and has the banner's shape. What the picture
leaves free is painted window by window, each as large as the picture: a part that is there
already, and beside it a part to paint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from mint.document import Document, Number
from mint.plan.prompts import phrase_table
from mint.plan.recipe import Recipe
from mint.plan.style import worded
from mint.spec.beside import LONGEST, Beside, Place
from mint.spec.canvas import Side, Wallpapers
from mint.spec.collection import ONE_OF_ONE, Collection
from mint.spec.traits import is_absent

if TYPE_CHECKING:
    from collections.abc import Mapping

GRID = 8  # pixels of the canvas and its windows are multiples of it, as latents want


class Frame(Document):
    """What an artist asks of a banner: whose picture, how large, where it stands, what is beside.

    `width` and `height` are in pixels. In a banner that is taller than its picture `left` means
    above and `right` below. Beside it the picture's own edge is mirrored, and painted over with
    `strength`: 1 leaves nothing of it, None is what suits `beside`.
    """

    token: Annotated[int, Field(ge=1, le=1_000_000)]
    width: Side = 1400
    height: Side = 350
    place: Place = "centre"
    prompt: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    beside: Beside = "company"
    strength: Annotated[Number, Field(gt=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if max(self.width, self.height) > LONGEST * min(self.width, self.height):
            raise ValueError(f"more than {LONGEST} times as long as wide")
        return self


def wallpaper_frame(canvas: Wallpapers, token_id: int) -> Frame:
    """The frame of the token's wallpaper, as `image.canvas` says."""
    return Frame(
        token=token_id,
        width=canvas.width,
        height=canvas.height,
        place=canvas.place,
        beside=canvas.beside,
        strength=canvas.strength,
    )


class Window(NamedTuple):
    """A part of the canvas to paint, along its long side, in pixels.

    It begins at `start`, and of it `known` to `end` is there already, counted from its beginning.
    """

    start: int
    known: int
    end: int


class Canvas(NamedTuple):
    """A banner before it is enlarged and cut: width and height, and where the picture begins.

    A `tall` one goes on above and below the picture, not beside it.
    """

    width: int
    height: int
    left: int
    top: int
    tall: bool

    @property
    def length(self) -> int:
        """Of its long side, along which the windows go, in pixels."""
        return self.height if self.tall else self.width

    @property
    def before(self) -> int:
        """What of that is before the picture."""
        return self.top if self.tall else self.left


class Cause(Document):
    """Everything that decides a banner; its digest is the cache key.

    `painted` is the digest of the pixels that it begins with, `recipe` what painted those.
    `runtime` and `upscaler` are digests of Runtimes; without `upscaler` it is not enlarged by a
    model. `code` is raised when what this package makes of a frame changes.
    """

    frame: Frame
    recipe: Recipe
    painted: str
    prompt: str
    runtime: str
    upscaler: str | None = None
    code: int = 2


def canvas(frame: Frame, size: tuple[int, int]) -> Canvas:
    """The canvas around a picture of this width and height."""
    wide, high = size
    width = max(wide, _rounded(high * frame.width / frame.height))
    height = max(high, _rounded(wide * frame.height / frame.width))
    if width > wide:
        return Canvas(width, high, _offset(frame.place, width - wide), 0, tall=False)
    return Canvas(wide, height, 0, _offset(frame.place, height - high), tall=True)


def _rounded(length: float) -> int:
    return round(length / GRID) * GRID


def _offset(place: Place, room: int) -> int:
    half = room // 2 // GRID * GRID
    return {"left": 0, "centre": half, "right": room}[place]


class Way(NamedTuple):
    """How the windows of a canvas go outwards: how many behind and before the picture, and how far
    each leads, in pixels of the long side. The last ones may lead beyond the canvas.
    """

    before: int
    after: int
    step: int
    side: int

    @property
    def length(self) -> int:
        """Of all windows together, in pixels."""
        return self.begin + self.side + self.after * self.step

    @property
    def begin(self) -> int:
        """Where the picture begins in that."""
        return self.before * self.step

    def windows(self) -> Iterator[Window]:
        """All of them, by turns behind and before the picture."""
        for number in range(1, max(self.before, self.after) + 1):
            if number <= self.after:
                yield Window(self.begin + number * self.step, 0, self.side - self.step)
            if number <= self.before:
                yield Window(self.begin - number * self.step, self.step, self.side)


def way(beside: Beside, room: tuple[int, int], side: int) -> Way:
    """The windows that fill the `room` before and behind a picture of `side` pixels.

    What is to look as one overlaps by half; what has a middle of its own, by an eighth.
    """
    step = max(GRID, (side // 2 if beside == "scenery" else side - side // 8) // GRID * GRID)
    before, after = (-(-pixels // step) for pixels in room)
    return Way(before, after, step, side)


def way_around(frame: Frame, size: tuple[int, int]) -> Way:
    """The windows of a frame around a picture of this width and height."""
    place, (wide, high) = canvas(frame, size), size
    side = high if place.tall else wide
    return way(frame.beside, (place.before, place.length - place.before - side), side)


def window_seed(cause: Cause, collection_seed: int, number: int) -> int:
    """53-bit seed of the `number`-th window."""
    frame = cause.frame
    own = f"seed/{frame.seed}" if frame.seed is not None else f"{collection_seed}/{frame.token}"
    digest = hashlib.sha256(f"banner/{own}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 11


def words(
    beside: Beside, collection: Collection, token_id: int, traits: Mapping[str, str], own: str
) -> str:
    """What is painted beside a picture: in its company the token's `own` words.

    As scenery they are without what a token may lack: a trait with a value such as `none` takes
    that, so that a second hat or house is not asked for. `traits` leave absent ones out.
    """
    if beside == "company" or ONE_OF_ONE in traits:
        return own
    least = {}
    for trait in collection.traits:
        absent = next((value.name for value in trait.values if is_absent(value.name)), None)
        value = absent or traits.get(trait.name)
        if value is None:
            return own
        least[trait.name] = value
    return worded(collection, phrase_table(collection), token_id, least)
