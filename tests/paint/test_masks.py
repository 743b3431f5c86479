"""Masks: files of any kind and size -> white where a painting may change."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mint.document import sha256
from mint.errors import RenderError
from mint.paint import masks
from mint.paint.masks import file_mask, filed_mask, grown, mask_in, mask_name, read_mask

SIZE = (16, 24)  # width and height


def saved(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def half(mode: str = "L") -> Image.Image:
    """White on its left."""
    rows = np.zeros((60, 40), np.uint8)
    rows[:, :20] = 255
    return Image.fromarray(rows).convert(mode)


@pytest.mark.parametrize(
    "data",
    [
        saved(half()),
        saved(half("RGB")),
        saved(half("RGBA")),
        saved(half("P")),
        saved(half("1")),
        saved(half(), "JPEG"),
        saved(Image.fromarray(np.asarray(half()).astype(np.uint16) * 257)),
    ],
    ids=["grey", "rgb", "rgba", "palette", "bits", "jpeg", "sixteen bits"],
)
def test_any_picture_is_read_at_the_size_of_the_painting(data: bytes) -> None:
    mask = mask_in(data, SIZE, "it")

    assert mask.shape == (24, 16, 3)
    assert (mask[:, :6] > 250).all()
    assert (mask[:, 10:] < 5).all()


def test_what_is_transparent_stays() -> None:
    rows = np.full((24, 16, 4), 255, np.uint8)
    rows[12:, :, 3] = 0
    mask = mask_in(saved(Image.fromarray(rows)), SIZE, "it")

    assert (mask[:11] == 255).all()
    assert not mask[13:].any()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n", "no PNG or JPEG"),
        (saved(half())[:-30], "no PNG or JPEG"),
        (saved(half(), "GIF"), "no PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG or JPEG"),
        (saved(Image.new("L", (9000, 9000))), "more than 64 million pixels"),
        (saved(Image.new("L", (8, 8))), "black all over"),
    ],
)
def test_other_bytes_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(RenderError, match=message) as caught:
        mask_in(data, SIZE, "it")
    assert "white" in caught.value.hint


def test_a_file_without_an_end_is_not_read_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "MOST_BYTES", 1000)
    with pytest.raises(RenderError, match="larger than"):
        read_mask(Path("/dev/zero"), SIZE)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.png"):
        with pytest.raises(RenderError, match="cannot be read"):
            read_mask(path, SIZE)


def test_a_filed_mask_is_read_back_by_its_digest(tmp_path: Path) -> None:
    mask = mask_in(saved(half()), SIZE, "it")
    digest = sha256(mask.tobytes())
    path = file_mask(tmp_path, mask_name(17, "Headwear"), mask)

    assert path == f"masks/17-Headwear-{digest[:6]}.png"
    assert np.array_equal(filed_mask(tmp_path, path, digest, SIZE), mask)
    assert file_mask(tmp_path, mask_name(17, "Headwear"), mask) == path


def test_what_the_artist_changed_is_not_overwritten(tmp_path: Path) -> None:
    mask = mask_in(saved(half()), SIZE, "it")
    path = file_mask(tmp_path, "1-Hat", mask)
    own = saved(Image.new("L", SIZE, "white"))
    (tmp_path / path).write_bytes(own)
    other = file_mask(tmp_path, "1-Hat", mask)

    assert other == path.replace(".png", "-2.png")
    assert (tmp_path / path).read_bytes() == own
    with pytest.raises(RenderError, match="another one than") as caught:
        filed_mask(tmp_path, path, sha256(mask.tobytes()), SIZE)
    assert path in caught.value.hint


@pytest.mark.parametrize("path", ["../mask.png", "/etc/passwd", "masks/../../mask.png"])
def test_a_path_that_leads_elsewhere_is_not_opened(tmp_path: Path, path: str) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "mask.png").write_bytes(saved(half()))
    with pytest.raises(RenderError, match="not in the folder of your collection"):
        filed_mask(tmp_path / "home", path, "0" * 64, SIZE)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "mask.png").write_bytes(saved(half()))
    (tmp_path / "home" / "mask.png").symlink_to(tmp_path / "mask.png")
    with pytest.raises(RenderError, match="not in the folder"):
        filed_mask(tmp_path / "home", "mask.png", "0" * 64, SIZE)


def test_names_are_plain() -> None:
    assert mask_name(3, "Eye color / left") == "3-Eye-color-left"
    assert mask_name(3, "../../x") == "3-x"
    assert mask_name(3, "帽子") == "3-mask"
    assert len(mask_name(3, "a" * 500)) < 50
    assert grown(np.zeros((2, 3), np.uint8)).shape == (2, 3, 3)


def test_a_mask_is_turned_as_people_see_it(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # the tablet lay on its side
    half().save(tmp_path / "upright.png")
    half().transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=turned)
    upright, mask = (read_mask(tmp_path / f"{n}.png", SIZE) for n in ("upright", "turned"))
    assert (mask == upright).all()
