"""Masks: pictures that are white where a painting may change, black where it may not."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mint.document import sha256
from mint.errors import RenderError
from mint.store import content, write

if TYPE_CHECKING:
    from PIL.Image import Image

    from mint.paint.png import Pixels

FOLDER = "masks"  # beside collection.yaml
MOST_BYTES = 32_000_000
MOST_PIXELS = 64_000_000
DRAW_ONE = "draw one in mint preview, or with any program: white where the painting may change"


def read_mask(path: Path, size: tuple[int, int]) -> Pixels:
    """The mask in a PNG or JPEG file, resized to `size`, width and height; raises RenderError.

    Its shape is (height, width, 3), all three alike. What is transparent is black.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RenderError(
            f"the mask {path} cannot be read: {error.strerror}", hint=DRAW_ONE
        ) from error
    return mask_in(data, size, str(path))


def mask_in(data: bytes, size: tuple[int, int], name: str) -> Pixels:
    """The mask in the bytes of a file, which sentences call `name`; raises RenderError."""
    from PIL import Image

    if len(data) > MOST_BYTES:
        raise RenderError(f"the mask {name} is larger than {MOST_BYTES // 10**6} MB", hint=DRAW_ONE)
    grey = _grey(data, name)
    if not (rows := np.asarray(grey.resize(size, Image.Resampling.BILINEAR))).any():
        raise RenderError(
            f"the mask {name} is black all over, so nothing would change",
            hint="paint white what may change",
        )
    return grown(rows)


def grown(rows: Pixels) -> Pixels:
    """Grey rows of shape (height, width) as a mask."""
    return np.repeat(rows[..., None], 3, axis=2)


def _grey(data: bytes, name: str) -> Image:
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(f"it has more than {MOST_PIXELS // 10**6} million pixels")
            image: Any = ImageOps.exif_transpose(picture)  # as people see it
            if image.mode.startswith("I"):  # 16 bits, which Pillow would cut off at 255
                return Image.fromarray((np.asarray(image) // 257).clip(0, 255).astype(np.uint8))
            rgba = image.convert("RGBA")
            return Image.alpha_composite(Image.new("RGBA", rgba.size, "black"), rgba).convert("L")
    except Exception as error:  # Pillow raises whatever its decoders raise
        why = f": {error}" if isinstance(error, ValueError) else ""
        raise RenderError(
            f"the mask {name} is no PNG or JPEG picture{why}", hint=DRAW_ONE
        ) from error


def mask_name(token_id: int, what: str) -> str:
    """The file name of a token's mask, such as `17-Headwear`, without its digest and ending."""
    plain = re.sub(r"[^\w]+", "-", what, flags=re.ASCII).strip("-")[:40]
    return f"{token_id}-{plain or 'mask'}"


def file_mask(home: Path, name: str, mask: Pixels) -> str:
    """Write a mask below `home`, the folder of collection.yaml; its path relative to that.

    Its name ends with digits of its digest. A file of that name that somebody changed since is
    left alone, and this one gets a number.
    """
    png, digest = _png(mask), sha256(mask.tobytes())[:6]
    for number in range(1, 1000):
        again = f"-{number}" if number > 1 else ""
        path = f"{FOLDER}/{name}-{digest}{again}.png"
        there = content(home / path)
        if there is None:
            write(home / path, png)
        if there is None or there == png:
            return path
    raise RenderError(
        f"there are too many files {name}-{digest} in {home / FOLDER}", hint="remove some"
    )


def _png(mask: Pixels) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(mask[..., 0]).save(file, "PNG")
    return file.getvalue()


def filed_mask(home: Path, path: str, digest: str, size: tuple[int, int]) -> Pixels:
    """The mask that an edit names; raises RenderError where the file holds another one, or none.

    `digest` is the SHA-256 of its raw RGB rows. A path that leads out of `home` is refused.
    """
    file = home / path
    if not file.resolve().is_relative_to(home.resolve()):
        raise RenderError(
            f"the mask {path} is not in the folder of your collection",
            hint=f"copy it to {FOLDER}/ there, and write its path from there",
        )
    mask = read_mask(file, size)
    if sha256(mask.tobytes()) != digest:
        raise RenderError(
            f"the mask {path} is another one than the picture was painted with",
            hint="bring that file back, or retouch the token anew: mint retouch --mask " + path,
        )
    return mask
