"""Any PNG -> what it says of itself: pixels, XMP, text. A stranger's bytes, read under bounds."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mint.document import sha256
from mint.errors import VerifyError

_XMP = "XML:com.adobe.xmp"
# Of XMP only this matters, and a stranger's XML need not be parsed for it.
_SOURCE = re.compile(r"cv\.iptc\.org/newscodes/digitalsourcetype/([A-Za-z]+)")
# https://cv.iptc.org/newscodes/digitalsourcetype/
SOURCES = {
    "trainedAlgorithmicMedia": "made by a trained model",
    "compositeWithTrainedAlgorithmicMedia": "changed by a trained model",
    "compositeSynthetic": "put together, in part from synthetic pictures",
    "algorithmicMedia": "computed, not by a trained model",
    "digitalCapture": "photographed",
    "computationalCapture": "photographed, and computed from several shots",
    "digitalCreation": "made by a person with digital tools",
    "digitalArt": "made by a person with digital tools",
    "humanEdits": "edited by a person",
    "composite": "put together from several pictures",
}
LARGEST = 256 << 20  # bytes of a file, far above any picture that mint writes


class Notes(NamedTuple):
    """What a PNG says: width and height in pixels, IPTC's source types in its XMP, its other text.

    `pixels` is the SHA-256 of its RGB rows; None where they are not all that one sees.
    """

    size: tuple[int, int]
    file: str
    pixels: str | None
    sources: tuple[str, ...]
    text: Mapping[str, str]


def read_png(path: Path) -> bytes:
    """The file's bytes; VerifyError where it cannot be read or is no PNG."""
    try:
        with path.open("rb") as file:
            png = file.read(LARGEST + 1)
    except OSError as error:
        raise VerifyError(
            f"{path} cannot be read: {error.strerror}", hint="name a PNG or a collection.yaml"
        ) from error
    if png[:8] != b"\x89PNG\r\n\x1a\n" or len(png) > LARGEST:
        what = f"larger than {LARGEST >> 20} MB" if png[:4] == b"\x89PNG" else "no PNG"
        raise VerifyError(f"{path} is {what}", hint="name a PNG or a collection.yaml")
    return png


def notes(png: bytes) -> Notes:
    """Read all of it; VerifyError where it is damaged, or too large to open safely."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(png), formats=["PNG"])
            image.load()
    # Pillow raises SyntaxError for broken chunks, ValueError for text that is too long.
    except (OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError) as error:
        raise VerifyError(f"this PNG cannot be opened: {error}", hint="fetch it again") from error
    text = {str(key): str(value) for key, value in getattr(image, "text", {}).items()}
    xmp = text.pop(_XMP, "")
    return Notes(
        size=image.size,
        file=sha256(png),
        pixels=sha256(image.convert("RGB").tobytes()) if _is_plain(image) else None,
        sources=tuple(dict.fromkeys(_SOURCE.findall(xmp))),
        text=text,
    )


def _is_plain(image: object) -> bool:
    """Whether RGB is all that there is to see: no second frame, no transparency, 8 bits."""
    from PIL import Image

    assert isinstance(image, Image.Image)
    if getattr(image, "n_frames", 1) > 1 or image.mode not in ("RGB", "RGBA", "P", "L"):
        return False
    if image.has_transparency_data:
        return image.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    return True
