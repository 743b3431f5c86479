"""collection.yaml -> what films, wallpapers and files will cost, in words, for `mint check`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from mint.counting import count
from mint.curate.banner import enlarges
from mint.paint.painting_time import film_time, wallpaper_time
from mint.plan.banner import Frame, canvas, wallpaper_frame, way_around
from mint.plan.recipe import Slot
from mint.record.selection import moving, with_wallpaper
from mint.spec.animate import WALK
from mint.spec.collection import Collection

PNG_SHARE = 0.5  # of the raw bytes, measured on 512 px pictures with Pillow's default level
FILM_SHARE = 0.05  # bytes of a pixel of a frame: 0.12 MB for 24 frames of 256 px, 0.9 MB of 1024
ENLARGED_SHARE = 0.25  # the same of pictures enlarged 4 times: 0.15 by Lanczos, whose are smoother


def films(
    collection: Collection, slots: Sequence[Slot], enlarging: float, folder: Path | None
) -> str:
    """How many tokens move, and how long painting their films takes."""
    animate, number = collection.animate, len(moving(collection, slots))
    assert animate is not None
    much = f"{number:,} of {count(collection.supply, 'token')}, {animate.seconds:.3g} s each"
    if animate.model != WALK:
        return f"{much}, by {animate.model}; mint build says how long that takes"
    return f"{much}: {film_time(collection, number, enlarging, folder)}"


def wallpapers(
    collection: Collection,
    slots: Sequence[Slot],
    scale: int | None,
    enlarging: float,
    folder: Path | None,
) -> str:
    """How many tokens have a wallpaper, how many paintings that takes, how long, and the bytes.

    `enlarging` is in TFLOP for a picture, which an upscaler enlarges `scale` times.
    """
    image, settings = collection.image, collection.image.canvas
    assert settings is not None
    number, frame = len(with_wallpaper(collection, slots)), wallpaper_frame(settings, 1)
    around = way_around(frame, image.size)
    each = around.before + around.after
    if _is_enlarged(collection, frame, scale):
        place = canvas(frame, image.size)
        enlarging *= place.width * place.height / math.prod(image.size)
    else:
        enlarging = 0.0
    time = wallpaper_time(collection, (number, each), enlarging, folder)
    megabytes = max(1.0, wallpaper_bytes(collection, slots, scale) / 1e6)
    return (
        f"{number:,} of {count(collection.supply, 'token')}, "
        f"{settings.width} x {settings.height} pixels: {count(number * each, 'painting')}, "
        f"{time}, about {megabytes:,.0f} MB"
    )


def wallpaper_bytes(collection: Collection, slots: Sequence[Slot], scale: int | None) -> float:
    """On the disk, once in the store and once in the CAR."""
    settings = collection.image.canvas
    if settings is None:
        return 0.0
    is_enlarged = _is_enlarged(collection, wallpaper_frame(settings, 1), scale)
    share = ENLARGED_SHARE if is_enlarged else PNG_SHARE
    each = 2 * 3 * settings.width * settings.height * share
    return each * len(with_wallpaper(collection, slots))


def film_bytes(collection: Collection, slots: Sequence[Slot], scale: int | None) -> float:
    """On the disk, once in the store and once in the CAR."""
    image, animate = collection.image, collection.animate
    if animate is None:
        return 0.0
    pixels = math.prod(image.size)
    if image.upscale is not None and animate.enlarge:
        pixels *= (scale or 4) ** 2
    return 2 * pixels * animate.frames * FILM_SHARE * len(moving(collection, slots))


def _is_enlarged(collection: Collection, frame: Frame, scale: int | None) -> bool:
    image = collection.image
    return image.upscale is not None and enlarges(frame, image.size, scale or 4)


def disk(collection: Collection, slots: Sequence[Slot], scale: int | None) -> str:
    """What everything takes on the disk."""
    image = collection.image
    pixels = math.prod(image.size)
    small = 3 * pixels * PNG_SHARE
    large = 3 * pixels * (scale or 4) ** 2 * ENLARGED_SHARE
    # Once in the store and once in the CAR; build/images are links to the store.
    each = 2 * small if image.upscale is None else small + 2 * large
    if collection.c2pa is not None:  # a signed file beside each, of which the CAR has this one
        each += small if image.upscale is None else large
    total = collection.supply * each + wallpaper_bytes(collection, slots, scale)
    total += film_bytes(collection, slots, scale)
    return f"about {max(1.0, total / 1e6):,.0f} MB"
