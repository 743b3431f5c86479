"""Where batches are painted: candidates in, (candidate, PNG, pixel digest) out as they finish."""

from __future__ import annotations

import io
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from mint.document import sha256
from mint.plan import Candidate, Recipe

if TYPE_CHECKING:
    from mint.render import Pixels, Renderer

# IPTC says how a picture came to be; https://cv.iptc.org/newscodes/digitalsourcetype/
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
    "<Iptc4xmpExt:DigitalSourceType>"
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    "</Iptc4xmpExt:DigitalSourceType>"
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
)

CHUNKS = {b"IHDR", b"iTXt", b"IDAT", b"IEND"}  # what `encode` writes


class Painted(NamedTuple):
    """A finished picture: the PNG file, and the SHA-256 of its raw RGB rows."""

    candidate: Candidate
    png: bytes
    pixels: str


class Paintable(Protocol):
    """A candidate, or a token to be painted again."""

    @property
    def recipe(self) -> Recipe:
        """How."""


P = TypeVar("P", bound=Paintable)


def pack(candidates: Iterable[P], size: int) -> list[list[P | None]]:
    """Full batches in which every candidate stands in its own slot; None is padding.

    A token's pixels do not depend on its neighbours, only on B and (on some GPUs) its slot.
    """
    queues: list[deque[P]] = [deque() for _ in range(size)]
    for candidate in candidates:
        queues[candidate.recipe.slot].append(candidate)
    return [
        [queue.popleft() if queue else None for queue in queues]
        for _ in range(max(map(len, queues)))
    ]


def padded(batch: Sequence[P | None]) -> list[Recipe]:
    """A recipe for every slot; empty ones repeat the first that is there."""
    first = next(candidate for candidate in batch if candidate is not None)
    return [(first if candidate is None else candidate).recipe for candidate in batch]


def local(batches: Iterable[Sequence[Candidate | None]], paint: Renderer) -> Iterator[Painted]:
    """Paint in this process; PNG encoding of batch k-1 overlaps painting of batch k."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        waiting: list[Future[Painted]] = []
        for batch in batches:
            try:
                painted = zip(batch, paint(padded(batch)), strict=True)
            except BaseException:
                # What was painted before is finished and handed over, not painted again.
                yield from (future.result() for future in waiting)
                raise
            done, waiting = waiting, [pool.submit(finish, c, p) for c, p in painted if c]
            yield from (future.result() for future in done)
        yield from (future.result() for future in waiting)


def finish(candidate: Candidate, pixels: Pixels) -> Painted:
    """Encode and hash one picture."""
    return Painted(candidate, encode(pixels), sha256(pixels.tobytes()))


def encode(pixels: Pixels) -> bytes:
    """A PNG that says that a trained model painted it."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", XMP)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def decode(png: bytes, width: int, height: int) -> Pixels:
    """The pixels of a PNG such as `encode` writes; ValueError for any other file.

    Transparency, frames, colour profiles and what follows the end would show a reader something
    else than these pixels; other formats would open a stranger's bytes with other decoders.
    """
    import numpy as np
    from PIL import Image

    if (found := _chunks(png)) - CHUNKS:
        raise ValueError(f"it holds {sorted(found - CHUNKS)[0]!r}, which mint does not write")
    if png[16:26] != struct.pack(">IIBB", width, height, 8, 2):  # 8 bits each of red, green, blue
        raise ValueError(f"it is not {width}x{height} in RGB")
    try:
        return np.asarray(Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise ValueError("it is damaged") from error


def _chunks(png: bytes) -> set[bytes]:
    """The types of all chunks, of which IEND must be the last."""
    kinds, at = [png[:8]], 8
    while kinds[-1] != b"IEND" and len(png) >= at + 12:
        kinds.append(png[at + 4 : at + 8])
        at += 12 + int.from_bytes(png[at : at + 4], "big")
    if kinds[:2] != [b"\x89PNG\r\n\x1a\n", b"IHDR"] or kinds[-1] != b"IEND" or at != len(png):
        raise ValueError("it is not one whole PNG")
    return set(kinds[1:])


EXECUTORS: dict[
    str, Callable[[Iterable[Sequence[Candidate | None]], Renderer], Iterator[Painted]]
] = {"local": local}
