"""PNG bytes -> the small picture a page carries, and how small it has to be."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from mint.curate.token import Token
from mint.document import sha256
from mint.paint.picture import Picture

COVER = 832  # the longer edge in pixels of the pictures on the cover, which are 26 rem wide
BANNER = 1664  # the same of the collection's banner, which is as wide as the page
MANY = 2_000  # tokens; beyond it the page shows a denser sheet of smaller pictures
ONE_FILE = 500  # tokens; up to here the page holds its pictures itself
# Beside the page else, a file each: a browser decodes the whole of an image to show a part of it,
# and sheets of 25 cost it 500 MB for ten thousand tokens in another order, files 200 MB.
FOLDER = "thumbnails"
PLACE = 128  # the longer edge in pixels of where a picture was painted over
TINT = (214, 40, 90)  # of that place: no background of ours has it


def thumbnail_edge(count: int) -> int:
    """The longer edge in pixels of the thumbnails of `count` tokens.

    Measured with the atelier's pictures: 64 tokens 0.5 MB in the page; 10,000 tokens 30 MB beside
    it.
    """
    if count <= ONE_FILE:
        return 256
    return 128 if count <= MANY else 96


def named_pictures(tokens: Sequence[Token]) -> Iterator[tuple[str, Picture]]:
    """Every picture that the page shows, and what its thumbnail is called: those of the tokens
    (`12`), then those that were not chosen (`12-0`: token and attempt).
    """
    yield from ((str(token.token_id), token.image) for token in tokens)
    for token in tokens:
        yield from ((f"{token.token_id}-{a.attempt}", a.image) for a in token.attempts)


def thumbnail_key(image: Picture, edge: int) -> str:
    """What the store calls a picture's thumbnail under `thumbnail`."""
    return sha256(f"{image.file}/{edge}".encode())


def thumbnail_webp(png: bytes, edge: int) -> bytes:
    """`png` as WebP, its longer edge at most `edge` pixels; small art is never scaled up."""
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    with Image.open(BytesIO(png)) as original:
        image = original.convert("RGB")
    image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
    # Sharp YUV keeps the rims of saturated flat colour, which plain 4:2:0 smears.
    image.save(out, "WEBP", quality=88, method=6, use_sharp_yuv=True)
    return out.getvalue()


def place_webp(mask: bytes, edge: int) -> bytes:
    """Where the PNG `mask` is white: a tint with a rim, to lie over a picture; clear elsewhere."""
    from io import BytesIO

    from PIL import Image, ImageChops, ImageFilter

    out = BytesIO()
    with Image.open(BytesIO(mask)) as original:
        area = original.convert("L")
    area.thumbnail((edge, edge), Image.Resampling.BILINEAR)
    rim = ImageChops.subtract(area, area.filter(ImageFilter.MinFilter(5)))
    tinted = Image.new("RGB", area.size, TINT)
    tinted.putalpha(ImageChops.lighter(rim, area.point(lambda value: value * 2 // 5)))
    tinted.save(out, "WEBP", lossless=True, method=6)
    return out.getvalue()


def data_uri(image: bytes) -> str:
    """`image` as a data: URI; WebP, JPEG and PNG only, for nothing else is sure to be inert."""
    return f"data:{_media_type(image)};base64,{base64.b64encode(image).decode('ascii')}"


def _media_type(image: bytes) -> str:
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    if image[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if image[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    raise ValueError(f"a thumbnail must be WebP, JPEG or PNG, and this begins {image[:8]!r}")
