"""Frames <-> mp4 files that browsers play: H.264 in 4:2:0, by PyAV; equal frames, equal bytes."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mint.errors import RenderError

if TYPE_CHECKING:
    import numpy.typing as npt

    from mint.paint.png import Pixels

LIBRARY = "the extra mint[video]"
CODEC, QUALITY = "libx264", 16  # constant rate factor: 18 is what most eyes take for the original
# One thread, and the same choices on every CPU; else bytes would depend on the machine.
OPTIONS = {
    "crf": str(QUALITY),
    "preset": "slow",
    "x264-params": "threads=1:lookahead-threads=1:cpu-independent=1:deterministic=1",
}
# The index goes before the pictures, so that a browser plays before it has the whole file.
CONTAINER = {"movflags": "+faststart", "fflags": "+bitexact"}
# As in the XMP of mint.paint.png; https://cv.iptc.org/newscodes/digitalsourcetype/
COMMENT = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


class Mp4(NamedTuple):
    """An mp4 file, and SHA-256 of the raw RGB rows of its frames before they were compressed."""

    data: bytes
    frames: str


def refuse_without_encoder() -> None:
    """Raise RenderError where nothing here writes mp4 files."""
    if not can_encode():
        raise RenderError(
            "films are compressed by PyAV, which is not installed",
            hint='pip install "av>=18.1,<19"',
        )


def can_encode() -> bool:
    """Whether PyAV is here."""
    return find_spec("av") is not None


def encoder_version() -> str:
    """What compresses here, for the record; "" where nothing does.

    PyAV's release fixes those of FFmpeg and x264, which its wheel brings.
    """
    try:
        return f"av {version('av')}, {CODEC}, crf {QUALITY}"
    except PackageNotFoundError:
        return ""


def encode_film(frames: Iterable[Pixels], fps: int) -> Mp4:
    """The frames as an mp4 file. They are taken one by one, and none is kept.

    Frames have an even number of rows and columns, all the same. Raises RenderError.
    """
    refuse_without_encoder()
    import av

    digest = hashlib.sha256()
    try:
        # A file on disk: FFmpeg reads it once more to move its index.
        with TemporaryDirectory(prefix="mint-film-") as folder:
            path = Path(folder) / "film.mp4"
            with av.open(str(path), "w", format="mp4", options=CONTAINER) as container:
                container.metadata["comment"] = COMMENT
                stream: Any = None
                for frame in frames:
                    digest.update(frame.tobytes())
                    stream = stream or _stream(container, frame.shape, fps)
                    container.mux(stream.encode(_picture(av, frame)))
                container.mux(stream.encode())
            data = path.read_bytes()
    except av.FFmpegError as error:
        raise RenderError(
            f"the film cannot be compressed: {error}",
            hint='pip install "av>=18.1,<19", whose FFmpeg writes H.264',
        ) from error
    return Mp4(data, digest.hexdigest())


def _stream(container: Any, shape: tuple[int, ...], fps: int) -> Any:
    stream = container.add_stream(CODEC, rate=fps, options=OPTIONS)
    stream.height, stream.width = shape[:2]
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.thread_count = 1
    context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT
    context.color_range, context.colorspace = 1, 1  # limited; BT.709, as of all three
    context.color_primaries, context.color_trc = 1, 1
    return stream


def _picture(av: Any, frame: Pixels) -> Any:
    return av.VideoFrame.from_ndarray(yuv420(frame), format="yuv420p")


def yuv420(frame: Pixels) -> npt.NDArray[np.uint8]:
    """RGB as BT.709 in limited range, the planes Y, U, V below each other: (3/2 height, width).

    Computed here, since FFmpeg's own conversion rounds otherwise from one CPU to another.
    https://www.itu.int/rec/R-REC-BT.709
    """
    red, green, blue = (frame[..., i].astype(np.float64) / 255 for i in range(3))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    planes = [16 + 219 * luma]
    planes += [128 + 224 * _halved((c - luma) / d) for c, d in ((blue, 1.8556), (red, 1.5748))]
    wide = frame.shape[1]
    rows = [np.rint(plane).clip(0, 255).astype(np.uint8).reshape(-1, wide) for plane in planes]
    return np.concatenate(rows)


def _halved(plane: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The mean of each square of four."""
    return (plane[::2, ::2] + plane[1::2, ::2] + plane[::2, 1::2] + plane[1::2, 1::2]) / 4


def decode_film(data: bytes, count: int, width: int, height: int) -> Iterator[Pixels]:
    """The frames of an mp4 file; ValueError for a file with others than so many of this size.

    Only H.264 in mp4 is opened, and no more than `count` frames are decoded.
    """
    import av

    try:
        with av.open(io.BytesIO(data), format="mp4") as container:
            (stream,) = container.streams
            if stream.type != "video" or stream.codec_context.name != "h264":
                raise ValueError("it is not H.264")
            if (stream.width, stream.height) != (width, height):
                raise ValueError(f"it is {stream.width} x {stream.height} pixels")
            number = 0
            for picture in container.decode(stream):
                number += 1
                if number > count or (picture.width, picture.height) != (width, height):
                    raise ValueError("it has other frames than the record says")
                yield rgb(picture.to_ndarray(format="yuv420p"))
            if number != count:
                raise ValueError(f"it has {number} frames, not {count}")
    except av.FFmpegError as error:
        raise ValueError(f"it is damaged: {error}") from error


def rgb(planes: npt.NDArray[np.uint8]) -> Pixels:
    """What `yuv420` came from, but for rounding and the colours of neighbours."""
    high, wide = planes.shape[0] * 2 // 3, planes.shape[1]
    luma = (planes[:high].astype(np.float64) - 16) / 219
    chroma = (planes[high:].reshape(2, high // 2, wide // 2).astype(np.float64) - 128) / 224
    blueness, redness = chroma.repeat(2, 1).repeat(2, 2)
    red, blue = luma + 1.5748 * redness, luma + 1.8556 * blueness
    green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152
    pixels: Pixels = np.rint(np.stack([red, green, blue], -1).clip(0, 1) * 255).astype(np.uint8)
    return pixels
