"""PNG bytes -> the small picture a page carries, and how small it has to be."""

from __future__ import annotations

import base64

COVER = 832  # the longer edge in pixels of the pictures on the cover, which are 26 rem wide
MANY = 2_000  # tokens; beyond it the page shows a denser sheet of smaller pictures


def thumbnail_edge(count: int) -> int:
    """The longer edge in pixels that keeps a page of `count` tokens at about 30 MB or less.

    Measured with the atelier's pictures: 64 tokens 0.5 MB, 1,000 5.8 MB, 10,000 30 MB.
    """
    if count <= 500:
        return 256
    return 128 if count <= MANY else 64


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
