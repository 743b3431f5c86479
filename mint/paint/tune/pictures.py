"""A folder of pictures, each with its caption in a text file of the same name -> what to learn."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mint.document import sha256
from mint.errors import MintError, RenderError
from mint.models.tuning import Lesson
from mint.spec.drawings import opaque

if TYPE_CHECKING:
    from PIL.Image import Image

    from mint.paint.png import Pixels

FEWEST, MOST = 4, 100
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
MOST_PIXELS = 50_000_000  # of a picture's file; what unpacks to more is refused before it does
MOST_BYTES = 50_000_000
MOST_CAPTION = 1000  # characters
LARGER = 2.0  # times; a picture is enlarged so far and no further


class Example(NamedTuple):
    """One that is learned from, (height, width, 3), and what it shows in words."""

    file: Path
    pixels: Pixels
    lesson: Lesson


def read_pictures(folder: Path, width: int, height: int) -> list[Example]:
    """The folder's pictures by name, cut to width x height; raises RenderError for a bad one.

    A picture is turned as its EXIF says, laid on white where it is transparent, scaled until it
    covers the size, and cut at both ends of its longer side.
    """
    files = list(_files(folder))
    if not FEWEST <= len(files) <= MOST:
        formats = ", ".join(FORMATS)
        raise RenderError(
            f"{folder} has {len(files)} pictures ({formats}); a style is learned from 10 to 30",
            hint=f"put at least {FEWEST} and at most {MOST} there, each with its caption",
        )
    pictures = [_picture(file, width, height) for file in files]
    _refuse_twins(pictures)
    return pictures


def _files(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise RenderError(
            f"{folder} cannot be read: {error.strerror}", hint="give a folder of pictures"
        ) from error
    yield from (file for file in names if file.suffix.lower() in FORMATS and file.is_file())


def _picture(file: Path, width: int, height: int) -> Example:
    try:
        pixels = _covering(_upright_picture(file), file, width, height)
    except MintError:
        raise
    except Exception as error:  # decoders raise whatever they meet
        raise _unfit(file, "cannot be opened: it is damaged, or no picture") from error
    lesson = Lesson(pixels=sha256(pixels.tobytes()), caption=_caption(file))
    return Example(file, pixels, lesson)


def _caption(file: Path) -> str:
    """What the .txt file beside a picture says, in one line."""
    path = file.with_suffix(".txt")
    try:
        with path.open("rb") as stream:
            text = stream.read(4 * MOST_CAPTION + 1).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise RenderError(
            f"{file.name} has no caption",
            hint=f"write what it shows into {path}, in the words of your prompts: a gray owl, "
            "round eyes, blue background",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(
            f"the caption {path} cannot be read", hint="save it as UTF-8 text"
        ) from error
    caption = " ".join(text.split())
    if not 0 < len(caption) <= MOST_CAPTION:
        what = "says nothing" if not caption else f"has more than {MOST_CAPTION} characters"
        raise RenderError(f"the caption {path} {what}", hint="write one line of what is to be seen")
    return caption


def _upright_picture(file: Path) -> Image:
    """The picture as people see it, RGB."""
    from PIL import Image, ImageOps

    if file.stat().st_size > MOST_BYTES:
        raise _unfit(file, f"has more than {MOST_BYTES // 10**6} MB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of large pictures, which are refused here
        with Image.open(file, formats=sorted(set(FORMATS.values()))) as picture:
            _refuse_unlike(picture, file)
            upright: Any = ImageOps.exif_transpose(picture)
    return opaque(upright, "ffffff")


def _refuse_unlike(picture: Image, file: Path) -> None:
    """Raise, before anything is unpacked, for what is no one picture of light."""
    if picture.width * picture.height > MOST_PIXELS:
        raise _unfit(file, f"has more than {MOST_PIXELS // 10**6} million pixels")
    if getattr(picture, "n_frames", 1) > 1:
        raise _unfit(file, "is animated", "save the one frame that is meant")
    if picture.mode == "CMYK":
        hint = "save it in sRGB, and look at it: its colours change"
        raise _unfit(file, "is in CMYK, the colours of a press", hint)


def _covering(picture: Image, file: Path, width: int, height: int) -> Pixels:
    from PIL import Image, ImageOps

    times = max(width / picture.width, height / picture.height)
    if times > LARGER:
        raise _unfit(
            file,
            f"is {picture.width} x {picture.height} pixels; the model learns {width} x {height}",
            "give a larger one: enlarged, it would teach the model to blur",
        )
    return np.asarray(ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS))


def _refuse_twins(pictures: list[Example]) -> None:
    first: dict[str, Path] = {}
    for picture in pictures:
        other = first.setdefault(picture.lesson.pixels, picture.file)
        if other is not picture.file:
            raise RenderError(
                f"{other.name} and {picture.file.name} are the same picture",
                hint="remove one: what is there twice is learned twice as much",
            )


def _unfit(file: Path, what: str, hint: str = "remove it, or save it anew as PNG") -> RenderError:
    return RenderError(f"{file.name} {what}", hint=hint)
