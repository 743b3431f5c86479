"""Pixels <-> PNG files that say that a trained model painted them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]  # of shape (height, width, 3), RGB

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
    from PIL import Image

    if foreign := _chunks(png) - CHUNKS:
        raise ValueError(f"it holds {sorted(foreign)[0]!r}, which mint does not write")
    if png[16:26] != struct.pack(">IIBB", width, height, 8, 2):  # 8 bits each of red, green, blue
        raise ValueError(f"it is not {width}x{height} in RGB")
    try:
        return np.asarray(Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGB"))
    except (OSError, SyntaxError) as error:
        raise ValueError("it is damaged") from error


def _chunks(png: bytes) -> set[bytes]:
    """The types of all chunks, of which IHDR must be the first and IEND the last."""
    kinds = [kind for kind, _ in chunks(png)]
    if kinds[:1] != [b"IHDR"]:
        raise ValueError("it is not one whole PNG")
    return set(kinds)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, the whole chunk) in order, the last one IEND; ValueError for other bytes."""
    kind, at = b"", 8
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("it is not one whole PNG")
    while kind != b"IEND" and len(png) >= at + 12:
        kind, end = png[at + 4 : at + 8], at + 12 + int.from_bytes(png[at : at + 4], "big")
        yield kind, png[at:end]
        at = end
    if kind != b"IEND" or at != len(png):
        raise ValueError("it is not one whole PNG")
